"""Hold the copies of the version to pyproject.toml's, or write them anew with --fix.

PlatformIO reads the copies and the C is built without Python: neither can ask.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIES = {
    "libs/*/library.json": r'(?<="version": ")[^"]*',
    "apps/firmware/lib/*/library.json": r'(?<="version": ")[^"]*',
    "apps/firmware/platform/platform.json": r'(?<="version": ")[^"]*',
    "libs/device/src/inkpin/device/c/ink_device.h": r'(?<=INK_DEVICE_VERSION ")[^"]*',
}


def main() -> int:
    """Return how many files name another version, if they may not be mended."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wrong = 0
    for pattern, place in COPIES.items():
        for path in sorted(ROOT.glob(pattern)):
            text = path.read_text(encoding="utf-8")
            right, found = re.subn(place, project["version"], text)
            if found and right == text:
                continue
            if found and "--fix" in sys.argv[1:]:
                path.write_text(right, encoding="utf-8")
                continue
            print(f"{path.relative_to(ROOT)}: its version is not {project['version']}")
            wrong += 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
