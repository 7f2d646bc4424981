"""What lines over the wire make the device do, and what it answers."""

import re
from dataclasses import replace
from importlib.metadata import version

import pytest

from inkpin.device import C_FOLDER
from inkpin.device.emulator import STORES, Emulator, Storage
from inkpin.device.wire import (
    VERSION,
    Done,
    Helped,
    Info,
    Logged,
    Reader,
    Refused,
    Said,
    Setting,
    Trying,
    crc16,
    encode_line,
)
from inkpin.lock import MARK, Effect, Log, LogKind, MemoryHooks, Message
from inkpin.screen import Button

COMMANDS = ("help", "ping", "info", "settings", "set", "calibrate", "log", "stream")
COMMANDS += ("factory-reset",)
DEFAULTS = {"sound": 1, "vibration": 1, "brightness": 80, "dim": 30, "sleep": 120, "auto": 0}
LONGEST = 63
PLACES = [(store, slot) for store in STORES for slot in (0, 1)]


def ask(device, data):
    """Send bytes; return the messages that answer them."""
    device.serial = b""
    device.send(data)
    return Reader().feed(device.serial)


def settings(device):
    *answers, done = ask(device, encode_line("settings"))
    assert done == Done("settings")
    assert all(isinstance(answer, Setting) for answer in answers)
    return {answer.name: answer.value for answer in answers}


