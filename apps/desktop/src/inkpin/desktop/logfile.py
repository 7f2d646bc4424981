"""The file that keeps the details of errors, for the people who mend them."""

import logging
import sys
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

_BYTES = 256 * 1024


class _Handler(RotatingFileHandler):
    """Makes the folder as well; a replay that goes well leaves none."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say in a line that the log cannot be kept, where logging would print a stack trace."""
        print(
            f"inkpin: {self.baseFilename} cannot be written: {sys.exc_info()[1]}", file=sys.stderr
        )


def open_log(path: Path) -> None:
    """Send the log of this package to a file, made with its first line; the last two are kept."""
    handler = _Handler(path, maxBytes=_BYTES, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log = logging.getLogger("inkpin")
    for old in log.handlers[:]:
        log.removeHandler(old)
        old.close()
    log.addHandler(handler)
    log.propagate = False
