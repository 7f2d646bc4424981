"""Node, which runs a module's JavaScript outside of a browser."""

import re
import shutil
import subprocess
from pathlib import Path

from inkpin.common import InputError, UnavailableError


def node() -> str:
    """Return the program.

    Raises:
        UnavailableError: there is none; the message says what to install.
    """
    if path := shutil.which("node"):
        return path
    raise UnavailableError("not found: node, version 18 or newer (Debian: apt-get install nodejs)")


def command(script: Path, *arguments: str) -> list[str]:
    """Return what starts a JavaScript module; errors as for `node`."""
    return [node(), str(script), *arguments]


def run(script: Path, *arguments: str, data: bytes = b"") -> bytes:
    """Run a JavaScript module on standard input; return its standard output.

    Raises:
        InputError: there is no Node, or it gave up; the message carries its reason.
    """
    done = subprocess.run(command(script, *arguments), input=data, capture_output=True)
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").splitlines()
        reasons = [line for line in lines if re.match(r"(\w*Error\b|\[\w*Error)", line)]
        raise InputError(f"{script.name}: {(reasons or lines or ['no reason'])[0].strip()}")
    return done.stdout
