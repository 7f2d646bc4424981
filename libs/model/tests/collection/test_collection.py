import os
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from inkpin.common import InputError
from inkpin.model.collection.collection import Collection
from inkpin.model.collection.guesses import Guess, guesses
from inkpin.model.collection.sample import new_sample
from inkpin.model.data.samples import Sample, load_samples, save_samples
from inkpin.model.inference.recogniser import Recogniser

STROKES = [np.array([[10, 20], [30, 200]], np.int32)]


def sample(label="7", writer="anna", session="s1", key=None):
    made = new_sample(label, STROKES, [np.array([0, 8])], writer, session)
    return replace(made, extra={**made.extra, "key_id": key}) if key else made


@pytest.fixture
def path(tmp_path):
    return tmp_path / "hand.jsonl"


@pytest.fixture
def opened(path):
    with Collection.open(path) as collection:
        yield collection


@pytest.fixture
def after_death(path, tmp_path):
    """Copy what is on the disk to where a later program finds it; return its path there."""

    def copy():
        folder = tmp_path / "later"
        folder.mkdir()
        for file in tmp_path.glob(f"{path.stem}.*"):
            shutil.copy(file, folder)
        return folder / path.name

    return copy


def labels(collection):
    return [entry.label for entry in collection.find()]


def test_each_sample_is_in_the_file_when_it_is_acknowledged(path, opened):
    first = opened.append(sample("7"))
    (read,) = load_samples(path)
    assert (read.label, read.writer, read.extra["session"]) == ("7", "anna", "s1")
    np.testing.assert_array_equal(read.strokes[0], STROKES[0])
    np.testing.assert_array_equal(read.times[0], [0, 8])
    assert read.extra["key_id"] == first.id
    assert read.extra["timestamp"].endswith("+00:00")
    opened.append(sample("1"))
    assert [s.label for s in load_samples(path)] == ["7", "1"]


def test_samples_are_found_by_what_they_say(opened):
    a = opened.append(sample("7", "anna", "mon"))
    b = opened.append(sample("1", "anna", "tue"))
    c = opened.append(sample("7", "", ""))
    assert [*map(len, (opened, opened.find("7"), opened.find(writer="anna")))] == [3, 2, 2]
    assert opened.find(session="tue") == [b]
    assert opened.find(writer="") == [c]
    assert opened.writers() == ["anna", ""]
    assert opened.sessions() == ["mon", "tue", ""]
    assert opened.sessions("anna") == ["mon", "tue"]
    assert opened.counts() == {"7": 2, "1": 1}
    assert opened.counts(writer="anna", session="mon") == {"7": 1}
    opened.guesses = {a.id: Guess("1", 90), b.id: Guess("1", 90)}
    assert opened.find(disagreeing=True) == [a]


def test_every_change_can_be_undone_and_done_again(path, opened):
    a, b = (opened.append(sample(label)) for label in "71")
    opened.relabel([a.id, b.id], "4")
    opened.delete([a.id])
    assert labels(opened) == ["4"]
    assert [opened.undo() for _ in range(3)] == [
        "deleting 1 sample",
        "relabelling 2 samples as '4'",
        "saving '1'",
    ]
    assert labels(opened) == ["7"]
    assert opened.to_undo.what == "saving '7'"
    assert opened.redo() == opened.to_undo.what == "saving '1'"
    assert opened.to_redo.what == "relabelling 2 samples as '4'"
    opened.append(sample("9"))
    assert (opened.to_redo, opened.redo()) == (None, None)
    assert labels(opened) == ["7", "1", "9"]
    opened.close()
    assert [s.label for s in load_samples(path)] == ["7", "1", "9"]


def test_samples_get_labels_of_their_own_in_one_step(opened):
    a, b, c = opened.extend([sample(key=key) for key in "abc"])
    assert opened.relabel_each({a.id: "1", b.id: "2", c.id: "7"}) == 2
    assert [entry.label for entry in opened.find()] == ["1", "2", "7"]
    assert opened.undo() == "relabelling 2 samples"
    assert [entry.label for entry in opened.find()] == ["7", "7", "7"]
    with pytest.raises(ValueError, match="empty"):
        opened.relabel_each({a.id: ""})


def test_changes_that_change_nothing_are_no_step(opened):
    a = opened.append(sample("7"))
    opened.relabel([a.id], "7")
    opened.delete([])
    assert opened.extend([]) == []
    assert opened.to_undo.what == "saving '7'"


