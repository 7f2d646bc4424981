"""Write the shipped network as C: `python -m inkpin.model.generate` after a training."""

import sys

from inkpin.common.command import run_command
from inkpin.model import C_FOLDER
from inkpin.model.converter.converted import Converted
from inkpin.model.inference.recogniser import SHIPPED

GENERATED = C_FOLDER / "generated"
"""Where the firmware finds the shipped network, so that it builds without Python."""


def shipped() -> Converted:
    """Return the shipped network as C, under the name "digits"."""
    return Converted(SHIPPED.read_bytes(), SHIPPED.name, "digits")


def main() -> None:
    """Write it, and say where."""
    for path in shipped().write(GENERATED, kernels=False):
        print(path)


if __name__ == "__main__":
    sys.exit(run_command("inkpin.model.generate", main))
