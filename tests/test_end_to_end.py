"""The twin as a person has it: the command, a screen, real pointer and key events.

With INKPIN_PICTURES=docs the picture of the window that the README shows is made anew.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from PIL import Image, ImageColor, ImageGrab

from inkpin.lock import Record, decode
from inkpin.model.samples import load_samples, save_samples
from inkpin.screen.layout import BUTTONS, PALETTE, Button

TWIN = [sys.executable, "-m", "inkpin.desktop.main"]


@pytest.fixture(scope="module")
def display():
    """The name of a screen of our own, without a window manager."""
    for tool in ("Xvfb", "xdotool"):
        if not shutil.which(tool):
            pytest.skip(f"no screen with a hand to test on: install {tool.lower()}")
    pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1440x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    with server:
        yield f":{server.stdout.readline().strip()}"
        server.terminate()


@pytest.fixture(scope="module")
def samples():
    """Twelve digits: a PIN, the same again, and again."""
    with as_file(files("inkpin.samples") / "pin.jsonl") as path:
        return load_samples(path)


def until(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)


class Twin:
    """The running command, and a hand."""

    def __init__(self, display, home, *arguments):
        self.display = display
        self.home = home
        self.env = {**os.environ, "DISPLAY": display, "INKPIN_HOME": str(home)}
        self.lines = []
        self.process = subprocess.Popen(
            [*TWIN, *arguments],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def hear(self, *expected):
        """Wait until the serial line has ended in these lines, and forget them."""
        until(lambda: len(self.lines) >= len(expected), f"{expected} after {self.lines}")
        assert self.lines[: len(expected)] == list(expected)
        del self.lines[: len(expected)]

    def find_replica(self):
        """Look for the paper to write on: the replica's corner and its scale."""
        paper = ImageColor.getrgb(PALETTE["paper"])

        def look():
            grey = self.grab()
            row = next((y for y in range(200) if self._run(grey, y, paper)), None)
            self.left, width = self._run(grey, row, paper) if row is not None else (0, 0)
            self.top, self.scale = row, width // 240
            return width and width % 240 == 0

        until(look, "the replica")

    @staticmethod
    def _run(image, y, colour):
        """Return start and length of the first run of a colour in a row, None if there is none."""
        row = [image.getpixel((x, y)) == colour for x in range(image.width)]
        if not any(row):
            return None
        start = row.index(True)
        return start, [*row[start:], False].index(False)

    def grab(self):
        return ImageGrab.grab(xdisplay=self.display)

    def replica(self):
        size = (320 * self.scale, 240 * self.scale)
        box = (self.left, self.top, self.left + size[0], self.top + size[1])
        return self.grab().crop(box).resize((320, 240), Image.Resampling.NEAREST)

    def hand(self, *words):
        subprocess.run(["xdotool", *map(str, words)], env=self.env, check=True)

    def at(self, x, y):
        middle = self.scale // 2
        return self.left + x * self.scale + middle, self.top + y * self.scale + middle

    def draw(self, sample):
        """Draw; a key after each point, as Tk merges the motions that it finds in a row."""
        for stroke in sample.strokes:
            words = ["mousemove", *self.at(*stroke[0]), "mousedown", 1]
            for point in stroke[1:]:
                words += ["mousemove", *self.at(*point), "key", "--delay", 0, "Shift_L"]
            self.hand(*words, "mouseup", 1)

    def press(self, button):
        box = BUTTONS[button]
        where = self.at(box.x + box.w // 2, box.y + box.h // 2)
        self.hand("mousemove", *where, "mousedown", 1, "sleep", 0.02, "mouseup", 1)

    def pin(self, samples):
        for sample in samples:
            self.draw(sample)
            self.press(Button.ENTER)
            self.hear("Output *")
        self.press(Button.ENTER)

    def key(self, name):
        window = subprocess.run(
            ["xdotool", "search", "--sync", "--onlyvisible", "--class", "Inkpin"],
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout.split()[-1]
        self.hand("windowfocus", "--sync", window, "key", name)

    def record(self) -> Record:
        slots = [(self.home / f"slot-{slot}.bin").read_bytes() for slot in (0, 1)]
        assert slots[0] == slots[1]
        return decode(slots[0])

    def end(self):
        status = self.process.wait(timeout=60)
        self._reader.join()
        self.process.stdout.close()
        return status

    def kill(self):
        self.process.kill()
        self.end()


@pytest.fixture
def start(display, tmp_path):
    twins = []

    def start(*arguments):
        twins.append(Twin(display, tmp_path / "home", *arguments))
        return twins[-1]

    yield start
    for twin in twins:
        if twin.process.poll() is None:
            twin.kill()
        twin.process.stdout.close()


def test_a_pin_is_chosen_opens_fails_waits_and_survives(start, samples, tmp_path):
    twin = start()
    twin.hear("State choose")
    twin.find_replica()
    twin.pin(samples[:4])
    twin.hear("State repeat")
    twin.pin(samples[4:8])
    twin.hear("PIN set", "State locked")
    assert twin.record().failed == 0

    twin.pin(samples[8:])
    twin.hear("State open")
    green = ImageColor.getrgb(PALETTE["open"])
    until(lambda: twin.replica().getpixel((5, 235)) == green, "the open screen")
    twin.press(Button.ENTER)
    twin.hear("State locked")

    twin.pin(samples[11:7:-1])
    twin.hear("Wrong PIN, attempts left: 9", "State waiting 1 s")
    assert twin.record().failed == 1
    twin.draw(samples[0])
    twin.press(Button.ENTER)
    twin.hear("State locked")

    # The wait is imposed again by a restart, and the PIN is still known.
    twin.key("ctrl+q")
    assert twin.end() == 0
    twin = start()
    twin.hear("State waiting 1 s", "State locked")
    twin.find_replica()
    twin.draw(samples[8])
    ink = ImageColor.getrgb(PALETTE["ink"])
    drawn = tuple(map(int, samples[8].strokes[0][-1]))
    until(lambda: twin.replica().getpixel(drawn) == ink, "the ink")
    picture = twin.grab()
    picture.crop(picture.getbbox()).save(
        Path(os.environ.get("INKPIN_PICTURES", tmp_path)) / "twin.png"
    )
    twin.press(Button.ENTER)
    twin.hear("Output *")
    twin.pin(samples[9:])
    twin.hear("State open")
    assert twin.record().failed == 0
    assert twin.lines == []


def test_try_it_by_keyboard(start, samples):
    twin = start()
    twin.hear("State choose")
    twin.find_replica()
    twin.key("t")
    twin.hear("State try")
    twin.draw(samples[0])
    twin.key("Return")
    until(lambda: twin.lines, "a reading")
    assert twin.lines.pop().startswith(f"Output {samples[0].word} ")
    twin.key("Return")
    twin.hear("State choose")


def test_two_twins_do_not_share_a_pin(start):
    first = start()
    first.hear("State choose")
    second = start()
    assert second.end() == 2
    (line,) = second.lines
    assert "used by another Inkpin" in line
    first.kill()
    third = start()
    third.hear("State choose")


def test_a_replay_in_a_window_saves_its_last_screen(start, samples, tmp_path):
    save_samples(tmp_path / "one.jsonl", samples[:1])
    shot = tmp_path / "shot.png"
    twin = start("--replay", str(tmp_path / "one.jsonl"), "--screenshot", str(shot))
    assert twin.end() == 0
    assert twin.lines == ["State choose", "Output *"]
    image = Image.open(shot)
    assert image.size == (320, 240)
    bright = ImageColor.getrgb(PALETTE["bright"])
    assert image.getpixel((254, 114)) == bright  # the first place, filled
    assert not (tmp_path / "home").exists()


def test_ctrl_c_ends_the_twin_with_130(start):
    twin = start()
    twin.hear("State choose")
    twin.process.send_signal(signal.SIGINT)
    assert twin.end() == 130
    assert twin.lines == []


def test_closing_while_the_network_loads(start):
    twin = start()
    twin.hear("State choose")
    twin.key("ctrl+q")
    assert twin.end() == 0
    assert twin.lines == []
