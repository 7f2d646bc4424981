"""The lock: a step function over what was drawn or pressed, a clock, and two slots of storage.

It knows nothing of strokes, screens or files. It keeps no log and no settings, it knows one PIN
and no users, and it trusts no clock over a reboot. The C in c/ink_lock.c does the same, step for
step and byte for byte.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, IntFlag, auto
from hmac import compare_digest
from itertools import pairwise
from typing import Protocol

from inkpin.lock.record import (
    MAX_ITERATIONS,
    SALT_SIZE,
    LoadStatus,
    Record,
    erase,
    load,
    store,
    stored,
)
from inkpin.lock.slots import Slots

MAX_LENGTH = 8
MAX_ALPHABET = 10
MAX_DELAY_S = 3600
_COMMON_PINS = frozenset(
    (b"1234", b"1111", b"0000", b"1212", b"7777", b"1004", b"2000", b"4444", b"2222", b"6969")
)
_U32 = 0xFFFFFFFF


class State(IntEnum):
    """What the lock is doing."""

    CHOOSE = 0
    REPEAT = 1
    LOCKED = 2
    WAITING = 3
    OPEN = 4
    CHANGE_OLD = 5
    CHANGE_NEW = 6
    CHANGE_REPEAT = 7
    FAULT = 8
    TRY = 9


class Event(IntEnum):
    """What may happen to the lock."""

    TICK = 0
    DIGIT = 1  # with a symbol
    UNREAD = 2  # ink that gave no digit
    ENTER = 3  # without ink, as is CLEAR
    CLEAR = 4
    TRY = 5
    RESET = 6  # the factory's


class Message(IntEnum):
    """What there is to say beside the state."""

    NONE = 0
    UNREAD = 1
    FULL = 2
    INCOMPLETE = 3
    COMMON = 4
    DIFFERENT = 5
    WRONG = 6
    SET = 7
    CHANGED = 8
    RECORD = 9  # FAULT: the record cannot be read
    ATTEMPTS = 10  # FAULT: too many failures in a row
    STORAGE = 11  # FAULT: a hook failed
    POWER = 12  # the bolt cannot be driven


class Effect(IntFlag):
    """What a step brought about, for sound, serial line, bolt and log."""

    DIGIT = auto()  # a digit took a place or, in TRY, was read
    UNREAD = auto()
    SET = auto()  # a new PIN is stored
    OPENED = auto()
    LOCKED = auto()  # the state OPEN was left, for whatever other
    REFUSED = auto()
    FAULT = auto()
    RESET = auto()
    UNPOWERED = auto()  # OPEN was not entered, or was left, as the bolt cannot be driven


class Hooks(Slots, Protocol):
    """What the lock needs of its surroundings, the record's slots among it; none may raise."""

    def derive(self, pin: bytes, salt: bytes, iterations: int) -> bytes | None:
        """Return the 32 bytes of PBKDF2-HMAC-SHA256; None if that failed.

        Args:
            pin: one ASCII byte for each place, "0" plus the symbol.
            salt: 16 bytes.
            iterations: 1 to 1,000,000.
        """

    def random(self, count: int) -> bytes | None:
        """Return `count` bytes that nobody can guess; None if there are none."""

    def chip(self) -> bytes | None:
        """Return 16 bytes that are this chip's own, the same for ever; None if it has none.

        A PIN that is set is bound to them, and opens on no other chip.
        """


@dataclass(frozen=True)
class Config:
    """A lock's parameters.

    Raises:
        ValueError: one is out of its range.
    """

    shortest: int = 4  # places of a PIN at the least, 1 to 8
    longest: int = 8  # at the most, to 8
    alphabet: int = 10  # symbols, 2 to 10
    iterations: int = 10_000  # for a new PIN, 1 to 1,000,000
    reveal_ms: int = 1000  # how long a digit shows
    open_ms: int = 30_000  # until an open lock locks, and what nobody goes on with is dropped
    max_failures: int = 10  # 1 to 255

    def __post_init__(self) -> None:
        for name, low, high in (
            ("shortest", 1, MAX_LENGTH),
            ("longest", self.shortest, MAX_LENGTH),
            ("alphabet", 2, MAX_ALPHABET),
            ("iterations", 1, MAX_ITERATIONS),
            ("reveal_ms", 0, _U32),
            ("open_ms", 0, _U32),
            ("max_failures", 1, 255),
        ):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} is {getattr(self, name)}, not in {low} to {high}")


def delay_s(failed: int) -> int:
    """Return the seconds to wait after `failed` failures in a row."""
    return min((1 << failed) - 1, MAX_DELAY_S)


