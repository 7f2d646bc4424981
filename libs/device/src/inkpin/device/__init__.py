"""The device: its C core, the wire to it, and an emulated one for everybody."""

from pathlib import Path

C_FOLDER = Path(__file__).parent / "c"
"""The C core; c/emulated is the shell of the emulated device."""
