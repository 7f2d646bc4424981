"""The parser of every command line."""

import argparse
from importlib.metadata import version
from typing import NoReturn

from inkpin.common.errors import InputError


class Parser(argparse.ArgumentParser):
    """A parser that raises InputError, one line, for unusable arguments."""

    def add_version(self) -> None:
        """Let --version say the project's."""
        self.add_argument("--version", action="version", version=f"%(prog)s {version('inkpin')}")

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise InputError(f"{message}; see {self.prog} --help")
