"""The shell, compiled against our stand-ins of Arduino, M5Unified and ESP-IDF, run by scripts.

src/ is the device's; what is left out is the real libraries, and the board itself.
"""

import hashlib
import hmac
import os
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from inkpin.common import host_compiler
from inkpin.device import build
from inkpin.screen.layout import BUTTONS, PALETTE, Button

FIRMWARE = Path(__file__).parent.parent
BOLT = "bolt "
OPEN, CLOSED = "bolt 1", "bolt 0"  # of the circuit at the pin
BOARD = "board_core2.cpp"
PIN = 32  # of its bolt
LOW = f"pin {PIN} 0"


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    for tool, package in (("gcc", "gcc"), ("g++", "g++")):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not here: install {package}")
    if not Path("/usr/include/mbedtls/hmac_drbg.h").exists():
        pytest.skip("mbedTLS is not here: install libmbedtls-dev")
    folder = tmp_path_factory.mktemp("shell")
    include = [f"-I{path}" for path in build.include()]
    core = [path for path in build.sources() if path.parent.name != "emulated"]
    subprocess.run(
        ["gcc", *host_compiler.WARNINGS, *host_compiler.SANITIZERS, "-O1", *include, "-c", *core],
        cwd=folder,
        check=True,
    )
    boards = [*(FIRMWARE / "src").glob("board_*.cpp")]
    shell = [path for path in (FIRMWARE / "src").glob("*.cpp") if path not in boards]
    shell += [FIRMWARE / "src" / BOARD, FIRMWARE / "standin/esp_partition.cpp"]
    include += [f"-I{FIRMWARE / path}" for path in ("src", "standin", "tests/standin")]
    strict = ["-std=gnu++11", "-Wall", "-Wextra", "-Werror", *host_compiler.SANITIZERS, "-O1"]
    sources = [*shell, FIRMWARE / "tests/shell.cpp", *folder.glob("*.o")]
    command = ["g++", *strict, *include, *sources, "-lmbedcrypto", "-o", folder / "shell"]
    subprocess.run(command, check=True)
    return folder / "shell"


