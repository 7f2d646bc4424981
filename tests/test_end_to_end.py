"""The twin as a person has it: the command, a screen, real pointer and key events.

With INKPIN_PICTURES=docs the pictures of the window that README and docs show are made anew.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageColor, ImageGrab
from waiting import until

from inkpin import xtensa
from inkpin.lock import Record, decode
from inkpin.model.data.samples import Sample, load_samples, save_samples
from inkpin.model.inference.recogniser import SHIPPED, Recogniser
from inkpin.preprocess import bitmap
from inkpin.screen.layout import BUTTONS, PALETTE, Button

TWIN = [sys.executable, "-m", "inkpin.desktop.main"]
GESTURES = Path(__file__).parent / "gestures/gestures.onnx"


def arc(x, y, rx, ry, start, end, count=16):
    angles = np.radians(np.linspace(start, end, count))
    return [(x + rx * np.cos(angle), y + ry * np.sin(angle)) for angle in angles]


# Strokes on a sheet of 100x100.
FORMS = {
    "0": [arc(50, 50, 26, 38, -90, 270, 28), [(76, 14), (24, 86)]],
    "1": [[(20, 88), (54, 10), (60, 90)]],
    "2": [[*arc(50, 32, 24, 20, -170, 50, 14), (22, 88), (42, 80), (78, 90)]],
    "3": [[*arc(46, 30, 24, 18, -150, 80, 12), *arc(46, 68, 27, 20, -80, 150, 14)]],
    "4": [[(52, 8), (24, 56), (74, 52)], [(70, 12), (58, 92)]],
    "5": [[(70, 12), (34, 12), (30, 46), *arc(46, 66, 24, 22, -120, 140, 14)]],
    "6": [[(64, 8), (36, 44), *arc(48, 68, 20, 20, -160, 200, 22)]],
    "7": [[(24, 34), (26, 14), (76, 18), (40, 90)], [(26, 54), (78, 46)]],
    "8": [[*arc(50, 30, 16, 18, 90, -270, 18), *arc(50, 68, 20, 20, -90, 270, 20)]],
    "9": [[*arc(50, 30, 20, 18, 0, -360, 20), (70, 70), *arc(50, 72, 20, 20, 0, 160, 10)]],
}


def aslant(words, seed):
    """Return samples of a hand that nearly lies down, with crossed zeros and sevens."""
    chance = random.Random(seed)
    samples = []
    for number, word in enumerate(words):
        turn, slant = chance.gauss(0, 0.06), chance.gauss(-1.2, 0.07)
        cos, sin = np.cos(turn), np.sin(turn)
        lean = np.array([[chance.uniform(0.85, 1.1), slant], [0, 1]]) * 1.5
        strokes = [
            np.rint((np.array(stroke) - 50) @ (np.array([[cos, -sin], [sin, cos]]) @ lean).T + 120)
            for stroke in FORMS[word]
        ]
        strokes = [np.clip(stroke, 2, 237).astype(np.int32) for stroke in strokes]
        extra = {"key_id": f"{seed}-{number}", "writer": "me", "session": "the first"}
        samples.append(Sample(word, strokes, [None] * len(strokes), extra))
    return samples


def dense(sample):
    """Return a sample with points in between, as a hand has them, however slow the machine."""
    strokes = []
    for stroke in sample.strokes:
        points = [stroke[:1]]
        for start, end in pairwise(stroke):
            steps = 1 + int(np.hypot(*(end - start))) // 12
            points += [(start + (end - start) * n // steps)[None] for n in range(1, steps + 1)]
        strokes.append(np.concatenate(points))
    return replace(sample, strokes=strokes)


class Twin:
    """The running command, and a hand."""

    def __init__(self, display, home, *arguments):
        self.display = display
        self.home = home
        self.env = {**os.environ, "DISPLAY": display, "INKPIN_HOME": str(home)}
        settings = home / "settings.json"
        if (
            "--replay" not in arguments and not settings.exists()
        ):  # marks would hide the paper's edge
            home.mkdir(parents=True, exist_ok=True)
            settings.write_text('{"first_steps": false}')
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
        until(lambda: len(self.lines) >= len(expected), lambda: f"{expected} after {self.lines}")
        assert self.lines[: len(expected)] == list(expected)
        del self.lines[: len(expected)]

    def find_replica(self, beside="column"):
        """Look for the paper to write on and what is beside it: its corner and its scale."""
        paper, column = (ImageColor.getrgb(PALETTE[name]) for name in ("paper", "column"))

        def look():
            screen = np.asarray(self.grab())
            found = (screen[:300] == paper).all(axis=2)
            if not found.any():
                return False
            self.top = int(found.any(axis=1).argmax())
            row = found[self.top]
            self.left = int(row.argmax())
            width = int(np.append(~row[self.left :], True).argmax())
            self.scale = width / 240
            right = tuple(screen[self.top, self.left + width])
            return (right == column) == (beside == "column")

        def at_rest():
            """A window that is still laid out shows its paper elsewhere a moment later."""
            if not look():
                return False
            first = (self.left, self.top, self.scale)
            time.sleep(0.3)
            return look() and first == (self.left, self.top, self.scale)

        until(at_rest, "the paper")

    def grab(self):
        return ImageGrab.grab(xdisplay=self.display)

    def replica(self):
        size = (round(320 * self.scale), round(240 * self.scale))
        box = (self.left, self.top, self.left + size[0], self.top + size[1])
        return self.grab().crop(box).resize((320, 240), Image.Resampling.NEAREST)

    def hand(self, *words):
        subprocess.run(["xdotool", *map(str, words)], env=self.env, check=True)

    def at(self, x, y):
        return int(self.left + (x + 0.5) * self.scale), int(self.top + (y + 0.5) * self.scale)

    def draw(self, sample):
        """Draw, as fast as the points come."""
        for stroke in sample.strokes:
            words = ["mousemove", *self.at(*stroke[0]), "mousedown", 1]
            for point in stroke[1:]:
                words += ["mousemove", *self.at(*point)]
            self.hand(*words, "mouseup", 1)

    def press(self, button):
        box = BUTTONS[button]
        where = self.at(box.x + box.w // 2, box.y + box.h // 2)
        self.hand("mousemove", *where, "mousedown", 1, "sleep", 0.02, "mouseup", 1)

    def enter_pin(self, samples):
        for sample in samples:
            self.draw(sample)
            self.press(Button.ENTER)
            self.hear("Output *")
        self.press(Button.ENTER)

    def window(self, window_class="Inkpin"):
        """Return the number of a window of this class, once it is there."""
        return subprocess.run(
            ["xdotool", "search", "--sync", "--onlyvisible", "--class", window_class],
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout.split()[-1]

    def key(self, name, window_class="Inkpin"):
        self.hand("windowfocus", "--sync", self.window(window_class), "key", name)

    def type(self, *names):
        """Press keys; the window has the focus already."""
        self.hand("key", "--delay", 40, *names)

    def settled(self):
        """Return the window once nothing has moved on it for a while."""
        last = None

        def still():
            nonlocal last
            before, last = last, self.grab()
            if before == last:
                return True
            time.sleep(0.7)
            return False

        until(still, "a still picture")
        return last.crop(last.getbbox())

    def picture(self, name, folder):
        """Keep a picture of the window for docs."""
        folder = Path(os.environ.get("INKPIN_PICTURES", folder))
        self.settled().save(folder / f"twin-{name}.png", optimize=True)

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
    if not shutil.which("xdotool"):
        pytest.skip("no hand to test with: install xdotool")
    pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
    twins = []

    def start(*arguments):
        twins.append(Twin(display, tmp_path / "home", *arguments))
        return twins[-1]

    yield start
    for twin in twins:
        if twin.process.poll() is None:
            twin.kill()
        twin.process.stdout.close()


def test_a_pin_is_chosen_opens_fails_waits_and_survives(start, pin, tmp_path):
    twin = start()
    twin.hear("State choose")
    twin.find_replica()
    twin.enter_pin(pin[:4])
    twin.hear("State repeat")
    twin.enter_pin(pin[4:8])
    twin.hear("PIN set", "State locked")
    assert twin.record().failed == 0

    twin.enter_pin(pin[8:])
    twin.hear("State open")
    green = ImageColor.getrgb(PALETTE["open"])
    until(lambda: twin.replica().getpixel((5, 235)) == green, "the open screen")
    twin.press(Button.ENTER)
    twin.hear("State locked")

    twin.enter_pin(pin[11:7:-1])
    twin.hear("Wrong PIN, tries left: 9", "State waiting 1 s")
    assert twin.record().failed == 1
    twin.draw(pin[0])
    twin.press(Button.ENTER)
    twin.hear("State locked")

    # The wait is imposed again by a restart, and the PIN is still known.
    twin.key("ctrl+q")
    assert twin.end() == 0
    twin = start()
    twin.hear("State waiting 1 s", "State locked")
    twin.find_replica()
    twin.draw(pin[8])
    ink = ImageColor.getrgb(PALETTE["ink"])
    drawn = tuple(map(int, pin[8].strokes[0][-1]))
    until(lambda: twin.replica().getpixel(drawn) == ink, "the ink")
    picture = twin.grab()
    picture.crop(picture.getbbox()).save(
        Path(os.environ.get("INKPIN_PICTURES", tmp_path)) / "twin.png"
    )
    twin.press(Button.ENTER)
    twin.hear("Output *")
    twin.enter_pin(pin[9:])
    twin.hear("State open")
    assert twin.record().failed == 0
    assert twin.lines == []


def test_try_it_by_keyboard(start, pin):
    twin = start()
    twin.hear("State choose")
    twin.find_replica()
    twin.key("t")
    twin.hear("State try")
    twin.draw(pin[0])
    twin.key("Return")
    until(lambda: twin.lines, "a reading")
    assert twin.lines.pop().startswith(f"Output {pin[0].label} ")
    twin.key("Return")
    twin.hear("State choose")


def test_gestures_are_tried_and_make_no_pin(start, tmp_path):
    gestures = load_samples(GESTURES.with_name("gestures.jsonl.gz"))[::160]
    twin = start("--model", str(GESTURES))
    twin.hear("State choose", "State try")
    twin.find_replica()
    for gesture in gestures:
        twin.draw(gesture)
        twin.press(Button.ENTER)
        until(lambda: twin.lines, f"a reading of {gesture.label}")
        assert twin.lines.pop().startswith(f"Output {gesture.label} ")
    folder = Path(os.environ.get("INKPIN_PICTURES", tmp_path))
    twin.settled().save(folder / "gestures.png", optimize=True)

    twin.key("Return")
    twin.hear("State choose")
    twin.draw(gestures[0])
    twin.press(Button.ENTER)
    until(lambda: len(twin.lines) == 2, "a refusal")
    assert twin.lines[0].startswith("No PIN: the network reads circle, cross, ")
    assert twin.lines[1] == "Output ?"
    fault = ImageColor.getrgb(PALETTE["fault"])
    until(
        lambda: (np.asarray(twin.replica())[214:240, :240] == fault).all(axis=2).any(),
        "the refusal on the screen",
    )
    twin.key("ctrl+q")
    assert twin.end() == 0


def test_two_twins_do_not_share_a_pin(start):
    first = start()
    first.hear("State choose")
    second = start()
    second.window("Dialog")
    second.settled()  # Tk shows a message box first, and gives its button the keyboard then
    second.type("Return")
    assert second.end() == 2
    (line,) = second.lines
    assert "used by another Inkpin" in line
    first.kill()
    third = start()
    third.hear("State choose")


def test_a_replay_in_a_window_saves_its_last_screen(start, pin, tmp_path):
    save_samples(tmp_path / "one.jsonl", pin[:1])
    shot = tmp_path / "shot.png"
    twin = start("--replay", str(tmp_path / "one.jsonl"), "--screenshot", str(shot))
    assert twin.end() == 0
    assert twin.lines == ["State choose", "Output *"]
    image = Image.open(shot)
    assert image.size == (320, 240)
    bright = ImageColor.getrgb(PALETTE["bright"])
    assert image.getpixel((254, 114)) == bright  # the first place, filled
    assert not (tmp_path / "home").exists()


@pytest.fixture
def interruptible():
    """Lets programs hear SIGINT, which the background job of a script inherits as ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
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


