"""Work on threads, with progress and an end on demand; what it reports comes to one thread."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

from inkpin.common.progress import Stopped

T = TypeVar("T")


class Job:
    """One piece of work under way; the work itself gets it as its argument."""

    def __init__(
        self, post: Callable[[Callable[[], None]], None], progressed: Callable[[int, int], None]
    ) -> None:
        self._post = post
        self._progressed = progressed
        self._lock = threading.Lock()
        self._stopping = self._committed = False
        self._reached: tuple[int, int] | None = None

    @property
    def stopping(self) -> bool:
        """Whether stop() was called, in time."""
        return self._stopping

    def stop(self) -> None:
        """Ask the work to end at its next report."""
        with self._lock:
            self._stopping = not self._committed

    def commit(self) -> None:
        """Let nothing stop the work any more: what comes now changes something, and is told.

        Raises:
            Stopped: the work is to end.
        """
        with self._lock:
            if self._stopping:
                raise Stopped
            self._committed = True

    def progress(self, done: int, total: int) -> None:
        """Say how far the work is; what is outdated when it could be told is not.

        Raises:
            Stopped: the work is to end.
        """
        if self.stopping:
            raise Stopped
        with self._lock:
            waiting, self._reached = self._reached, (done, total)
        if waiting is None:
            self.post(self._report)

    def _report(self) -> None:
        with self._lock:
            reached, self._reached = self._reached, None
        if reached:
            self._progressed(*reached)

    def post(self, call: Callable[[], None]) -> None:
        """Have something done on the thread that polls, after all that was posted before."""
        self._post(call)


class Jobs:
    """Starts work on threads; poll() runs what they report on the thread that calls it."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._running: dict[Job, threading.Thread] = {}

    def start(
        self,
        work: Callable[[Job], T],
        done: Callable[[T], None],
        failed: Callable[[BaseException], None],
        progressed: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Job:
        """Run `work` on a thread.

        Args:
            work: is given the job, to report to.
            done: takes what the work returned; not called once the job was stopped.
            failed: takes the error that ended it; Stopped when it was stopped.
            progressed: takes how far it is, of how much.
        """
        job = Job(self._calls.put, progressed)

        def finish(result: T) -> None:
            if job.stopping:
                failed(Stopped())
            else:
                done(result)

        def run() -> None:
            try:
                result = work(job)
            except BaseException as error:  # whatever it is, its owner decides
                final = error
                self._calls.put(lambda: self._end(job, lambda: failed(final)))
            else:
                self._calls.put(lambda: self._end(job, lambda: finish(result)))

        thread = threading.Thread(target=run, name="job", daemon=True)
        self._running[job] = thread
        thread.start()
        return job

    def poll(self) -> None:
        """Run what was reported since the last time."""
        for _ in range(self._calls.qsize()):
            try:
                call = self._calls.get_nowait()
            except Empty:  # a call ran an event loop, and that polled
                return
            call()

    def stop(self) -> None:
        """Ask all work to end, and wait for that a while."""
        for job in self._running:
            job.stop()
        for thread in self._running.values():
            thread.join(timeout=2)

    def _end(self, job: Job, call: Callable[[], None]) -> None:
        del self._running[job]
        call()
