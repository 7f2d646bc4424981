"""Every state that panel and lock can reach together, and what each call orders there."""

import re
from collections import deque

from inkpin.lock import Config, Lock, MemoryHooks, State
from inkpin.screen import C_FOLDER, Button, Panel, Touch
from inkpin.screen.layout import BUTTONS

CONFIG = Config(shortest=1, longest=1, alphabet=2, iterations=1, max_failures=2)
MOMENT, SHORT, HOUR = 1, 2000, 3_600_000
ON_PAPER, BESIDE = (100, 100), (-1, -1)
SPOTS = (ON_PAPER, BESIDE, *((box.x, box.y) for box in BUTTONS.values()))
CALLS = (
    *(("touch", phase, *spot) for phase in (Touch.DOWN, Touch.UP) for spot in SPOTS),
    ("touch", Touch.MOVE, *ON_PAPER),
    *(("key", button) for button in Button),
    *(("reading", label, 98) for label in ("0", "1", None)),
    ("tick",),
    ("reset",),
    ("boot",),
)
# The time that passes before a call, and the power that it finds: without, nothing can be stored.
WAYS = {
    "tick": ((MOMENT, None), (SHORT, None), (HOUR, None)),
    "key": ((MOMENT, None), (HOUR, None), (MOMENT, 0)),
    "reading": ((MOMENT, None), (HOUR, None)),
    "reset": ((MOMENT, None), (MOMENT, 0)),
}


def own(values):
    """Return a copy that shares nothing that changes in place."""
    return {
        name: bytearray(value) if isinstance(value, bytearray) else value
        for name, value in values.items()
    }


class World:
    """A panel on a lock, its storage, and a way to put all of it back to how it was."""

    def __init__(self):
        self.hooks = MemoryHooks(bytes)
        self.boot(0)

    def boot(self, now):
        self.lock = Lock(self.hooks, CONFIG, now)
        self.panel = Panel(self.lock)
        return self.panel.begin()

    def call(self, name, *arguments):
        return self.boot(*arguments) if name == "boot" else getattr(self.panel, name)(*arguments)

    def save(self):
        lock = own(vars(self.lock))
        del lock["_hooks"]
        panel = {name: value for name, value in vars(self.panel).items() if name != "lock"}
        return lock, panel, list(self.hooks.slots)

    def load(self, saved):
        lock, panel, slots = saved
        vars(self.lock).update(own(lock))
        vars(self.panel).update(panel)
        self.hooks.slots, self.hooks.power = list(slots), None

    def key(self):
        """Return all that distinguishes a state but times and the number of PINs that were set."""
        lock, panel = dict(vars(self.lock)), dict(vars(self.panel))
        for name in (
            "_hooks",
            "config",
            "_now",
            "_since",
            "_shown_since",
            "_effects",
            "seconds_left",
        ):
            del lock[name]
        lock["_places"], lock["_first"] = bytes(lock["_places"]), bytes(lock["_first"])
        if record := lock["_record"]:
            lock["_record"] = record.hash, record.failed
        del panel["lock"], panel["_touched"]
        return self.lock.state, *lock.values(), *panel.values()


def test_no_call_gives_more_orders_than_the_c_has_room_for():
    header = (C_FOLDER / "ink_panel.h").read_text()
    room = int(re.search(r"#define INK_OUTPUTS_MAX (\d+)", header)[1])
    world, most = World(), 0
    known = {world.key()}
    waiting = deque([(0, world.save())])
    while waiting:
        now, saved = waiting.popleft()
        for call in CALLS:
            for passed, power in WAYS.get(call[0], ((MOMENT, None),)):
                world.load(saved)
                world.hooks.power = power
                most = max(most, len(world.call(*call, now + passed)))
                if (key := world.key()) not in known:
                    known.add(key)
                    waiting.append((now + passed, world.save()))
    assert {state for state, *_ in known} == set(State)
    assert most <= room
