"""How often an engine is right, on bitmaps or on pen strokes."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict, TypeVar

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from inkpin.common.arrays import Ints, Targets
from inkpin.common.words import counted
from inkpin.model.data.labelled import REJECT, LabelledBitmaps
from inkpin.model.data.samples import Sample
from inkpin.model.inference.c_engine import CRecogniser, CStrokes
from inkpin.model.inference.engine import Engine, Pipeline
from inkpin.model.inference.recogniser import Prediction, Recogniser
from inkpin.model.inference.wasm_engine import WasmRecogniser
from inkpin.model.inference.xtensa_engine import XtensaRecogniser
from inkpin.preprocess import Strokes

ENGINES: dict[str, Callable[[Path], Engine]] = {
    "onnx": lambda path: Pipeline(Strokes, Recogniser.load(path)),
    "device": lambda path: Pipeline(CStrokes, CRecogniser.load(path)),
    "xtensa": XtensaRecogniser.load,
    "wasm": WasmRecogniser.load,
}
"""How to load a network into each of the equal engines."""

_BATCH = 500
_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Answers:
    """What became of each sample of a set.

    Attributes:
        targets: (n,), places among the network's labels; REJECT for a label that it does not know.
        best: (n,), places of what was read, refused or not.
        accepted: (n,), whether it was not refused.
        writers: who wrote each, empty texts where that is not said; none at all where nobody asks.
    """

    targets: Targets
    best: Ints
    accepted: npt.NDArray[np.bool_]
    writers: tuple[str, ...] = ()

    @classmethod
    def of(cls, targets: Targets, predictions: Sequence[Prediction]) -> "Answers":
        """Return the answers of predictions, one for each target."""
        return cls(
            targets,
            np.array([prediction.best for prediction in predictions], int),
            np.array([prediction.label is not None for prediction in predictions], bool),
        )

    @classmethod
    def joined(cls, parts: Sequence["Answers"]) -> "Answers":
        """Return the answers of all parts as those of one set."""
        return cls(
            np.concatenate([part.targets for part in parts]),
            np.concatenate([part.best for part in parts]),
            np.concatenate([part.accepted for part in parts]),
            tuple(writer for part in parts for writer in part.writers),
        )

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Whether the network knows the label of each, (n,)."""
        return np.not_equal(self.targets, REJECT)

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """Whether each was read rightly, refused or not, (n,)."""
        return np.equal(self.best, self.targets)

    def by_writer(self) -> dict[str, npt.NDArray[np.bool_]]:
        """Return by writer, in order, which samples of known labels are theirs, (n,)."""
        writers = np.array(self.writers, str)
        chosen = {str(writer): (writers == writer) & self.known for writer in np.unique(writers)}
        return {writer: own for writer, own in chosen.items() if own.any()}


def misread(answers: Answers, own: npt.NDArray[np.bool_], labels: Sequence[str]) -> str:
    """Return in words which of some samples were read as others, the most frequent first.

    Args:
        answers: of all samples.
        own: which of them are asked for, (n,).
        labels: of the network.
    """
    wrong = own & ~answers.right
    pairs = Counter(zip(answers.targets[wrong], answers.best[wrong], strict=True))
    return ", ".join(
        f"{labels[target]} as {labels[best]}" + (f" ({count}x)" if count > 1 else "")
        for (target, best), count in sorted(pairs.items(), key=lambda p: (-p[1], p[0]))
    )


class WriterMetrics(TypedDict):
    """How well one writer's samples were read: `right` of `n`, refused or not."""

    writer: str
    n: int
    right: int
    rejected: int


class Writers(TypedDict):
    """What writers of MIN_SAMPLES or more can expect, each counting alike.

    Attributes:
        n: how many there are.
        mean: of the shares read rightly, refused or not.
        tenth: their tenth percentile.
        worst: the least of them.
        pin: the chance that four of one's digits in a row are read rightly and none refused.
        often_refused: share of the writers of whom more than MANY_REFUSED is refused.
    """

    n: int
    mean: float
    tenth: float
    worst: float
    pin: float
    often_refused: float


class Unknown(TypedDict):
    """How many samples have a label that the network does not know, and were refused."""

    n: int
    rejected: int


MIN_SAMPLES = 20
"""A writer with fewer says little."""

MANY_REFUSED = 0.03
"""Share of somebody's digits that are refused, from where on the lock is a nuisance."""


def by_writer(answers: Answers) -> Writers | None:
    """Return what writers can expect; None if nobody who is named wrote enough."""
    named = {writer: own for writer, own in answers.by_writer().items() if writer}
    groups = [own for own in named.values() if own.sum() >= MIN_SAMPLES]
    if not groups:
        return None
    shares = np.array([answers.right[own].mean() for own in groups])
    read = np.array([(answers.right & answers.accepted)[own].mean() for own in groups])
    refused = np.array([(~answers.accepted)[own].mean() for own in groups])
    return {
        "n": len(groups),
        "mean": float(shares.mean()),
        "tenth": float(np.quantile(shares, 0.1)),
        "worst": float(shares.min()),
        "pin": float((read**4).mean()),
        "often_refused": float((refused > MANY_REFUSED).mean()),
    }


