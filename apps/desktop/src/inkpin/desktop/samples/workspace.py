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
from inkpin.desktop.samples.heavy_work import (
    export_c,
    improve_network,
    lines_of,
    read_samples,
    score_networks,
    write_sketch,
)
from inkpin.desktop.samples.wording import reason
from inkpin.model.adaptation.improved_model import BeforeAfter, ImprovedModel
from inkpin.model.adaptation.model_store import About, ModelStore, Score
from inkpin.model.collection.collection import Collection
from inkpin.model.collection.guesses import Guess, guesses
from inkpin.model.collection.sample import Entry
from inkpin.model.inference.recogniser import SHIPPED, Recogniser
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
        base: the network that is in use unless another was chosen.
        untrained: the labels, where there is no network of them yet, and the base is where it
            will be; nothing is read then.
        notice: to tell at the beginning.

    Attributes:
        collection: the samples, once they are open.
        networks: the one in use, and those before it.
        looked_at: the writer whose samples are to be looked through; None for all.
        asks_base: whether the base reads the samples, instead of the network in use, which may
            have learned what is wrong with them; changed by ask().
    """

    def __init__(
        self,
        folder: Path,
        samples: Path,
        base: Path = SHIPPED,
        *,
        untrained: Sequence[str] = (),
        notice: str = "",
    ) -> None:
        self.folder = folder
        self.samples = samples
        self.collection: Collection | None = None
        self.looked_at: str | None = None
        self.asks_base = False
        self.networks = ModelStore(folder / "networks", base)
        self._untrained = tuple(untrained)
        self._lock = threading.Lock()
        self._loaded: tuple[Path, Recogniser] | None = None
        self._base: Recogniser | None = None
        self._answers: dict[Path, dict[str, Guess]] = {}  # what networks read, for a return to them
        self._waiting: list[Waiting] = []
        self._opening = threading.Lock()
        self._held: Collection | None = None  # from when it is open, before Tk's thread hears of it
        self._closed = False
        self._notices: SimpleQueue[str] = SimpleQueue()
        if notice:
            self._notices.put(notice)

    @property
    def trained(self) -> bool:
        """Whether there is a network of these labels."""
        return not self._untrained

    def reader(self) -> Recogniser | None:
        """Return the network in use as `recogniser` does; None where there is none yet.

        Raises:
            InputError: as for `recogniser`.
        """
        return self.recogniser() if self.trained else None

    def recogniser(self) -> Recogniser:
        """Return the network in use, loaded once; from a damaged one the base takes over.

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

    def ask(self, *, base: bool) -> None:
        """Have the base read the samples from now on, or the network in use."""
        self.asks_base = base
        self._take_answers()

    def _asked(self) -> tuple[Path, Recogniser]:
        """Return the network that reads the samples."""
        path, recogniser = self._network()
        base = self.networks.base
        if not self.asks_base or path == base:
            return path, recogniser
        with self._lock:
            self._base = self._base or Recogniser.load(base)
            return base, self._base

    def use(self, result: ImprovedModel, writer: str, base: Path) -> None:
        """Make an improved network the one in use.

        Args:
            result: the network, and what it brought.
            writer: whose samples it learned from; "" for everybody's.
            base: the network that was improved.

        Raises:
            InputError: it cannot be kept.
        """
        about = About(
            writer=writer,
            samples=result.trained_on,
            own=_after(result.own),
            others=_after(result.reference),
        )
        with self._changing():
            self.networks.use(result.model, about)
        self.networks.note_scores({base: (_before(result.own), _before(result.reference))})

    def choose(self, path: Path) -> None:
        """Make a network that was kept the one in use.

        Raises:
            InputError: the choice cannot be kept.
        """
        with self._changing():
            self.networks.choose(path)

    def undo_network(self) -> str | None:
        """Take back the last change of the networks; return it in words, None for nothing.

        Raises:
            InputError: it cannot be taken back.
        """
        with self._changing():
            return self.networks.undo()

    def redo_network(self) -> str | None:
        """Do again what was taken back; return it in words, None for nothing.

        Raises:
            InputError: it cannot be done again.
        """
        with self._changing():
            return self.networks.redo()

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
            jobs.start(lambda _: self._open(), self._opened, self._refused)

    def _open(self) -> Collection:
        """Open the samples on a thread; nobody may be there to take them any more."""
        collection = Collection.open(self.samples)
        with self._opening:
            if not self._closed:
                self._held = collection
                return collection
        collection.close()
        return collection

    def _opened(self, collection: Collection) -> None:
        self.collection = collection
        self._take_answers()
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
        """Return the labels of the network, none before it is loaded, or those without one."""
        return self._loaded[1].labels if self._loaded else self._untrained

    def why_unread(self, entry: Entry) -> str:
        """Return in words why the network does not read a sample; empty if it does."""
        recogniser = self._asked()[1]
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
        path, recogniser = self._asked()
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

    def score(
        self, paths: Sequence[Path], entries: Sequence[Entry], job: Job
    ) -> dict[Path, tuple[Score, Score]]:
        """Return what networks read right of samples that none learned from, and of others'.

        Raises:
            InputError: a network is damaged.
        """
        return run_in_process(
            score_networks, job.progress, lambda _: None, paths, lines_of(entries)
        )

    def export(self, folder: Path, job: Job) -> list[Path]:
        """Write the C of the network in use; return the files; for a job.

        Raises:
            InputError: it cannot be converted, or not be written.
        """
        name = self.networks.base.stem
        return run_in_process(
            export_c, job.progress, lambda _: None, self.networks.active, name, folder
        )

    def write_firmware(self, folder: Path, job: Job) -> Path:
        """Write the firmware with the network in use as a sketch; return its folder; for a job.

        Raises:
            InputError: it cannot be made here, or not be written.
        """
        active = self.networks.active
        return run_in_process(write_sketch, job.progress, lambda _: None, active, folder)

    def close(self) -> None:
        """Let go of the samples and the networks."""
        self.networks.close()
        with self._opening:
            self._closed = True
        if self._held is not None:
            self._held.close()
            self._held = self.collection = None

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Let go of the network, once another one is in use."""
        yield
        with self._lock:
            self._loaded = None
        self._take_answers()

    def _take_answers(self) -> None:
        """Have what the network that is asked has read in the samples so far as their guesses."""
        if self.collection is not None:
            asked = self.networks.base if self.asks_base else self.networks.active
            self.collection.guesses = self._answers.setdefault(asked, {})


def _before(change: BeforeAfter) -> Score:
    return Score(change.before.right, change.before.n)


def _after(change: BeforeAfter) -> Score:
    return Score(change.after.right, change.after.n)
