import threading
import time

import pytest

from inkpin.common.progress import Stopped
from inkpin.desktop.jobs import Jobs


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
    assert ears.heard[-1] == (2, 3)
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


def test_a_job_that_has_settled_is_not_stopped_any_more(ears):
    settled, go_on = threading.Event(), threading.Event()

    def work(job):
        job.commit()
        settled.set()
        assert go_on.wait(5)
        job.progress(1, 1)
        return "saved"

    job = ears.start(work)
    assert settled.wait(5)
    job.stop()
    go_on.set()
    ears.wait()
    assert (ears.done, ears.failed) == (["saved"], [])


def test_a_job_that_is_stopped_does_not_settle(ears):
    gate = threading.Event()
    saved = []

    def work(job):
        assert gate.wait(5)
        job.commit()
        saved.append(1)

    job = ears.start(work)
    job.stop()
    gate.set()
    ears.wait()
    assert saved == []
    assert isinstance(ears.failed[0], Stopped)


def test_of_progress_between_two_polls_the_last_is_heard(ears):
    reported = threading.Event()

    def work(job):
        for done in range(1000):
            job.progress(done, 1000)
        reported.set()

    ears.start(work)
    assert reported.wait(5)
    ears.wait()
    assert ears.heard == [(999, 1000)]


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
