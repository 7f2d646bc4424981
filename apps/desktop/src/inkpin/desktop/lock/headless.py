"""A replay without a window and without waiting: its own clock, its own throw-away store."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image

from inkpin.common.files import replacing
from inkpin.desktop.lock.replay import play
from inkpin.desktop.lock.session import Session
from inkpin.desktop.lock.store import memory_store
from inkpin.lock import State
from inkpin.model.data.samples import Sample
from inkpin.model.inference.recogniser import Recogniser


def replay(
    samples: Sequence[Sample],
    load: Callable[[], Recogniser],
    say: Callable[[str], None],
    look: Callable[[Session], None] = lambda _: None,
) -> Session:
    """Play samples as fast as they can be computed; return the session as they left it.

    Args:
        samples: what to draw.
        load: gives the recogniser.
        say: takes the serial lines.
        look: called with the session after everything that happens.
    """
    now = 0
    session = Session(memory_store(), load, say, clock=lambda: now)
    look(session)
    for wait in play(session, samples):
        look(session)
        now += wait
        session.tick()
    look(session)
    return session


class Album:
    """Saves the screen of each state, and of writing, the first time that it is seen.

    Args:
        folder: where; its PNG files are numbered in the order of events.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: set[str] = set()

    def look(self, session: Session) -> None:
        """Save the screen if it is of a new kind."""
        kind = session.lock.state.name.lower().replace("_", "-")
        if session.lock.state is State.CHOOSE and session.panel.rows:
            kind = "writing"
        if kind not in self._seen:
            self._seen.add(kind)
            save_png(session.image(), self.folder / f"{len(self._seen)}-{kind}.png")


def save_png(image: Image.Image, path: Path) -> None:
    """Write a PNG file, whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    picture = io.BytesIO()
    image.save(picture, "PNG")
    with replacing(path) as file:
        file.write(picture.getvalue())
