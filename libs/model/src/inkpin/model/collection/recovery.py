"""What is wrong with a stroke file and its edits: a half last line, or lines that are damaged."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeGuard

from inkpin.common.files import read_bytes
from inkpin.common.words import counted
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


def set_aside(path: Path, lines: Sequence[bytes], source: Path) -> str | None:
    """Keep lines that make no sense beside a stroke file; return that in words, None for none.

    Args:
        path: the stroke file.
        lines: as they were.
        source: where they stood.

    Raises:
        InputError: they cannot be written.
    """
    if not lines:
        return None
    damaged = Journal(beside(path, "damaged"))
    try:
        damaged.add(b"".join(line.rstrip(b"\r\n") + b"\n" for line in lines))
    finally:
        damaged.close()
    what = counted(len(lines), "damaged line")
    verb = "was" if len(lines) == 1 else "were"
    return f"{what} of {source} {verb} set aside in {damaged.path.name}"


def read_edits(edits: Journal) -> tuple[list[Edit], list[bytes]]:
    """Return the edits on the disk, and cut off one that was only half written.

    Returns:
        The edits, and the lines that are none.

    Raises:
        InputError: the file cannot be read or written.
    """
    head, tail = _lines(edits.path)
    if tail:
        edits.cut(len(head))
    changes: list[Edit] = []
    damaged: list[bytes] = []
    for text in head.splitlines():
        edit = json.loads(text) if _whole(text) else None
        if is_edit(edit):
            changes.append(edit)
        else:
            damaged.append(text)
    return changes, damaged


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
