"""The parser of every command line."""

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from inkpin.common.errors import InputError
from inkpin.common.installation import typed

if TYPE_CHECKING:
    from _typeshed import SupportsWrite


class Parser(argparse.ArgumentParser):
    """A parser that raises InputError, one line, for unusable arguments."""

    def add_version(self) -> None:
        """Let --version say the project's."""
        self.add_argument("--version", action=_Version)

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        """Write --help and --version; argparse would pass over an output that is full or gone."""
        if message:
            (file or sys.stderr).write(message)

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise InputError(f"{message}: see `{typed(self.prog)} --help`")


class _Version(argparse.Action):
    """Says the project's version. argparse's own action would have it looked up at every start."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, 0, help="show the version and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"{parser.prog} {version('inkpin')}")
        parser.exit()
