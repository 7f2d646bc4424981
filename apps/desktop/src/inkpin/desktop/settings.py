"""What the window remembers from one time to the next: a small JSON file in the user's folder."""

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from inkpin.common.files import replacing
from inkpin.screen import AUTO_MS

LIGHT, DARK = "light", "dark"
SIZES = (80, 90, 100, 110, 125, 150, 175, 200, 250, 300)
"""Sizes of text and controls that there are, in percent of what the screen suggests."""

AUTO_ENTER = (0, *range(AUTO_MS.start, AUTO_MS.stop, 100))
"""Milliseconds after which ink is read by itself, that there are to choose from; 0: never."""


@dataclass(frozen=True)
class Settings:
    """The choices of one user.

    Attributes:
        theme: LIGHT or DARK.
        size: of text and controls, one of SIZES.
        geometry: Tk's words for size and place of the window, "" for its natural size.
        tab: title of the tab that was open.
        writer: who collected samples last.
        target: samples of each label to collect.
        auto_ms: auto-enter of the lock, one of AUTO_ENTER; 0 is off.
        first_steps: whether they are still to be shown.
    """

    theme: str = LIGHT
    size: int = 100
    geometry: str = ""
    tab: str = ""
    writer: str = ""
    target: int = 10
    auto_ms: int = 0
    first_steps: bool = True

    def resized(self, steps: int) -> "Settings":
        """Return a copy with the text so many sizes larger."""
        place = SIZES.index(self.size) + steps
        return replace(self, size=SIZES[min(max(place, 0), len(SIZES) - 1)])


def load_settings(path: Path) -> Settings:
    """Read settings; what is missing or makes no sense is as on the first day."""
    try:
        read = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return Settings()
    if not isinstance(read, dict):
        return Settings()
    usable: dict[str, Any] = {
        field.name: read[field.name]
        for field in fields(Settings)
        if type(read.get(field.name)) is type(field.default)
    }
    known = Settings(**usable)
    return replace(
        known,
        theme=known.theme if known.theme in (LIGHT, DARK) else LIGHT,
        size=known.size if known.size in SIZES else 100,
        target=min(max(known.target, 1), 999),
        auto_ms=known.auto_ms if known.auto_ms in AUTO_ENTER else 0,
    )


def save_settings(path: Path, settings: Settings) -> None:
    """Write settings.

    Raises:
        InputError: they cannot be written.
    """
    with replacing(path) as file:
        file.write(json.dumps(asdict(settings), indent=1).encode() + b"\n")
