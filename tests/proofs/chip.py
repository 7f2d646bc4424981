"""The lock, its log and the settings on a chip's flash: what wears, tears, misreads, fails and is
put back.

Nothing of it leads to first use, opens, or forgets a failure. One slot that is lost costs an
attempt and is mended; two are a fault. The power cuts are those of `power_cut`, at each byte that
is programmed and within each erase.
"""

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from bindings import CFlashSlots, CLog, LockLike, MakeLock

from inkpin.lock import DAMAGED, Effect, Event, FlashSlots, Log, Message, State, decode
from inkpin.lock.flash import AREA, SECTOR
from proofs import power_cut
from proofs.locks import (
    BLANK_FLASH,
    HOUR,
    OTHER,
    PIN,
    QUICK,
    WRONG,
    Chip,
    change_pin,
    enter,
    opens,
    prepared,
    resets,
    set_pin,
    spent,
    wait,
)
from proofs.tally import Tally

FAILED = 2
AREA_BITS = 8 * AREA
TURN = 8
"""Openings after which the next attempt goes over to another sector."""
CYCLES = 100_000
"""Erases that a sector of NOR flash is sold for."""

MakeSlots = type[FlashSlots] | type[CFlashSlots]
MakeLog = type[Log] | type[CLog]


def flipped(image: bytes, *bits: int) -> bytes:
    """Return an image with bits changed."""
    damaged = bytearray(image)
    for bit in bits:
        damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def _images(make: MakeLock) -> Iterator[tuple[str, bytes]]:
    for opened in (0, 3, TURN - 1):
        image = prepared(make, FAILED, BLANK_FLASH, opened)
        assert isinstance(image, bytes)
        yield f"after {opened} openings", image


def bits(tally: Tally, name: str, make: MakeLock, stride: int) -> None:
    """Flip each bit of both areas: that slot is lost, an attempt is counted, all is mended."""
    for moment, image in itertools.islice(_images(make), 1 if stride == 1 else 3):
        whole = Chip(image)
        record = decode(whole.read(0))
        assert record
        mended = record.changed(FAILED + 1).encode()
        for bit in range(0, 2 * AREA_BITS, stride):
            with tally.case(f"{name}, {moment}: bit {bit}"):
                hooks = Chip(flipped(image, bit))
                lock = make(hooks, QUICK, 0)
                assert lock.state == State.WAITING, f"{State(lock.state).name} after a start"
                assert spent(lock) == FAILED + 1, f"{spent(lock)} failures"
                assert [hooks.read(0), hooks.read(1)] == [mended] * 2, "not mended"