def test_there_is_nothing_to_undo_at_first(opened):
    assert (opened.to_undo, opened.to_redo, opened.undo(), opened.redo()) == (None,) * 4


def test_a_deleted_sample_is_not_there(opened):
    a = opened.append(sample())
    opened.delete([a.id])
    for use in (opened.__getitem__, lambda key: opened.delete([key])):
        with pytest.raises(KeyError):
            use(a.id)


def test_edits_outlive_the_program_without_closing(opened, after_death):
    a, b, c = (opened.append(sample(label)) for label in "123")
    opened.relabel([b.id], "9")
    opened.delete([a.id, c.id])
    opened.undo()
    later = after_death()
    with Collection.open(later) as again:
        assert labels(again) == ["1", "9", "3"]
        assert again.notice is None
        assert [s.label for s in load_samples(later)] == ["1", "9", "3"]


def test_changes_are_folded_in_for_other_programs_and_the_collection_goes_on(path, opened):
    a, b = (opened.append(sample(label)) for label in "12")
    opened.relabel([b.id], "9")
    opened.delete([a.id])
    assert [s.label for s in load_samples(path)] == ["1", "2"]
    opened.fold()
    assert [s.label for s in load_samples(path)] == ["9"]
    opened.append(sample("3"))
    opened.undo()
    opened.undo()
    assert labels(opened) == ["1", "9"]
    opened.fold()
    assert [s.label for s in load_samples(path)] == ["1", "9"]


def test_changes_that_cannot_be_folded_in_stay(path, opened, monkeypatch):
    a, _ = (opened.append(sample(label)) for label in "12")
    opened.delete([a.id])

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(InputError):
            opened.fold()
    opened.append(sample("3"))
    assert labels(opened) == ["2", "3"]
    opened.fold()
    assert [s.label for s in load_samples(path)] == ["2", "3"]


def test_edits_that_were_folded_in_but_not_forgotten_do_no_harm(path):
    collection = Collection.open(path)
    a, b = (collection.append(sample(label)) for label in "12")
    collection.relabel([b.id], "9")
    collection.delete([a.id])
    edits = Path(f"{path}.edits").read_bytes()
    collection.close()
    Path(f"{path}.edits").write_bytes(edits)
    with Collection.open(path) as again:
        assert labels(again) == ["9"]


def test_deleting_all_and_closing_loses_nothing(path):
    with Collection.open(path) as collection:
        ids = [collection.append(sample(label)).id for label in "123"]
        collection.delete(ids)
    assert path.read_bytes() == b""
    trash = path.with_name("hand.trash.jsonl")
    assert [s.label for s in load_samples(trash)] == ["1", "2", "3"]
    with Collection.open(path) as again:
        assert len(again) == 0
        assert [entry.label for entry in again.find(deleted=True)] == ["1", "2", "3"]
        assert len(again.to_undo.after) == 3
        assert again.undo() == "deleting 3 samples"
        assert labels(again) == ["1", "2", "3"]
    assert [s.label for s in load_samples(path)] == ["1", "2", "3"]
    assert trash.read_bytes() == b""


def test_changes_are_undone_and_done_again_by_later_programs(path, opened, after_death):
    a, b = opened.extend([sample("1", key="a"), sample("2", key="b")])
    opened.relabel([a.id, b.id], "9")
    opened.delete([a.id])
    opened.undo()
    later = after_death()  # without closing
    with Collection.open(later) as again:
        assert (again.to_redo.what, again.to_undo.what) == (
            "deleting 1 sample",
            "relabelling 2 samples as '9'",
        )
        again.undo()
    with Collection.open(later) as again:
        assert labels(again) == ["1", "2"]
        assert again.redo() == "relabelling 2 samples as '9'"
        assert again.redo() == "deleting 1 sample"
        assert labels(again) == ["9"]
        assert [again.undo() for _ in range(4)][2:] == ["adding 2 samples", None]
        assert labels(again) == []
    with Collection.open(later) as again:
        assert again.redo() == "adding 2 samples"
        assert labels(again) == ["1", "2"]


