"""Teach a network the user's own handwriting: its last layers anew, in numpy, within seconds.

What comes before them stays, so what goes into them are the integers that the device computes,
and what is to be found is a small dense network; see `last_layers` and `integer_fit`. Most of what
it is found by is what many other people wrote, so that they are not forgotten.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from inkpin.common import RefusedError
from inkpin.common.arrays import Bitmaps, Logits, Targets
from inkpin.common.progress import Progress, silent
from inkpin.common.words import counted
from inkpin.model import confidence
from inkpin.model.adaptation import rehearsal
from inkpin.model.adaptation.improved_model import BeforeAfter, ConfusionMatrix, ImprovedModel
from inkpin.model.adaptation.integer_fit import DISTILLED, STEPS, fit_integers
from inkpin.model.adaptation.last_layers import Integers, LastLayers
from inkpin.model.data.labelled import LabelledBitmaps, targets_of
from inkpin.model.data.picture import bitmaps_of
from inkpin.model.data.samples import Sample
from inkpin.model.inference.recogniser import Recogniser

MIN_VALIDATION = 10
"""Samples to validate with, without which improving makes no sense; one of five is."""

_GROUP_WEIGHTS = (0.15, 0.6, 0.25)  # of the user's, of other people's digits, of scribbles
_FIRST, _EVERY = 2, 5  # of a label's samples, in their order: those to validate with


def improve(
    base: bytes, name: str, samples: Sequence[Sample], progress: Progress = silent
) -> ImprovedModel:
    """Return a network with last layers that know these samples as well.

    The same samples in the same order give the same network. Which of a writer's samples are
    learned from changes neither with later ones nor with other writers, so that a network which
    was improved before is never validated with what it learned.

    Args:
        base: the bytes of the network to improve.
        name: of its file, for messages.
        samples: of one user, or of the few that share the lock.
        progress: told how far it is; stopped by what it raises.

    Raises:
        RefusedError: too few samples.
        InputError: a network that cannot be improved this way.
    """
    before = Recogniser(base, name)
    layers = LastLayers(base, name)
    known = [sample for sample in samples if sample.label in before.labels]
    total = len(known) + STEPS
    training, validation = _split(known, before.labels, lambda done, _: progress(done, total))
    others = rehearsal.load()
    rehearsed, reference = (d.among(before.labels) for d in (others.training, others.reference))
    integers = _fit(
        layers,
        training,
        rehearsed,
        others.scribbles,
        lambda step: progress(len(known) + step, total),
    )
    own_logits, other_logits = (
        _logits(layers, part, (layers.integers, integers)) for part in (validation, reference)
    )
    provenance = _provenance(base, layers.metadata, len(training))
    metadata = {**layers.metadata, "provenance": provenance}
    if len(reference):
        # As strict as before: as many of other people's digits are refused.
        refused = np.mean(before.confidence.of(other_logits[0]) < before.confidence.threshold)
        logits = np.concatenate([own_logits[1], other_logits[1]])
        targets = np.concatenate([validation.targets, reference.targets])
        metadata["confidence"] = confidence.fit(logits, targets, float(refused)).to_json()
    return ImprovedModel(
        model=layers.with_integers(integers, metadata),
        labels=before.labels,
        trained_on=len(training),
        unknown=len(samples) - len(known),
        own=BeforeAfter(*(_confusion(each, validation.targets) for each in own_logits)),
        reference=BeforeAfter(*(_confusion(each, reference.targets) for each in other_logits)),
    )


def _split(
    samples: Sequence[Sample], labels: tuple[str, ...], progress: Progress
) -> tuple[LabelledBitmaps, LabelledBitmaps]:
    """Return the samples, those to learn from and those to validate with."""
    targets = targets_of([sample.label for sample in samples], labels)
    own = LabelledBitmaps(bitmaps_of(samples, progress), targets, labels)
    held_out = validation_mask(samples)
    if held_out.sum() < MIN_VALIDATION:
        there = f"{counted(len(samples), 'sample')} {'is' if len(samples) == 1 else 'are'}"
        raise RefusedError(
            f"{there} too few to learn from and to check by: each writer should write "
            f"{_min_per_label(labels)} of each label, better ten or twenty"
        )
    return own[~held_out], own[held_out]


def _logits(
    layers: LastLayers, part: LabelledBitmaps, versions: Iterable[Sequence[Integers]]
) -> list[Logits]:
    """Return the logits of some bitmaps by each of the versions of the layers' integers."""
    features = layers.features(part.bitmaps)
    return [layers.logits(features, integers).astype(np.int32) for integers in versions]


def _fit(
    layers: LastLayers,
    own: LabelledBitmaps,
    rehearsed: LabelledBitmaps,
    scribbles: Bitmaps,
    progress: Callable[[int], None],
) -> list[Integers]:
    """Return integers that know the user's samples and other people's; scribbles stay scribbles."""
    return fit_integers(
        layers,
        layers.features(np.concatenate([own.bitmaps, rehearsed.bitmaps, scribbles])),
        np.concatenate([own.targets, rehearsed.targets, np.full(len(scribbles), DISTILLED)]),
        _sample_weights(len(own), len(rehearsed), len(scribbles)),
        progress,
    )


def validation_mask(samples: Sequence[Sample]) -> npt.NDArray[np.bool_]:
    """Return which samples to validate with, (n,): of each label a writer's third of every five."""
    seen: Counter[tuple[str, str]] = Counter()
    held_out = []
    for sample in samples:
        kind = (sample.writer, sample.label)
        held_out.append(seen[kind] % _EVERY == _FIRST)
        seen[kind] += 1
    return np.array(held_out, bool)


def _min_per_label(labels: Sequence[str]) -> int:
    """Return how many samples of each label are the fewest that will do."""
    return (-(-MIN_VALIDATION // len(labels)) - 1) * _EVERY + _FIRST + 1


def _sample_weights(*counts: int) -> npt.NDArray[np.float32]:
    """Return the weight of each sample in the loss, of sum 1, for three groups of them."""
    shares = np.array(_GROUP_WEIGHTS) * (np.array(counts) > 0)
    each = shares / shares.sum() / np.maximum(counts, 1)
    return np.repeat(each.astype(np.float32), counts)


def _provenance(base: bytes, metadata: Mapping[str, str], samples: int) -> str:
    """Return where the network comes from: how it was trained, and the last improvement."""
    try:
        before = json.loads(metadata.get("provenance", "{}"))
    except ValueError:
        before = {}
    improved = {"from": hashlib.sha256(base).hexdigest(), "samples": samples}
    return json.dumps({**(before if isinstance(before, dict) else {}), "improved": improved})


def _confusion(logits: Logits, targets: Targets) -> ConfusionMatrix:
    counts = np.zeros(2 * logits.shape[1:], np.int64)
    np.add.at(counts, (targets, logits.argmax(axis=1)), 1)
    return ConfusionMatrix(counts)
