"""Every state that a lock can reach, and every way between them.

No way opens but by the PIN, with power for the bolt and on the chip that it was set on; none sets
another than was written twice, or a common one, and from every state some way leads on: to OPEN
without a factory reset, or, after the last attempt, to first use by one. Among the ways are that
the bolt's power goes and comes, and that the storage is put to another chip and back.

A lock of one or two places and few symbols is explored as it is. The real one, but for PINs of more
than four digits, up to symmetry: of what was written a lock can but tell which words are the same,
and from where on: what is entered, the PIN, the first entry, the common PINs. So of states that are
alike in that one is taken, whatever the message beside it; that digits are nothing else to a lock
is what noninterference shows.
"""

import ctypes
import itertools
from collections import deque
from collections.abc import Callable, Iterable
from copy import copy
from functools import cache
from typing import NamedTuple

from bindings import CLock

from inkpin.lock import Config, Effect, Event, Lock, MemoryHooks, State, is_common
from proofs.tally import Tally

HOUR = 3_600_000
REPEATING = (State.REPEAT, State.CHANGE_REPEAT)

REAL = Config(longest=4, iterations=1)
CHIPS = tuple(bytes([number]) * 16 for number in (1, 2))

Digits = tuple[int, ...]
Graph = dict[tuple, dict[str, tuple]]


class PythonWorld:
    """A lock in Python with its storage, which can be put back to how it was."""

    def __init__(self, config: Config) -> None:
        self.hooks = MemoryHooks(bytes)
        self.hooks.own = CHIPS[0]
        self.config = config
        self.boot(0)

    def boot(self, now: int) -> None:
        """Switch on."""
        self.lock = Lock(self.hooks, self.config, now)

    def save(self) -> object:
        """Return what `load` takes."""
        own = {name: copy(value) for name, value in vars(self.lock).items() if name != "_hooks"}
        return own, list(self.hooks.slots), self.hooks.own

    def load(self, saved: tuple) -> None:
        """Put everything back."""
        own, slots, chip = saved
        vars(self.lock).update({name: copy(value) for name, value in own.items()})
        self.hooks.slots, self.hooks.own = list(slots), chip


class CWorld:
    """A lock in C with its storage, likewise."""

    def __init__(self, config: Config) -> None:
        self.hooks = MemoryHooks(bytes)
        self.hooks.own = CHIPS[0]
        self.config = config
        self.lock = CLock(self.hooks, config, 0)
        self.boot = self.lock.start

    def save(self) -> object:
        """Return what `load` takes."""
        return self.lock.memory.raw, list(self.hooks.slots), self.hooks.own

    def load(self, saved: tuple) -> None:
        """Put everything back."""
        memory, slots, chip = saved
        ctypes.memmove(self.lock.memory, memory, len(memory))
        self.hooks.slots, self.hooks.own = list(slots), chip


World = PythonWorld | CWorld


class Happening(NamedTuple):
    """What is done to a lock, if it is no event of its own."""

    name: str
    reboots: bool = False
    moves: bool = False


REBOOT = Happening("REBOOT", reboots=True)
MOVE = Happening("ANOTHER CHIP", reboots=True, moves=True)
POWER = Happening("POWER GOES OR COMES")


class Person(NamedTuple):
    """What whoever stands before the lock has done: the digits in the places, those to be repeated,
    the PIN that is set, and whether that was on another chip.
    """

    written: Digits = ()
    chosen: Digits | None = None
    pin: Digits | None = None
    moved: bool = False


COMMON = [
    pin
    for pin in itertools.product(range(10), repeat=4)
    if is_common(bytes(ord("0") + digit for digit in pin))
]


@cache
def likeness(person: Person) -> tuple:
    """Return what all that a person wrote has in common, and with common PINs, but not the digits.

    Put the words into a tree, a digit a branch, note at each node what ends there, and leave away
    which digit a branch stands for.
    """
    words = [(pin, "common") for pin in COMMON]
    own = {"written": person.written, "chosen": person.chosen, "pin": person.pin}
    words += [(word, what) for what, word in own.items() if word]

    def node(words: list[tuple[Digits, str]]) -> tuple:
        branches: dict[int, list[tuple[Digits, str]]] = {}
        for word, what in words:
            if word:
                branches.setdefault(word[0], []).append((word[1:], what))
        ends = tuple(sorted(what for word, what in words if not word))
        return ends, tuple(sorted(node(branch) for branch in branches.values()))

    return node(words)


def bring_about(world: World, what: Event | Happening, symbol: int, now: int) -> Effect:
    """Let one thing happen; return the effects."""
    if isinstance(what, Event):
        return world.lock.step(what, now, symbol)
    if what.moves:
        world.hooks.own = CHIPS[world.hooks.own == CHIPS[0]]
    if what.reboots:
        world.boot(now)
        return Effect(0)
    world.lock.power(on=not world.lock.powered)
    return world.lock.step(Event.TICK, now)