@pytest.mark.parametrize("damaged", [b"{}", b"\xff\x00", b"[]\n{", b'{"word": "7", "draw'])
def test_a_damaged_trash_blocks_nothing(path, damaged):
    save_samples(path, [sample("7")])
    path.with_name("hand.trash.jsonl").write_bytes(damaged + b"\n")
    with Collection.open(path) as collection:
        assert labels(collection) == ["7"]
        assert "set aside" in collection.notice
        collection.delete([collection.find()[0].id])
    with Collection.open(path) as again:
        assert (again.notice, len(again.find(deleted=True))) == (None, 1)
    assert path.with_name(f"{path.name}.damaged").read_bytes() == damaged + b"\n"


def test_the_only_sample_blocks_nothing_when_it_is_damaged(path):
    save_samples(path, [sample("7")])
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"[[", b"[", 1))
    with Collection.open(path) as collection:
        assert (labels(collection), "1 damaged line" in collection.notice) == ([], True)
        collection.append(sample("8"))
    assert [s.label for s in load_samples(path)] == ["8"]
    assert path.with_name(f"{path.name}.damaged").read_bytes() == whole.replace(b"[[", b"[", 1)


def test_samples_are_restored_from_the_trash_with_the_label_they_had(path):
    with Collection.open(path) as collection:
        a, b = (collection.append(sample(label)) for label in "12")
        collection.relabel([a.id], "9")
        collection.delete([a.id, b.id])
    with Collection.open(path) as again:
        again.restore([a.id])
        assert labels(again) == ["9"]
        assert again.to_undo.what == "restoring 1 sample"
        with pytest.raises(KeyError):
            again.restore(["nobody"])
    with Collection.open(path) as again:
        assert labels(again) == ["9"]
        assert [entry.label for entry in again.find(deleted=True)] == ["2"]
        again.relabel([a.id], "4")
        again.delete([a.id])
    assert {s.label for s in load_samples(path.with_name("hand.trash.jsonl"))} == {"2", "4"}


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_program_that_dies_while_it_closes_loses_no_sample(path, monkeypatch, at):
    with Collection.open(path) as collection:
        a, _, c = (collection.append(sample(label)) for label in "123")
        collection.delete([c.id])
    collection = Collection.open(path)
    collection.delete([a.id])
    collection.restore([c.id])
    replaced = []

    class Died(BaseException):
        pass

    fsync = os.fsync

    def dying(file):
        replaced.append(file)
        if len(replaced) > 2 * at - 1:
            raise Died
        fsync(file)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", dying)
        with pytest.raises(Died):
            collection.close()
    with Collection.open(path) as again:
        assert sorted(labels(again)) == ["2", "3"]
        assert [entry.label for entry in again.find(deleted=True)] == ["1"]


def test_a_history_that_cannot_be_read_or_written_is_no_obstacle(path, opened, monkeypatch):
    a = opened.append(sample("1"))
    opened.close()
    history = Path(f"{path}.history")
    history.write_bytes(history.read_bytes() + b"{torn")
    with Collection.open(path) as again:
        assert again.to_undo is None
        again.delete([a.id])
        path.with_name("hand.trash.jsonl").unlink(missing_ok=True)
    path.with_name("hand.trash.jsonl").unlink()
    with Collection.open(path) as again:
        assert (again.to_undo, again.undo()) == (None, None)  # its sample is not there any more


def test_a_second_program_is_kept_out_until_the_first_is_gone(path):
    with Collection.open(path), pytest.raises(InputError, match="in use by another Inkpin"):
        Collection.open(path)
    Collection.open(path).close()


@pytest.mark.parametrize("lost", [1, 7, 60])
def test_a_line_that_was_cut_off_is_set_aside_and_reported(path, lost):
    with Collection.open(path) as collection:
        for label in "12":
            collection.append(sample(label))
    content = path.read_bytes()
    path.write_bytes(content[: -lost - 1])
    with Collection.open(path) as again:
        assert labels(again) == ["1"]
        assert "only half written; it was set aside in hand.jsonl.torn" in again.notice
        again.append(sample("3"))
    assert [s.label for s in load_samples(path)] == ["1", "3"]
    rest = content.splitlines()[1][:-lost]
    assert Path(f"{path}.torn").read_bytes() == rest + b"\n"


def test_a_last_line_that_only_lacks_its_end_is_a_sample(path):
    save_samples(path, [sample("1"), sample("2")])
    path.write_bytes(path.read_bytes()[:-1])
    with Collection.open(path) as collection:
        assert collection.notice is None
        collection.append(sample("3"))
        assert labels(collection) == ["1", "2", "3"]
    assert len(load_samples(path)) == 3


