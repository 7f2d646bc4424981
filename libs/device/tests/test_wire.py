import ctypes
import subprocess

import pytest
from bindings import INCLUDE, library
from hypothesis import given
from hypothesis import strategies as st

from inkpin.common import host_compiler
from inkpin.device import wire

BODIES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=50)


def fed(data):
    return wire.Reader().feed(data)


def test_the_check_is_the_ccitt_one():
    assert wire.crc16(b"123456789") == 0x29B1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("info 1 0.1.0 0ab1 core2 87 1", wire.Info(1, "0.1.0", "0ab1", "core2", 87, True)),
        ("info 1 0.1.0 0ab1 core2 -1 0", wire.Info(1, "0.1.0", "0ab1", "core2", None, False)),
        ("info 1 0.1.0 0ab1 core2 0 1", wire.Info(1, "0.1.0", "0ab1", "core2", 0, True)),
        ("info 1 0.1.0 0ab1 core2 100 1", wire.Info(1, "0.1.0", "0ab1", "core2", 100, True)),
        ("info 1 0.1.0 0ab1 core2 101 1", wire.Info(1, "0.1.0", "0ab1", "core2", None, True)),
        ("setting dim 30", wire.Setting("dim", 30)),
        ("log 3 refused 120 s", wire.Logged("3 refused 120 s")),
        ("help set NAME VALUE", wire.Helped("set", "NAME VALUE")),
        ("ok ping", wire.Done("ping")),
        ("error check wrong", wire.Refused("check wrong")),
        ("try on", wire.Trying(True)),
        ("try off", wire.Trying(False)),
        ("ink 12 239 4000", wire.Point(12, 239, 4000)),
        ("up", wire.PenUp()),
        ("erase", wire.Erased()),
        ("bits " + "0000001" * 28, wire.Bits((1,) * 28)),
        ("read 98 -5,7 7", wire.Prediction("7", 98, (-5, 7))),
        ("read 12 -5,7 ", wire.Prediction(None, 12, (-5, 7))),
        ("read 98 -5,7 arrow up", wire.Prediction("arrow up", 98, (-5, 7))),
    ],
)
def test_messages(body, message):
    assert fed(wire.encode_line(body)) == [message]


@pytest.mark.parametrize("body", ["ink 1 2", "ink a b c", "bits 00", "info 1", "read", "new 1"])
def test_a_line_of_another_kind_is_only_told(body):
    (said,) = fed(wire.encode_line(body))
    assert isinstance(said, wire.Said)


def test_bits_as_a_bitmap():
    bitmap = wire.Bits(tuple(range(28))).bitmap()
    assert [sum(bit << c for c, bit in enumerate(row)) for row in bitmap.tolist()] == [*range(28)]


