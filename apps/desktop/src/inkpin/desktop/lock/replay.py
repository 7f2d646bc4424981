"""Play recorded samples to a session: each drawn by touch and entered, four to a PIN."""

from collections.abc import Iterator, Sequence

from inkpin.desktop.lock.session import Session
from inkpin.lock import State
from inkpin.model.data.samples import Sample
from inkpin.screen import Button, Touch
from inkpin.screen.layout import AREA, BUTTONS

POINT_MS = 8
STROKE_MS = 120
PRESS_MS = 150
DOT_MS = 1100  # until a digit has turned into a dot


def play(session: Session, samples: Sequence[Sample]) -> Iterator[int]:
    """Do one thing after the other; yield the milliseconds to let pass before the next.

    ENTER is pressed after each sample, and once more when that filled the PIN. A wait that the
    lock imposes is waited out. With a network that does not read digits everything is tried.
    """
    if not session.reads_digits:
        session.key(Button.TRY)
        yield PRESS_MS
    places = session.lock.config.shortest
    for number, sample in enumerate(samples, 1):
        for stroke in sample.strokes:
            yield from _draw(session, [(AREA.x + int(x), AREA.y + int(y)) for x, y in stroke])
        yield from _enter(session)
        yield DOT_MS
        if number % places == 0 and session.lock.state is not State.TRY:
            yield from _enter(session)
            while session.lock.state is State.WAITING:
                yield 1000


def _draw(session: Session, points: Sequence[tuple[int, int]]) -> Iterator[int]:
    session.touch(Touch.DOWN, *points[0])
    for point in points[1:]:
        yield POINT_MS
        session.touch(Touch.MOVE, *point)
    yield POINT_MS
    session.touch(Touch.UP, *points[-1])
    yield STROKE_MS


def _enter(session: Session) -> Iterator[int]:
    box = BUTTONS[Button.ENTER]
    x, y = box.x + box.w // 2, box.y + box.h // 2
    session.touch(Touch.DOWN, x, y)
    yield PRESS_MS
    session.touch(Touch.UP, x, y)
    yield PRESS_MS
