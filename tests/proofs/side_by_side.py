"""Python and C side by side: equal orders, drawings, states and stored bytes after each step."""

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    get_state_machine_test,
    initialize,
    precondition,
    rule,
)
from twins import CDevice, PythonDevice

from inkpin.lock import MARK, RECORD_SIZE, Config, State
from inkpin.screen import Button, Touch
from inkpin.screen.layout import BUTTONS
from proofs.tally import Tally

CONFIGS = (
    Config(iterations=1),
    Config(2, 3, alphabet=2, iterations=1, reveal_ms=40, open_ms=300, max_failures=4),
    Config(8, iterations=1, max_failures=255),
)
SHORT_TIMES = (0, 1, 10, 100, 999)
LONG_TIMES = (1000, 2999, 30_000, 600_000, 3_600_000)
LABELS = ("0", "1", "2", "7", "9", "A", "17", "elephant", None)
JUNK = (b"", MARK, b"\0", b"\xff" * RECORD_SIZE, bytes(200))
SERVICES = ("derive", "random", "read 0", "read 1", "write 0", "write 1")

slots = st.integers(0, 1)
powers = st.integers(0, 300)
presses = st.sampled_from(Button)


class Machine(RuleBasedStateMachine):
    """Two devices, and whatever may happen to both."""

    tally: Tally
    states: set[State]

    @initialize(config=st.sampled_from(CONFIGS), now=st.sampled_from([0, 2**32 - 60_000]))
    def begin(self, config: Config, now: int) -> None:
        self.now = now
        self.python, self.c = PythonDevice(config, now), CDevice(config, now)
        self.older = [list(self.python.hooks.slots)]
        self.compare()

    def both(self, name: str, *arguments: object) -> None:
        """Let one thing happen to each, and compare."""
        for device in (self.python, self.c):
            getattr(device, name)(*arguments)
        self.compare()

    def compare(self) -> None:
        python, c = self.python, self.c
        assert c.public == python.public, "the states differ"
        assert c.outputs == python.outputs, "the orders differ"
        assert c.draws() == python.draws(), "the drawings differ"
        assert c.hooks.slots == python.hooks.slots, "the records differ"
        assert c.hooks.power == python.hooks.power, "the writes differ"
        assert c.storage.slots == python.storage.slots, "the logs differ"
        self.states.add(python.lock.state)
        self.tally.passed(1)

    def boot(self) -> None:
        self.both("boot", self.now)
        assert self.c.log.lines() == self.python.log.lines(), "the logs' lines differ"

    def press(self, button: Button) -> None:
        box = BUTTONS[button]
        for phase in (Touch.DOWN, Touch.UP):
            self.both("touch", phase, box.x + 5, box.y + 5, self.now)

    def write(self, label: str | None) -> None:
        for phase, y in ((Touch.DOWN, 100), (Touch.MOVE, 140), (Touch.UP, 140)):
            self.both("touch", phase, 100, y, self.now)
        self.both("preview", 0x3FF << len(label or ""))
        self.press(Button.ENTER)
        self.both("reading", label, 98, self.now)

    def enter(self, pin: int, more: int = 0) -> None:
        """Write one of a few PINs and submit it; with `more`, a longer one."""
        for place in range(self.python.config.shortest + more):
            self.write(str((pin >> place) & 1))
        self.press(Button.ENTER)

    @rule(pin=st.sampled_from([1, 1, 1, 2]), more=st.sampled_from([0, 0, 0, 1, 2]))
    def pin(self, pin: int, more: int) -> None:
        self.enter(pin, more)

    @precondition(lambda self: self.python.lock.state == State.CHOOSE)
    @rule(more=st.sampled_from([0, 0, 1]))
    def set_pin(self, more: int) -> None:
        self.enter(1, more)
        self.enter(1, more)

    @precondition(lambda self: self.python.lock.state in (State.LOCKED, State.OPEN))
    @rule(new=st.sampled_from([1, 2]))
    def change_pin(self, new: int) -> None:
        if self.python.lock.state == State.LOCKED:
            self.enter(1)
        self.press(Button.CLEAR)
        for pin in (1, new, new):
            self.enter(pin)

    @rule(label=st.sampled_from(LABELS))
    def digit(self, label: str | None) -> None:
        self.write(label)

    @rule(button=presses)
    def button(self, button: Button) -> None:
        self.press(button)

    @rule(button=presses)
    def key(self, button: Button) -> None:
        self.both("key", button, self.now)

    @rule(
        phase=st.sampled_from(Touch),
        x=st.integers(-50, 350) | st.integers(-(2**31), 2**31 - 1),
        y=st.integers(-50, 270) | st.integers(-(2**31), 2**31 - 1),
    )
    def touch(self, phase: Touch, x: int, y: int) -> None:
        self.both("touch", phase, x, y, self.now)

    @rule(label=st.sampled_from(LABELS), confidence=st.integers(0, 100))
    def stray_reading(self, label: str | None, confidence: int) -> None:
        self.both("reading", label, confidence, self.now)

    @rule(row=st.integers(0, 2**28 - 1))
    def stray_preview(self, row: int) -> None:
        self.both("preview", row)

    @rule(ms=st.sampled_from([0, 600, 1500]))
    def auto(self, ms: int) -> None:
        self.both("auto", ms)

    @rule(ms=st.sampled_from(SHORT_TIMES))
    def wait(self, ms: int) -> None:
        self.now = (self.now + ms) % 2**32
        self.both("tick", self.now)

    @rule(ms=st.sampled_from(LONG_TIMES))
    def wait_long(self, ms: int) -> None:
        self.wait(ms)

    @rule()
    def restart(self) -> None:
        self.older.append(list(self.python.hooks.slots))
        self.boot()

    @rule()
    def reset(self) -> None:
        self.both("reset", self.now)

    @rule(slot=slots, bit=st.integers(0, 519))
    def flip(self, slot: int, bit: int) -> None:
        data = bytearray(self.python.hooks.slots[slot])
        if data:
            data[bit // 8 % len(data)] ^= 1 << bit % 8
        self.put(slot, bytes(data))

    @rule(slot=slots, length=st.integers(0, RECORD_SIZE))
    def shorten(self, slot: int, length: int) -> None:
        self.put(slot, self.python.hooks.slots[slot][:length])

    @rule(slot=slots, junk=st.sampled_from(JUNK))
    def spoil(self, slot: int, junk: bytes) -> None:
        self.put(slot, junk)

    @rule(slot=slots, source=slots, age=st.integers(0, 50))
    def put_back(self, slot: int, source: int, age: int) -> None:
        self.put(slot, self.older[age % len(self.older)][source])

    def put(self, slot: int, data: bytes) -> None:
        """Change what a slot holds behind the lock's back."""
        for device in (self.python, self.c):
            device.hooks.slots[slot] = data
        self.boot()

    @rule(power=powers, log_power=powers, pin=st.sampled_from([1, 2]))
    def power_cut(self, power: int, log_power: int, pin: int) -> None:
        self.set_powers(power, log_power)
        self.enter(pin)
        self.set_powers(None, None)
        self.boot()

    @rule(power=powers)
    def power_cut_at_boot(self, power: int) -> None:
        self.set_powers(power, power)
        self.boot()
        self.set_powers(None, None)
        self.boot()

    def set_powers(self, power: int | None, log_power: int | None) -> None:
        for device in (self.python, self.c):
            device.hooks.power, device.storage.power = power, log_power

    @rule(what=st.sampled_from(SERVICES), pin=st.sampled_from([1, 2]))
    def breakdown(self, what: str, pin: int) -> None:
        self.set_broken({what})
        self.enter(pin)
        self.boot()
        self.set_broken(())
        self.boot()

    def set_broken(self, what: object) -> None:
        for device in (self.python, self.c):
            device.hooks.broken = frozenset(what)


def run(tally: Tally, steps: int, *, shrink: bool = True) -> None:
    """Let Hypothesis invent sessions until `steps` steps were compared, or one failed.

    It takes up to five minutes to make a failure small; without `shrink` it stays as it is.
    """
    states: set[State] = set()
    machine = type("Sides", (Machine,), {"tally": tally, "states": states})
    options = settings(
        max_examples=50,
        stateful_step_count=50,
        deadline=None,
        database=None,
        phases=(Phase.generate, *([Phase.shrink] if shrink else [])),
        suppress_health_check=list(HealthCheck),
    )
    round_number = 0
    while tally.cases < steps and not tally.failed:
        with tally.case(f"round {round_number}"):
            seed(round_number)(get_state_machine_test(machine, settings=options))()
        round_number += 1
    with tally.case("every state is reached"):
        assert tally.failed or states == set(State), f"never reached: {set(State) - states}"
