"""Has the network read all samples that it has not read yet, while the user goes on."""

from collections.abc import Callable, Sequence
from functools import partial

from inkpin.desktop.jobs import Job, Jobs
from inkpin.desktop.samples.workspace import Workspace
from inkpin.model.collection.guesses import Guess
from inkpin.model.collection.sample import Entry


class BackgroundReader:
    """Fills the collection's guesses on a thread. To be used on Tk's.

    Args:
        workspace: its samples, once they are open, and its network.
        jobs: runs it.
        first: gives the samples to read before all others.
        took: told the ids of samples that were read, as they come.
        progressed: told which share of them was read; None when nothing is under way any more.
        failed: takes the error that ended it; Stopped after stop().
    """

    def __init__(
        self,
        workspace: Workspace,
        jobs: Jobs,
        first: Callable[[], Sequence[Entry]],
        took: Callable[[set[str]], None],
        progressed: Callable[[float | None], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._workspace = workspace
        self._jobs = jobs
        self._first = first
        self._took = took
        self._progressed = progressed
        self._failed = failed
        self._job: Job | None = None
        self._again = self._stopped = False

    def go_on(self) -> None:
        """Begin likewise, unless it was stopped since it began last."""
        if not self._stopped:
            self.start()

    def start(self) -> None:
        """Begin, unless that is under way, nothing is unread, or nobody can read."""
        self._stopped = False
        collection = self._workspace.collection
        if collection is None or self._job or not self._workspace.trained:
            return
        ordered = dict.fromkeys((*self._first(), *collection.find()))
        unread = [entry for entry in ordered if entry.id not in collection.guesses]
        if not unread:
            return
        self._progressed(0)
        take = partial(self._take, collection.guesses)  # not those of a later network
        self._job = self._jobs.start(
            lambda job: self._workspace.read(unread, take, job),
            lambda _: self._end(),
            self._ended_by,
            lambda done, total: self._progressed(done / max(total, 1)),
        )

    def restart(self) -> None:
        """Begin anew, with another network."""
        if self._job:
            self._again = True
            self._job.stop()
        else:
            self.start()

    def stop(self) -> None:
        """End; what was read so far stays."""
        self._stopped = True
        if self._job:
            self._job.stop()

    def _take(self, guesses: dict[str, Guess], read: dict[str, Guess]) -> None:
        guesses.update(read)
        self._took(set(read))

    def _ended_by(self, error: BaseException) -> None:
        self._end()
        if self._again:
            self._again = False
            self.start()
        else:
            self._failed(error)

    def _end(self) -> None:
        self._job = None
        self._progressed(None)
