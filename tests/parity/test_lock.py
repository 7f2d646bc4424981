"""The lock in Python and in C, side by side: equal in every answer, field and stored byte."""

import ctypes
import itertools
import subprocess
import zlib
from pathlib import Path
from random import Random
from types import SimpleNamespace

import bindings
import pytest
from bindings import INCLUDE, LOCK_SOURCES, PUBLIC, CLock
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import BreakableHooks

from inkpin.common import host_compiler
from inkpin.lock import (
    C_FOLDER,
    DAMAGED,
    MARK,
    RECORD_SIZE,
    Config,
    Event,
    HostHooks,
    Lock,
    MemoryHooks,
    Message,
    State,
    is_common,
)
from inkpin.lock.record import MAX_ITERATIONS, Record, decode

TESTS = Path(__file__).parents[2] / "libs/lock/tests"
pytestmark = pytest.mark.usefixtures("library")

QUICK = Config(iterations=1)
TINY = Config(2, 3, alphabet=2, iterations=1, reveal_ms=40, open_ms=300, max_failures=4)


@pytest.fixture(scope="session")
def library():
    return bindings.library()


class Hooks(BreakableHooks):
    """Memory that notes what is written to it.

    Attributes:
        written: slots and data, since somebody emptied it.
        mark: what a mark comes out as.
    """

    def __init__(self, seed):
        super().__init__(seed)
        self.written = []
        self.mark = MARK

    def write(self, slot, data):
        self.written.append((slot, data))
        return super().write(slot, self.mark if data == MARK else data)


class Pair:
    """Both locks, each on its own storage, compared after whatever happens to them."""

    def __init__(self, config=QUICK, now=0, seed=0):
        self.config, self.now = config, now
        self.sides = [Hooks(seed), Hooks(seed)]
        self.steps = 0
        self.boot()

    def boot(self):
        python, c = self.sides
        self.python = Lock(python, self.config, self.now)
        self.c = CLock(c, self.config, self.now)
        self.compare()

    def step(self, event, symbol=0, ms=10):
        self.now = (self.now + ms) % 2**32
        effects = self.python.step(event, self.now, symbol)
        assert self.c.step(event, self.now, symbol) == effects
        self.compare()

    def enter(self, pin):
        for digit in pin:
            self.step(Event.DIGIT, digit)
        self.step(Event.ENTER)

    def each(self, change):
        for side in self.sides:
            change(side)

    def compare(self):
        self.steps += 1
        python, c = ([getattr(lock, name) for name in PUBLIC] for lock in (self.python, self.c))
        assert c == python
        assert self.sides[0].slots == self.sides[1].slots
        assert self.sides[0].power == self.sides[1].power
        assert self.sides[0].written == self.sides[1].written
        self.each(lambda side: side.written.clear())


def touch(pair):
    """Touch both, and look at them."""
    pair.python.touch(pair.now)
    pair.c.touch(pair.now)
    pair.compare()