def test_an_edit_that_was_cut_off_was_never_made(opened, after_death):
    a = opened.append(sample("1"))
    opened.relabel([a.id], "2")
    opened.relabel([a.id], "3")
    later = after_death()
    edits = Path(f"{later}.edits")
    edits.write_bytes(edits.read_bytes()[:-2])
    with Collection.open(later) as again:
        assert labels(again) == ["2"]


@pytest.mark.parametrize("line", [b"[]", b"{", b'{"a": 1}'])
def test_a_damaged_edit_is_set_aside_and_the_others_hold(path, line):
    save_samples(path, [sample("1", key="a"), sample("2", key="b")])
    Path(f"{path}.edits").write_bytes(b'{"a": "8"}\n' + line + b'\n{"b": "9"}\n')
    with Collection.open(path) as collection:
        assert labels(collection) == ["8", "9"]
        assert "1 damaged line of" in collection.notice
    assert Path(f"{path}.damaged").read_bytes() == line + b"\n"
    with Collection.open(path) as again:
        assert (labels(again), again.notice) == (["8", "9"], None)


@pytest.mark.parametrize("line", [b'{"word": "1"}', b"\xff\xfe", b"", b"{" * 10**5])
def test_a_damaged_line_in_the_middle_is_set_aside_and_the_rest_works(path, line):
    save_samples(path, [sample("1", key="a"), sample("2", key="b")])
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + line + b"\n" + second)
    with Collection.open(path) as collection:
        assert labels(collection) == ["1", "2"]
        assert (collection.notice is None) == (not line)
        collection.append(sample("3"))
        collection.delete(["b"])
    assert [s.label for s in load_samples(path)] == ["1", "3"]
    if line:
        assert Path(f"{path}.damaged").read_bytes() == line + b"\n"
    trash = path.with_name("hand.trash.jsonl")
    trash.write_bytes(b"[1]\n" + trash.read_bytes())
    with Collection.open(path) as again:
        assert "1 damaged line of" in again.notice
        assert again.undo() == "deleting 1 sample"
        assert sorted(labels(again)) == ["1", "2", "3"]
    assert len(load_samples(path)) == 3


def test_a_file_of_something_else_is_refused_and_not_held(path):
    path.write_text('{"word": "1"}\n')
    for _ in range(2):
        with pytest.raises(InputError, match=r"hand.jsonl, line 1: no \"drawing\""):
            Collection.open(path)
    assert path.read_text() == '{"word": "1"}\n'


def test_a_compressed_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="unpack it first"):
        Collection.open(tmp_path / "hand.jsonl.gz")


def test_what_another_program_added_is_not_folded_away(path):
    collection = Collection.open(path)
    a, _ = (collection.append(sample(label)) for label in "12")
    collection.delete([a.id])
    with path.open("ab") as other:
        other.write(path.read_bytes().splitlines()[1] + b"\n")
    with pytest.raises(InputError, match="changed by another program"):
        collection.close()
    with Collection.open(path) as again:
        assert labels(again) == ["2", "2"]


@pytest.mark.parametrize("strange", [["a"], {"a": 1}, 7, ""])
def test_ids_that_are_no_text_are_replaced(path, opened, strange):
    (entry,) = opened.extend([Sample("1", STROKES, [None], {"key_id": strange})])
    assert opened[entry.id].sample.extra["key_id"] == entry.id != strange


def test_samples_without_an_id_or_with_the_same_get_their_own_once(path):
    save_samples(path, [Sample("1", STROKES, [None], extra) for extra in [{}, {}, {"key_id": "a"}]])
    with Collection.open(path) as collection:
        ids = [entry.id for entry in collection.find()]
        assert len(set(ids)) == 3
        assert ids[2] == "a"
    with Collection.open(path) as collection:
        assert [entry.id for entry in collection.find()] == ids


def test_a_full_disk_is_told_and_changes_nothing(path, opened, monkeypatch):
    a = opened.append(sample("1"))

    def full(file):
        raise OSError(28, "No space left on device")

    for change in (
        lambda: opened.append(sample("2")),
        lambda: opened.relabel([a.id], "3"),
        lambda: opened.delete([a.id]),
        opened.undo,
    ):
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(InputError, match="make room there and try again"):
                change()
        assert (labels(opened), opened.to_undo.what) == (["1"], "saving '1'")
    opened.append(sample("2"))
    assert labels(opened) == ["1", "2"]


