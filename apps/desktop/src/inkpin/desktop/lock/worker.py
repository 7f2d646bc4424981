"""The session on a thread of its own, so that recognition and key derivation block no window."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from PIL import Image

from inkpin.desktop.lock.session import Session, TryResult, milliseconds
from inkpin.screen import Draw, changed, render

TICK_MS = 50
GLANCE_MS = 60  # from one reading of ink under way to the next


@dataclass(frozen=True)
class Patch:
    """A part of the screen that changed.

    Attributes:
        x: pixels of the picture left of it.
        y: above it.
        image: its pixels, RGB.
        scale: pixels of the picture a pixel of the screen.
    """

    x: int
    y: int
    image: Image.Image
    scale: float


@dataclass(frozen=True)
class Line:
    """A line of the serial port."""

    text: str


@dataclass(frozen=True)
class TryUpdate:
    """What *try it* shows now, or nothing any more."""

    tried: TryResult | None


@dataclass(frozen=True)
class Events:
    """The event log, a line for each event."""

    lines: list[str]


@dataclass(frozen=True)
class ScriptEnded:
    """All of the script was played."""


@dataclass(frozen=True)
class Failed:
    """The session ended by an error."""

    error: BaseException


Update = Patch | Line | TryUpdate | Events | ScriptEnded | Failed
Action = Callable[[Session], None]


class Worker:
    """Runs a session: what is posted, in order, a script beside it, and the clock.

    Args:
        start: makes the session, given what takes its serial lines.
        script: what to play; it yields the milliseconds to wait before it goes on.
    """

    def __init__(
        self,
        start: Callable[[Callable[[str], None]], Session],
        script: Callable[[Session], Iterator[int]],
    ) -> None:
        self.updates: SimpleQueue[Update] = SimpleQueue()
        """What happened, for the window to show."""
        self._start = start
        self._script = script
        self._actions: SimpleQueue[Action | None] = SimpleQueue()
        self._draws: list[Draw] = []
        self._scale = self._shown = 1.0
        self._tried: TryResult | None = None
        self._glance_at = 0
        self._thread = threading.Thread(target=self._run, name="session", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def post(self, action: Action) -> None:
        """Do something with the session, after all that was posted before."""
        self._actions.put(action)

    def resize(self, scale: float) -> None:
        """Have the screen sent as a picture of another size, whole, and what changes then."""

        def change(_session: Session) -> None:
            self._scale = scale

        self.post(change)

    def ask_events(self) -> None:
        """Have the event log sent as an update."""
        self.post(lambda session: self.updates.put(Events(session.log.lines())))

    def stop(self) -> None:
        """End after what is under way; wait for that a while."""
        self._actions.put(None)
        self._thread.join(timeout=2)

    def _run(self) -> None:
        try:
            session = self._start(lambda text: self.updates.put(Line(text)))
            self._show(session)
            _ = session.recogniser  # a missing model is told before anyone writes
            self._loop(session)
        except BaseException as error:  # the window's thread raises it again
            self.updates.put(Failed(error))

    def _loop(self, session: Session) -> None:
        script = self._script(session)
        due: int | None = milliseconds()
        while True:
            wait = TICK_MS if due is None else min(TICK_MS, due - milliseconds())
            try:
                action = self._actions.get(timeout=max(0, wait) / 1000)
                while action is not None:
                    action(session)
                    action = self._actions.get_nowait()
                return
            except Empty:
                session.tick()
            if due is not None and milliseconds() >= due:
                pause = next(script, None)
                due = None if pause is None else milliseconds() + pause
                if due is None:
                    self.updates.put(ScriptEnded())
            self._show(session)

    def _show(self, session: Session) -> None:
        """Send what changed since the last time."""
        if milliseconds() >= self._glance_at:
            session.glance()
            self._glance_at = milliseconds() + GLANCE_MS
        if session.tried is not self._tried:
            self._tried = session.tried
            self.updates.put(TryUpdate(self._tried))
        draws, scale = session.draws(), self._scale
        if not self._draws or scale != self._shown:
            self.updates.put(Patch(0, 0, render(draws, scale), scale))
        else:
            for part in changed(self._draws, draws, scale):
                self.updates.put(Patch(part.x, part.y, render(draws, scale, part), scale))
        self._draws, self._shown = draws, scale
