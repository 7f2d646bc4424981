"""The hooks on a computer."""

import os

import pytest

from inkpin.lock import (
    RECORD_SIZE,
    Config,
    Effect,
    Event,
    HostHooks,
    Lock,
    MemoryHooks,
    Message,
    State,
)

# From RFC 7914, section 11: the first 32 of its 64 bytes.
RFC_7914 = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"


def test_the_key_derivation_is_pbkdf2_hmac_sha256(tmp_path):
    assert HostHooks(tmp_path).derive(b"passwd", b"salt", 1).hex() == RFC_7914


def test_random_bytes_differ(tmp_path):
    hooks = HostHooks(tmp_path)
    assert len(hooks.random(16)) == 16
    assert hooks.random(16) != hooks.random(16)


def test_slots_outlive_the_object(tmp_path):
    folder = tmp_path / "new" / "folder"
    hooks = HostHooks(folder)
    assert hooks.read(0) == b""
    assert hooks.write(0, b"some")
    assert hooks.write(1, b"other")
    assert [HostHooks(folder).read(slot) for slot in (0, 1)] == [b"some", b"other"]
    assert hooks.write(0, b"")
    assert hooks.read(0) == b""
    assert sorted(path.name for path in folder.iterdir()) == ["slot-0.bin", "slot-1.bin"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX file modes: run it on Linux or macOS")
def test_slots_are_the_users_alone(tmp_path):
    HostHooks(tmp_path / "folder").write(0, b"some")
    assert (tmp_path / "folder").stat().st_mode & 0o077 == 0
    assert (tmp_path / "folder" / "slot-0.bin").stat().st_mode & 0o077 == 0


def test_file_and_folder_are_synced_before_a_write_returns(tmp_path, monkeypatch):
    synced = []
    real = os.fsync

    def fsync(file):
        synced.append(os.fstat(file).st_ino)
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    assert HostHooks(tmp_path).write(0, b"some")
    wanted = [(tmp_path / "slot-0.bin").stat().st_ino]
    if os.name != "nt":
        wanted.append(tmp_path.stat().st_ino)
    assert synced == wanted


def test_errors_are_answers(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    hooks = HostHooks(tmp_path / "file")
    assert hooks.read(0) is None
    assert hooks.write(0, b"some") is False
    (tmp_path / "slot-0.bin").mkdir()
    assert HostHooks(tmp_path).read(0) is None
    assert HostHooks(tmp_path).write(0, b"some") is False


def test_a_failed_sync_is_a_failed_write(tmp_path, monkeypatch):
    def broken(file):
        raise OSError("no")

    monkeypatch.setattr(os, "fsync", broken)
    assert HostHooks(tmp_path).write(0, b"some") is False


def test_a_huge_file_is_not_read_whole(tmp_path):
    (tmp_path / "slot-0.bin").write_bytes(b"x" * 100_000)
    assert len(HostHooks(tmp_path).read(0)) == RECORD_SIZE + 1


def test_a_lock_on_files(tmp_path):
    lock = Lock(HostHooks(tmp_path), Config(iterations=1), 0)
    for digit in (3, 1, 4, 1) * 2:
        lock.step(Event.DIGIT, 0, digit)
        if lock.filled == 4:
            lock.step(Event.ENTER, 0)
    assert lock.state == State.LOCKED
    lock = Lock(HostHooks(tmp_path), Config(iterations=1), 0)
    for digit in (3, 1, 4, 1):
        lock.step(Event.DIGIT, 0, digit)
    assert lock.step(Event.ENTER, 0) == Effect.OPENED
    (tmp_path / "slot-0.bin").write_bytes(b"x")
    (tmp_path / "slot-1.bin").unlink()
    lock = Lock(HostHooks(tmp_path), Config(iterations=1), 0)
    assert (lock.state, lock.message) == (State.FAULT, Message.RECORD)


@pytest.mark.parametrize(
    ("power", "left"),
    [(0, b"old!"), (1, b"old!"), (2, b"nld!"), (4, b"new!"), (5, b"news"), (6, b"news")],
)
def test_memory_tears_where_the_power_ends(power, left):
    hooks = MemoryHooks()
    hooks.write(0, b"old!")
    hooks.power = power
    assert hooks.write(0, b"news") is (power >= 5)
    assert hooks.read(0) == (left if power == 6 else None)
    hooks.power = None
    assert hooks.read(0) == left


def test_a_tear_may_lose_the_old_bytes():
    hooks = MemoryHooks()
    hooks.write(0, b"old!")
    hooks.power, hooks.torn = 2, lambda fresh, old: fresh
    hooks.write(0, b"news")
    assert hooks.slots == [b"n", b""]