def flip(slot, bit):
    def change(side):
        damaged = bytearray(side.slots[slot])
        if damaged:
            damaged[bit // 8 % len(damaged)] ^= 1 << bit % 8
        side.slots[slot] = bytes(damaged)

    return change


def replace(slot, data):
    return lambda side: side.slots.__setitem__(slot, data)


def shorten(slot, length):
    return lambda side: side.slots.__setitem__(slot, side.slots[slot][:length])


def limit(power):
    return lambda side: setattr(side, "power", power)


def breaking(what):
    return lambda side: setattr(side, "broken", frozenset(what))


def happen(pair, draw, pins):
    """Let something happen to both; `draw(n)` picks a number below n."""
    kind = draw(100)
    if kind < 40:
        pair.enter(pins[draw(len(pins))])
    elif kind < 75:
        event = (Event.DIGIT, Event.UNREAD, Event.ENTER, Event.CLEAR, Event.TRY)[draw(5)]
        pair.step(event, draw(pair.config.alphabet + 1), draw(50))
        if draw(8) == 0:
            on = bool(draw(4))
            pair.python.power(on=on)
            pair.c.power(on=on)
        if draw(40) == 0:
            pair.step(Event.TICK, ms=29_950)
            touch(pair)
    elif kind < 92:
        pair.step(Event.TICK, ms=(1, 100, 1000, 30_000, 600_000)[draw(5)])
    elif kind < 94:
        own = (None, bytes(range(16)), bytes(15) + b"\1")[draw(3)]
        pair.each(lambda side: setattr(side, "own", own))
        pair.boot()
    elif kind == 94:
        pair.step(Event.RESET)
    else:
        slot = draw(2)
        if kind == 95:
            pair.each(flip(slot, draw(520)))
        elif kind == 96:
            pair.each(shorten(slot, draw(66)))
        elif kind == 97:
            pair.each(limit(draw(300)))
            pair.enter(pins[0])
            pair.boot()
            pair.each(limit(None))
        elif kind == 98:
            fault = ("derive", "random", "read 0", "read 1")[draw(4)]
            pair.each(breaking({fault}))
            pair.enter(pins[0])
            pair.boot()
            pair.each(breaking(()))
        else:
            pair.each(replace(slot, (b"", MARK, b"\xff" * RECORD_SIZE, bytes(200))[draw(4)]))
        pair.boot()


PINS = {QUICK: ([3, 1, 4, 1], [2, 7, 1, 8], [1, 2, 3, 4]), TINY: ([0, 1], [1, 1])}


@pytest.mark.parametrize("config", PINS, ids=["four places", "two places"])
def test_random_sessions(config, record_property):
    random = Random(5)
    pair = Pair(config, now=2**32 - 1_000_000)
    seen = set()
    while pair.steps < 25_000:
        happen(pair, random.randrange, PINS[config])
        seen.add((pair.python.state, pair.python.message))
    assert {state for state, _ in seen} == set(State)
    record_property("lock steps compared", pair.steps)


@settings(max_examples=60)
@given(data=st.data(), config=st.sampled_from(list(PINS)))
def test_sessions_that_hypothesis_invents(data, config):
    pair = Pair(config)
    for _ in range(data.draw(st.integers(1, 40), "length")):
        happen(pair, lambda n: data.draw(st.integers(0, n - 1)), PINS[config])


@settings(max_examples=300)
@given(
    records=st.lists(
        st.builds(
            Record,
            st.sampled_from([0, 1, 2, 2**32 - 1]),
            st.sampled_from([bytes(16), bytes(range(16))]),
            st.sampled_from([0, 1, 10_000, 1_000_000, 1_000_001]),
            st.sampled_from([bytes(32), b"\xff" * 32]),
            st.integers(0, 255),
        ).map(Record.encode)
        | st.binary(max_size=80)
        | st.sampled_from([b"", MARK]),
        min_size=2,
        max_size=2,
    ),
)
def test_whatever_the_slots_hold(records):
    pair = Pair()
    for slot, data in enumerate(records):
        pair.each(replace(slot, data))
    pair.boot()
    pair.step(Event.RESET)


DISTANCES = (1, 2, 3, 2**31 - 2, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 3, 2**32 - 2, 2**32 - 1)
KINDS = (b"", MARK, b"\xa4", DAMAGED, b"INK", b"x" * 66, b"\xff" * 250, None)


@pytest.mark.parametrize("ahead", DISTANCES)
@pytest.mark.parametrize("failed", [(0, 0), (2, 3), (3, 2), (254, 0), (255, 0), (0, 255), (9, 9)])
def test_which_of_two_records_is_the_newer_one(ahead, failed):
    """The counts go round at 2^32, and the second is ahead by less than half of that, or behind."""
    for begin in (0, 5, 2**32 - 1):
        sequences = begin, (begin + ahead) % 2**32
        records = [
            Record(sequence, bytes([slot] * 16), 1, bytes([slot] * 32), count)
            for slot, (sequence, count) in enumerate(zip(sequences, failed, strict=True))
        ]
        pair = Pair()
        for slot, record in enumerate(records):
            pair.each(replace(slot, record.encode()))
        pair.boot()
        found = decode(pair.sides[1].slots[1])
        assert found.hash == bytes([0 < ahead < 2**31] * 32)
        assert decode(pair.sides[1].slots[0]) == found


@pytest.mark.parametrize(("first", "second"), [*itertools.product(KINDS, repeat=2)])
def test_each_kind_of_content_beside_each(first, second):
    record = Record(7, bytes(16), 1, bytes(32), 2, bound=True)
    for slots in (first, second), (record.encode(), second), (first, record.encode()):
        pair = Pair()
        for slot, data in enumerate(slots):
            pair.each(replace(slot, data))
        pair.boot()
        pair.enter([3, 1, 4, 1])
        pair.enter([3, 1, 4, 1])


@pytest.mark.parametrize("place", range(4))
def test_what_begins_otherwise_is_no_record_whatever_its_check_sum(place):
    body = bytearray(Record(7, bytes(16), 1, bytes(32)).encode()[:-4])
    body[place] ^= 0x80
    pair = Pair()
    for slot in (0, 1):
        pair.each(replace(slot, bytes(body) + zlib.crc32(body).to_bytes(4, "little")))
    pair.boot()
    assert (pair.c.state, pair.c.message) == (State.FAULT, Message.RECORD)


def test_a_mark_that_comes_out_otherwise_is_a_fault():
    pair = Pair()
    pair.each(lambda side: setattr(side, "mark", b"\xa4"))
    pair.enter([3, 1, 4, 1])
    pair.enter([3, 1, 4, 1])
    assert (pair.c.state, pair.c.message) == (State.FAULT, Message.STORAGE)


def test_which_pins_are_too_common():
    """Those that follow a rule, and those that miss it by one digit."""
    random = Random(7)
    pair, refused = Pair(), 0
    for _ in range(1500):
        length = random.randrange(4, 9)
        block = [random.randrange(10) for _ in range(random.randrange(1, 5))]
        steps = [random.randrange(10) for _ in range(random.randrange(1, 4))]
        ruled = (
            (block * 8)[:length],
            [sum((steps * 8)[:place]) % 10 for place in range(length)],
            [block[min(place, length - 1 - place) % len(block)] for place in range(length)],
            [int(digit) for digit in random.choice(("1234", "1004", "6969"))],
        )
        pin = list(random.choice(ruled))
        if random.randrange(2):
            pin[random.randrange(len(pin))] = random.randrange(10)
        pair.enter(pin)
        common = pair.python.message == Message.COMMON
        assert common == is_common(bytes(ord("0") + digit for digit in pin))
        refused += common
        if not common:
            pair.step(Event.CLEAR)
    assert 300 < refused < 1200


def operations():
    def set_pin(pair):
        pair.enter([3, 1, 4, 1])
        pair.enter([3, 1, 4, 1])

    def wrong(pair):
        set_pin(pair)
        pair.enter([2, 7, 1, 8])

    def change(pair):
        set_pin(pair)
        pair.enter([3, 1, 4, 1])
        pair.step(Event.CLEAR)
        for pin in ([3, 1, 4, 1], [2, 7, 1, 8], [2, 7, 1, 8]):
            pair.enter(pin)

    def reset(pair):
        set_pin(pair)
        pair.step(Event.RESET)

    return [set_pin, wrong, change, reset]


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.__name__)
def test_power_cut_at_every_byte(operation):
    power, whole = 0, False
    while not whole:
        pair = Pair()
        pair.each(limit(power))
        operation(pair)
        whole = bool(pair.sides[0].power)
        pair.each(limit(None))
        pair.boot()
        power += 1
    assert power > 130


