"""What a dead program leaves of a stroke file and its edits: a last line that is half written."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeGuard

from inkpin.common import InputError
from inkpin.common.files import read_bytes
from inkpin.model.collection.journal import Journal

Edit = Mapping[str, str | None]
"""Labels by id, None for a deleted sample."""


def beside(path: Path, ending: str) -> Path:
    """Return the file that goes with a stroke file under this ending."""
    return path.with_name(f"{path.name}.{ending}")


def recover(path: Path) -> str | None:
    """Give the last line its end, or set it aside if it is not whole; return that in words.

    Raises:
        InputError: the files cannot be read or written.
    """
    head, tail = _lines(path)
    if not tail:
        return None
    file = Journal(path)
    try:
        if _whole(tail):
            file.add(b"\n")
            return None
        torn = Journal(beside(path, "torn"))
        try:
            torn.add(tail + b"\n")
        finally:
            torn.close()
        file.cut(len(head))
    finally:
        file.close()
    return f"the last line of {path} was only half written; it was set aside in {torn.path.name}"


def read_edits(edits: Journal) -> list[Edit]:
    """Return the edits on the disk, and cut off one that was only half written.

    Raises:
        InputError: one of them is damaged, or the file cannot be read or written.
    """
    head, tail = _lines(edits.path)
    if tail:
        edits.cut(len(head))
    changes: list[Edit] = []
    for number, text in enumerate(head.splitlines(), 1):
        edit = json.loads(text) if _whole(text) else None
        if not is_edit(edit):
            raise InputError(
                f"{edits.path}, line {number}: no edit of labels: mend or delete the line"
            )
        changes.append(edit)
    return changes


def is_edit(read: object) -> TypeGuard[Edit]:
    """Tell whether something that was read is an edit."""
    return isinstance(read, dict) and {type(label) for label in read.values()} <= {str, type(None)}


def _lines(path: Path) -> tuple[bytes, bytes]:
    """Return a file's whole lines, and what follows them; nothing of a missing file."""
    content = read_bytes(path, "") if path.exists() else b""
    head, end, tail = content.rpartition(b"\n")
    return head + end, tail


def _whole(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
