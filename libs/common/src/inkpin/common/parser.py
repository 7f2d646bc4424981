"""The parser of every command line."""

import argparse
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, NoReturn

from inkpin.common.errors import InputError
from inkpin.common.installation import typed

if TYPE_CHECKING:
    from _typeshed import SupportsWrite


class Parser(argparse.ArgumentParser):
    """A parser that raises InputError, one line, for unusable arguments."""

    def add_version(self) -> None:
        """Let --version say the project's."""
        self.add_argument("--version", action="version", version=f"%(prog)s {version('inkpin')}")

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        """Write --help and --version; argparse would pass over an output that is full or gone."""
        if message:
            (file or sys.stderr).write(message)

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise InputError(f"{message}: see `{typed(self.prog)} --help`")
