"""platformio.ini as PlatformIO reads it, and [env:emulator] built without its registry."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from inkpin import xtensa
from inkpin.device import build
from inkpin.device.emulator import Emulator
from inkpin.screen import Touch
from inkpin.screen.layout import BUTTONS, Button

FIRMWARE = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def pio(tmp_path_factory):
    """Run PlatformIO with folders of its own; return what it prints."""
    for module in ("platformio", "SCons"):
        if not find_spec(module):
            pytest.skip(f"no {module} here: pip install platformio==6.2.0 scons==4.11.1")
    folder = tmp_path_factory.mktemp("platformio")
    env = os.environ | {
        "PLATFORMIO_CORE_DIR": str(folder / "core"),
        "PLATFORMIO_WORKSPACE_DIR": str(folder / "workspace"),
        "PLATFORMIO_SETTING_ENABLE_TELEMETRY": "no",
        "PLATFORMIO_SETTING_CHECK_PLATFORMIO_INTERVAL": "9999",
    }
    subprocess.run([sys.executable, FIRMWARE / "tests/tool_scons.py"], check=True, env=env)

    def run(*words):
        command = [sys.executable, "-m", "platformio", *words]
        done = subprocess.run(
            command, cwd=FIRMWARE, env=env, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run.workspace = folder / "workspace"
    return run


def test_every_environment_is_read(pio):
    config = {
        name: dict(options)
        for name, options in json.loads(pio("project", "config", "--json-output"))
    }
    assert set(config) >= {"platformio", "env", "env:m5core2", "env:sim", "env:emulator"}
    board = config["env:m5core2"]
    of_board = "+<*> -<board_*.cpp> +<board_core2.cpp>"
    assert " ".join(board["build_src_filter"]) == of_board
    assert " ".join(config["env:sim"]["build_src_filter"]) == f"{of_board} +<../standin/>"
    assert board["platform"] == "espressif32@6.13.0"
    assert board["board"] == "m5stack-core2"
    assert board["framework"] == ["arduino"]
    assert board["monitor_speed"] == 115200
    pinned = ["ink_kdf_mbedtls", "m5stack/M5Unified@0.2.22", "m5stack/M5GFX@0.2.29"]
    assert board["lib_deps"] == config["env:sim"]["lib_deps"] == pinned
    assert not any("INKPIN_SERIAL_ECHO" in str(options) for options in config.values())


def partitions():
    lines = (FIRMWARE / "partitions.csv").read_text(encoding="utf-8").splitlines()
    fields = [line.split(",") for line in lines if not line.startswith("#")]
    return [[field.strip() for field in row] for row in fields]


def test_a_panic_finds_no_place_to_write_the_stacks_to():
    """Arduino's libraries are built to do so, wherever there is a partition for it."""
    assert {kind for _, _, kind, *_ in partitions()} == {
        "nvs",
        "ota",
        "ota_0",
        "ota_1",
        "0x00",
        "0x01",
    }


def test_the_lock_has_storage_of_its_own_beside_arduino_s():
    rows = partitions()
    # Arduino erases the first one of this kind if it finds it in disorder.
    assert [name for name, _, kind, *_ in rows if kind == "nvs"] == ["nvs"]
    own = {name: (kind, size) for name, kind, _, _, size in rows if name.startswith("inkpin")}
    assert own == {"inkpin0": ("0x40", "0x8000"), "inkpin1": ("0x40", "0x8000")}
    places = [(int(offset, 16), int(size, 16)) for *_, offset, size in rows]
    ends = [offset + size for offset, size in places]
    assert ends[-1] <= 16 << 20
    assert all(end <= start for end, (start, _) in zip(ends[:-1], places[1:], strict=True))


@pytest.mark.parametrize(
    "manifest", [*FIRMWARE.glob("lib/*/library.json"), *FIRMWARE.glob("../../libs/*/library.json")]
)
def test_warnings_about_our_own_c_are_errors(manifest):
    """But for the one that goes with how well a compiler optimises, which is the user's."""
    flags = json.loads(manifest.read_text("utf-8"))["build"]["flags"]
    strict = ["-Wall", "-Wextra", "-Werror", "-Wno-error=maybe-uninitialized"]
    assert [flag for flag in flags if flag.startswith("-W")] == strict


@pytest.fixture(scope="module")
def elf(pio):
    xtensa.toolchain()
    pio("run", "-e", "emulator")
    return xtensa.Elf(pio.workspace / "build/emulator/firmware.elf", ())


def session(command):
    """Let a device do a little of everything; return all that came of it."""
    box = BUTTONS[Button.TRY]
    with Emulator(command) as device:
        return [
            device.boot(1000, iterations=10),
            device.poll(1, box.x + 5, box.y + 5, 1010),
            device.poll(0, 0, 0, 1100),
            *(device.poll(1, 120, 50 + 7 * i, 1200 + 20 * i) for i in range(20)),
            device.poll(0, 0, 0, 1700),
            device.touch(Touch.DOWN, 280, 146, 1800),
            device.touch(Touch.UP, 280, 146, 1850),
            device.serial(b"log\r\n@nonsense*0000\r\n", 1900),
            device.tick(200_000),
            device.draws,
        ]


def test_the_emulator_is_the_one_that_inkpin_builds(elf):
    made = build.build_xtensa()
    assert session(xtensa.command(elf)) == session(xtensa.command(made))
    # In another order of linking, alignment takes a few bytes more or less.
    assert xtensa.sizes(elf) == pytest.approx(xtensa.sizes(made), abs=16)