def test_what_could_not_be_read_again_is_not_saved(path, opened):
    a = opened.append(sample())
    for bad in (sample(""), Sample("1", [], []), Sample("1", [np.zeros((0, 2), int)], [None])):
        with pytest.raises(InputError, match="without label or ink"):
            opened.append(bad)
    with pytest.raises(ValueError, match="an empty label"):
        opened.relabel([a.id], "")
    assert len(load_samples(path)) == 1


def test_adding_a_file_twice_adds_nothing_the_second_time(path, opened):
    batch = [sample(label, key=f"mine-{label}") for label in "123"]
    assert len(opened.extend(batch)) == 3
    assert len(opened.extend(batch)) == 0
    assert opened.undo() == "adding 3 samples"
    assert len(opened) == 0
    assert len(opened.extend(batch)) == 3
    assert len(opened.extend(batch)) == 0
    opened.close()
    assert len(load_samples(path)) == 3


def test_samples_are_found_while_a_thread_adds_others(opened):
    opened.append(sample())

    class Anybody(str):
        """A name that gives the other thread a turn whenever it is looked at."""

        def __eq__(self, _other):
            adding = threading.Thread(target=opened.append, args=[sample("1")])
            adding.start()
            adding.join()
            return True

        __hash__ = str.__hash__

    assert [entry.label for entry in opened.find(writer=Anybody())] == ["7"]
    assert labels(opened) == ["7", "1"]


def test_guesses_are_what_the_network_reads(opened):
    a = opened.append(sample("1"))
    assert [*guesses(opened.find(), Recogniser.load())] == [{a.id: Guess("1", 99)}]
    assert [*guesses([], Recogniser.load())] == []
    opened.extend([sample("1", key=str(number)) for number in range(700)])
    parts = [*guesses(opened.find(), Recogniser.load())]
    assert len(parts) > 1
    assert [key for part in parts for key in part] == [entry.id for entry in opened.find()]


def test_a_last_line_nested_beyond_reason_is_set_aside(path):
    save_samples(path, [sample(key="a")])
    with path.open("ab") as file:
        file.write(b"[" * 10**6)
    with Collection.open(path) as collection:
        assert labels(collection) == ["7"]
        assert "half written" in collection.notice


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork: Linux or macOS")
def test_nothing_acknowledged_is_lost_when_the_program_is_killed(tmp_path):
    script = Path(__file__).with_name("collecting.py")
    done = subprocess.run(
        [sys.executable, script, tmp_path, "200", "1"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    killed, acknowledged = map(int, done.stdout.split())
    assert killed == 200
    assert acknowledged > 500


class Model(RuleBasedStateMachine):
    """A collection against a plain dictionary; closed and opened at any time."""

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "hand.jsonl"
        self.collection = Collection.open(self.path)
        self.states, self.place, self.number = [{}], 0, 0

    def _now(self, state):
        self.states[self.place + 1 :] = [state]
        self.place += 1

    @rule(label=st.sampled_from("127"))
    def append(self, label):
        self.number += 1
        key = f"k{self.number}"
        self.collection.append(sample(label, key=key))
        self._now({**self.states[self.place], key: label})

    @rule(data=st.data(), label=st.sampled_from(["1", "2", None]))
    def edit(self, data, label):
        state = self.states[self.place]
        if state:
            keys = data.draw(st.sets(st.sampled_from(sorted(state)), min_size=1))
            if label is None:
                self.collection.delete(keys)
                self._now({key: old for key, old in state.items() if key not in keys})
            elif any(state[key] != label for key in keys):
                self.collection.relabel(keys, label)
                self._now({**state, **dict.fromkeys(keys, label)})

    @rule()
    def undo(self):
        assert (self.collection.undo() is not None) == (self.place > 0)
        self.place = max(self.place - 1, 0)

    @rule()
    def redo(self):
        assert (self.collection.redo() is not None) == (self.place < len(self.states) - 1)
        self.place = min(self.place + 1, len(self.states) - 1)

    @rule()
    def reopen(self):
        self.collection.close()
        self.collection = Collection.open(self.path)

    @invariant()
    def the_same(self):
        if hasattr(self, "collection"):
            found = {entry.id: entry.label for entry in self.collection.find()}
            assert found == self.states[self.place]
            assert len(self.collection) == len(found)

    def teardown(self):
        if hasattr(self, "collection"):
            self.collection.close()
            self.folder.cleanup()


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=25, stateful_step_count=25)
