"""A folder for the Arduino IDE, with all that the firmware is made of.

`python -m inkpin.device.sketch --out FOLDER`, in a checkout: the firmware's shell is in no wheel.
`--model FILE.onnx` puts another network than the shipped one into it.
"""

import re
import sys
from pathlib import Path

from inkpin.common import InputError
from inkpin.common.command import run_command
from inkpin.common.installation import typed
from inkpin.common.parser import Parser
from inkpin.device import build
from inkpin.model.converter.converted import convert
from inkpin.model.inference.recogniser import SHIPPED

SHELL = Path(__file__).parents[5] / "apps" / "firmware"
"""The firmware's shell in a checkout."""

_INCLUDE = re.compile(r'^(#include )[<"](?:\w+/)*(\w+\.h)[>"]', re.MULTILINE)
_HOW = """\
/* Inkpin for the M5Stack Core2, as a sketch for the Arduino IDE; made by
 * `python -m inkpin.device.sketch`.
 *
 * Boards: "esp32" by Espressif, 2.0.17 or 3.x; choose M5Core2. Libraries: M5Unified 0.2.22 and
 * M5GFX 0.2.29. partitions.csv in this folder takes the place of the menu's partition scheme.
 */
"""


def sources(model: Path = SHIPPED) -> dict[str, str]:
    """Return the sketch's files: name, and what is in it.

    An Arduino sketch looks for headers in its own folder alone: the files of all rooms lie side by
    side, and name one another so.

    Args:
        model: the ONNX file of the network.

    Raises:
        InputError: this is no checkout, or no network that reads drawings.
    """
    if not (SHELL / "src" / "main.cpp").is_file():
        raise InputError("the firmware's shell is not here: run this in a checkout of Inkpin")
    paths = build.device_sources()
    folders = {path.parent for path in paths}
    folders |= {folder / "generated" for folder in folders}
    paths += [header for folder in folders for header in folder.glob("*.h")]
    paths += [path for path in (SHELL / "src").iterdir() if path.suffix in (".cpp", ".h")]
    texts = {path.name: path.read_text("utf-8") for path in sorted(paths)}
    if len(texts) < len(paths):
        raise InputError("two files of the firmware have one name: rename one of them")
    if model != SHIPPED:
        texts |= _network(model)

    def beside(include: re.Match[str]) -> str:
        return f'{include[1]}"{include[2]}"' if include[2] in texts else include[0]

    texts = {name: _INCLUDE.sub(beside, text) for name, text in texts.items()}
    texts["inkpin.ino"] = _HOW + texts.pop("main.cpp")
    return texts | {"partitions.csv": (SHELL / "partitions.csv").read_text("utf-8")}


def _network(model: Path) -> dict[str, str]:
    """Return a network as the C files that take the place of the shipped one's."""
    source = convert(model, name="digits").source
    if not source.reads_drawings:
        raise InputError(
            f"{model}: does not read 28x28 bits, or has no labels or no confidence table: take a "
            f"model that `{typed('inkpin-model train')}` wrote"
        )
    return {"digits.h": source.header, "digits.c": source.body}


def write(folder: Path, model: Path = SHIPPED) -> Path:
    """Write the sketch into a new folder, `inkpin` in the one given; return it.

    Args:
        folder: is made if it is missing.
        model: the ONNX file of the network.

    Raises:
        InputError: it is there already, or cannot be written, or as for `sources`.
    """
    texts = sources(model)
    sketch = folder / "inkpin"  # the IDE wants it to be named like the sketch
    try:
        sketch.mkdir(parents=True)
        for name, text in texts.items():
            (sketch / name).write_text(text, "utf-8", newline="\n")
    except FileExistsError as error:
        raise InputError(f"{sketch} is there already: name another folder") from error
    except OSError as error:
        raise InputError(f"{sketch}: {error.strerror}: name another folder") from error
    return sketch


def main() -> None:
    """Carry out the command."""
    parser = Parser(prog="inkpin.device.sketch", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where to")
    parser.add_argument("--model", type=Path, default=SHIPPED, help="default: the shipped network")
    arguments = parser.parse_args()
    sketch = write(arguments.out, arguments.model)
    print(f"{sketch}: open inkpin.ino in the Arduino IDE, choose the board M5Core2")


if __name__ == "__main__":
    sys.exit(run_command("inkpin.device.sketch", main))