class Board:
    """The shell on a board of paper; `events` is all that it ever told."""

    def __init__(self, program, flash):
        self._process = subprocess.Popen(
            [program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"INKPIN_FLASH": str(flash)},
            text=True,
        )
        self.events = []
        self.do("wait 1")

    def do(self, event):
        """Let something happen; return what the shell told of it."""
        self._process.stdin.write(f"{event}\n")
        self._process.stdin.flush()
        told = []
        for line in iter(self._process.stdout.readline, ".\n"):
            assert line, f"the shell ended with {self._process.wait()}"
            told.append(line.rstrip("\n"))
        self.events += told
        return told

    def touch(self, x, y):
        return [*self.do(f"touch 1 {x} {y}"), *self.do("wait 12")]

    def lift(self):
        return [*self.do("touch 0 0 0"), *self.do("wait 12")]

    def tap(self, button):
        box = BUTTONS[button]
        x, y = box.x + box.w // 2, box.y + box.h // 2
        return [*self.touch(x, y), *self.lift()]

    def write(self, sample):
        """Draw a sample at a finger's pace."""
        for stroke in sample.strokes:
            places = [(int(x), int(y)) for x, y in stroke]
            self.touch(*places[0])
            for (x0, y0), (x1, y1) in pairwise(places):
                steps = max(abs(x1 - x0), abs(y1 - y0)) // 60 + 1
                for i in range(1, steps + 1):
                    self.touch(x0 + (x1 - x0) * i // steps, y0 + (y1 - y0) * i // steps)
            self.lift()

    def pixel(self, x, y):
        return f"#{self.do(f'pixel {x} {y}')[0].split()[1]}"

    def clock(self):
        return int(self.do("clock")[0].split()[1])

    def said(self):
        """The serial lines for people."""
        lines = [event[7:] for event in self.events if event.startswith("serial ")]
        return [line for line in lines if line and not line.startswith("@")]

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        return self._process.wait()


@pytest.fixture
def power(program, tmp_path):
    """Switch a board on, with a storage that stays."""
    boards = []

    def switch_on(flash=tmp_path / "flash"):
        boards.append(Board(program, flash))
        return boards[-1]

    yield switch_on
    assert [board.close() for board in boards] == [0] * len(boards)


def enter_pin(board, samples):
    for sample in samples:
        board.write(sample)
        board.tap(Button.ENTER)
    return board.tap(Button.ENTER)


def test_the_bolt_is_closed_before_and_after_the_board_starts(power):
    events = power().events
    assert events[:2] == [f"mode {PIN} 3", LOW]
    # Looking for the kind of board may touch the pin.
    assert LOW in events[events.index("begin 0") : events.index("watchdog 8000 1")]
    assert not [event for event in events if event == OPEN or event.startswith("unheeded")]


def test_the_seed_is_noise_drawn_before_the_loudspeaker_has_i2s(power):
    events = power().events
    steps = ("noise 1", "random 48", "noise 0", "wiped 48", "begin 0")
    order = [events.index(event) for event in steps]
    assert order == sorted(order)
    assert [event for event in events if "random" in event] == ["random 48"]


def test_no_pin_is_set_without_a_seed(power, pin, tmp_path):
    power()  # makes the flash
    (tmp_path / "flash" / "seed.broken").touch()
    board = power()
    for first in (0, 4):
        enter_pin(board, pin[first : first + 4])
    assert board.said()[-1] == "State fault"


def test_a_salt_comes_from_the_whole_seed(power, pin, tmp_path):
    """By SP 800-90A's HMAC_DRBG, whose seed are the 48 bytes that the board's noise gave."""
    board = power()
    for first in (0, 4):
        enter_pin(board, pin[first : first + 4])

    def hashed(key, data):
        return hmac.digest(key, data, "sha256")

    key, value, seed = bytes(32), b"\1" * 32, b"\x5a" * 48
    for number in (b"\0", b"\1"):
        key = hashed(key, value + number + seed)
        value = hashed(key, value)
    salt = hashed(key, value)[:16]
    flash = (tmp_path / "flash" / "inkpin0").read_bytes()
    record = flash[flash.index(b"INK\3") :]
    assert record[8:24] == salt


def test_a_pin_is_bound_to_the_address_in_the_chips_fuses(power, pin, tmp_path):
    board = power()
    for first in (0, 4):
        enter_pin(board, pin[first : first + 4])
    flash = (tmp_path / "flash" / "inkpin0").read_bytes()
    record = flash[flash.index(b"INK\3") :]
    chip = bytes.fromhex("246f28aa5501").ljust(16, b"\0")
    salt = bytes(ours ^ own for ours, own in zip(record[8:24], chip, strict=True))
    digits = "".join(sample.label for sample in pin[:4]).encode()
    assert record[28:60] == hashlib.pbkdf2_hmac("sha256", digits, salt, 10_000)


def test_fuses_that_cannot_be_read_bind_no_pin_and_open_none(power, pin, tmp_path):
    board = power()
    for first in (0, 4):
        enter_pin(board, pin[first : first + 4])
    (tmp_path / "flash" / "fuses.broken").touch()
    board = power()
    enter_pin(board, pin[:4])
    assert board.said()[-1] == "State fault"
    unbound = tmp_path / "unbound"
    shutil.copytree(tmp_path / "flash", unbound)
    for area in ("inkpin0", "inkpin1"):
        (unbound / area).unlink()
    board = power(unbound)
    for first in (0, 4):
        enter_pin(board, pin[first : first + 4])
    assert b"INK\2" in (unbound / "inkpin0").read_bytes()


def test_the_storage_on_a_pc_is_the_users_alone(power, tmp_path):
    before = os.umask(0)
    try:
        power()
    finally:
        os.umask(before)
    folder = tmp_path / "flash"
    for path in (folder, *folder.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path.name
    assert len([*folder.iterdir()]) == 2


def test_sets_repeats_opens_and_remembers(power, pin, tmp_path):
    board = power()
    for first in (0, 4):
        enter_pin(board, pin[first : first + 4])
    assert OPEN not in board.events
    enter_pin(board, pin[8:])
    said = [line for line in board.said() if not line.startswith("Output")]
    states = ["State choose", "State repeat", "State locked", "State open"]
    assert [line for line in said if line.startswith("State")] == states
    assert [line for line in board.said() if line.startswith("Output")] == ["Output *"] * 12
    board.do("wait 100")
    assert [event for event in board.events if event.startswith(BOLT)] == [OPEN]

    board.tap(Button.ENTER)
    assert CLOSED in board.do("wait 700")
    assert board.said()[-1] == "State locked"

    again = power()
    assert again.said() == ["State locked"]
    assert OPEN not in again.events
    enter_pin(again, pin[8:])
    again.do("wait 100")
    assert again.events.count(OPEN) == 1
    assert sorted(path.name for path in (tmp_path / "flash").iterdir()) == ["inkpin0", "inkpin1"]


def test_an_open_lock_locks_by_itself(power, pin):
    board = power()
    enter_pin(board, pin[:4])
    enter_pin(board, pin[4:8])
    enter_pin(board, pin[8:])
    assert CLOSED in board.do("wait 31000")


def opened(power, pin):
    board = power()
    for first in (0, 4, 8):
        enter_pin(board, pin[first : first + 4])
    board.do("wait 100")
    assert [event for event in board.events if event.startswith(BOLT)] == [OPEN]
    return board


def test_whatever_hangs_closes_the_bolt(power, pin):
    """The pin stays as it was, which a restart of the chip does not change."""
    board = opened(power, pin)
    for extra in (0, 1):  # it may stay high or low
        if extra:
            board.do("wait 1000")
        assert CLOSED in board.do("hang 700")
        assert OPEN in board.do("wait 100")


def test_an_open_bolt_outlasts_a_serial_line_that_takes_nothing(power, pin):
    board = opened(power, pin)
    board.do("stuck 1")
    for _ in range(5):
        board.do("type help")
    assert CLOSED not in board.do("wait 1000")


def test_no_level_and_no_two_edges_open_the_bolt(power):
    board = power()
    for _ in range(2):
        board.do("edge")
    board.do("wait 10")
    assert OPEN not in board.events


def test_damage_that_nvs_took_for_no_record_asks_for_no_pin(power, pin, tmp_path):
    board = power()
    for first in (0, 4):
        enter_pin(board, pin[first : first + 4])
    both = ("inkpin0", "inkpin1")
    for said, names in ("State waiting 1 s", both[:1]), ("State fault", both):
        for name in names:
            cells = bytearray((tmp_path / "flash" / name).read_bytes())
            cells[256 + 40] ^= 1  # behind a place that is spent
            (tmp_path / "flash" / name).write_bytes(cells)
        assert power().said()[-1] == said


def test_ink_appears_under_the_finger(power):
    board = power()
    ink, paper = PALETTE["ink"], PALETTE["paper"]
    board.do("wait 20")  # the first picture takes some slices
    assert board.pixel(100, 120) == paper
    board.touch(100, 120)
    assert board.pixel(100, 120) == ink
    told = board.touch(130, 120)
    pushed = [event.split()[1:] for event in told if event.startswith("push")]
    boxes = [tuple(map(int, box)) for box in pushed]
    assert boxes
    assert all(w * h < 60 * 40 for _, _, w, h in boxes)
    assert [board.pixel(x, 120) for x in (100, 110, 120, 130)] == [ink] * 4
    assert [board.pixel(115, y) for y in (117, 123)] == [ink] * 2
    assert [board.pixel(115, y) for y in (114, 126)] == [paper] * 2
    rim = board.pixel(115, 124)
    assert ink < rim < paper


def test_the_touch_panel_is_looked_at_between_pushes_of_4_ms(power, pin):
    """At 40 MHz and 16 bits a pixel; the screen of a new state is more than that."""
    board = power()
    for first in (0, 4, 8):
        enter_pin(board, pin[first : first + 4])
    told = board.do("wait 50")
    assert OPEN in board.events
    pushed = [tuple(map(int, event.split()[1:])) for event in board.events if "push" in event]
    assert max(w * h for _, _, w, h in pushed) > 9000
    assert int(board.do("unseen")[0].split()[1]) <= 10_000
    assert not [event for event in told if "bits" in event]


def test_a_touch_that_leaps_or_is_two_fingers_opens_nothing(power):
    board = power()
    board.touch(20, 100)
    board.do("touch 1 220 100")
    board.do("wait 12")
    assert board.pixel(120, 100) == PALETTE["paper"]
    board.lift()
    board.touch(20, 150)
    board.do("touch 2 34 150")
    board.do("wait 12")
    board.touch(34, 150)
    assert board.pixel(34, 150) == PALETTE["paper"]
    board.lift()
    assert OPEN not in board.events


@pytest.mark.parametrize("broken", [("inkpin0", "inkpin1"), ("inkpin0",), ("inkpin1",)])
def test_a_slot_that_cannot_be_read_is_a_fault_and_not_an_empty_one(power, pin, tmp_path, broken):
    for name in broken:
        (tmp_path / "flash" / name).mkdir(parents=True)
    board = power()
    assert board.said()[-1] == "State fault"
    enter_pin(board, pin[:4])
    assert OPEN not in board.events


@pytest.mark.parametrize("name", ["inkpin0", "inkpin1"])
def test_a_partition_of_another_table_that_is_too_small_is_a_fault(power, pin, tmp_path, name):
    (tmp_path / "flash").mkdir()
    (tmp_path / "flash" / f"{name}.small").touch()
    board = power()
    enter_pin(board, pin[:4])
    assert {line for line in board.said() if line.startswith("State")} == {"State fault"}


def test_a_storage_that_does_not_open_is_a_fault(power, pin, tmp_path):
    board = power(tmp_path / "no" / "such" / "place")
    assert board.said()[-1] == "State fault"
    enter_pin(board, pin[:4])
    assert OPEN not in board.events


def test_a_storage_that_fails_while_the_pin_is_set_is_a_fault(power, pin, tmp_path):
    board = power()
    enter_pin(board, pin[:4])
    (tmp_path / "flash" / "inkpin0.broken.0").touch()
    enter_pin(board, pin[4:8])
    assert board.said()[-1] == "State fault"
    assert OPEN not in board.events


@pytest.mark.parametrize(
    ("sector", "said"), [("inkpin1.broken.0", "State fault"), ("inkpin1.broken.4", "Factory reset")]
)
def test_a_factory_reset_that_could_not_erase_all_says_so(power, tmp_path, sector, said):
    board = power()
    board.do("type set sound 0")
    board.do("wait 2")
    (tmp_path / "flash" / sector).touch()
    board.do("type factory-reset ERASE")
    told = board.do("wait 2")
    assert any("@error the storage failed*" in event for event in told), told
    assert board.said()[-1] == said


def test_a_typed_line_is_answered_and_a_flood_is_not_waited_for(power):
    board = power()
    board.do("type ping")
    assert any(event.startswith("serial @ok ping*") for event in board.do("wait 2"))
    board.do(f"type {'x' * 5000}")
    board.do("touch 1 100 120")
    board.do("wait 5")  # 5 rounds of the loop: 320 of the bytes
    assert board.pixel(100, 120) == PALETTE["ink"]


def test_a_serial_line_that_takes_nothing_costs_the_loop_nothing(power):
    board = power()
    board.do("stuck 1")
    for _ in range(10):
        board.do("type help")  # 10 lines or so to answer
    began = board.clock()
    assert not any(event.startswith("serial") for event in board.do("wait 10"))
    assert board.clock() - began == 10
    board.touch(100, 120)
    assert board.pixel(100, 120) == PALETTE["ink"]
    board.do("stuck 0")
    board.do("type ping")
    told = board.do("wait 1000")  # what was asked is answered, as the line has room
    answers = [event.split("*")[0] for event in told if event.startswith("serial @ok")]
    assert answers == ["serial @ok help"] * 10 + ["serial @ok ping"]


def test_answers_that_take_the_line_long_keep_no_finger_waiting(power):
    """Sixteen times help: at 115200 baud, most of a second."""
    board = power()
    board.do("wait 30")
    for _ in range(16):
        board.do("type help")
    board.do("touch 1 100 120")
    told = board.do("wait 3")
    assert board.pixel(100, 120) == PALETTE["ink"]
    told += board.do("wait 300")
    answered = sum(event.startswith("serial @ok help*") for event in told)
    told += board.do("wait 3000")
    assert answered < sum(event.startswith("serial @ok help*") for event in told) == 16


def test_old_ink_is_streamed_as_the_line_has_room(power):
    board = power()
    board.tap(Button.TRY)
    for row in range(8):
        for column in range(0, 240, 6):
            board.do(f"touch 1 {column} {10 + 25 * row}")
            board.do("wait 2")
        board.lift()
    board.do("type stream on")
    told = board.do("wait 2000")
    points = [event for event in told if event.startswith("serial @ink ")]
    assert len(points) == 320
    assert sum(event.startswith("serial @up*") for event in told) == 8
    assert sum(event.startswith("serial @ok stream*") for event in told) == 1


def test_a_battery_that_is_not_there_is_not_known(power):
    board = power()
    for without, percent in ((None, 80), ("battery 0", -1), ("chip 0", -1)):
        if without:
            board.do("battery 4000")
            board.do(without)
        board.do("type info")
        told = board.do("wait 5")
        assert any(f" core2 {percent} 1*" in event for event in told if "@info" in event)


@pytest.mark.parametrize(("millivolts", "percent"), [(4000, 80), (0, -1)])
def test_without_port_as_5_volts_nothing_opens(power, pin, millivolts, percent):
    """Nor where the battery is taken out, with which they are refused as well."""
    board = power()
    board.do(f"battery {millivolts}")
    enter_pin(board, pin[:4])
    enter_pin(board, pin[:4])
    board.do("port 0")
    told = enter_pin(board, pin[:4])
    assert board.said()[-1] == "No power for the bolt"
    assert "State open" not in board.said()
    assert OPEN not in told
    assert "port 0" in told  # it was asked for again
    assert any(event.endswith(" No power for the bolt") for event in told)
    board.do("type info")
    assert any(f" {percent} 0*" in event for event in board.do("wait 5"))
    board.do("port 1")
    board.do("wait 1100")
    enter_pin(board, pin[:4])
    assert board.said()[-1] == "State open"
    assert OPEN in [*board.events, *board.do("wait 100")]


def test_port_as_5_volts_that_fail_close_an_open_lock(power, pin):
    board = power()
    for _ in range(3):
        enter_pin(board, pin[:4])
    board.do("wait 100")
    board.do("port 0")
    told = board.do("wait 1700")
    assert board.said()[-2:] == ["No power for the bolt", "State locked"]
    assert CLOSED in told


def test_without_a_power_chip_the_port_is_not_asked(power, pin):
    board = power()
    board.do("chip 0")
    board.do("port 0")
    for _ in range(3):
        enter_pin(board, pin[:4])
    assert board.said()[-1] == "State open"


def test_it_dims_sleeps_and_wakes(power):
    board = power()
    for setting in ("dim 5", "sleep 6", "brightness 50"):
        board.do(f"type set {setting}")
    assert "brightness 128" in board.do("wait 100")
    assert "brightness 26" in board.do("wait 5500")
    told = board.do("wait 1000")
    assert told[-2:] == ["brightness 0", "sleep"]
    woken = board.tap(Button.TRY)
    assert [event for event in woken if "w" in event[:3]] == ["wakeup"]
    assert "brightness 128" in woken
    assert board.said()[-1] == "State choose"
    board.tap(Button.TRY)
    assert board.said()[-1] == "State try"


def test_a_button_is_heard_and_felt(power):
    told = power().tap(Button.TRY)
    assert "tone 1400 15" in told
    assert [event for event in told if event.startswith("vibrate")] == ["vibrate 200", "vibrate 0"]


def test_texts_and_shapes_are_drawn(power):
    board = power()
    assert f"text FreeSans9pt7b {PALETTE['calm'][1:]} 16 39 23 Choose a PIN" in board.events
    board.tap(Button.TRY)
    assert any(event.startswith("triangle ") for event in board.events)  # the pencil
