"""Check the style, the types and the layers of the tree, or with --fix mend what can be mended."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from lint_c import c_files

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run every check; return how many complained."""
    fix = "--fix" in sys.argv[1:]
    commands = [
        ["ruff", "check", *(["--fix"] if fix else [])],
        ["ruff", "format", *([] if fix else ["--check"])],
        [
            "clang-format",
            *(["-i"] if fix else ["--dry-run", "-Werror"]),
            *map(str, c_files(".c", ".h", ".cpp")),
        ],
        [sys.executable, "tools/version.py", *(["--fix"] if fix else [])],
        [sys.executable, "tools/rooms.py", *(["--fix"] if fix else [])],
        [sys.executable, "tools/lint_c.py"],
        ["tsc", "--project", "apps/web/jsconfig.json"],
        ["lint-imports", "--no-logo"],
        ["mypy"],
    ]
    if not shutil.which("tsc") and not os.environ.get("CI"):
        print("lint: the page's types are not checked; install node-typescript")
        commands = [command for command in commands if command[0] != "tsc"]
    failed = [
        " ".join(command[:2])
        for command in commands
        if subprocess.run(command, cwd=ROOT).returncode
    ]
    print(f"lint: {', '.join(failed) or 'nothing'} complained")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
