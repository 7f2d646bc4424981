import os
from pathlib import Path

import pytest

from inkpin.common import InputError
from inkpin.model.collection.journal import Journal


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "new" / "log")
    yield journal
    journal.close()


def fails_at(call, monkeypatch, name):
    """Make the call-th call of os.NAME fail as on a full disk."""
    real, calls = getattr(os, name), []

    def failing(*arguments):
        calls.append(arguments)
        if len(calls) == call:
            raise OSError(28, "No space left on device")
        return real(*arguments)

    monkeypatch.setattr(os, name, failing)


def test_records_follow_each_other_in_a_file_that_was_not_there(journal):
    journal.add(b"one\n")
    journal.add(b"two\n")
    assert journal.path.read_bytes() == b"one\ntwo\n"
    assert journal.size == 8


def test_a_record_that_does_not_reach_the_disk_leaves_nothing(journal, monkeypatch):
    journal.add(b"one\n")
    fails_at(1, monkeypatch, "fsync")
    with pytest.raises(InputError, match=r"log: not saved \(No space left on device\): make room"):
        journal.add(b"two\n")
    assert journal.path.read_bytes() == b"one\n"
    journal.add(b"three\n")
    assert journal.path.read_bytes() == b"one\nthree\n"


def test_what_could_not_be_cut_off_at_once_is_cut_off_before_the_next_record(journal, monkeypatch):
    journal.add(b"one\n")
    fails_at(1, monkeypatch, "fsync")
    fails_at(1, monkeypatch, "ftruncate")
    with pytest.raises(InputError, match="not saved"):
        journal.add(b"two\n")
    assert journal.path.read_bytes() == b"one\ntwo\n"
    journal.add(b"three\n")
    assert journal.path.read_bytes() == b"one\nthree\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has a disk always full")
def test_a_disk_that_is_full(tmp_path):
    (tmp_path / "log").symlink_to("/dev/full")
    journal = Journal(tmp_path / "log")
    with pytest.raises(InputError, match="No space left on device"):
        journal.add(b"one\n")
    journal.close()


def test_a_file_that_another_program_changed_is_refused(journal):
    journal.add(b"one\n")
    with journal.path.open("ab") as other:
        other.write(b"foreign\n")
    with pytest.raises(InputError, match="changed by another program: start Inkpin again"):
        journal.add(b"two\n")
    assert journal.path.read_bytes() == b"one\nforeign\n"


@pytest.mark.parametrize("gone", [True, False])
def test_a_file_that_was_deleted_or_replaced_is_refused(journal, gone):
    journal.path.rename(journal.path.with_name("old"))
    if not gone:
        journal.path.write_bytes(b"")
    with pytest.raises(InputError, match="changed by another program"):
        journal.add(b"one\n")


def test_one_program_at_a_time_where_that_is_asked_for(tmp_path):
    held = Journal(tmp_path / "log", exclusive=True)
    with pytest.raises(InputError, match="log: in use by another Inkpin: close that"):
        Journal(tmp_path / "log", exclusive=True)
    held.close()
    Journal(tmp_path / "log", exclusive=True).close()


def test_the_end_can_be_cut_off(journal):
    journal.add(b"one\ntwo\n")
    journal.cut(4)
    journal.add(b"three\n")
    assert journal.path.read_bytes() == b"one\nthree\n"


def test_a_place_that_takes_no_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="name a place to write to"):
        Journal(tmp_path / "file" / "log")