@pytest.mark.parametrize("slot", [0, 1])
def test_every_flipped_bit(slot):
    pair = Pair()
    pair.enter([3, 1, 4, 1])
    pair.enter([3, 1, 4, 1])
    whole = list(pair.sides[0].slots)
    for bit in range(8 * RECORD_SIZE):
        pair.each(lambda side: side.slots.__setitem__(slice(None), whole))
        pair.each(flip(slot, bit))
        pair.boot()
        assert pair.python.attempts_left == 9


def test_the_real_iterations():
    pair = Pair(Config())
    for pin in ([3, 1, 4, 1], [3, 1, 4, 1], [2, 7, 1, 8]):
        pair.enter(pin)
    pair.step(Event.TICK, ms=1000)
    pair.enter([3, 1, 4, 1])
    assert pair.c.state == State.OPEN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("shortest", 0), ("longest", 3), ("longest", 9), ("alphabet", 1), ("alphabet", 11)),
        *(("iterations", 0), ("iterations", MAX_ITERATIONS + 1), ("max_failures", 0)),
    ],
)
def test_a_config_beyond_the_limits_is_a_lasting_fault_in_c(name, value):
    config = SimpleNamespace(**{**vars(Config()), name: value})
    lock = CLock(MemoryHooks(), config, 0)
    for event in Event:
        assert lock.step(event, 10) == 0
        assert lock.state == State.FAULT


