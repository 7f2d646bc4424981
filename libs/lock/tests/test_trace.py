"""A recorded session, `trace.txt`, which Python and C both have to give again.

Run as a script, this writes the answers in trace.txt anew from Python; the requests stay.
"""

from pathlib import Path

from inkpin.lock import Config, Event, Lock

TRACE = Path(__file__).parent / "trace.txt"


class PlainHooks:
    """Slots in memory, salts that count up, and a hash that is quick rather than safe."""

    def __init__(self):
        self.slots = [b"", b""]
        self.drawn = 0

    def derive(self, pin, salt, iterations):
        state, out = 2166136261, []
        for byte in pin + salt + iterations.to_bytes(4, "little") + bytes(32):
            state = (state ^ byte) * 16777619 & 0xFFFFFFFF
            out.append(state >> 24)
        return bytes(out[-32:])

    def random(self, count):
        self.drawn += count
        return bytes((self.drawn - count + i) & 255 for i in range(count))

    def chip(self):
        return None

    def read(self, slot):
        return self.slots[slot]

    def write(self, slot, data):
        self.slots[slot] = data
        return True


def answers(lines):
    """Yield each line of a trace with the answer that the lock gives now."""
    hooks, lock, config = PlainHooks(), None, Config()
    for line in lines:
        request, separator, _ = line.partition(" = ")
        word, *numbers = request.split()
        numbers = [] if word == "#" else [int(number) for number in numbers]
        effects = 0
        if word == "config":
            config = Config(*numbers)
        elif word == "start":
            lock = Lock(hooks, config, *numbers)
        elif word == "keep":
            slot, length = numbers
            hooks.slots[slot] = hooks.slots[slot][:length]
        elif word == "flip":
            slot, bit = numbers
            damaged = bytearray(hooks.slots[slot])
            damaged[bit // 8] ^= 1 << bit % 8
            hooks.slots[slot] = bytes(damaged)
        elif word != "#":
            effects = lock.step(Event[word.upper()], *numbers)
        if separator:
            shown = -1 if lock.shown is None else lock.shown
            figures = f"{lock.filled} {shown} {lock.seconds_left} {lock.attempts_left}"
            slots = " ".join(data[-6:].hex() or "-" for data in hooks.slots)
            line = f"{request} = {lock.state:d} {lock.message:d} {effects:d} {figures} {slots}"
        yield line


def test_the_recorded_session():
    recorded = TRACE.read_text().splitlines()
    assert len(recorded) > 100
    assert list(answers(recorded)) == recorded


if __name__ == "__main__":
    TRACE.write_text("\n".join(answers(TRACE.read_text().splitlines())) + "\n")
