"""What the screen shows: a pure function of the panel and the ink. Mirrored by c/ink_view.c."""

from collections.abc import Sequence

from inkpin.lock import Message, State
from inkpin.preprocess import Unread
from inkpin.screen.draw import Anchor, Bitmap, Draw, Ink, Rect, Text, Triangle
from inkpin.screen.layout import (
    BOXES,
    BUTTONS,
    CROSSES,
    ICONS,
    LOOKS,
    NOTICES,
    NUMBERS,
    POINTS,
    TEXTS,
    UNREADS,
    Look,
    fill,
)
from inkpin.screen.panel import InkState, Panel


def view(panel: Panel, ink: Sequence[tuple[int, int]] = ()) -> list[Draw]:
    """Return the commands that paint the whole screen, in order.

    Args:
        panel: what to show.
        ink: the stroke buffer, points (x, y) of the area; (255, 255) ends a stroke.
    """
    look = LOOKS[panel.lock.state]
    draws: list[Draw] = []
    if look.lines:
        _announce(panel, look, draws)
    else:
        _sheet(panel, look, draws)
        if panel.ink is not InkState.NONE and ink:
            draws.append(Ink(tuple(ink), "ink"))
    draws.append(_box("column", "column"))
    _recognised(panel, draws)
    if panel.battery is not None:
        _battery(panel.battery, draws)
    if look.places:
        _places(panel, draws)
    _buttons(panel, look, draws)
    return draws


