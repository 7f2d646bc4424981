"""sv-ttk's controls at any size: its pictures enlarged, with edges that everybody sees.

sv-ttk draws its controls by pictures of fixed pixels, which are tiny on a dense screen, and whose
edges are hardly darker than what they lie on. Its own theme files are read with larger pictures in
place of these, and every length in them by as much larger.
"""

import re
import tkinter as tk
from importlib.resources import files
from tkinter import ttk

from PIL import Image, ImageDraw, ImageTk

_LENGTHS = re.compile(r"-(border|padding|width|height) (\{[\d ]+\}|\d+)")
_SPRITE = re.compile(r"^\s*([a-z][\w-]*) (\d+) (\d+) (\d+) (\d+)", re.MULTILINE)
_IMAGES = re.compile(r"  proc load_images.*?\n  load_images [^\n]*\n", re.DOTALL)
_EDGED = re.compile(r"(button|check-unsel|radio-unsel|textbox)-(rest|hover|pressed)")
_FOCUSED = "textbox-focus"
_RADIUS = 4  # of the corners of its boxes


def create(root: tk.Tk, name: str, mode: str, scale: float, edge: str, accent: str) -> None:
    """Make a theme of ttk, unless there is one of this name.

    Args:
        root: the application, which keeps the pictures.
        name: of the theme.
        mode: "light" or "dark".
        scale: pixels to each of sv-ttk's.
        edge: the colour of the edges of buttons, boxes and fields.
        accent: the colour of the edge of the field that has the keyboard.
    """
    if name in ttk.Style(root).theme_names():
        return
    folder = files("sv_ttk") / "theme"
    images = {
        sprite: ImageTk.PhotoImage(picture, master=root)
        for sprite, picture in sprites(mode, scale, edge, accent).items()
    }
    root.__dict__.setdefault("_control_images", {})[name] = images  # Tk does not keep them
    pairs = " ".join(f"{sprite} {image}" for sprite, image in images.items())
    text = (folder / f"{mode}.tcl").read_text("utf-8")
    text = text[text.index("namespace eval") :]
    text = _IMAGES.sub(lambda _: f"  array set I {{{pairs}}}\n", text)
    text = text.replace(f"theme create sun-valley-{mode}", f"theme create {name}")
    root.tk.eval(_LENGTHS.sub(lambda match: _scaled(match, scale), text))


def sprites(mode: str, scale: float, edge: str, accent: str) -> dict[str, Image.Image]:
    """Return the pictures of all controls and their states, by sv-ttk's names, as RGBA."""
    folder = files("sv_ttk") / "theme"
    with (folder / f"spritesheet_{mode}.png").open("rb") as file:
        sheet = Image.open(file).convert("RGBA")
    found = {}
    for name, *numbers in _SPRITE.findall((folder / f"sprites_{mode}.tcl").read_text("utf-8")):
        x, y, w, h = map(int, numbers)
        picture = sheet.crop((x, y, x + w, y + h))
        if scale != 1:
            size = round(w * scale), round(h * scale)
            picture = picture.resize(size, Image.Resampling.BICUBIC)
        if _EDGED.fullmatch(name):
            _outline(picture, scale, edge, round_all="radio" in name)
        elif name == _FOCUSED:
            _outline(picture, scale, accent, round_all=False)
        found[name] = picture
    return found


def _outline(picture: Image.Image, scale: float, edge: str, *, round_all: bool) -> None:
    """Draw an edge around a picture, smooth where it is round."""
    fine = 4
    large = Image.new("L", (picture.width * fine, picture.height * fine))
    box = (0, 0, large.width - 1, large.height - 1)
    radius = large.width / 2 if round_all else _RADIUS * scale * fine
    ImageDraw.Draw(large).rounded_rectangle(
        box, radius, outline=255, width=max(round(scale), 1) * fine
    )
    picture.paste(edge, (0, 0), large.reduce(fine))


def _scaled(match: re.Match[str], scale: float) -> str:
    numbers = [str(round(int(number) * scale)) for number in match[2].strip("{}").split()]
    return f"-{match[1]} {{{' '.join(numbers)}}}"