def step(world: World, person: Person, event: Event | Happening, symbol: int, now: int) -> Person:
    """Let one thing happen; check what comes of it, and return it."""
    before, left = world.lock.state, world.lock.attempts_left
    written, chosen, pin, moved = person
    effects = bring_about(world, event, symbol, now)
    lock = world.lock
    moved ^= pin is not None and event == MOVE
    came_to = lock.state if lock.state != before else None
    assert lock.state != State.OPEN or lock.powered, "open without power"
    unpowered = Effect.UNPOWERED in effects
    assert not (unpowered and lock.powered), "it had power"
    if (unpowered and before != State.OPEN) or (
        came_to in (State.OPEN, State.CHANGE_NEW) and before != State.CHANGE_REPEAT
    ):
        assert event == Event.ENTER, "opened by something else"
        assert pin is not None, "opened without a PIN"
        assert written == pin, "opened without the PIN"
        assert not moved, "opened on another chip"
    elif not effects & (Effect.SET | Effect.RESET):
        assert lock.attempts_left <= left, "a failure is forgotten"
    assert Effect.REFUSED not in effects or lock.attempts_left < left, "a failure is not counted"
    assert (Effect.OPENED in effects) == (came_to == State.OPEN), "opened unsaid"
    if Effect.SET in effects:
        assert written == chosen, "a PIN is set that was not repeated"
        assert (before == State.REPEAT) == (pin is None), "another PIN's place is taken"
        pin = written
    if Effect.RESET in effects:
        pin, moved = None, False
    if came_to in REPEATING:
        assert world.config != REAL or written not in COMMON, "a common PIN is taken"
        chosen = written
    elif lock.state not in REPEATING:
        chosen = None
    if Effect.DIGIT in effects and before != State.TRY:
        written = (*written, symbol)
    return Person(written[: lock.filled], chosen, pin, moved)


def symbols(config: Config, person: Person) -> Iterable[int]:
    """Return the symbols to try; of those that make the real lock's states alike, one."""
    if config != REAL:
        return range(config.alphabet)
    written = person.written[: config.longest - 1]
    return {likeness(person._replace(written=(*written, n))): n for n in range(10)}.values()


def explore(tally: Tally, name: str, make: Callable[[Config], World], config: Config) -> Graph:
    """Return how each state leads on, after checking each way; the real lock's up to symmetry."""
    others = [event for event in Event if event != Event.DIGIT]
    events = [(event.name, event, 0) for event in (*others, REBOOT, MOVE, POWER)]
    world = make(config)

    def key(person: Person) -> tuple:
        lock = world.lock
        if config == REAL:
            return lock.state, lock.attempts_left, lock.powered, person.moved, likeness(person)
        return lock.state, lock.message, lock.attempts_left, lock.powered, *person

    begin = Person()
    graph: Graph = {key(begin): {}}
    waiting = deque([(key(begin), begin, 0, world.save())])
    while waiting:
        origin, person, now, saved = waiting.popleft()
        digits = [(f"DIGIT {n}", Event.DIGIT, n) for n in symbols(config, person)]
        for what, event, symbol in [*events, *digits]:
            with tally.case(f"{name}, {config.alphabet} symbols: {what} in {origin}, {person}"):
                world.load(saved)
                then = now + (HOUR if event == Event.TICK else 1)
                after = step(world, person, event, symbol, then)
                target = graph[origin][what] = key(after)
                if target not in graph:
                    graph[target] = {}
                    waiting.append((target, after, then, world.save()))
    return graph


def lead_on(tally: Tally, name: str, graph: Graph) -> None:
    """Check that from every state but a fault some way leads to OPEN without a factory reset, that
    nothing but that leaves a fault, and that it leads everywhere to first use.
    """
    sources: dict[tuple, set[tuple]] = {state: set() for state in graph}
    for state, ways in graph.items():
        for what, target in ways.items():
            if what != Event.RESET.name:
                sources[target].add(state)
    opening = {state for state in graph if state[0] == State.OPEN}
    fresh = deque(opening)
    while fresh:
        more = sources[fresh.popleft()] - opening
        opening |= more
        fresh.extend(more)
    for state, ways in graph.items():
        with tally.case(f"{name}: ways out of {state}"):
            assert ways[Event.RESET.name][0] == State.CHOOSE, "a reset does not lead to first use"
            fault = state[0] == State.FAULT
            assert (state in opening) != fault, "no way to open"
            others = {target[0] for what, target in ways.items() if what != Event.RESET.name}
            assert not fault or others == {State.FAULT}, "a way out of a fault"


def small(alphabet: int, failures: int) -> Config:
    """Return the parameters of a lock of one or two places."""
    return Config(shortest=1, longest=2, alphabet=alphabet, iterations=1, max_failures=failures)


def run(tally: Tally, config: Config) -> None:
    """Explore a lock in Python and in C."""
    graphs = []
    for name, make in ("Python", PythonWorld), ("C", CWorld):
        graphs.append(explore(tally, name, make, config))
        lead_on(tally, name, graphs[-1])
    with tally.case("all states are reached, the same ways by both"):
        assert graphs[0] == graphs[1]
        assert {state[0] for state in graphs[0]} == set(State)
