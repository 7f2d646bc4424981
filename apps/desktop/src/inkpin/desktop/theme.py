"""The look of the window: sv-ttk's light and dark, sized for the screen, and colours to match."""

import tkinter as tk
from dataclasses import dataclass
from math import floor
from tkinter import font, ttk

from inkpin.desktop import controls
from inkpin.desktop.finger_lists import STYLE as LISTS
from inkpin.desktop.settings import DARK, Settings

_PIXELS = {
    "SunValleyCaptionFont": 12,
    "SunValleyBodyFont": 14,
    "SunValleyBodyStrongFont": 14,
    "SunValleyBodyLargeFont": 18,
    "SunValleySubtitleFont": 20,
    "SunValleyDisplayFont": 68,
    "TkFixedFont": 13,
    "TkDefaultFont": 14,
    "TkCaptionFont": 14,
    "TkTextFont": 14,
}
_NATIVE = ("Segoe UI Variable Text", "Segoe UI")  # what sv-ttk is drawn for
_ROOM = (1000, 700)  # what the window takes at a scaling of 1
BODY, STRONG, SMALL = "SunValleyBodyFont", "SunValleyBodyStrongFont", "SunValleyCaptionFont"
LARGE = "SunValleyBodyLargeFont"
SUBTITLE, HUGE, FIXED = "SunValleySubtitleFont", "SunValleyDisplayFont", "TkFixedFont"
_BOLD = {STRONG, SUBTITLE, HUGE}
_FIELD_EDGE = 5  # of sv-ttk's fields for text
FINGER = 44
"""Pixels, at a scaling of 1, that what is pressed is high at least."""


@dataclass(frozen=True)
class Colours:
    """Colours for what ttk does not draw.

    Text on any background has a contrast of 4.5 or more, an edge one of 3 to both its sides; a
    line only divides.
    """

    background: str
    strip: str
    text: str
    muted: str
    card: str
    line: str
    edge: str
    selection: str
    accent: str
    good: str
    bad: str
    doubt: str
    terminal: str
    terminal_text: str


_LIGHT = Colours(
    background="#fafafa",
    strip="#e7e7e7",
    text="#1c1c1c",
    muted="#5d5d5d",
    card="#ffffff",
    line="#d0d0d0",
    edge="#767676",
    selection="#bbd9f6",
    accent="#005fb8",
    good="#1b7448",
    bad="#b0261e",
    doubt="#8a5700",
    terminal="#101828",
    terminal_text="#d5dcea",
)
_DARK = Colours(
    background="#1c1c1c",
    strip="#2f2f2f",
    text="#fafafa",
    muted="#a8a8a8",
    card="#2b2b2b",
    line="#454545",
    edge="#8c8c8c",
    selection="#183f66",
    accent="#57c8ff",
    good="#5fd394",
    bad="#ff8a80",
    doubt="#e5b454",
    terminal="#0c111c",
    terminal_text="#d5dcea",
)


def colours(settings: Settings) -> Colours:
    """Return the colours of the chosen theme."""
    return _DARK if settings.theme == DARK else _LIGHT


def scaling(root: tk.Misc, settings: Settings) -> float:
    """Return how large to draw: 1 is 96 pixels an inch and a size of 100 %.

    Screens whose pixels are small but not many get less than their density asks for.
    """
    # Of the screen: apply() gives Tk another idea of an inch.
    density: float = vars(root).setdefault("_density", root.winfo_fpixels("1i"))
    room = min(root.winfo_screenwidth() / _ROOM[0], root.winfo_screenheight() / _ROOM[1])
    steps: float = floor(min(density / 96, room, 3) * 4 + 0.1)
    return max(steps / 4, 1) * settings.size / 100


