"""The queue of answers, in C: bytes come out as they went in, a line whole or not at all."""

import ctypes
from random import Random

from bindings import library

from inkpin.common import host_compiler
from inkpin.device import C_FOLDER

SIZE = 4096
SEND = ctypes.CFUNCTYPE(ctypes.c_size_t, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


class Memory(ctypes.Structure):
    _fields_ = [
        ("bytes", ctypes.c_char * SIZE),
        ("first", ctypes.c_size_t),
        ("count", ctypes.c_size_t),
    ]


class Queue:
    def __init__(self):
        library()  # or there is no compiler
        self._c = host_compiler.load([C_FOLDER / "ink_queue.c"], [C_FOLDER])
        self._c.ink_queue_room.restype = ctypes.c_size_t
        self._c.ink_queue_put.restype = ctypes.c_bool
        self._at = ctypes.byref(Memory())

    def room(self):
        return self._c.ink_queue_room(self._at)

    def put(self, line):
        return self._c.ink_queue_put(self._at, line, ctypes.c_size_t(len(line)))

    def send(self, most):
        """Let a line take so many bytes; return them."""
        taken = bytearray()

        def take(_, text, count):
            count = min(count, most - len(taken))
            taken.extend(ctypes.string_at(text, count))
            return count

        self._c.ink_queue_send(self._at, SEND(take), None)
        return bytes(taken)


def test_a_line_that_finds_no_room_is_dropped_whole():
    queue = Queue()
    assert queue.room() == SIZE
    assert queue.put(b"a" * (SIZE - 1))
    assert not queue.put(b"bb")
    assert queue.room() == 1
    assert queue.put(b"c")
    assert not queue.put(b"d")
    assert queue.put(b"")
    assert queue.send(SIZE + 1) == b"a" * (SIZE - 1) + b"c"
    assert queue.room() == SIZE


def test_bytes_come_out_as_they_went_in():
    """However much of them a line takes at a time, many times around."""
    random, queue = Random(5), Queue()
    waiting = bytearray()
    for _ in range(3000):
        line = random.randbytes(random.choice((1, 30, 288, 2000)))
        fits = len(line) <= SIZE - len(waiting)
        assert queue.put(line) == fits
        waiting += line if fits else b""
        most = random.choice((0, 1, 100, 300, SIZE))
        assert queue.send(most) == waiting[:most]
        del waiting[:most]
        assert queue.room() == SIZE - len(waiting)
