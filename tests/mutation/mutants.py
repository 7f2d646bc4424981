"""Small mistakes in C and in Python, by patterns that rely on how both are formatted."""

import io
import re
import tokenize
from collections.abc import Iterator
from typing import NamedTuple


class Mutant(NamedTuple):
    """A file with one mistake in it.

    Attributes:
        line: where it is, from 1.
        what: what it is.
        text: the whole file with it.
    """

    line: int
    what: str
    text: str


_SWAPS = {
    " == ": (" != ",),
    " != ": (" == ",),
    " < ": (" <= ", " > "),
    " <= ": (" < ",),
    " > ": (" >= ", " < "),
    " >= ": (" > ",),
    " + ": (" - ",),
    " - ": (" + ",),
    " * ": (" + ",),
    " / ": (" * ",),
    " // ": (" * ",),
    " % ": (" + ",),
    " & ": (" | ",),
    " | ": (" & ",),
    " ^ ": (" & ",),
    " << ": (" >> ",),
    " >> ": (" << ",),
    " += ": (" -= ",),
    " -= ": (" += ",),
    " |= ": (" = ",),
}
_C_SWAPS = {
    " && ": (" || ",),
    " || ": (" && ",),
    "++": ("--",),
    "--": ("++",),
    "true": ("false",),
    "false": ("true",),
    "volatile ": ("",),
}
_PYTHON_SWAPS = {
    " and ": (" or ",),
    " or ": (" and ",),
    " is ": (" is not ",),
    " not ": (" ",),
    " in ": (" not in ",),
    "True": ("False",),
    "False": ("True",),
}
_NUMBER = re.compile(r"(?<![\w.])(0x[0-9A-Fa-f]+|[0-9][0-9_]*)(?=u?\b)")
_NO_CODE = re.compile(r'/\*.*?\*/|^\s*#.*?(?<!\\)$|"(?:[^"\\\n]|\\.)*"', re.M | re.S)
_C_STATEMENT = re.compile(
    r"^ +(?!return|static|const|typedef|case|default)"
    r"(?!(?:struct |enum )?\w+(?: | \*| const )\w+(?:\[.*?\])?(?: =|;|,))[\w*(+-].*; *$",
    re.M,
)
_PYTHON_STATEMENT = re.compile(
    r"^ +(?!return|class|def|if|for|while|with|elif|else|try|except|import|from|assert|raise|yield)"
    r"(?:self\.|[\w.]+\()[^:\n]*[^,(\[{\n ] *$",
    re.M,
)


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def _c_code(text: str) -> str:
    return _NO_CODE.sub(_blank, text)


def _python_code(text: str) -> str:
    lines = [list(line) for line in text.splitlines(keepends=True)]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            (first, begin), (last, end) = token.start, token.end
            for row in range(first - 1, last):
                line = lines[row]
                until = end if row == last - 1 else len(line) - 1
                for column in range(begin if row == first - 1 else 0, until):
                    line[column] = " "
    code = "".join("".join(line) for line in lines)
    return re.sub(r"(?:: |-> )[\w.\[\], |]+(?=[,)]| = |:$)", _blank, code, flags=re.M)


def _c_texts(text: str) -> Iterator[int]:
    """Yield where each text begins, behind its quotation mark."""
    for found in _NO_CODE.finditer(text):
        if found[0][0] == '"' and found[0][1] not in '"\\':
            yield found.start() + 1


def _python_texts(text: str) -> Iterator[int]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING:
            quoted = re.match(r'\w*"(?!"|\\)', token.string)
            if quoted and not token.line.lstrip().startswith('"'):
                yield starts[token.start[0] - 1] + token.start[1] + quoted.end()


def mutants(name: str, text: str) -> Iterator[Mutant]:
    """Yield the mutants of a file; comments, includes and annotations stay as they are.

    Args:
        name: the file's, in .c or .py.
        text: what it holds.
    """
    python = name.endswith(".py")
    code = (_python_code if python else _c_code)(text)

    def made(begin: int, end: int, new: str) -> Mutant:
        line = text.count("\n", 0, begin) + 1
        what = f"{text[begin:end].strip()} -> {new.strip() or 'nothing'}"
        return Mutant(line, what, text[:begin] + new + text[end:])

    for old, news in {**_SWAPS, **(_PYTHON_SWAPS if python else _C_SWAPS)}.items():
        alone = r"(?<!\w)" if old[0].isalpha() else ""
        for found in re.finditer(alone + re.escape(old), code):
            yield from (made(*found.span(), new) for new in news)
    if not python:
        yield from (made(*found.span(), "") for found in re.finditer(r"!(?=[\w(])", code))
    for found in _NUMBER.finditer(code):
        value = int(found[0], 0)
        yield from (made(*found.span(), str(new)) for new in (value + 1, value - 1) if new >= 0)
    for found in (_PYTHON_STATEMENT if python else _C_STATEMENT).finditer(code):
        end = found.start() + len(found[0].rstrip())
        yield made(found.end() - len(found[0].lstrip()), end, "pass" if python else ";")
    for begin in (_python_texts if python else _c_texts)(text):
        yield made(begin, begin + 1, "Y" if text[begin] == "X" else "X")