def test_try_it_shows_what_the_network_sees(start, pin, tmp_path):
    twin = start()
    twin.hear("State choose")
    twin.find_replica()
    twin.key("t")
    twin.hear("State try")
    twin.draw(pin[0])
    twin.type("Return")
    until(lambda: twin.lines, "a reading")
    twin.picture("try", tmp_path)
    assert not list(twin.home.glob("mismatch*"))
    twin.type("s")
    twin.type("Right", "Right", "Right")
    twin.picture("steps", tmp_path)
    twin.type("Escape")
    del twin.lines[:]
    twin.type("Return")
    twin.hear("State choose")


def test_the_screen_is_filled_and_left_and_the_choice_of_a_theme_is_kept(start):
    twin = start()
    twin.hear("State choose")
    twin.find_replica()
    natural = twin.scale
    twin.key("F11")

    def filled():
        twin.find_replica()
        return twin.scale > max(natural, 3.5)

    until(filled, "the full screen")
    (seven,) = aslant("7", 1)
    twin.draw(seven)
    ink, drawn = ImageColor.getrgb(PALETTE["ink"]), tuple(map(int, seven.strokes[0][-1]))
    until(lambda: twin.replica().getpixel(drawn) == ink, "the ink")
    twin.type("Escape")
    until(lambda: twin.find_replica() or abs(twin.scale - natural) < 0.1, "the window again")
    twin.type("F9")
    until(lambda: max(twin.grab().getpixel((3, 3))) < 60, "the dark")
    twin.type("ctrl+q")
    assert twin.end() == 0
    twin = start()
    twin.hear("State choose")
    until(lambda: twin.grab().getpixel((3, 3)) == (28, 28, 28), "the dark again")
    twin.key("ctrl+q")
    assert twin.end() == 0