def writers_line(writers: Writers) -> str:
    """Return in a line what writers can expect."""
    return (
        f"{counted(writers['n'], 'writer')} of {MIN_SAMPLES} or more: mean {writers['mean']:.2%}, "
        f"tenth percentile {writers['tenth']:.2%}, worst {writers['worst']:.2%}; a PIN of 4 read "
        f"at once {writers['pin']:.2%}; refused more than {MANY_REFUSED:.0%}: "
        f"{writers['often_refused']:.0%}"
    )


class Metrics(TypedDict):
    """How well one set was read; all but `unknown` is of labels that the network knows.

    Attributes:
        set: its name.
        n: samples.
        accuracy: share right, refused or not; None if there is no sample.
        accuracy_accepted: share right of those not refused; None if all were.
        rejected: how many were refused.
        per_label: share right of each label that occurs.
        confusion: how often each label (row) was read as each other (column).
        writers: the same of each writer; empty for images.
        by_writer: what writers can expect; None where nobody wrote enough.
        unknown: what was made of the other samples.
        engine: who read it.
        preprocess: the mode that made bitmaps of strokes; None for what was bitmaps already.
    """

    set: str
    n: int
    accuracy: float | None
    accuracy_accepted: float | None
    rejected: int
    per_label: dict[str, float]
    confusion: list[list[int]]
    writers: list[WriterMetrics]
    by_writer: Writers | None
    unknown: Unknown
    engine: str
    preprocess: str | None


def read_bitmaps(network: Engine, name: str, known: LabelledBitmaps) -> Answers:
    """Return what an engine makes of bitmaps.

    Args:
        network: the engine.
        name: of the set.
        known: the set.
    """
    bitmaps = known.bitmaps > 0
    predictions = _in_batches(lambda part: network.predictions(bitmaps[part]), len(known), name)
    return Answers.of(_targets(known.texts, network.labels), predictions)


def read_strokes(network: Engine, name: str, samples: Sequence[Sample], mode: str) -> Answers:
    """Return what an engine makes of strokes, made bitmaps by a mode; what is illegible is refused.

    Args:
        network: the engine.
        name: of the set.
        samples: the set.
        mode: one of preprocess.MODES.
    """
    strokes = [sample.strokes for sample in samples]
    readings = _in_batches(lambda part: network.readings(strokes[part], mode), len(samples), name)
    answers = Answers.of(
        _targets([sample.label for sample in samples], network.labels),
        [reading.prediction for reading in readings],
    )
    legible = np.array([reading.legible for reading in readings], bool)
    writers = tuple(sample.writer for sample in samples)
    return replace(answers, accepted=answers.accepted & legible, writers=writers)


def _targets(texts: Sequence[str], labels: tuple[str, ...]) -> Targets:
    places = {label: place for place, label in enumerate(labels)}
    return np.array([places.get(text, REJECT) for text in texts], np.int64)


def _in_batches(read: Callable[[slice], list[_T]], count: int, name: str) -> list[_T]:
    """Return what `read` makes of all parts, showing progress."""
    starts = tqdm(range(0, count, _BATCH), f"{name}: reading", leave=False, disable=None)
    return [answer for start in starts for answer in read(slice(start, start + _BATCH))]


def metrics(
    name: str,
    labels: tuple[str, ...],
    answers: Answers,
    *,
    engine: str,
    preprocess: str | None = None,
) -> Metrics:
    """Return how well a set was read.

    Args:
        name: of the set.
        labels: that the network knows.
        answers: what became of each sample.
        engine: who read them.
        preprocess: the mode that made bitmaps of strokes, if one did.
    """
    known, accepted, right = answers.known, answers.accepted, answers.right
    targets = answers.targets
    confusion = np.zeros((len(labels), len(labels)), int)
    np.add.at(confusion, (targets[known], answers.best[known]), 1)
    return {
        "set": name,
        "n": int(known.sum()),
        "accuracy": _share(right[known]),
        "accuracy_accepted": _share(right[known & accepted]),
        "rejected": int((known & ~accepted).sum()),
        "per_label": {
            label: float(right[targets == place].mean())
            for place, label in enumerate(labels)
            if (targets == place).any()
        },
        "confusion": confusion.tolist(),
        "writers": [
            {
                "writer": writer,
                "n": int(own.sum()),
                "right": int(right[own].sum()),
                "rejected": int((own & ~accepted).sum()),
            }
            for writer, own in answers.by_writer().items()
        ],
        "by_writer": by_writer(answers),
        "unknown": {"n": int((~known).sum()), "rejected": int((~known & ~accepted).sum())},
        "engine": engine,
        "preprocess": preprocess,
    }


def _share(right: npt.NDArray[np.bool_]) -> float | None:
    return float(right.mean()) if len(right) else None
