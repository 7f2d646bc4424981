"""What every room uses: the exceptions that people see, files, locks, the host's compiler."""

from pathlib import Path

from inkpin.common.errors import InputError, RefusedError, UnavailableError

C_FOLDER = Path(__file__).parent / "c"
"""The C that every room uses: ink_bytes.h."""

__all__ = ["C_FOLDER", "InputError", "RefusedError", "UnavailableError"]
