"""The parser of every command line."""

import argparse
from typing import NoReturn

from inkpin.common.errors import InputError


class Parser(argparse.ArgumentParser):
    """A parser that raises InputError, one line, for unusable arguments."""

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise InputError(f"{message}; see {self.prog} --help")
