"""Build the emulated device and let it live through the bundled PIN: `python -m inkpin.device`."""

import sys
from collections.abc import Iterator

from inkpin import xtensa
from inkpin.common.command import run_command
from inkpin.device import build
from inkpin.device.emulator import Effects, Emulator
from inkpin.model.data.samples import Sample, bundled_samples
from inkpin.screen import Button, Touch
from inkpin.screen.layout import BUTTONS

_STEP_MS = 10


def replayed(device: Emulator, samples: list[Sample]) -> Iterator[Effects]:
    """Switch a device on, draw and enter samples, and ENTER again after each fourth."""
    now = 0

    def touch(points: list[list[int]]) -> Iterator[Effects]:
        nonlocal now
        phase = Touch.DOWN
        for x, y in points:
            now += _STEP_MS
            yield device.touch(phase, x, y, now)
            phase = Touch.MOVE
        yield device.touch(Touch.UP, x, y, now)

    box = BUTTONS[Button.ENTER]
    yield device.boot(now)
    for number, sample in enumerate(samples, 1):
        for stroke in sample.strokes:
            yield from touch(stroke.tolist())
        for _ in range(1 if number % 4 else 2):
            yield from touch([[box.x + box.w // 2, box.y + box.h // 2]])


def main() -> None:
    """Carry out the command."""
    elf = build.build_xtensa()
    sizes = xtensa.sizes(elf)
    flash = sizes["text"] + sizes["rodata"] + sizes["data"]
    print(f"the device as Xtensa code, -Os, mbedTLS included: {elf.path}")
    print(f"flash {flash:,} bytes, static RAM {sizes['data'] + sizes['bss']:,} bytes")
    print("a PIN set, repeated and entered on it, by the bundled strokes:")
    with Emulator(xtensa.command(elf)) as device:
        for effects in replayed(device, bundled_samples()):
            for line in effects.serial.decode("ascii").split("\r\n")[:-1]:
                print(f"  {line}")
        print(f"  the bolt is {'open' if device.bolt_open else 'closed'}")


if __name__ == "__main__":
    sys.exit(run_command("inkpin.device", main))
