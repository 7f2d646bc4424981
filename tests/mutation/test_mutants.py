"""Which mistakes are made, and where none."""

import textwrap

from mutation.mutants import mutants

C = """\
/* 1 == 2 */
#include "a.h"
static const char *const names[] = {"ab"};

int f(int a) {
    int b = a + 1;
    g(b); /* b < 3 */
    return !b && a == 0xFF;
}
"""
PYTHON = '''\
"""1 == 2"""

def f(a: int | None, b=3) -> bytes | None:
    self.x = a  # a == b
    return not a and b"xy"
'''


def made(name, text):
    return {(mutant.line, mutant.what) for mutant in mutants(name, text)}


def test_mistakes_in_c():
    assert made("f.c", C) == {
        (3, "a -> X"),
        (6, "+ -> -"),
        (6, "1 -> 2"),
        (6, "1 -> 0"),
        (7, "g(b); -> ;"),
        (8, "! -> nothing"),
        (8, "&& -> ||"),
        (8, "== -> !="),
        (8, "0xFF -> 256"),
        (8, "0xFF -> 254"),
    }


def test_mistakes_in_python():
    assert made("f.py", PYTHON) == {
        (3, "3 -> 4"),
        (3, "3 -> 2"),
        (4, "self.x = a -> pass"),
        (5, "not -> nothing"),
        (5, "and -> or"),
        (5, "x -> X"),
    }


def test_a_mutant_is_the_file_with_one_mistake():
    for mutant in mutants("f.c", C):
        old, new = C.splitlines(), mutant.text.splitlines()
        assert len(old) == len(new)
        changed = [n for n, line in enumerate(old) if line != new[n]]
        assert changed == [mutant.line - 1]


def test_text_that_spans_lines_is_no_code():
    text = textwrap.dedent('''\
        x = """
        a == b
        """
        ''')
    assert made("f.py", text) == set()