@given(st.lists(BODIES.filter(lambda body: body.strip("\r\n")), min_size=1), st.data())
def test_messages_do_not_depend_on_how_the_bytes_are_cut(bodies, data):
    stream = b"".join(map(wire.encode_line, bodies))
    reader, cut = wire.Reader(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        cut += reader.feed(stream[:size])
        stream = stream[size:]
    assert cut == [message for body in bodies for message in fed(wire.encode_line(body))]


@given(st.binary(max_size=300))
def test_any_bytes_are_taken(data):
    reader = wire.Reader()
    for message in reader.feed(data + b"\n"):
        assert isinstance(message, wire.Said | wire.Damaged)
    assert reader.feed(wire.encode_line("ok ping")) == [wire.Done("ping")]


@given(BODIES, st.data())
def test_a_changed_character_is_noticed(body, data):
    line = bytearray(wire.encode_line(body).rstrip())
    place = data.draw(st.integers(1, len(line) - 1))
    line[place] = data.draw(st.sampled_from([c for c in range(32, 127) if c != line[place]]))
    assert fed(bytes(line) + b"\n") == [wire.Damaged(line.decode())]


def test_what_does_not_print_is_replaced():
    mark = "\N{REPLACEMENT CHARACTER}"
    assert fed(b"\x1f ~\x7f\x80\n") == [wire.Said(f"{mark} ~{mark}{mark}")]


def test_what_is_no_ascii_in_a_whole_line_is_replaced():
    body = b"log 3 caf\xe9"
    line = b"@%s*%04X\n" % (body, wire.crc16(body))
    assert fed(line) == [wire.Logged("3 caf\N{REPLACEMENT CHARACTER}")]


@pytest.mark.parametrize(("length", "at_once"), [(4096, 0), (4097, 1)])
def test_how_long_a_line_is_waited_for(length, at_once):
    reader = wire.Reader()
    assert len(reader.feed(b"x" * length)) == at_once
    assert len(reader.feed(b"\n")) == 1 - at_once


def test_behind_a_long_line_one_that_has_begun_is_waited_for():
    reader, line = wire.Reader(), wire.encode_line("ok ping")
    assert len(reader.feed(b"x" * 5000 + b"\n" + line[:4])) == 1
    assert reader.feed(line[4:]) == [wire.Done("ping")]


def test_an_endless_line_is_given_up():
    reader = wire.Reader()
    messages = [message for _ in range(100) for message in reader.feed(b"x" * 100)]
    assert messages
    assert all(isinstance(message, wire.Said) for message in messages)
    assert [wire.Done("ping")] == reader.feed(b"\n" + wire.encode_line("ok ping"))[1:]


LONGEST = 287
"""Bytes of a line that the device sends, with CR and LF."""
SEND = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


class Memory(ctypes.Structure):
    _fields_ = [
        ("send", SEND),
        ("user", ctypes.c_void_p),
        ("text", ctypes.c_char * (LONGEST + 1)),
        ("length", ctypes.c_size_t),
        ("beyond", ctypes.c_uint8 * 1024),
    ]


SOURCES = [
    path
    for folder in INCLUDE
    for path in folder.iterdir()
    if path.name in ("ink_wire.c", "ink_bytes.c")
]
LARGEST = """
#include <stdio.h>
#include "ink_wire.h"

static void say(void *user, const char *text, size_t length) {
    (void)user;
    fwrite(text, 1, length, stdout);
}

int main(void) {
    ink_wire_writer writer = {.send = say};
    ink_wire_begin(&writer, "n");
    ink_wire_number(&writer, " ", INT32_MIN);
    ink_wire_hex(&writer, " ", 0x89ABCDEF, 8);
    ink_wire_end(&writer);
    return 0;
}
"""


class Writer:
    """The C's; `lines` is what it sent."""

    def __init__(self):
        library()  # or there is no compiler
        self._c = host_compiler.load(SOURCES, INCLUDE)
        self.lines = []
        take = SEND(lambda _, text, length: self.lines.append(ctypes.string_at(text, length)))
        self._memory = Memory(take, beyond=(0xAA,) * 1024)

    def __getattr__(self, name):
        return lambda *words: getattr(self._c, f"ink_wire_{name}")(
            ctypes.byref(self._memory), *words
        )

    def overran(self):
        return bytes(self._memory.beyond) != b"\xaa" * 1024


@pytest.mark.parametrize("more", [0, 1, 2, 400])
def test_a_line_is_cut_where_it_would_not_fit_and_never_its_check(more):
    writer, fits = Writer(), LONGEST - len("@n *0123\r\n")
    writer.begin(b"n")
    writer.text(b" ", b"x" * fits + b"y" * more)
    writer.number(b" ", -7)
    writer.hex(b" ", 1, 8)
    writer.end()
    assert writer.lines == [wire.encode_line("n " + "x" * fits)]
    assert len(writer.lines[0]) == LONGEST
    assert not writer.overran()


def test_numbers_of_all_sizes():
    writer = Writer()
    writer.begin(b"n")
    for number in (0, -1, 9, 10, 2**31 - 1, -(2**31)):
        writer.number(b",", number)
    for value, digits in (0, 1), (0xABC, 4), (0x89ABCDEF, 8):
        writer.hex(b" ", value, digits)
    writer.end()
    (line,) = writer.lines
    assert line.startswith(b"@n,0,-1,9,10,2147483647,-2147483648 0 0ABC 89ABCDEF*")
    assert isinstance(fed(line)[0], wire.Said)


def test_the_largest_numbers_under_the_sanitizers(tmp_path):
    """Their digits fill what holds them, of which a library shows nothing."""
    main = tmp_path / "largest.c"
    main.write_text(LARGEST)
    program = host_compiler.build([*SOURCES, main], INCLUDE, host_compiler.SANITIZERS, shared=False)
    done = subprocess.run([program], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == wire.encode_line("n -2147483648 89ABCDEF")
