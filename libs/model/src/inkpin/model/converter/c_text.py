"""C text: arrays, strings, comments and names made of what a model file says."""

import re
import textwrap
from collections.abc import Iterable, Mapping
from functools import cache

from inkpin.model import C_FOLDER

_WORDS_TEXT = """
    auto break case char const continue default do double else enum extern float for goto if
    inline int long register restrict return short signed sizeof static struct switch typedef
    union unsigned void volatile while
    alignas alignof and asm bitand bitor bool catch class compl concept const_cast constexpr
    decltype delete dynamic_cast explicit export false friend mutable namespace new noexcept not
    nullptr operator or private protected public reinterpret_cast requires static_assert
    static_cast template this throw true try typeid typename using virtual xor
"""
_WORDS = frozenset(_WORDS_TEXT.split())


_HEADERS_TEXT = """
    arduino assert complex ctype errno fenv float inttypes iso646 limits locale main math setjmp
    signal stdarg stdbool stddef stdint stdio stdlib string strings tgmath time wchar wctype
"""
_TAKEN = _WORDS | frozenset(_HEADERS_TEXT.split())


def c_name(text: str) -> str:
    """Return `text` as a C identifier in lower case, whose header hides no other header."""
    name = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_").lower() or "model"
    taken = name[0].isdigit() or name in _TAKEN or name.startswith("ink_")
    return f"model_{name}" if taken else name


def wrapped(text: str) -> str:
    """Return `text` in lines of at most 100 characters, indented by four."""
    return textwrap.fill(text, 100, initial_indent="    ", subsequent_indent="    ")


def array(declaration: str, values: Iterable[int], length: str = "") -> str:
    """Return the definition of an array of integers."""
    text = ", ".join(str(int(value)) for value in values)
    return f"{declaration}[{length}] = {{\n{wrapped(text)}\n}};\n"


def numbers(name: str, values: Iterable[float]) -> str:
    """Return the definition of a macro that stands for a list of real numbers."""
    text = ", ".join(f"{value:.9g}" for value in values)
    lines = wrapped(text).splitlines()
    return f"#define {name} \\\n" + " \\\n".join(lines) + "\n"


def structure(declaration: str, fields: Mapping[str, object]) -> str:
    """Return the definition of a structure.

    Args:
        declaration: ends in the structure's type and its name.
        fields: all of the type's, by name.
    """
    return f"{declaration} = {{\n{wrapped(_values(_type_in(declaration), fields))}\n}};\n"


def initialiser(struct: str, fields: Mapping[str, object]) -> str:
    """Return a structure within another one: all fields of the type `struct`, by name."""
    return f"{{{_values(struct, fields)}}}"


def structures(declaration: str, elements: Iterable[Mapping[str, object]]) -> str:
    """Return the definition of an array of structures."""
    struct = _type_in(declaration)
    text = ",\n".join(wrapped(initialiser(struct, fields)) for fields in elements)
    return f"{declaration} = {{\n{text}\n}};\n"


def _type_in(declaration: str) -> str:
    return declaration.split()[-2]


def _values(struct: str, fields: Mapping[str, object]) -> str:
    """Return the values of a structure in its order: C++ has no names for them before C++20."""
    order = _declared()[struct]
    if {*order} != {*fields}:
        raise ValueError(f"{struct} has the fields {', '.join(order)}, not {', '.join(fields)}")
    return ", ".join(f"/*{name}*/{fields[name]}" for name in order)


@cache
def _declared() -> dict[str, list[str]]:
    """Return the names of the fields of every structure in the headers, in order, by type."""
    found = {}
    for header in sorted(C_FOLDER.glob("ink_*.h")):
        text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.DOTALL)
        text = re.sub(r"\(\*(\w+)\)\([^()]*\)", r"\1", text)  # pointers to functions
        for body, name in re.findall(r"typedef struct {([^{}]*)} (\w+);", text):
            found[name] = re.findall(r"(\w+)(?:\[\d+\])?\s*[,;]", body)
    return found


def string(text: str) -> str:
    """Return `text` as a C string literal in UTF-8."""
    plain = set(range(32, 127)) - set(b'"\\?')
    return '"' + "".join(chr(b) if b in plain else f"\\{b:03o}" for b in text.encode()) + '"'


def harmless(text: str) -> str:
    """Return text from a model file that cannot end a C comment."""
    return re.sub(r"[^ -~]", "?", text).replace("*/", "* /").replace("/*", "/ *")


def comment(first: str, *more: str) -> str:
    """Return a block comment of paragraphs, wrapped."""
    lines = []
    for part in (first, *more):
        lines += textwrap.wrap(harmless(part), 94, break_on_hyphens=False)
    return "/* " + "\n * ".join(lines) + " */\n"