@pytest.mark.parametrize(
    "config",
    [
        Config(1, 1, 2, max_failures=1, iterations=1),
        Config(8, 8, 10, iterations=MAX_ITERATIONS),
        Config(1, 8, max_failures=255),
    ],
)
def test_a_config_at_the_limits_is_taken(config):
    for make in (Lock, CLock):
        assert make(MemoryHooks(), config, 0).state == State.CHOOSE


def test_secrets_are_compared_whole(library):
    secret = bytes(range(32))
    assert library.ink_lock_equal(secret, bytes(secret), 32)
    for i in range(32):
        other = bytearray(secret)
        other[i] ^= 0x80
        assert not library.ink_lock_equal(secret, bytes(other), 32)


def test_the_recorded_session_under_the_sanitizers():
    program = host_compiler.build(
        [*LOCK_SOURCES, TESTS / "trace.c"], INCLUDE, host_compiler.SANITIZERS, shared=False
    )
    trace = (TESTS / "trace.txt").read_text()
    done = subprocess.run([program], input=trace, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == trace


@pytest.mark.parametrize("broken", ["nothing", "md_setup", "pkcs5_pbkdf2_hmac"])
def test_a_derivation_that_fails_says_so(tmp_path, broken):
    """The board's own, over stand-ins of mbedTLS of which one fails; mbedTLS 3 sets nothing up."""
    functions = {
        "void mbedtls_md_init": "",
        "void mbedtls_md_free": "",
        "const void *mbedtls_md_info_from_type": "return 0;",
        "int mbedtls_md_setup": "return 0;",
        "int mbedtls_pkcs5_pbkdf2_hmac": "return 0;",
        "int mbedtls_pkcs5_pbkdf2_hmac_ext": "return 0;",
    }
    own = tmp_path / f"{broken}.c"
    lines = ["extern int failures;", "int failures;"]
    for name, body in functions.items():
        result = "failures++; return -1;" if broken in name else body
        lines += [f"{name}(void);", f"{name}(void) {{ {result} }}"]
    own.write_text("\n".join(lines))
    path = host_compiler.build([C_FOLDER / "ink_kdf_mbedtls.c", own], [C_FOLDER])
    loaded = ctypes.CDLL(str(path))
    derive = loaded.ink_kdf_mbedtls
    derive.restype = ctypes.c_bool
    out = ctypes.create_string_buffer(32)
    derived = derive(None, b"3141", ctypes.c_size_t(4), bytes(16), 1, out)
    failures = ctypes.c_int.in_dll(loaded, "failures").value
    assert derived == (failures == 0)
    assert failures or broken != "pkcs5_pbkdf2_hmac"


def test_mbedtls_derives_the_same(tmp_path):
    if not Path("/usr/include/mbedtls/pkcs5.h").exists():
        pytest.skip("no mbedTLS: install libmbedtls-dev")
    path = host_compiler.build(
        [C_FOLDER / "ink_kdf_mbedtls.c"], [C_FOLDER], libraries=["mbedcrypto"]
    )
    derive = ctypes.CDLL(str(path)).ink_kdf_mbedtls
    derive.restype = ctypes.c_bool
    derive.argtypes = [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_char_p,
        ctypes.c_uint32,
        ctypes.c_char_p,
    ]
    for iterations in (1, 2, 10_000):
        for pin in (b"3141", b"27182818"):
            salt = Random(iterations).randbytes(16)
            out = ctypes.create_string_buffer(32)
            assert derive(None, pin, len(pin), salt, iterations, out)
            assert out.raw == HostHooks(tmp_path).derive(pin, salt, iterations)
