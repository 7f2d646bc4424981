"""`python -m bench.ink`: what the ink under a finger costs the display's line, over sessions.

Each session is polled as the firmware's loop does: a pass takes a millisecond and what it pushes
takes on the line, and while it pushes nobody looks at the touch panel. Counted are the pixels that
are pushed after the start and the longest time between two looks at the panel, from their number:
a line of 40 MHz at 16 bits a pixel, and 11 bytes of commands for each box.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from inkpin.device import build
from inkpin.device.emulator import Emulator
from inkpin.model.data.samples import bundled_samples
from inkpin.screen import Button
from inkpin.screen.layout import BUTTONS

TRACES = Path(__file__).parents[2] / "libs/device/tests/traces"
_SPEED = 0.5
"""Pixels a ms of a hand that writes a bundled sample."""
_PIXEL_NS, _BOX_NS = 400, 2200
_PASS_NS = 1_000_000
_TICK_NS = 10_000_000
"""How often a panel has something new to say."""

Touches = list[tuple[int, int, int, int]]
"""What a panel reports: fingers, x, y, and from which ms on."""


@dataclass
class Cost:
    """What a session cost.

    Attributes:
        pixels: that were pushed.
        boxes: in how many pushes.
        longest_ns: the longest time between two looks at the touch panel, on the display's line.
    """

    pixels: int = 0
    boxes: int = 0
    longest_ns: int = 0

    def take(self, painted: Sequence[tuple[int, ...]]) -> int:
        """Count what a pass pushed; return how many ns that took."""
        pixels = sum(w * h for _, _, w, h in painted)
        self.pixels += pixels
        self.boxes += len(painted)
        took = pixels * _PIXEL_NS + len(painted) * _BOX_NS
        self.longest_ns = max(self.longest_ns, took)
        return took

    def __add__(self, other: "Cost") -> "Cost":
        """Return the cost of both."""
        longest = max(self.longest_ns, other.longest_ns)
        return Cost(self.pixels + other.pixels, self.boxes + other.boxes, longest)


def traces() -> dict[str, Touches]:
    """Return what is recorded of touch panels in trouble."""
    return {
        path.stem: [
            (fingers, x, y, ms)
            for line in path.read_text("ascii").splitlines()
            if not line.startswith("#")
            for fingers, x, y, ms in [map(int, line.split())]
        ]
        for path in sorted(TRACES.glob("*.txt"))
    }


def pin() -> Touches:
    """Return a session of the bundled strokes: a PIN is set, repeated and opens the lock."""
    samples = bundled_samples()
    touches: Touches = []
    now = 0

    def write(points: list[tuple[int, int]]) -> None:
        nonlocal now
        for (x0, y0), (x1, y1) in zip(points, points[1:] + points[-1:], strict=True):
            steps = max(1, round(max(abs(x1 - x0), abs(y1 - y0)) / (10 * _SPEED)))
            for i in range(steps):
                touches.append((1, x0 + (x1 - x0) * i // steps, y0 + (y1 - y0) * i // steps, now))
                now += _TICK_NS // 1_000_000
        touches.append((0, 0, 0, now))
        now += 150

    def press(button: Button) -> None:
        box = BUTTONS[button]
        write([(box.x + box.w // 2, box.y + box.h // 2)] * 8)

    for number, sample in enumerate(samples, 1):
        for stroke in sample.strokes:
            write([(int(x), int(y)) for x, y in stroke])
        press(Button.ENTER)
        if number % 4 == 0:
            now += 1200
            press(Button.ENTER)
    return [*touches, (0, 0, 0, now + 1500)]


def run(command: Sequence[str], touches: Touches) -> Cost:
    """Let a device live through a session.

    Args:
        command: what starts the emulated device's program.
        touches: what its panel reports.
    """
    cost = Cost()
    now_ns = 0
    with Emulator(command) as device:
        device.boot(0, 1)
        for (fingers, x, y, _), (*_, until) in pairwise([*touches, touches[-1]]):
            while now_ns < until * 1_000_000:
                effects = device.pass_(fingers, x, y, now_ns // 1_000_000)
                now_ns += _PASS_NS + cost.take(effects.painted)
    return cost


def table(command: Sequence[str]) -> dict[str, Cost]:
    """Return what each session costs."""
    sessions = {"the bundled PIN, three times": pin(), **traces()}
    return {name: run(command, touches) for name, touches in sessions.items()}


def main() -> None:
    """Print a line for each session."""
    print(f"{'session':30} {'pixels':>9} {'pushes':>7} {'longest gap':>12}")
    costs = table(build.command(build.Core.HOST))
    for name, cost in [*costs.items(), ("all", sum(costs.values(), Cost()))]:
        print(f"{name:30} {cost.pixels:9,} {cost.boxes:7,} {cost.longest_ns / 1e6:9.2f} ms")


if __name__ == "__main__":
    main()