@pytest.fixture
def hand_so_far(tmp_path):
    """Nine samples of each label, collected before; the tenth is still to be written."""
    file = tmp_path / "home" / "samples.jsonl"
    save_samples(file, aslant("0123456789" * 9, 1))
    return file


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_hand_is_collected_reviewed_learned_and_exported(start, hand_so_far, tmp_path):
    file = hand_so_far
    twin = start()
    twin.hear("State choose")

    # Collect: the name is typed, one label skipped, a stroke and a sample taken back.
    twin.key("ctrl+2")
    twin.find_replica(beside="ground")
    twin.settled()
    twin.type(*["Tab"] * 4, "m", "e", "Return")
    tenth = {sample.label: dense(sample) for sample in aslant("0123456789", 2)}
    twin.draw(tenth["7"])
    twin.type("BackSpace")
    twin.type("BackSpace")
    twin.type("0")
    twin.draw(tenth["0"])
    twin.type("Return")
    until(lambda: len(lines_of(file)) == 91, "the first sample")
    twin.type("ctrl+z")
    twin.type("ctrl+shift+z")
    twin.type("space")
    for word in "219345678":
        twin.type(word)
        twin.draw(tenth[word])
        if word == "8":
            twin.picture("collect", tmp_path)
        twin.type("Return")
    until(lambda: len(lines_of(file)) == 100, "the last ones")
    new = lines_of(file)[90:]
    assert "".join(line["word"] for line in new) == "0219345678"
    assert {line["writer"] for line in new} == {"me"}
    assert all(line["timestamp"] and line["drawing"][0][2] for line in new)

    # Review: one is deleted and brought back, another relabelled and that undone.
    edits = file.with_name("samples.jsonl.edits")
    said = len(lines_of(edits))
    twin.type("ctrl+3")
    for done, keys in enumerate((["Right", "Delete"], ["ctrl+z"], ["Right", "9"], ["ctrl+z"]), 1):
        twin.type(*keys)
        until(lambda done=done: len(lines_of(edits)) == said + done, f"what {keys} did")
    twin.type("Right", "shift+Right")
    twin.picture("review", tmp_path)

    # Improve: before and after are compared, the result is used, its C exported.
    twin.type("ctrl+4")
    twin.type("Return")
    used = twin.home / "networks" / "0001.onnx"

    def compared():
        red, green, blue = np.asarray(twin.grab()).astype(int).transpose(2, 0, 1)
        return ((green - red > 50) & (green - blue > 20)).sum() > 10_000

    until(compared, "the confusion matrices")
    twin.picture("improve", tmp_path)
    twin.type("u")
    until(used.exists, "the network in use")
    twin.type("ctrl+e")
    twin.hand("search", "--sync", "--onlyvisible", "--name", "A folder for the C")
    out = tmp_path / "out"
    out.mkdir()
    twin.type("ctrl+slash", "BackSpace")
    twin.hand("type", "--delay", 5, str(out))
    twin.type("Return")
    twin.type("Return")
    until(lambda: all((out / name).exists() for name in ("digits.c", "ink_kernels.h")), "the C")
    twin.key("ctrl+q")
    assert twin.end() == 0

    kept = load_samples(file)
    assert len(kept) == 100
    assert not edits.exists() or not edits.read_bytes()
    unseen = aslant("0123456789" * 20, 3)
    right = [
        sum(
            recogniser.labels[recogniser.predict(bitmap(sample.strokes)).best] == sample.label
            for sample in unseen
        )
        for recogniser in (Recogniser.load(SHIPPED), Recogniser.load(used))
    ]
    assert right[0] < right[1]