def is_common(pin: bytes) -> bool:
    """Whether others would guess a PIN of decimal digits early.

    Of four digits, the ten that Nick Berry found most often among leaked codes. Of more, those that
    are made by a rule: the steps from digit to digit, modulo 10, are one or two over and over
    (12345, 24680, 112233, 696969), a block comes again (123123), or it reads the same backwards.
    """
    if len(pin) == 4:
        return pin in _COMMON_PINS
    steps = [(later - digit) % 10 for digit, later in pairwise(pin)]
    return len(pin) > 4 and (
        _repeats(steps, 2)
        or any(_repeats(pin, block) for block in range(1, len(pin) // 2 + 1))
        or pin == pin[::-1]
    )


def _repeats(values: Sequence[int], period: int) -> bool:
    return values[period:] == values[:-period]


class Lock:
    """A PIN lock. Its public attributes are for reading and hold until the next step.

    Attributes:
        state: what it is doing.
        message: what to say beside that; stays until the next event that the state heeds.
        config: its parameters.
        filled: places taken, 0 to config.longest.
        shown: the symbol in the newest place while it may be seen, else None.
        seconds_left: until WAITING or OPEN ends by itself, rounded up; else 0.
        attempts_left: until only a factory reset is left; 0 in FAULT.
        powered: whether the bolt can be driven; a lock that cannot never is OPEN.

    A fault stays until a RESET. A reboot reads the slots anew, so it ends a fault (STORAGE) whose
    cause is gone. Buffers that held a PIN are overwritten; copies that the interpreter makes are
    out of reach, the C has none.
    """

    state: State
    message: Message
    filled: int
    shown: int | None
    seconds_left: int
    attempts_left: int
    powered: bool

    def __init__(self, hooks: Hooks, config: Config, now_ms: int) -> None:
        """Start from what the slots hold; `now_ms` is a clock that may wrap at 2^32."""
        self.config = config
        self.powered = True
        self._hooks = hooks
        self._now = now_ms & _U32
        self._effects = Effect(0)
        self._places = bytearray(config.longest)
        self._first = bytearray(config.longest)
        self._shown_since = 0
        self._since = self._now
        status, self._record = load(hooks)
        if status == LoadStatus.BLANK:
            self._enter(State.CHOOSE)
        elif self._record is None:
            unreadable = status == LoadStatus.UNREADABLE
            self._enter(State.FAULT, Message.RECORD if unreadable else Message.STORAGE)
        elif self._record.failed >= config.max_failures:
            self._enter(State.FAULT, Message.ATTEMPTS)
        else:
            self._enter(State.WAITING if self._record.failed else State.LOCKED)
        self._update_figures()

    def step(self, event: Event, now_ms: int, symbol: int = 0) -> Effect:
        """Let one thing happen; return what came of it.

        Args:
            event: what happened; TICK lets time pass, at least every few days.
            now_ms: the clock, modulo 2^32.
            symbol: for DIGIT, 0 to config.alphabet - 1; any other counts as UNREAD.
        """
        before = self.state
        self._effects = Effect(0)
        self._now = now_ms & _U32
        self._expire_timers()
        if event == Event.RESET:
            self._reset()
        elif event != Event.TICK and self.state not in (State.WAITING, State.FAULT):
            self._handle(event, symbol)
        if self.state != before:
            if self.state == State.OPEN:
                self._effects |= Effect.OPENED
            if before == State.OPEN:
                self._effects |= Effect.LOCKED
            if self.state == State.FAULT:
                self._effects |= Effect.FAULT
        self._update_figures()
        return self._effects

    def power(self, *, on: bool) -> None:
        """Learn whether the bolt can be driven; what comes of it comes with the next step."""
        self.powered = on

    def touch(self, now_ms: int) -> None:
        """Learn that somebody is there: digits that stand unsent are kept for a while longer."""
        passed = (now_ms - self._since) & _U32
        if self.state not in (State.OPEN, State.WAITING) and passed < self.config.open_ms:
            self._since = now_ms & _U32

    def _handle(self, event: Event, symbol: int) -> None:
        if self.state == State.OPEN:
            if event in (Event.DIGIT, Event.UNREAD):
                return
        else:
            self._since = self._now
        self.message = Message.NONE
        if event == Event.DIGIT and 0 <= symbol < self.config.alphabet:
            self._take(symbol)
        elif event in (Event.DIGIT, Event.UNREAD):
            self.message = Message.UNREAD
            self._effects |= Effect.UNREAD
        elif event == Event.ENTER:
            self._submit()
        elif event == Event.CLEAR:
            self._take_back()
        elif event == Event.TRY:
            if self.state == State.TRY:
                self._lock()
            elif self.state in (State.CHOOSE, State.LOCKED, State.OPEN):
                self._enter(State.TRY)

    def _take(self, symbol: int) -> None:
        if self.filled == self.config.longest:
            self.message = Message.FULL
            return
        self._effects |= Effect.DIGIT
        if self.state != State.TRY:
            self._places[self.filled] = ord("0") + symbol
            self.filled += 1
            self.shown = symbol
            self._shown_since = self._now

    def _submit(self) -> None:
        if self.state in (State.OPEN, State.TRY):
            self._lock()
        elif self.filled < self.config.shortest:
            self.message = Message.INCOMPLETE
        elif self.state in (State.CHOOSE, State.CHANGE_NEW):
            if self.config.alphabet == 10 and is_common(self._written()):
                self._enter(self.state, Message.COMMON)
            else:
                self._first[:] = self._places
                choosing = self.state == State.CHOOSE
                self._enter(State.REPEAT if choosing else State.CHANGE_REPEAT)
        elif self.state in (State.REPEAT, State.CHANGE_REPEAT):
            if compare_digest(self._places, self._first):
                self._set_pin()
            else:
                again = State.CHOOSE if self.state == State.REPEAT else State.CHANGE_NEW
                self._enter(again, Message.DIFFERENT)
        elif self._record:
            self._attempt(self._record)

    def _take_back(self) -> None:
        if self.state == State.OPEN:
            self._enter(State.CHANGE_OLD)
        elif self.filled:
            self.filled -= 1
            self._places[self.filled] = 0
            self.shown = None
        elif self.state not in (State.CHOOSE, State.TRY):
            self._lock()

    def _attempt(self, record: Record) -> None:
        """Count the attempt as failed, in both slots, and only then check it."""
        counted = self._record = record.changed(min(record.failed + 1, 255))
        kept = store(self._hooks, counted)
        if not kept or (found := self._derive(counted)) is None:
            self._fail(Message.STORAGE)
        elif compare_digest(found, counted.hash):
            self._accept(counted, found)
        else:
            self._effects |= Effect.REFUSED
            if counted.failed >= self.config.max_failures:
                self._fail(Message.ATTEMPTS)
            else:
                self._enter(State.WAITING, Message.WRONG)

    def _accept(self, counted: Record, found: bytes) -> None:
        """Open, if the storage agrees; the C says what the second look is for."""
        again = stored(self._hooks)
        same = again and again.failed == counted.failed and compare_digest(found, again.hash)
        self._record = counted.changed(0)
        if not same or not store(self._hooks, self._record):
            self._fail(Message.STORAGE)
        elif self.state == State.CHANGE_OLD:
            self._enter(State.CHANGE_NEW)
        elif self.powered:
            self._enter(State.OPEN)
        else:
            self._stay_closed()

    def _stay_closed(self) -> None:
        self._effects |= Effect.UNPOWERED
        self._enter(State.LOCKED, Message.POWER)

    def _set_pin(self) -> None:
        old, salt = self._record, self._hooks.random(SALT_SIZE)
        sequence = (old.sequence + 1) & _U32 if old else 1
        bound = self._hooks.chip() is not None
        fresh = Record(sequence, salt or b"", self.config.iterations, b"", bound=bound)
        if not salt or (found := self._derive(fresh)) is None:
            self._fail(Message.STORAGE)
            return
        self._record = replace(fresh, hash=found)
        if store(self._hooks, self._record, first=old is None):
            self._effects |= Effect.SET
            self._enter(State.LOCKED, Message.CHANGED if old else Message.SET)
        else:
            self._fail(Message.STORAGE)

    @property
    def _failed(self) -> int:
        return self._record.failed if self._record else 0

    @property
    def _wait_ms(self) -> int:
        return 1000 * delay_s(self._failed)

    def _derive(self, record: Record) -> bytes | None:
        salt = record.salt
        if record.bound:
            if (own := self._hooks.chip()) is None:
                return None
            salt = bytes(ours ^ chips for ours, chips in zip(salt, own, strict=True))
        return self._hooks.derive(self._written(), salt, record.iterations)

    def _written(self) -> bytes:
        return bytes(self._places[: self.filled])

    def _reset(self) -> None:
        self._record = None
        if erase(self._hooks):
            self._effects |= Effect.RESET
            self._enter(State.CHOOSE)
        else:
            self._fail(Message.STORAGE)

    def _lock(self) -> None:
        self._enter(State.LOCKED if self._record else State.CHOOSE)

    def _fail(self, reason: Message) -> None:
        self._enter(State.FAULT, reason)

    def _enter(self, state: State, message: Message = Message.NONE) -> None:
        self.state, self.message, self._since = state, message, self._now
        self.filled, self.shown = 0, None
        self._places[:] = bytes(self.config.longest)
        if state not in (State.REPEAT, State.CHANGE_REPEAT):
            self._first[:] = bytes(self.config.longest)

    def _expire_timers(self) -> None:
        passed = (self._now - self._since) & _U32
        if self.state == State.WAITING:
            if passed >= self._wait_ms:
                self._enter(State.LOCKED, self.message)
        elif self.state == State.OPEN and not self.powered:
            self._stay_closed()
        elif passed >= self.config.open_ms:
            if State.OPEN <= self.state <= State.CHANGE_REPEAT:
                self._enter(State.LOCKED)
            elif self.state == State.REPEAT:
                self._enter(State.CHOOSE)
            elif self.filled:
                self._enter(self.state)
        if (self._now - self._shown_since) & _U32 >= self.config.reveal_ms:
            self.shown = None

    def _update_figures(self) -> None:
        """Bring the figures for the screen up to date."""
        self.seconds_left = self.attempts_left = 0
        if self.state in (State.WAITING, State.OPEN):
            lasts = self.config.open_ms if self.state == State.OPEN else self._wait_ms
            passed = (self._now - self._since) & _U32
            self.seconds_left = (lasts - passed + 999) // 1000
        if self.state != State.FAULT:
            self.attempts_left = self.config.max_failures - self._failed
