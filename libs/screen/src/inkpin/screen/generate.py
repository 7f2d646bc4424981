"""Write screen.toml as a C header: `python -m inkpin.screen.generate`."""

import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from inkpin.common.command import run_command
from inkpin.lock import Message, State
from inkpin.preprocess import Unread
from inkpin.screen.layout import (
    BOXES,
    BUTTONS,
    CROSSES,
    FONTS,
    HEIGHT,
    ICONS,
    LETTERS,
    LOOKS,
    NOTICES,
    NUMBERS,
    PALETTE,
    POINTS,
    SOURCE,
    TEXTS,
    UNREADS,
    WIDTH,
    Button,
    Shape,
)

HEADER = Path(__file__).parent / "c" / "generated" / "ink_screen_data.h"

_TYPES = """\
typedef struct {
    int16_t x, y, w, h;
} ink_box;

typedef struct {
    int16_t x, y;
} ink_spot;

/* A rectangle (x, y, w, h, radius) or a triangle (x0, y0, x1, y1, x2, y2) on a grid of 24. */
typedef struct {
    bool triangle, hole;
    uint8_t numbers[6];
} ink_shape;

typedef struct {
    const ink_shape *shapes;
    uint8_t count;
} ink_icon;

/* What a text of a font can cover: pixels above and below the middle of its line, and the widths of
 * the letters from " " to "~". */
typedef struct {
    uint8_t above, below, widths[95];
} ink_letters;

/* What a state looks like; without lines it is paper to write on. */
typedef struct {
    const char *title, *serial, *enough, *lines[2];
    uint8_t icon, colour;
    uint8_t buttons; /* bit b: button b does something */
    bool places;
} ink_look;

/* What a message says on the screen and on the serial line. */
typedef struct {
    const char *text, *serial;
} ink_notice;
"""


def header() -> str:
    """Return the header's text; it depends on screen.toml and the lock's enumerations alone."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()
    shapes = max(map(len, ICONS.values()))
    sizes = {"SCREEN_WIDTH": WIDTH, "SCREEN_HEIGHT": HEIGHT, "ICON_SHAPES": shapes}
    numbers = {f"LAYOUT_{name.upper()}": value for name, value in NUMBERS.items()}
    parts = [
        "/* Made by `python -m inkpin.screen.generate` from screen.toml, SHA-256\n"
        f" * {digest}.\n */",
        "#ifndef INK_SCREEN_DATA_H\n#define INK_SCREEN_DATA_H",
        "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>",
        _enum(f"INK_{name} = {value}" for name, value in (sizes | numbers).items()),
        _enum([*(f"INK_COLOUR_{name.upper()}" for name in PALETTE), "INK_COLOURS"]),
        _enum([*(f"INK_FONT_{name.upper()}" for name in FONTS), "INK_FONTS"]),
        _enum([*(f"INK_BUTTON_{button.name}" for button in Button), "INK_BUTTONS"]),
        f"enum {{ INK_UNREADS = {len(Unread)} }}; /* of ink_preprocess.h */",
        _enum(f"INK_ICON_{name.upper()}" for name in ICONS),
        _TYPES.rstrip(),
        "/* 0xRRGGBB */\n"
        + _array("uint32_t ink_palette[]", (f"0x{rgb[1:]}" for rgb in PALETTE.values())),
        "/* pixels */\n" + _array("uint8_t ink_font_heights[]", map(str, FONTS.values())),
        "/* by INK_FONT_... */\n"
        + _array(
            "ink_letters ink_font_letters[]",
            (_list([n.above, n.below, _list(n.widths)]) for n in LETTERS.values()),
        ),
        _lines(f"static const ink_box ink_box_{name} = {_list(b)};" for name, b in BOXES.items()),
        _lines(f"static const ink_spot ink_at_{name} = {_list(p)};" for name, p in POINTS.items()),
        f"enum {{ INK_CROSSES = {len(CROSSES)} }};\n"
        + _array("ink_spot ink_crosses[]", map(_list, CROSSES)),
        _array("ink_box ink_button_boxes[]", map(_list, BUTTONS.values())),
        _array("char *const ink_button_names[]", (_string(b.name) for b in Button)),
        *(
            _array(f"ink_shape ink_shapes_{name}[]", map(_shape, shapes))
            for name, shapes in ICONS.items()
        ),
        _array("ink_icon ink_icons[]", (f"{{ink_shapes_{n}, {len(s)}}}" for n, s in ICONS.items())),
        "/* by ink_lock_state */\n" + _array("ink_look ink_looks[]", map(_look, State)),
        "/* by ink_lock_message */\n"
        + _array("ink_notice ink_notices[]", (_list(map(_string, NOTICES[m])) for m in Message)),
        "/* by ink_unread */\n"
        + _array("char *const ink_unread_texts[]", (_string(UNREADS[u]) for u in Unread)),
        _lines(f"#define INK_TEXT_{name.upper()} {_string(t)}" for name, t in TEXTS.items()),
        "#endif\n",
    ]
    return "\n\n".join(parts)


def _enum(names: Iterable[str]) -> str:
    return "enum {\n" + "".join(f"    {name},\n" for name in names) + "};"


def _array(declaration: str, items: Iterable[str]) -> str:
    return f"static const {declaration} = {{\n" + "".join(f"    {i},\n" for i in items) + "};"


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _list(items: Iterable[object]) -> str:
    return "{" + ", ".join(map(str, items)) + "}"


def _string(text: str) -> str:
    return json.dumps(text)  # ASCII: the same escapes as C's


def _shape(shape: Shape) -> str:
    triangle = str(shape.kind == "triangle").lower()
    return _list([triangle, str(shape.hole).lower(), _list(shape.numbers)])


def _look(state: State) -> str:
    look = LOOKS[state]
    lines = [_string(line) for line in look.lines] or ["NULL", "NULL"]
    buttons = sum(1 << button for button in look.buttons)
    icon, colour = f"INK_ICON_{look.icon.upper()}", f"INK_COLOUR_{look.colour.upper()}"
    words = map(_string, (look.title, look.serial, look.enough))
    return _list([*words, _list(lines), icon, colour, buttons, str(look.places).lower()])


def main() -> None:
    """Write it, and say where."""
    HEADER.write_text(header(), "ascii", newline="\n")
    print(HEADER)


if __name__ == "__main__":
    sys.exit(run_command("inkpin.screen.generate", main))
