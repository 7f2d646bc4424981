"""What leaves the lock does not depend on the PIN's digits.

A random session is run on two devices that differ in the digits alone, exchanged by a permutation,
and with them in the strokes that draw a digit and in the confidence of its reading. Serial lines,
log, and record but for the hash have to be the same at all times; so has the screen, but for ink
that is not yet read, and for a second what was read. In `try it` nobody writes a PIN: there both
write the same, and all is compared.
"""

from collections.abc import Iterator
from random import Random

from bindings import PUBLIC
from twins import Device, items

from inkpin.lock import RECORD_SIZE, Config, Message, State
from inkpin.screen import Button, Touch
from inkpin.screen.layout import BUTTONS, FONTS, POINTS
from proofs.tally import Tally

TEXT, INK, BITMAP = 2, 3, 4
HASH = slice(28, 60)
CRC = slice(62, 66)
WAITS = (0, 10, 100, 300, 700, 999, 1000, 3000, 30_000, 600_000)
PINS = ("0123", "0123", "0123", "3210", "0012")


class Session:
    """Two devices that are told the same, in other digits.

    Args:
        kind: the implementation.
        random: where all that happens comes from.

    Attributes:
        shown: moments at which the screens differed as they may.
        over: whether a PIN was refused as common, which tells something of it.
    """

    def __init__(self, kind: type[Device], random: Random) -> None:
        config = Config(iterations=1, max_failures=random.choice([3, 10]))
        self.random = random
        self.now = random.choice([0, 2**32 - 100_000])
        self.devices = [kind(config, self.now), kind(config, self.now)]
        self.auto_ms = random.choice([0, 700])
        self.both("auto", self.auto_ms)
        self.digits = ["0123456789", "".join(random.sample("0123456789", 10))]
        self.read_at: int | None = None
        self.shown = 0
        self.over = False
        self.compare()

    @property
    def state(self) -> State:
        """The state of both locks."""
        return State(self.devices[0].lock.state)

    def both(self, name: str, *arguments: object) -> None:
        """Do the same on both."""
        for device in self.devices:
            getattr(device, name)(*arguments)

    def draw(self, digit: int) -> None:
        """Write a digit, each device its own; where nothing is taken, nothing happens."""
        trying = self.state == State.TRY
        for device, digits in zip(self.devices, self.digits, strict=True):
            own = digit if trying else int(digits[digit])
            device.touch(Touch.DOWN, 20 + 10 * own, 100, self.now)
            for _ in range(own):
                device.touch(Touch.MOVE, 20 + 10 * own, 160, self.now)
            device.touch(Touch.UP, 20, 160, self.now)
            device.preview(0x3FF << own)

    def read(self, digit: int, rejected: bool) -> None:
        """Give both the reading of a digit."""
        trying = self.state == State.TRY
        confidence = self.random.randrange(101)
        for device, digits in zip(self.devices, self.digits, strict=True):
            label = "0123456789"[digit] if trying else digits[digit]
            if not trying:
                confidence = self.random.randrange(101)
            device.reading(None if rejected else label, confidence, self.now)
        self.read_at = self.now

    def press(self, button: Button) -> None:
        """Press a button."""
        box = BUTTONS[button]
        for phase in (Touch.DOWN, Touch.UP):
            self.both("touch", phase, box.x + 5, box.y + 5, self.now)

    def wait(self, ms: int) -> None:
        """Let time pass."""
        self.now = (self.now + ms) % 2**32
        self.both("tick", self.now)

    def happen(self) -> Iterator[None]:
        """Let something happen; yield whenever the two may be compared."""
        random = self.random
        kind = random.randrange(100)
        if kind < 45:
            for _ in range(self.state == State.OPEN or self.devices[0].lock.filled):
                self.press(Button.CLEAR)
            for digit in random.choice(PINS):
                yield from self._write(int(digit), rejected=False)
            self.press(Button.ENTER)
        elif kind < 60:
            yield from self._write(random.randrange(10), random.random() < 0.2)
        elif kind < 65:
            self.draw(random.randrange(10))
        elif kind < 85:
            self.press(random.choice(list(Button)))
        elif kind < 97:
            self.wait(random.choice(WAITS))
        elif kind < 99:
            self.both("boot", self.now)
            self.read_at = None
        else:
            self.both("reset", self.now)
        yield

    def _write(self, digit: int, rejected: bool) -> Iterator[None]:
        self.draw(digit)
        yield
        if self.auto_ms:
            self.wait(self.auto_ms)
        else:
            self.press(Button.ENTER)
        yield
        self.read(digit, rejected)
        yield
        self.wait(self.random.choice(WAITS[:7]))
        yield

    def compare(self) -> None:
        """Check that nothing tells the two apart that must not."""
        one, two = self.devices
        self.over = Message.COMMON in (one.lock.message, two.lock.message)
        if self.over:
            return
        self.both("tick", self.now)
        public = [d.public for d in self.devices]
        for fields in public:
            fields[PUBLIC.index("shown")] = None
        assert public[0] == public[1], "the states differ"
        assert one.lines == two.lines, "the serial lines differ"
        assert one.storage.slots == two.storage.slots, "the logs differ"
        assert one.log.lines() == two.log.lines(), "the logs' lines differ"
        records = [[without_hash(slot) for slot in d.hooks.slots] for d in self.devices]
        assert records[0] == records[1], "the records differ beside the hash"
        secret = self.state != State.TRY
        fresh = secret and bool(one.ink or two.ink)
        recent = secret and self.read_at is not None and (self.now - self.read_at) % 2**32 < 1000
        draws = [d.draws() for d in self.devices]
        if draws[0] != draws[1]:
            self.shown += 1
            seen = [_always(flat, fresh, recent) for flat in draws]
            assert seen[0] == seen[1], "the screens differ"


def without_hash(slot: bytes) -> bytes:
    """Return a record with its hash, and the CRC that covers it, made zeros."""
    data = bytearray(slot)
    if len(data) == RECORD_SIZE:
        data[HASH], data[CRC] = bytes(32), bytes(4)
    return bytes(data)


def _always(flat: bytes, fresh: bool, recent: bool) -> list[bytes]:
    """Return the drawing without what may be seen for a while."""
    passing = {list(FONTS).index("digit"), list(FONTS).index("place")}
    confidence = b"".join(v.to_bytes(2, "little") for v in POINTS["confidence"])

    def stays(item: bytes) -> bool:
        if item[0] == INK:
            return not fresh
        if item[0] == BITMAP:
            return not (fresh or recent)
        told = item[0] == TEXT and (item[7] in passing or item[2:6] == confidence)
        return not (told and recent)

    return [item for item in items(flat) if stays(item)]


def run(tally: Tally, kind: type[Device], sessions: int, length: int = 60) -> None:
    """Run random sessions of one implementation, a case being a moment that was compared."""
    shown, reached = 0, set()
    for number in range(sessions):
        session = Session(kind, Random(number))
        for _ in range(length):
            moments = session.happen()
            while not session.over:
                with tally.case(f"{kind.__name__}, session {number}"):
                    if next(moments, ...) is ...:
                        break
                    session.compare()
                reached.add(session.state)
        shown += session.shown
    with tally.case(f"{kind.__name__}: all states, and digits that show for a second"):
        assert reached == set(State), f"never reached: {set(State) - reached}"
        assert shown > sessions, f"digits showed {shown} times"