@pytest.fixture(scope="module")
def samples(pin):
    """Four digits, of few points."""
    return [
        replace(s, strokes=[points[:: len(points) // 8] for points in s.strokes]) for s in pin[:4]
    ]


def enter(device, samples):
    """Write four digits and submit them."""
    for sample in samples:
        device.draw(sample)
        device.press(Button.ENTER)
    device.press(Button.ENTER)


@pytest.fixture
def used(device, samples):
    """A device with a PIN, a setting and a log; open."""
    enter(device, samples)
    enter(device, samples)
    device.tick(2500)
    enter(device, samples[::-1])
    device.tick(1500)
    enter(device, samples)
    ask(device, encode_line("set brightness 33"))
    assert device.emulator.bolt_open
    return device


@pytest.mark.parametrize("line", ["help", "ping", "info", "settings", "log", "set dim 7"])
@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\n\n\r"])
def test_a_command_is_answered_with_its_check_or_without(device, line, end):
    answer = ask(device, encode_line(line).rstrip() + end)
    assert answer[-1] == Done(line.split()[0])
    assert answer == ask(device, line.encode() + end)


def test_help_names_every_command(device):
    *lines, done = ask(device, b"help\n")
    assert done == Done("help")
    assert [line.command for line in lines if isinstance(line, Helped)] == [*COMMANDS]


def test_info_names_the_firmware(device):
    info, done = ask(device, b"info\n")
    assert (info.wire, info.firmware, done) == (VERSION, version("inkpin"), Done("info"))


def test_info_knows_the_battery(device):
    for percent in (None, 0, 57, 100):
        device.emulator.battery(percent)
        info, done = ask(device, b"info\n")
        assert isinstance(info, Info)
        assert info.battery == percent
        assert done == Done("info")


def test_a_line_may_come_in_pieces_and_several_at_once(device):
    for byte in b"ping":
        assert ask(device, bytes([byte])) == []
    assert ask(device, b"\r") == [Done("ping")]
    assert ask(device, b"\n\nping\nlol\rping\r\n") == [
        Done("ping"),
        Refused("unknown command: help lists them"),
        Done("ping"),
    ]


def test_a_person_may_take_letters_back(device):
    assert ask(device, b"\b\bpong\b\b\x7fing\n") == [Done("ping")]


def misfits():
    yield from (
        (line, "unknown command") for line in ("pin", "pings", "PING", " ", " ~", "@*FFFF", "*")
    )
    yield from (("@ping", "check"), ("@ping*", "check"), ("@ping*0000", "check"), ("@", "check"))
    right = f"@ping*{crc16(b'ping'):04X}"
    yield from ((right[:at], "check") for at in range(1, len(right)))
    yield from ((right.lower(), "check"), (right + " ", "check"), (right + right, "check"))
    yield "ping" + " " * (LONGEST - 3), "too long"
    yield "x" * 500, "too long"
    yield from ((f"pi{chr(code)}ng", "garbled") for code in (0, 1, 7, 9, 27, 0x80, 0xFF))


@pytest.mark.parametrize(("line", "why"), [*misfits()])
def test_what_cannot_be_taken_is_refused_and_changes_nothing(device, line, why):
    slots = {place: device.slots[place] for place in PLACES}
    (answer,) = ask(device, line.encode("latin-1") + b"\n")
    assert isinstance(answer, Refused)
    assert why in answer.why
    assert {place: device.slots[place] for place in slots} == slots
    assert ask(device, b"ping\n") == [Done("ping")]


@pytest.mark.parametrize("key", [b"\x08", b"\x7f"])
def test_a_person_takes_back_what_was_typed(device, key):
    assert ask(device, key + b"pingxy" + 2 * key + b"\n") == [Done("ping")]
    assert ask(device, b"x" + key + b"ping\n") == [Done("ping")]


def test_an_answer_is_a_whole_line(device):
    ask(device, b"ping\n")
    assert device.serial == encode_line("ok ping")


def test_the_longest_line(device):
    assert ask(device, b"ping".ljust(LONGEST) + b"\n") == [Done("ping")]


def test_settings_are_set_and_outlast_a_start(device):
    assert settings(device) == DEFAULTS
    wanted = {"sound": 0, "vibration": 0, "brightness": 10, "dim": 3600, "sleep": 5, "auto": 600}
    for name, value in wanted.items():
        assert ask(device, encode_line(f"set {name} {value}")) == [Done("set")]
    assert settings(device) == wanted
    device.boot()
    assert settings(device) == wanted


@pytest.mark.parametrize(
    "what",
    [
        *("", "dim", "dim ", "dim x", "dim 4", "dim 3601", "dim -30", "dim 30s", "dim 0x20"),
        *("dim 00030", "dim 4294967326", "dim 65566", "brightness 101", "sound 2", "Dim 30"),
        *("dims 30", "30 dim"),
    ],
)
def test_no_other_value_is_taken(device, what):
    (answer,) = ask(device, encode_line(f"set {what}"))
    assert isinstance(answer, Refused)
    assert settings(device) == DEFAULTS
    assert device.slots["settings", 0] == b""


def logged(device):
    """Return the log's lines as they come over the cable, and as Python reads the slots."""
    *lines, done = ask(device, encode_line("log"))
    assert done == Done("log")
    assert all(isinstance(line, Logged) for line in lines)
    storage = MemoryHooks()
    storage.slots = [device.slots["log", slot] for slot in (0, 1)]
    log = Log(storage, Message.NONE, 0)  # which notes a start of its own, but not after another
    read = log.lines() if log.lines()[-1].split()[2] == "reboot" else []
    return [f"Log {line.text}" for line in lines], read


def test_the_log_over_the_cable(used):
    lines, read = logged(used)
    assert lines == read[:-1]
    assert lines == [
        "Log 1 reboot 0 s",
        "Log 2 PIN set 0 s",
        "Log 3 refused 2 s",
        "Log 4 opened 4 s",
    ]
    used.boot()
    lines, read = logged(used)
    assert lines == read
    assert lines[4:] == ["Log 5 reboot 0 s"]


def test_no_answer_is_longer_than_the_room_that_is_kept_for_it(device):
    header = (C_FOLDER / "ink_commands.h").read_text()
    room = int(re.search(r"#define INK_COMMANDS_ANSWER (\d+)", header)[1])
    entry = encode_line("log 4294967295 factory reset 4294967 s")
    assert 32 * len(entry) + len(encode_line("ok log")) < room
    for command in ("help", "settings", "info"):
        assert 0 < len(device.send(encode_line(command)).serial) < room


def test_the_log_over_the_cable_when_it_is_full(device):
    storage = MemoryHooks()
    log = Log(storage, Message.NONE, 0)
    for number in range(40):
        log.take(Effect.OPENED if number % 3 else Effect.REFUSED, Message.NONE, 1000 * number)
    for slot in (0, 1):
        device.slots["log", slot] = storage.slots[slot]
    device.boot()
    lines, read = logged(device)
    assert len(lines) == 32
    assert lines == read
    assert lines[:-1] == log.lines()[1:]


def test_a_stream_that_nobody_asked_for_or_that_was_ended_tells_nothing(device, pin):
    for ask_for in (b"", b"stream on\nstream off\n"):
        device.send(ask_for)
        device.serial = b""
        device.press(Button.TRY)
        device.draw(pin[0])
        device.press(Button.ENTER)
        device.press(Button.TRY)
        assert {type(message) for message in Reader().feed(device.serial)} == {Said}


@pytest.mark.parametrize("what", ["", "On", "onn", "of", "1"])
def test_a_stream_is_on_or_off(device, what):
    assert ask(device, encode_line("stream on"))[-1] == Done("stream")
    (answer,) = ask(device, encode_line(f"stream {what}"))
    assert isinstance(answer, Refused)
    device.serial = b""
    device.press(Button.TRY)
    assert Trying(True) in Reader().feed(device.serial)  # as before


def test_factory_reset_erases_pin_settings_and_log(used, samples):
    answer = ask(used, encode_line("factory-reset ERASE"))
    assert answer == [Said("Factory reset"), Said("State choose"), Done("factory-reset")]
    assert not used.emulator.bolt_open
    assert settings(used) == DEFAULTS
    assert logged(used)[0] == ["Log 5 factory reset 4 s"]
    for store in ("lock", "settings"):
        left = MARK if store == "lock" else b""
        assert [used.slots[store, slot] for slot in (0, 1)] == [left, left]
    assert sorted(len(used.slots["log", slot]) for slot in (0, 1)) == [0, 172]
    used.boot()
    assert Said("State choose") in Reader().feed(used.serial)
    enter(used, samples[::-1])
    enter(used, samples[::-1])
    enter(used, samples[::-1])
    assert used.emulator.bolt_open


@pytest.mark.parametrize(("second", "noted"), [(b"", []), (b"bad", [LogKind.STORAGE_FAULT])])
def test_settings_that_are_lost_stand_in_the_log_once(command, second, noted):
    storage = Storage()
    storage["settings", 1] = second
    with Emulator(command, storage) as device:
        device.boot(0, 1)
        device.boot(0, 1)
    newest = max(storage["log", 0], storage["log", 1], key=lambda data: data[4:8])
    again = [LogKind.REBOOT] if noted else []  # one after the other is not noted
    assert [kind for kind in newest[8:168:5] if kind] == [LogKind.REBOOT, *noted, *again]


def test_a_start_throws_the_bolt(used):
    used.boot()
    assert not used.emulator.bolt_open


def test_factory_reset_is_not_done_by_half_a_word(used):
    before = {place: used.slots[place] for place in PLACES}
    for line in (
        "",
        "erase",
        "ERAS",
        "ERASED",
        "ALL",
        "now ERASE",
        "ERASE ERASE",
        "ERASE now",
        "ERASE 1",
    ):
        (answer,) = ask(used, encode_line(f"factory-reset {line}"))
        assert isinstance(answer, Refused)
    assert {place: used.slots[place] for place in PLACES} == before
    assert used.emulator.bolt_open
    assert settings(used)["brightness"] == 33


def test_factory_reset_survives_a_power_cut(used, samples, command):
    """At each byte: the PIN opens, or first use; nothing is open, and nothing is a fault."""
    before = {place: used.slots[place] for place in PLACES}
    ask(used, encode_line("factory-reset ERASE"))
    met = set()
    for done, (store, slot, data) in enumerate(used.effects.stored):
        for torn in range(0, len(data) + 1, 1 if len(data) < 40 else 11):
            slots = Storage()
            for place, content in before.items():
                slots[place] = content
            for other, number, content in used.effects.stored[:done]:
                slots[other, number] = content
            slots[store, slot] = data[:torn] + slots[store, slot][torn:]
            with Emulator(command, slots) as device:
                said = Reader().feed(device.boot(0, 1).serial)
                assert not device.bolt_open
            (state,) = (line.text for line in said if isinstance(line, Said))
            met.add(state)
    assert met == {"State locked", "State waiting 1 s", "State choose"}
