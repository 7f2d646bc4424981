"""What was done to a collection, to be undone and done again, by a later program too.

FILE.history has a line for each change, each undo and each redo. It only says what can be undone:
the samples and their labels never depend on it, so that what it cannot tell is forgotten.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inkpin.common import InputError
from inkpin.common.files import read_bytes, replacing
from inkpin.model.collection.journal import Journal
from inkpin.model.collection.recovery import Edit, is_edit

LIMIT = 200
"""Changes that are kept for a later program."""


@dataclass(frozen=True)
class Change:
    """A change that can be undone: what it was, and the labels before and after it."""

    what: str
    before: Edit
    after: Edit


class History:
    """Two stacks of changes: those to undo, and those to do again.

    Args:
        path: the file that keeps them; it is made if it is missing.

    Raises:
        InputError: it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._undo: list[Change] = []
        self._redo: list[Change] = []
        for line in read_bytes(path, "delete it").splitlines() if path.exists() else []:
            self._replay(line)
        del self._undo[:-LIMIT]
        with replacing(path) as file:
            for change in (*self._undo, *reversed(self._redo)):
                file.write(_line(vars(change)))
            for _ in self._redo:
                file.write(_line("undo"))
        self._journal = Journal(path)

    def close(self) -> None:
        """Let go of the file."""
        self._journal.close()

    @property
    def to_undo(self) -> Change | None:
        """The last change."""
        return self._undo[-1] if self._undo else None

    @property
    def to_redo(self) -> Change | None:
        """The change that was undone last, if none was made since."""
        return self._redo[-1] if self._redo else None

    def done(self, change: Change) -> None:
        """Take note of a change."""
        self._undo.append(change)
        self._redo.clear()
        self._keep(vars(change))

    def undone(self) -> None:
        """Take note that the last change was undone."""
        self._redo.append(self._undo.pop())
        self._keep("undo")

    def redone(self) -> None:
        """Take note that a change was done again."""
        self._undo.append(self._redo.pop())
        self._keep("redo")

    def _keep(self, record: object) -> None:
        # The change itself is on the disk: that it cannot be undone later is no reason to refuse.
        with suppress(InputError):
            self._journal.add(_line(record))

    def _replay(self, line: bytes) -> None:
        try:
            record: Any = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if record == "undo" and self._undo:
            self._redo.append(self._undo.pop())
        elif record == "redo" and self._redo:
            self._undo.append(self._redo.pop())
        elif isinstance(record, dict) and _is_change(record):
            self._undo.append(Change(**record))
            self._redo.clear()
        else:  # what came before it cannot be told any more
            self._undo.clear()
            self._redo.clear()


def _line(record: object) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _is_change(record: dict[str, Any]) -> bool:
    return (
        set(record) == {"what", "before", "after"}
        and isinstance(record["what"], str)
        and is_edit(record["before"])
        and is_edit(record["after"])
    )
