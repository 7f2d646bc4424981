"""One HTML file out of the page's parts: text, style, JavaScript modules and the WebAssembly."""

import base64
import hashlib
import html
import json
import re
from pathlib import Path

from inkpin.screen import AUTO_MS
from inkpin.screen.layout import AREA, BUTTONS, FONTS, HEIGHT, NUMBERS, PALETTE, WIDTH

_FOLDER = Path(__file__).parent
_MAIN = _FOLDER / "js" / "main.mjs"

# Nothing is loaded from anywhere but the file itself, and nothing else runs.
_POLICY = (
    "default-src 'none'; script-src '{script}' 'wasm-unsafe-eval'; style-src '{style}';"
    " img-src data:; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'"
)
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
    '<rect width="24" height="24" rx="5" fill="#1b2436"/>'
    '<path d="M7 11V8a5 5 0 0 1 10 0v3" fill="none" stroke="#f6f3ec"'
    ' stroke-width="2.2"/><rect x="5" y="11" width="14" height="9" rx="2" fill="#f6f3ec"/></svg>'
)
ICON_URL = f"data:image/svg+xml;base64,{base64.b64encode(_ICON.encode()).decode()}"
"""Of the page and of the app."""


def page(module: bytes, *, title: str = "Inkpin", lock: bool = True, app: bool = False) -> bytes:
    """Return the page as one file that asks for nothing else.

    Args:
        module: the WebAssembly that it runs.
        title: its name.
        lock: whether the module holds a whole device; without one there is no lock to show.
        app: whether it is served beside the other files of `inkpin.web.site`.
    """
    script = _script()
    style = (_FOLDER / "page.css").read_text("utf-8") + _key_places()
    text = (_FOLDER / "page.html").read_text("utf-8")
    if not lock:
        text = re.sub(r"\s*<!-- lock -->.*?<!-- end -->", "", text, flags=re.DOTALL)
    parts = {
        "policy": _POLICY.format(script=_hash(script), style=_hash(style)),
        "title": html.escape(title),
        "icon": ICON_URL,
        "manifest": '<link rel="manifest" href="app.webmanifest">' if app else "",
        "style": style,
        "buttons": _keys(),
        "config": json.dumps({"screen": _screen(), "app": app}, separators=(",", ":")),
        "module": _base64(module),
        "script": script,
    }
    text = re.sub(r"^\s*<!-- (?:lock|end) -->\n", "", text, flags=re.MULTILINE)
    # In one go, so that nothing in a part is taken for a place.
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], text).encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _hash(text: str) -> str:
    """Return the source of a policy that allows this text alone."""
    return f"sha256-{_base64(hashlib.sha256(text.encode()).digest())}"


def _keys() -> str:
    """Return buttons for keyboards and screen readers, where the screen shows them."""
    return "\n    ".join(
        f'<button class="key" name="{button.name}">{button.name}</button>' for button in BUTTONS
    )


def _key_places() -> str:
    """Return the style that puts them there."""
    return "".join(
        f".key[name={button.name}] {{ left: {100 * x / WIDTH:.3f}%; top: {100 * y / HEIGHT:.3f}%;"
        f" width: {100 * w / WIDTH:.3f}%; height: {100 * h / HEIGHT:.3f}%; }}\n"
        for button, (x, y, w, h) in BUTTONS.items()
    )


_COLOURS = {"paper": "paper", "inkColour": "ink", "well": "well", "bright": "bright"}


def _screen() -> dict[str, object]:
    """Return what the JavaScript has to know of screen.toml."""
    colours = list(PALETTE)
    return {
        "size": [WIDTH, HEIGHT],
        "area": AREA.w,
        "auto": [0, *range(AUTO_MS.start, AUTO_MS.stop, 100)],
        "buttons": {button.name: list(box) for button, box in BUTTONS.items()},
        "look": {
            "palette": list(PALETTE.values()),
            "fonts": list(FONTS.values()),
            "inkWidth": NUMBERS["ink_width"],
            **{key: colours.index(name) for key, name in _COLOURS.items()},
        },
    }


def _script() -> str:
    """Return all modules as one, each after those that it imports.

    They become one scope: a name at the top of a module has to be its own, or the script does not
    even start.
    """
    done: dict[Path, str] = {}

    def take(path: Path) -> None:
        if path in done:
            return
        text = path.read_text("utf-8")
        done[path] = ""  # a circle would come by again
        for name in re.findall(r'^import .* from "\./(.+)";$', text, re.MULTILINE):
            take(path.with_name(name))
        del done[path]
        done[path] = re.sub(r'^import .* from ".*";\n', "", text, flags=re.MULTILINE)

    take(_MAIN)
    return re.sub(r"^export ", "", "\n".join(done.values()), flags=re.MULTILINE)
