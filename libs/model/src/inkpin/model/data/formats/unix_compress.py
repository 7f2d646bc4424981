"""Unix compress (.Z), unpacked up to a limit: unlzw3 knows none, so the codes are counted first."""

from pathlib import Path

import unlzw3

from inkpin.common import InputError
from inkpin.common.limits import size_text

MOST_BYTES = 64 << 20
"""The limit on what a file unpacks to, 64 MiB; unlzw3 takes some eight times that meanwhile."""

MAGIC = b"\x1f\x9d"
_HEADER = 3
_CLEAR = 256


def unpacked(content: bytes, path: Path) -> bytes:
    """Return what was packed.

    Args:
        content: of the file.
        path: of the file, for the message.

    Raises:
        InputError: it is more than the limit.
        ValueError: nothing was packed here.
    """
    if unpacked_size(content, MOST_BYTES) > MOST_BYTES:
        limit = size_text(MOST_BYTES)
        raise InputError(f"{path}: unpacks to more than {limit}, the limit of .Z: divide it")
    return bytes(unlzw3.unlzw(content))


def unpacked_size(content: bytes, most: int) -> int:
    """Return how many bytes it unpacks to; the count ends where it is over `most`.

    A code stands for as many bytes as it has been given, or one more than the code before it; 256
    may forget all that were given. Codes are as wide as they must be, low bits first, and a new
    width begins where eight of the old one would end. Past a mistake the count means nothing.
    """
    flags = content[_HEADER - 1] if content.startswith(MAGIC) and len(content) > _HEADER else 0
    clears, widest = bool(flags & 0x80), max(flags & 0x1F, 10)
    sizes = [1] * (_CLEAR + clears)
    width, total, before = 9, 0, 0
    begin = at = 8 * _HEADER  # in bits: of this width, of the next code

    def aligned() -> int:
        whole = -(-at // 8) - begin // 8
        return 8 * (begin // 8 + whole + -whole % width)

    while total <= most:
        if len(sizes) >= 1 << width and width < widest:
            begin = at = aligned()
            width += 1
        if at + width > 8 * len(content):
            break
        three = int.from_bytes(content[at // 8 : at // 8 + 4], "little")
        code = three >> at % 8 & (1 << width) - 1
        at += width
        if code == _CLEAR and clears:
            begin = at = aligned()
            width = 9
            del sizes[_CLEAR:]
            continue
        size = sizes[code] if code < len(sizes) else before + 1
        if before and len(sizes) < 1 << width:
            sizes.append(before + 1)
        before = size
        total += size
    return total