def test_a_device_is_followed_live_and_its_samples_are_kept(start, pin, tmp_path):
    xtensa.toolchain()
    twin = start("--device", "emulator")
    until(lambda: any("State" in line for line in twin.lines), "the lock")

    def found():
        """Until the device is built and there, only the small picture of what is drawn is."""
        twin.find_replica()
        return twin.scale > 1.8

    until(found, "the device's screen")
    twin.press(Button.TRY)
    twin.draw(pin[1])
    good = ImageColor.getrgb("#1b7448")

    twin.press(Button.ENTER)

    def agreed():
        lower = np.asarray(twin.grab())[twin.top + int(240 * twin.scale) :]
        return (lower == good).all(axis=2).sum() > 20

    until(agreed, "the same answer on both sides")
    twin.picture("device", tmp_path)
    twin.type("8", "ctrl+s")
    file = twin.home / "samples.jsonl"
    until(lambda: file.exists() and lines_of(file), "the saved sample")
    (saved,) = load_samples(file)
    assert (saved.label, saved.extra["device"]) == ("8", "emulated")
    drawn = [stroke.tolist() for stroke in pin[1].strokes]
    assert [stroke.tolist() for stroke in saved.strokes] == drawn
    twin.type("ctrl+q")
    assert twin.end() == 0
    assert not list(twin.home.glob("mismatch*"))