def apply(root: tk.Tk, settings: Settings) -> None:
    """Give the application the look that the user chose; widgets hear of it by <<ThemeChanged>>."""
    scale = scaling(root, settings)
    own = colours(settings)
    root.tk.call("tk", "scaling", scale * 96 / 72)  # pixels of a point, which paddings count in
    _size_fonts(root, scale)
    name = f"inkpin-{settings.theme}-{round(100 * scale)}"
    controls.create(root, name, settings.theme, scale, own.edge, own.accent)
    style = ttk.Style(root)
    style.theme_use(name)
    root.configure(background=own.background)
    style.configure(
        ".",
        background=own.background,
        foreground=own.text,
        troughcolor=own.background,
        fieldbackground=own.background,
        focuscolor=own.accent,
        selectbackground=own.accent,
        selectforeground=own.card,
        insertcolor=own.text,
        insertwidth=max(round(scale), 1),
        font=BODY,
        borderwidth=0,
        relief="flat",
    )
    style.map(".", foreground=[("disabled", own.edge)])
    _fit_fingers(style, root, scale)
    _theme_lists(style, scale, own)
    style.configure("Strip.TFrame", background=own.strip)
    style.configure("Strip.Toolbutton", background=own.strip)
    style.configure("Strip.TLabel", background=own.strip)
    style.configure("StripStrong.TLabel", background=own.strip, font=STRONG)
    style.configure("Muted.TLabel", foreground=own.muted)
    style.configure("Small.TLabel", foreground=own.muted, font=SMALL)
    style.configure("Strong.TLabel", font=STRONG)
    style.configure("Subtitle.TLabel", font=SUBTITLE)
    style.configure("Huge.TLabel", font=HUGE)
    style.configure("Good.TLabel", foreground=own.good)
    style.configure("Bad.TLabel", foreground=own.bad)
    style.configure("Doubt.TLabel", foreground=own.doubt)
    style.layout("Bare.TNotebook.Tab", [])
    style.configure("Bare.TNotebook", padding=0, borderwidth=0)


def _size_fonts(root: tk.Tk, scale: float) -> None:
    """Give the fonts their size; Tk's stand-in for a family that is missing may be a bitmap."""
    there, families = set(font.names(root)), set(font.families(root))
    usual = font.nametofont("TkDefaultFont", root).actual("family")
    family = next((name for name in _NATIVE if name in families), usual)
    for name, pixels in _PIXELS.items():
        size = -round(pixels * scale)
        if name in there:
            font.nametofont(name, root).configure(size=size)
        else:
            weight = "bold" if name in _BOLD else "normal"
            root.tk.call(
                "font", "create", name, "-family", family, "-size", size, "-weight", weight
            )


def _fit_fingers(style: ttk.Style, root: tk.Tk, scale: float) -> None:
    """Make whatever is pressed at least FINGER high, which a finger meets without aiming."""
    line = font.nametofont(BODY, root).metrics("linespace")
    room = -(-max(round(FINGER * scale) - line, 0) // 2)
    wide = round(10 * scale)
    for kind in ("TButton", "Accent.TButton", "Toolbutton", "Strip.Toolbutton"):
        style.configure(kind, padding=(wide, room), anchor="center")
    for kind in ("TCheckbutton", "TRadiobutton"):
        style.configure(kind, padding=(round(4 * scale), room))
    field = max(room - round(_FIELD_EDGE * scale), 0)
    for kind in ("TEntry", "TCombobox", "TSpinbox"):
        style.configure(kind, padding=(round(6 * scale), field))
    style.configure("TNotebook.Tab", padding=(round(14 * scale), room))
    style.configure("Treeview", rowheight=line + round(8 * scale))


def _theme_lists(style: ttk.Style, scale: float, own: Colours) -> None:
    """Give the lists that comboboxes open rows as high as a finger, without room for a tree."""
    item = "Treeitem.padding -sticky nsew -children {Treeitem.text -side left}"
    style.tk.call("ttk::style", "layout", f"{LISTS}.Item", item)
    style.configure(f"{LISTS}.Item", padding=(round(8 * scale), 0))
    style.configure(
        LISTS,
        background=own.card,
        fieldbackground=own.card,
        foreground=own.text,
        font=LARGE,
        rowheight=round(FINGER * scale),
    )
    style.map(LISTS, background=[("selected", own.accent)], foreground=[("selected", own.card)])
