import threading
import time

import pytest
from waiting import until

from inkpin.common.progress import Stopped
from inkpin.desktop.jobs import Jobs


class Listener:
    """Takes what comes of jobs."""

    def __init__(self):
        self.jobs = Jobs()
        self.done, self.failed, self.progress, self.threads = [], [], [], set()

    def start(self, work):
        return self.jobs.start(work, self.take, self.failed.append, self.take_progress)

    def take(self, result):
        self.threads.add(threading.current_thread())
        self.done.append(result)

    def take_progress(self, done, total):
        self.threads.add(threading.current_thread())
        self.progress.append((done, total))

    def wait(self):
        def ended():
            self.jobs.poll()
            return self.done or self.failed

        until(ended, "the end of the job")


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.jobs.stop()


def test_a_result_and_its_progress_come_to_the_thread_that_polls(listener):
    def work(job):
        assert threading.current_thread() is not threading.main_thread()
        for done in range(3):
            job.progress(done, 3)
        return "result"

    listener.start(work)
    listener.wait()
    assert listener.done == ["result"]
    assert listener.progress[-1] == (2, 3)
    assert listener.threads == {threading.main_thread()}
    assert listener.failed == []


def test_an_error_comes_as_it_was_raised(listener):
    error = KeyError("x")

    def work(_job):
        raise error

    listener.start(work)
    listener.wait()
    assert listener.failed == [error]
    assert listener.done == []


def test_a_job_that_is_stopped_ends_at_its_next_report(listener):
    gate = threading.Event()
    reports = []

    def work(job):
        gate.wait(60)
        for done in range(100):
            job.progress(done, 100)
            reports.append(done)

    job = listener.start(work)
    job.stop()
    gate.set()
    listener.wait()
    assert reports == []
    assert listener.done == []
    (error,) = listener.failed
    assert isinstance(error, Stopped)


def test_a_job_stopped_too_late_is_stopped_all_the_same(listener):
    finished = threading.Event()

    def work(_job):
        finished.set()
        return "result"

    job = listener.start(work)
    assert finished.wait(60)
    job.stop()
    listener.wait()
    assert listener.done == []
    assert isinstance(listener.failed[0], Stopped)


def test_a_job_that_has_committed_is_not_stopped_any_more(listener):
    committed, go_on = threading.Event(), threading.Event()

    def work(job):
        job.commit()
        committed.set()
        assert go_on.wait(60)
        job.progress(1, 1)
        return "saved"

    job = listener.start(work)
    assert committed.wait(60)
    job.stop()
    go_on.set()
    listener.wait()
    assert (listener.done, listener.failed) == (["saved"], [])


def test_a_job_that_is_stopped_does_not_commit(listener):
    gate = threading.Event()
    saved = []

    def work(job):
        assert gate.wait(60)
        job.commit()
        saved.append(1)

    job = listener.start(work)
    job.stop()
    gate.set()
    listener.wait()
    assert saved == []
    assert isinstance(listener.failed[0], Stopped)


def test_of_progress_between_two_polls_the_last_is_told(listener):
    reported = threading.Event()

    def work(job):
        for done in range(1000):
            job.progress(done, 1000)
        reported.set()

    listener.start(work)
    assert reported.wait(60)
    listener.wait()
    assert listener.progress == [(999, 1000)]


def test_stopping_all_waits_for_the_threads(listener):
    ended = []

    def work(job):
        try:
            while True:
                job.progress(0, 1)
                time.sleep(0.001)
        finally:
            ended.append(1)

    listener.start(work)
    listener.start(work)
    listener.jobs.stop()
    assert ended == [1, 1]