def cross_view(number: int) -> list[Draw]:
    """Return the commands that ask for a touch of a cross, over the whole screen.

    Args:
        number: of the cross, from 0 on.
    """
    x, y = CROSSES[number]
    length, width = NUMBERS["cross_length"], NUMBERS["cross_width"]
    count = fill(TEXTS["cross_number"], number + 1, str(len(CROSSES)))
    return [
        _box("screen", "paper"),
        Rect(x - length // 2, y - width // 2, length, width, 0, "calm"),
        Rect(x - width // 2, y - length // 2, width, length, 0, "calm"),
        _text("cross_title", "title", "calm", TEXTS["cross"]),
        _text("cross_number", "body", "ink", count),
        _text("cross_leave", "body", "muted", TEXTS["cross_leave"]),
    ]


def _announce(panel: Panel, look: Look, draws: list[Draw]) -> None:
    """Fill the area with the state: a big icon and words."""
    lock = panel.lock
    first, second = look.lines
    if lock.message is not Message.NONE:
        first = NOTICES[lock.message].text
    draws.append(_box("area", look.colour))
    _icon(look.icon, POINTS["big_icon"], NUMBERS["big_icon_scale"], "paper", look.colour, draws)
    draws += [
        _text("big_title", "huge", "paper", fill(look.title, lock.seconds_left)),
        _text("first_line", "body", "paper", first),
        _text("second_line", "body", "paper", fill(second, lock.attempts_left)),
    ]


def _sheet(panel: Panel, look: Look, draws: list[Draw]) -> None:
    """Lay out the paper to write on: the state above, a hint below."""
    lock = panel.lock
    draws.append(_box("area", "paper"))
    _icon(look.icon, POINTS["icon"], NUMBERS["icon_scale"], look.colour, "paper", draws)
    draws.append(_text("title", "title", look.colour, look.title, Anchor.LEFT))
    if lock.state is State.LOCKED and lock.attempts_left < lock.config.max_failures:
        text = fill(TEXTS["attempts"], lock.attempts_left)
        draws.append(_text("attempts", "small", "fault", text))
    draws.append(_box("rule", "rule"))
    if lock.message is not Message.NONE and not _inked(panel):
        unread = lock.message is Message.UNREAD
        notice = NOTICES[lock.message].text
        text = _unread(panel) if unread else fill(notice, lock.config.shortest)
        draws.append(_text("hint", "body", "ink", text))
    else:
        draws.append(_text("hint", "body", "muted", _hint(panel, look)))


def _inked(panel: Panel) -> bool:
    """Whether there is ink to read: the first stroke has ended.

    Until then the words stay as they are: painting them would take a board's display while a
    finger draws.
    """
    return panel.ink is InkState.FRESH and panel.rows is not None


def unread_text(unread: Unread, between: Sequence[str]) -> str:
    """Return in the screen's words why ink is not read.

    Args:
        unread: why.
        between: labels that it may be, at most two.
    """
    if between:
        return fill(TEXTS["unsure"], 0, TEXTS["or"].join(between))
    return UNREADS[unread]


def _unread(panel: Panel) -> str:
    """Return why the ink was not read."""
    return unread_text(panel.unread, panel.seen.between if panel.seen else ())


def _hint(panel: Panel, look: Look) -> str:
    """Return what to do next."""
    lock = panel.lock
    if panel.awaiting:
        return TEXTS["reading"]
    if _inked(panel):
        return TEXTS["soon"] if panel.auto_ms else TEXTS["read"]
    if lock.state is State.TRY:
        return TEXTS["leave"] if panel.ink is InkState.READ else TEXTS["any"]
    if lock.filled == lock.config.longest:
        return NOTICES[Message.FULL].text
    if lock.filled >= lock.config.shortest:
        return look.enough
    if lock.filled:
        return TEXTS["next"]
    if lock.state is State.LOCKED and not lock.powered:
        return NOTICES[Message.POWER].text
    choosing = lock.state in (State.CHOOSE, State.CHANGE_NEW)
    lengths = lock.config.shortest, str(lock.config.longest)
    return fill(TEXTS["choose"], *lengths) if choosing else TEXTS["first"]


def _recognised(panel: Panel, draws: list[Draw]) -> None:
    """Show the bits that the network gets and what it made of them, while they may be seen."""
    draws.append(_box("well", "well"))
    if panel.rows is not None:
        draws.append(Bitmap(*POINTS["preview"], panel.rows, "bright"))
    if panel.seen is not None:
        label = panel.seen.label or TEXTS["unread"]
        large = len(label) <= NUMBERS["large_label"]
        spot, font = ("digit", "digit") if large else ("name", "body")
        draws.append(_text(spot, font, "bright", label))
        if panel.seen.label:
            percent = fill(TEXTS["confidence"], panel.seen.confidence)
            spot = "confidence" if large else "name_confidence"
            draws.append(_text(spot, "body", "soft", percent))


def _battery(percent: int, draws: list[Draw]) -> None:
    x, y, w, h = BOXES["battery_full"]
    colour = "fault" if percent <= NUMBERS["battery_low"] else "bright"
    draws += [
        _box("battery", "soft"),
        _box("battery_tip", "soft"),
        Rect(x - 1, y - 1, w + 2, h + 2, 0, "column"),
        Rect(x, y, max(1, w * percent // 100), h, 0, colour),
    ]


def _places(panel: Panel, draws: list[Draw]) -> None:
    """Show the places of the PIN: rings, dots, and the newest digit while it may be seen.

    There are as many as the shortest PIN has, and more only as they are filled: how long the PIN
    is that is set, nothing shows.
    """
    lock = panel.lock
    count = max(lock.config.shortest, lock.filled)
    x, y = POINTS["places"]
    pitch = min(NUMBERS["place_pitch"], NUMBERS["places_width"] // count)
    radius = min(NUMBERS["place_radius"], pitch // 2 - 1)
    hole = radius - NUMBERS["place_rim"]
    left = x - (count - 1) * pitch // 2
    for place in range(count):
        centre = left + place * pitch
        if lock.shown is not None and place == lock.filled - 1:
            digit = chr(ord("0") + lock.shown)
            draws.append(Text(centre, y, Anchor.CENTRE, "place", "bright", digit))
        elif place < lock.filled:
            draws.append(_disc(centre, y, radius, "bright"))
        else:
            draws += [_disc(centre, y, radius, "ring"), _disc(centre, y, hole, "column")]


def _buttons(panel: Panel, look: Look, draws: list[Draw]) -> None:
    for button, box in BUTTONS.items():
        if button not in look.buttons:
            ground, ink = "off", "off_text"
        elif button is panel.pressed:
            ground, ink = "bright", "column"
        else:
            ground, ink = "enter" if button.name == "ENTER" else "button", "bright"
        middle = (box.x + box.w // 2, box.y + box.h // 2)
        draws += [
            Rect(*box, NUMBERS["button_radius"], ground),
            Text(*middle, Anchor.CENTRE, "body", ink, button.name),
        ]


def _icon(
    name: str, at: tuple[int, int], scale: int, colour: str, ground: str, draws: list[Draw]
) -> None:
    x, y = at
    for kind, numbers, hole in ICONS[name]:
        scaled = [scale * number for number in numbers]
        paint = ground if hole else colour
        if kind == "rect":
            left, top, w, h, radius = scaled
            draws.append(Rect(x + left, y + top, w, h, radius, paint))
        else:
            x0, y0, x1, y1, x2, y2 = scaled
            draws.append(Triangle(x + x0, y + y0, x + x1, y + y1, x + x2, y + y2, paint))


def _box(name: str, colour: str) -> Rect:
    return Rect(*BOXES[name], 0, colour)


def _text(point: str, font: str, colour: str, string: str, anchor: Anchor = Anchor.CENTRE) -> Text:
    return Text(*POINTS[point], anchor, font, colour, string)


def _disc(x: int, y: int, radius: int, colour: str) -> Rect:
    return Rect(x - radius, y - radius, 2 * radius, 2 * radius, radius, colour)
