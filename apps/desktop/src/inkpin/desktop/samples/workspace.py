"""The networks and the samples of one user, for every tab that works with them."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from inkpin.common.files import read_bytes
from inkpin.desktop.jobs import Job, Jobs
from inkpin.desktop.processes import run_in_process
from inkpin.desktop.samples.heavy_work import export_c, improve_network, lines_of, read_samples
from inkpin.desktop.samples.wording import reason
from inkpin.model.adaptation.improved_model import ImprovedModel
from inkpin.model.collection.collection import Collection
from inkpin.model.collection.guesses import Guess, guesses
from inkpin.model.collection.sample import Entry
from inkpin.model.inference.model_store import ModelStore
from inkpin.model.inference.recogniser import Recogniser
from inkpin.model.inference.refusal import refusal_of
from inkpin.preprocess import Strokes

_FEW = 500
"""Samples that the network has read before another process would have begun."""

Waiting = tuple[Callable[[Collection], None], Callable[[BaseException], None]]


class Workspace:
    """What is open. The recogniser is for any thread, all else for Tk's.

    Args:
        folder: the user's.
        samples: the file of the collected samples.

    Attributes:
        collection: the samples, once they are open.
        networks: the one in use, and those before it.
        looked_at: the writer whose samples are to be looked through; None for all.
    """

    def __init__(self, folder: Path, samples: Path) -> None:
        self.folder = folder
        self.samples = samples
        self.collection: Collection | None = None
        self.looked_at: str | None = None
        self.networks = ModelStore(folder / "networks")
        self._lock = threading.Lock()
        self._loaded: tuple[Path, Recogniser] | None = None
        self._answers: dict[Path, dict[str, Guess]] = {}  # what networks read, for a return to them
        self._waiting: list[Waiting] = []
        self._notices: SimpleQueue[str] = SimpleQueue()

    def recogniser(self) -> Recogniser:
        """Return the network in use, loaded once; from a damaged one the shipped one takes over.

        Raises:
            InputError: neither is usable.
        """
        return self._network()[1]

    def _network(self) -> tuple[Path, Recogniser]:
        with self._lock:
            if self._loaded is None:
                path, recogniser, notice = self.networks.load()
                self._loaded = path, recogniser
                if notice:
                    self._notices.put(notice)
            return self._loaded

    def use(self, model: bytes) -> None:
        """Make a network the one in use.

        Raises:
            InputError: it cannot be kept.
        """
        with self._changing():
            self.networks.use(model)

    def choose(self, path: Path) -> None:
        """Make a network that was kept the one in use.

        Raises:
            InputError: the choice cannot be kept.
        """
        with self._changing():
            self.networks.choose(path)

    def when_open(
        self,
        jobs: Jobs,
        done: Callable[[Collection], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Open the samples on a thread, unless they are; then call `done`.

        Args:
            jobs: runs it.
            done: takes the samples.
            failed: takes an InputError of Collection.open.
        """
        if self.collection is not None:
            done(self.collection)
            return
        self._waiting.append((done, failed))
        if len(self._waiting) == 1:
            jobs.start(lambda _: Collection.open(self.samples), self._opened, self._refused)

    def _opened(self, collection: Collection) -> None:
        self.collection = collection
        if collection.notice:
            self._notices.put(collection.notice)
        for done, _ in self._taken():
            done(collection)

    def _refused(self, error: BaseException) -> None:
        for _, failed in self._taken():
            failed(error)

    def _taken(self) -> list[Waiting]:
        waiting, self._waiting = self._waiting, []
        return waiting

    def take_notice(self) -> str | None:
        """Return, once, what had to be mended in the samples or the choice of the network."""
        return None if self._notices.empty() else self._notices.get()

    def labels(self) -> tuple[str, ...]:
        """Return the labels of the network, none before it is loaded."""
        return self._loaded[1].labels if self._loaded else ()

    def why_unread(self, entry: Entry) -> str:
        """Return in words why the network does not read a sample; empty if it does."""
        recogniser = self.recogniser()
        ink, prediction = Strokes.of(entry.sample.strokes), recogniser.predict(entry.bitmap)
        refusal = refusal_of(ink, prediction, recogniser.labels)
        return reason(refusal, recogniser.labels) if refusal else ""

    def read(
        self, entries: Sequence[Entry], take: Callable[[dict[str, Guess]], None], job: Job
    ) -> None:
        """Have the network read samples; for a job, which may be stopped at any time.

        Args:
            entries: the samples.
            take: called on Tk's thread with what is read, by ids, as it comes.
            job: this one.
        """
        path, recogniser = self._network()
        if len(entries) <= _FEW:
            done = 0
            job.progress(done, len(entries))
            for read in guesses(entries, recogniser):
                done += len(read)
                job.post(partial(take, read))
                job.progress(done, len(entries))
            return
        run_in_process(
            read_samples,
            job.progress,
            lambda read: job.post(partial(take, read)),
            path,
            lines_of(entries),
            [entry.id for entry in entries],
        )

    def improve(self, entries: Sequence[Entry], job: Job) -> ImprovedModel:
        """Return the network in use, taught by samples; for a job.

        Raises:
            InputError: there are too few, or the network cannot be taught.
        """
        path = self.networks.active
        model = read_bytes(path, "choose another network")
        return run_in_process(
            improve_network, job.progress, lambda _: None, path, model, lines_of(entries)
        )

    def export(self, folder: Path, job: Job) -> list[Path]:
        """Write the C of the network in use; return the files; for a job.

        Raises:
            InputError: it cannot be converted, or not be written.
        """
        return run_in_process(export_c, job.progress, lambda _: None, self.networks.active, folder)

    def close(self) -> None:
        """Let go of the samples."""
        if self.collection is not None:
            self.collection.close()
            self.collection = None

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Let go of the network, and put what it read in the samples aside, once it is changed."""
        yield
        with self._lock:
            before, self._loaded = self._loaded, None
        if self.collection is not None:
            if before:
                self._answers[before[0]] = self.collection.guesses
            self.collection.guesses = self._answers.get(self.networks.active, {})
