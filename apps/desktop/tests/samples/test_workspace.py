import threading
from dataclasses import replace

import pytest
from networks import learned, planted
from waiting import until

from inkpin.common import InputError
from inkpin.desktop.jobs import Jobs
from inkpin.desktop.samples.workspace import Workspace
from inkpin.model.adaptation.model_store import About
from inkpin.model.collection.collection import Collection
from inkpin.model.collection.guesses import Guess
from inkpin.model.data.samples import save_samples
from inkpin.model.inference.recogniser import SHIPPED


@pytest.fixture
def workspace(tmp_path):
    workspace = Workspace(tmp_path, tmp_path / "samples.jsonl")
    yield workspace
    workspace.close()


def finish(jobs, heard, count=1):
    until(lambda: jobs.poll() or len(heard) >= count, f"{count} of {heard}")


def test_the_samples_are_opened_once_for_all_who_ask(workspace, samples):
    save_samples(workspace.samples, samples("12"))
    jobs, opened = Jobs(), []
    for _ in range(2):
        workspace.when_open(jobs, opened.append, pytest.fail)
    finish(jobs, opened, 2)
    workspace.when_open(jobs, opened.append, pytest.fail)
    assert opened == [workspace.collection] * 3
    assert len(workspace.collection) == 2
    assert workspace.take_notice() is None


@pytest.mark.parametrize("closed_first", [False, True])
def test_samples_that_are_opened_as_the_window_closes_are_let_go_of(
    workspace, monkeypatch, closed_first
):
    opening, go_on = threading.Event(), threading.Event()
    open_it = Collection.open

    def slowly(path):
        opening.set()
        assert go_on.wait(60)
        return open_it(path)

    monkeypatch.setattr(Collection, "open", slowly)
    jobs = Jobs()
    workspace.when_open(jobs, pytest.fail, pytest.fail)
    assert opening.wait(60)
    if closed_first:
        workspace.close()
    go_on.set()
    jobs.stop()
    workspace.close()
    open_it(workspace.samples).close()  # nobody holds it


def test_what_was_mended_is_told_once(workspace):
    workspace.samples.write_text('{"word": "7", "dra')
    jobs, opened = Jobs(), []
    workspace.when_open(jobs, opened.append, pytest.fail)
    finish(jobs, opened)
    assert "line" in workspace.take_notice()
    assert workspace.take_notice() is None


def test_unusable_samples_are_told_to_all_who_ask_and_may_be_mended(workspace):
    workspace.samples.write_text('{"word": 7}\n{}\n')
    jobs, errors, opened = Jobs(), [], []
    for _ in range(2):
        workspace.when_open(jobs, pytest.fail, errors.append)
    finish(jobs, errors, 2)
    assert len(errors) == 2
    assert isinstance(errors[0], InputError)
    workspace.samples.unlink()
    workspace.when_open(jobs, opened.append, pytest.fail)
    finish(jobs, opened)


def test_another_network_is_used_from_now_on(workspace, samples):
    first = workspace.recogniser()
    assert workspace.recogniser() is first
    assert workspace.labels() == first.labels
    used = workspace.networks.use(SHIPPED.read_bytes(), About())
    workspace.choose(SHIPPED)
    save_samples(workspace.samples, samples("1"))
    jobs, opened = Jobs(), []
    workspace.when_open(jobs, opened.append, pytest.fail)
    finish(jobs, opened)
    workspace.collection.guesses["x"] = Guess("1", 90)
    workspace.choose(used)
    assert workspace.labels() == ()
    assert workspace.collection.guesses == {}
    assert workspace.networks.active == used
    assert workspace.recogniser() is not first
    workspace.collection.guesses["x"] = Guess("2", 90)
    assert workspace.undo_network() == "using 'improved 1'"
    assert workspace.networks.active == SHIPPED
    assert workspace.collection.guesses == {"x": Guess("1", 90)}  # what this network read before
    workspace.redo_network()
    assert workspace.collection.guesses == {"x": Guess("2", 90)}


def test_a_slip_that_was_learned_is_found_by_the_shipped_network(workspace):
    slip, label = planted()
    workspace.networks.use(learned(slip, label), About())
    save_samples(workspace.samples, [replace(slip, label=label)])
    jobs, opened = Jobs(), []
    workspace.when_open(jobs, opened.append, pytest.fail)
    finish(jobs, opened)

    def read():
        ended = []
        entries = workspace.collection.find()
        take = workspace.collection.guesses.update
        jobs.start(lambda job: workspace.read(entries, take, job), ended.append, pytest.fail)
        finish(jobs, ended)
        return workspace.collection.find(disagreeing=True)

    assert read() == []
    workspace.ask(base=True)
    assert workspace.collection.guesses == {}
    (found,) = read()
    assert workspace.collection.guesses[found.id].label == slip.label
    workspace.ask(base=False)
    assert workspace.collection.find(disagreeing=True) == []


def test_the_c_of_the_network_in_use_is_written(workspace, tmp_path):
    jobs, done = Jobs(), []
    jobs.start(lambda job: workspace.export(tmp_path / "out", job), done.append, pytest.fail)
    finish(jobs, done)
    (files,) = done
    assert {"digits.c", "digits.h"} <= {file.name for file in files}
    assert all(file.exists() for file in files)


def test_many_samples_are_read_as_few_are(workspace, samples):
    save_samples(workspace.samples, samples("0123456789" * 51))
    jobs, opened, ended = Jobs(), [], []
    workspace.when_open(jobs, opened.append, pytest.fail)
    finish(jobs, opened)
    entries = workspace.collection.find()
    few, many = {}, {}
    for part, read in ((entries[:10], few), (entries, many)):
        jobs.start(
            lambda job, part=part, read=read: workspace.read(part, read.update, job),
            ended.append,
            pytest.fail,
        )
    finish(jobs, ended, 2)
    assert few.keys() == {entry.id for entry in entries[:10]}
    assert many == {entry.id: read for entry in entries for read in set(few.values())}
