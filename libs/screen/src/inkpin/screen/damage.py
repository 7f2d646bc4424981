"""What of the image is to be painted anew when the draw commands have changed."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from inkpin.screen.draw import Draw, Ink
from inkpin.screen.layout import Box
from inkpin.screen.render import bounds, image_size, ink_bounds


def changed(before: Sequence[Draw], after: Sequence[Draw], scale: float = 1) -> list[Box]:
    """Return parts of the image outside of which both lists of commands paint the same.

    What both have in the same order needs no painting by itself: it shows through wherever the
    others do not reach.
    """
    whole = Box(0, 0, *image_size(scale))
    parts: list[Box] = []
    for box in _boxes(before, after, scale):
        clipped = _clipped(box, whole)
        if clipped.w > 0 and clipped.h > 0:
            _join(parts, clipped)
    return parts


def _boxes(before: Sequence[Draw], after: Sequence[Draw], scale: float) -> Iterator[Box]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        old, new = before[start:end], after[new_start:new_end]
        if len(old) == len(new) == 1 and (fresh := _fresh(old[0], new[0])) is not None:
            yield ink_bounds(fresh, scale)
        else:
            yield from (bounds(draw, scale) for draw in (*old, *new))


def _fresh(old: Draw, new: Draw) -> Sequence[tuple[int, int]] | None:
    """Return the points of ink that has only grown, from where it had ended; else None."""
    if not (isinstance(old, Ink) and isinstance(new, Ink) and old.colour == new.colour):
        return None
    had = len(old.points)
    return new.points[max(had - 1, 0) :] if new.points[:had] == old.points else None


def _clipped(box: Box, whole: Box) -> Box:
    x, y = max(box.x, 0), max(box.y, 0)
    return Box(x, y, min(box.x + box.w, whole.w) - x, min(box.y + box.h, whole.h) - y)


def _join(parts: list[Box], box: Box) -> None:
    """Add a box, as one with those that it overlaps."""
    while hit := next((part for part in parts if _overlap(part, box)), None):
        parts.remove(hit)
        x, y = min(box.x, hit.x), min(box.y, hit.y)
        right, bottom = max(box.x + box.w, hit.x + hit.w), max(box.y + box.h, hit.y + hit.h)
        box = Box(x, y, right - x, bottom - y)
    parts.append(box)


def _overlap(one: Box, two: Box) -> bool:
    return (
        one.x < two.x + two.w
        and two.x < one.x + one.w
        and one.y < two.y + two.h
        and two.y < one.y + one.h
    )
