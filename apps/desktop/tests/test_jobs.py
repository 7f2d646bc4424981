import threading
import time

import pytest

from inkpin.desktop.jobs import Jobs
from inkpin.model.progress import Stopped


class Ears:
    """Hears what comes of jobs."""

    def __init__(self):
        self.jobs = Jobs()
        self.done, self.failed, self.heard, self.threads = [], [], [], set()

    def start(self, work):
        return self.jobs.start(work, self.take, self.failed.append, self.hear)

    def take(self, result):
        self.threads.add(threading.current_thread())
        self.done.append(result)

    def hear(self, done, total):
        self.threads.add(threading.current_thread())
        self.heard.append((done, total))

    def wait(self):
        deadline = time.monotonic() + 5
        while not self.done and not self.failed:
            assert time.monotonic() < deadline
            self.jobs.poll()
            time.sleep(0.001)


@pytest.fixture
def ears():
    ears = Ears()
    yield ears
    ears.jobs.stop()


def test_a_result_and_its_progress_come_to_the_thread_that_polls(ears):
    def work(job):
        assert threading.current_thread() is not threading.main_thread()
        for done in range(3):
            job.progress(done, 3)
        return "result"

    ears.start(work)
    ears.wait()
    assert ears.done == ["result"]
    assert ears.heard == [(0, 3), (1, 3), (2, 3)]
    assert ears.threads == {threading.main_thread()}
    assert ears.failed == []


def test_an_error_comes_as_it_was_raised(ears):
    error = KeyError("x")

    def work(_job):
        raise error

    ears.start(work)
    ears.wait()
    assert ears.failed == [error]
    assert ears.done == []


def test_a_job_that_is_stopped_ends_at_its_next_report(ears):
    gate = threading.Event()
    reports = []

    def work(job):
        gate.wait(5)
        for done in range(100):
            job.progress(done, 100)
            reports.append(done)

    job = ears.start(work)
    job.stop()
    gate.set()
    ears.wait()
    assert reports == []
    assert ears.done == []
    (error,) = ears.failed
    assert isinstance(error, Stopped)


def test_a_job_stopped_too_late_is_stopped_all_the_same(ears):
    finished = threading.Event()

    def work(_job):
        finished.set()
        return "result"

    job = ears.start(work)
    assert finished.wait(5)
    job.stop()
    ears.wait()
    assert ears.done == []
    assert isinstance(ears.failed[0], Stopped)


def test_stopping_all_waits_for_the_threads(ears):
    ended = []

    def work(job):
        try:
            while True:
                job.progress(0, 1)
                time.sleep(0.001)
        finally:
            ended.append(1)

    ears.start(work)
    ears.start(work)
    ears.jobs.stop()
    assert ended == [1, 1]