def pairs(tally: Tally, name: str, make: MakeLock, slots: MakeSlots, stride: int) -> None:
    """Flip every pair of bits, one in each area.

    A lock sees of an area only what reading its slot gives. So each area is read with each of its
    bits flipped, and what these 65,536 readings give stands for all of them in the pairs: it must
    be one and the same, and two of it a fault. Some pairs are tried as they are, too.
    """
    for moment, image in itertools.islice(_images(make), 1 if stride == 1 else 3):
        read: list[int] = []
        for area in (0, 1):
            chip = Chip(image).nor
            reader = slots(chip, (0, AREA))
            count = 0
            for bit in range(area * AREA_BITS, (area + 1) * AREA_BITS, stride):
                chip.cells[bit // 8] ^= 1 << bit % 8
                content = reader.read(area)
                chip.cells[bit // 8] ^= 1 << bit % 8
                with tally.case(f"{name}, {moment}: slot {area} with bit {bit}"):
                    assert content == DAMAGED, f"{content!r}"
                count += 1
            read.append(count)
        with tally.case(f"{name}, {moment}: two damaged slots"):
            _expect_fault(make, flipped(image, 0, AREA_BITS))
        tally.passed(read[0] * read[1] - 1)
        random = Random(6)
        for _ in range(200):
            pair = random.randrange(AREA_BITS), AREA_BITS + random.randrange(AREA_BITS)
            with tally.case(f"{name}, {moment}: bits {pair}"):
                _expect_fault(make, flipped(image, *pair))


def _expect_fault(make: MakeLock, image: bytes) -> None:
    hooks = Chip(image)
    lock = make(hooks, QUICK, 0)
    assert (lock.state, lock.message) == (State.FAULT, Message.RECORD), "no fault"
    wait(lock)
    assert not enter(lock, PIN, HOUR), "a fault heeds a PIN"
    assert hooks.slots == image, "a fault writes"


def lost_sectors(tally: Tally, name: str, make: MakeLock, stride: int = 1) -> None:
    """Erase or clear sectors and areas: one slot's cost an attempt, both are a fault, or, where all
    is blank, first use.
    """
    ones, zeros, half = b"\xff" * SECTOR, bytes(SECTOR), Random(7).randbytes(SECTOR)
    for moment, image in _images(make):
        every = itertools.product((None, ones, zeros, half), repeat=4)
        for contents in itertools.islice(every, 0, None, stride):
            sectors = [image[at : at + SECTOR] for at in range(0, 2 * AREA, SECTOR)]
            taken = [new or old for new, old in zip(contents, sectors, strict=True)]
            wreck = b"".join(taken)
            areas = [wreck[:AREA] != image[:AREA], wreck[AREA:] != image[AREA:]]
            lost = [place for place, content in enumerate(contents) if content]
            with tally.case(f"{name}, {moment}: sectors {lost} lost"):
                lock = make(Chip(wreck), QUICK, 0)
                if wreck == BLANK_FLASH:
                    assert lock.state == State.CHOOSE, "a blank chip is no first use"
                elif all(areas):
                    assert lock.state == State.FAULT, "no fault"
                    assert resets(make, wreck), "no way out"
                else:
                    assert spent(lock) == FAILED + any(areas), f"{spent(lock)} failures"
                    assert opens(make, wreck, PIN), "the PIN does not open"


ACTS: dict[str, Callable[[LockLike], object]] = {
    "start": lambda lock: None,
    "wrong PIN": lambda lock: enter(lock, WRONG, HOUR),
    "right PIN": lambda lock: enter(lock, PIN, HOUR),
    "change of PIN": lambda lock: change_pin(lock, HOUR),
    "factory reset": lambda lock: lock.step(Event.RESET, HOUR),
}


def _a_bit(data: bytes) -> bytes:
    return bytes([data[0] ^ 0x20]) + data[1:]


def _middle(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


MISREADS: dict[str, Callable[[bytes], bytes | None]] = {
    "a bit": _a_bit,
    "a bit in the middle": _middle,
    "all ones": lambda data: b"\xff" * len(data),
    "all zeros": lambda data: bytes(len(data)),
    "an error": lambda data: None,
}


def misreads(tally: Tally, name: str, make: MakeLock, stride: int) -> None:
    """Misread once, at each reading of each operation; and all readings of the first look."""
    for opened, (what, act) in itertools.product((0, TURN - 1), ACTS.items()):
        image = prepared(make, FAILED, BLANK_FLASH, opened)
        assert isinstance(image, bytes)
        for how, spoil in MISREADS.items():
            for number in itertools.count(0, stride):
                hooks = Chip(image)
                hooks.nor.spoil = lambda count, data, at=number, how=spoil: (
                    how(data) if count == at else data
                )
                with tally.case(f"{name}, {what} after {opened}: {how} at reading {number}"):
                    _act(make, hooks, what, act)
                if hooks.nor.reads <= number:
                    break
    for opened, how in itertools.product((0, TURN - 1), MISREADS):
        image = prepared(make, FAILED, BLANK_FLASH, opened)
        assert isinstance(image, bytes)
        whole = Chip(image)
        whole.nor.spoil = lambda count, data: data  # counts
        make(whole, QUICK, 0)
        hooks = Chip(image)
        hooks.nor.spoil = lambda count, data, end=whole.nor.reads, how=MISREADS[how]: (
            how(data) if count < end else data
        )
        with tally.case(f"{name}, after {opened}: {how} at all readings of a look"):
            lock = make(hooks, QUICK, 0)
            assert lock.state == State.FAULT, f"{State(lock.state).name}"
            assert hooks.slots == image, "written"


def _act(make: MakeLock, hooks: Chip, what: str, act: Callable[[LockLike], object]) -> None:
    """Start on a chip that is not well, act, and look at what a start finds when it is."""
    lock = make(hooks, QUICK, 0)
    assert lock.state not in (State.OPEN, State.CHOOSE), "open, or first use, by itself"
    wait(lock)
    act(lock)
    assert what != "wrong PIN" or lock.state != State.OPEN, "open without the PIN"
    again = make(Chip(hooks.slots), QUICK, 0)
    assert again.state != State.OPEN, "open right after a start"
    if again.state == State.FAULT and again.message == Message.RECORD:
        assert resets(make, hooks.slots), "no way out"
        return
    if again.state == State.CHOOSE:
        assert what == "factory reset", "back to first use"
        return
    least = FAILED + (hooks.derived if what == "wrong PIN" else 0)
    forgiven = hooks.derived and what in ("right PIN", "change of PIN")
    assert forgiven or spent(again) >= least, "a failure is forgotten"
    assert not opens(make, hooks.slots, WRONG), "another PIN opens"


def broken_sectors(tally: Tally, name: str, make: MakeLock) -> None:
    """Let a sector refuse to be changed, with and without saying so, for a while of its life."""
    for opened, silent, sector in itertools.product(range(TURN + 1), (False, True), range(4)):
        image = prepared(make, FAILED, BLANK_FLASH, opened)
        assert isinstance(image, bytes)
        for what, act in ACTS.items():
            hooks = Chip(image)
            hooks.nor.broken, hooks.nor.silent = frozenset({sector}), silent
            with tally.case(f"{name}, {what} after {opened}: sector {sector} broken, {silent=}"):
                _act(make, hooks, what, act)
    for sector, silent in itertools.product(range(4), (False, True)):
        hooks = Chip(BLANK_FLASH)
        hooks.nor.broken, hooks.nor.silent = frozenset({sector}), silent
        with tally.case(f"{name}, first setting: sector {sector} broken, {silent=}"):
            lock = make(hooks, QUICK, 0)
            set_pin(lock)
            used = sector % 2 == 0  # the first of each area
            assert lock.state == (State.FAULT if used else State.LOCKED)


def put_back(tally: Tally, name: str, make: MakeLock) -> None:
    """Put an older copy of one area back: an attempt is counted, and no failure forgotten."""
    hooks = Chip(BLANK_FLASH)
    set_pin(make(hooks, QUICK, 0))
    moments: list[tuple[bytes, int]] = []
    for turn in range(12):
        lock = make(hooks, QUICK, 0)
        wait(lock)
        enter(lock, PIN if turn % 4 == 3 else WRONG, HOUR)
        moments.append((hooks.slots, spent(lock)))
    for now, (image, failures) in enumerate(moments):
        for then, area in itertools.product(range(now - 1), (0, 1)):
            with tally.case(f"{name}, moment {now}: area {area} of moment {then} put back"):
                begin, end = area * AREA, (area + 1) * AREA
                mixed = image[:begin] + moments[then][0][begin:end] + image[end:]
                count = spent(make(Chip(mixed), QUICK, 0))
                assert count >= max(failures + 1, moments[then][1]), f"{count} failures"
                assert opens(make, mixed, PIN), "the PIN does not open"
                assert not opens(make, mixed, WRONG), "another PIN opens"


def secrets(tally: Tally, name: str, make: MakeLock) -> None:
    """Look for what a change of PIN, and a factory reset, must not leave in the flash."""
    for opened in range(2 * TURN + 1):
        hooks = Chip(BLANK_FLASH)
        lock = make(hooks, QUICK, 0)
        set_pin(lock)
        for _ in range(opened):
            enter(lock, PIN)
            lock.step(Event.ENTER, 0)
        old = decode(hooks.read(0))
        assert old
        with tally.case(f"{name}, after {opened} openings: the PIN changed"):
            change_pin(lock)
            assert _traces(hooks.slots, old.salt, old.hash) == 0
            assert opens(make, hooks.slots, OTHER), "the new PIN does not open"
        lock = make(hooks, QUICK, 0)  # of those on Xtensa one runs at a time
        now = decode(hooks.read(0))
        assert now
        with tally.case(f"{name}, after {opened} openings: a factory reset"):
            assert Effect.RESET in lock.step(Event.RESET, 0)
            assert _traces(hooks.slots, old.salt, old.hash, now.salt, now.hash) == 0
            assert hooks.slots.count(b"INK") == 0


def _traces(image: bytes, *values: bytes) -> int:
    return sum(
        value[at : at + 4] in image for value in values for at in range(0, len(value) - 3, 4)
    )


LOG_EVENTS = 20
"""Also beyond the first sector of an area."""


def _used_log(make: MakeLog, slots: MakeSlots) -> tuple[bytes, list[str]]:
    chip = Chip(BLANK_FLASH).nor
    log = make(slots(chip, (0, AREA)), Message.NONE, 0)
    for _ in range(LOG_EVENTS):
        log.take(Effect.OPENED, Message.NONE, 0)
    return bytes(chip.cells), log.lines()


def logs(tally: Tally, name: str, make: MakeLog, slots: MakeSlots, stride: int) -> None:
    """Damage a log's areas: one costs the newest event at most, both are said; blank is blank."""
    image, lines = _used_log(make, slots)

    def started(image: bytes) -> list[str]:
        return make(slots(Chip(image).nor, (0, AREA)), Message.NONE, 0).lines()

    fresh = started(BLANK_FLASH)
    fault = [*fresh, "Log 2 storage fault 0 s"]
    reboot = f"Log {len(lines) + 1} reboot 0 s"
    for bit in range(0, 2 * AREA_BITS, stride):
        with tally.case(f"{name}: bit {bit}"):
            lost = started(flipped(image, bit))
            assert lost in ([*lines, reboot], [*lines[:-1], fresh[0].replace("1", str(len(lines)))])
    random = Random(8)
    for _ in range(200):
        pair = random.randrange(AREA_BITS), AREA_BITS + random.randrange(AREA_BITS)
        with tally.case(f"{name}: bits {pair}"):
            assert started(flipped(image, *pair)) == fault, "damage is not told of"
    for contents in itertools.product((None, b"\xff" * SECTOR, bytes(SECTOR)), repeat=4):
        sectors = [image[at : at + SECTOR] for at in range(0, 2 * AREA, SECTOR)]
        wreck = b"".join(new or old for new, old in zip(contents, sectors, strict=True))
        with tally.case(f"{name}: sectors {contents}"):
            found = started(wreck)
            blank = [wreck[at : at + AREA] == BLANK_FLASH[:AREA] for at in (0, AREA)]
            whole = [wreck[at : at + AREA] == image[at : at + AREA] for at in (0, AREA)]
            assert any(whole) == (len(found) > 2), "lost"
            assert any(whole) or found == (fresh if all(blank) else fault), "blank is not damaged"
    for power in range(0, 600, max(stride // 50, 1)):
        with tally.case(f"{name}: cut at {power}"):
            chip = Chip(image).nor
            chip.power = power
            make(slots(chip, (0, AREA)), Message.NONE, 0).take(Effect.REFUSED, Message.NONE, 0)
            kept = started(bytes(chip.cells))[: len(lines) - 1]
            assert kept == lines[:-1], "events are lost"


def wear(tally: Tally, name: str, make: MakeLock, openings: int) -> float:
    """Open and lock again and again; return the openings after which a sector is worn.

    What an opening erases is noted.
    """
    hooks = Chip(BLANK_FLASH)
    lock = make(hooks, QUICK, 0)
    set_pin(lock)
    with tally.case(f"{name}: {openings} openings"):
        for _ in range(openings):
            assert Effect.OPENED in enter(lock, PIN)
            lock.step(Event.ENTER, 0)
        worst = max(hooks.nor.erased)
        assert worst * 32 <= 2 * openings + 32, f"a sector was erased {worst} times"
    tally.note(f"{sum(hooks.nor.erased) / openings:.3f} erases of a sector for each opening")
    return CYCLES * openings / max(worst, 1)


def run(
    tally: Tally, name: str, make: MakeLock, slots: MakeSlots | None, stride: int = 1, cuts: int = 1
) -> None:
    """Try one implementation.

    Args:
        tally: counts.
        name: the implementation's.
        make: its lock.
        slots: its slots in a flash; without them no pairs of bits.
        stride: 1 to flip each bit and misread each reading, n for every n-th.
        cuts: likewise for the power cuts.
    """
    parts: dict[str, Callable[[Tally, str, MakeLock], None]] = {
        "each bit" if stride == 1 else f"one bit in {stride}": partial(bits, stride=stride),
        "sectors lost": lost_sectors,
        "misreads": partial(misreads, stride=max(stride // 50, 1)),
        "sectors that cannot be changed": broken_sectors,
        "old copies put back": put_back,
        "secrets left over": secrets,
        "power cuts": partial(_cuts, cuts=cuts),
    }
    if slots:
        parts["pairs of bits"] = partial(pairs, slots=slots, stride=stride)
    for what, tried in parts.items():
        with tally.part(f"{name}, {what}"):
            tried(tally, name, make)


def _cuts(tally: Tally, name: str, make: MakeLock, cuts: int) -> None:
    for opened in (0, TURN - 1):
        power_cut.run(tally, f"{name}, chip", make, cuts, 500 * cuts, BLANK_FLASH, opened)
