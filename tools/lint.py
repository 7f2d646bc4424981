"""Check the style of every Python and C file, or mend it with --fix."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("apps", "examples", "libs", "tests", "tools")


def main() -> int:
    """Run ruff and clang-format over the tree; return the number of tools that complained."""
    fix = "--fix" in sys.argv[1:]
    c_files = [
        str(path)
        for room in ROOMS
        for pattern in ("*.[ch]", "*.cpp")
        for path in sorted((ROOT / room).rglob(pattern))
        if "generated" not in path.parts
    ]
    commands = [
        ["ruff", "check", *(["--fix"] if fix else [])],
        ["ruff", "format", *([] if fix else ["--check"])],
    ]
    if c_files:
        commands.append(["clang-format", *(["-i"] if fix else ["--dry-run", "-Werror"]), *c_files])
    failed = sum(subprocess.run(command, cwd=ROOT).returncode != 0 for command in commands)
    print(f"lint: {len(c_files)} C files, {failed} of {len(commands)} checks failed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
