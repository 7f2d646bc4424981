"""Teach a network the user's own hand: its last layers anew, in numpy, within seconds.

What comes before them stays, so what goes into them are the integers that the device computes,
and what is to be found is a small dense network; see `last_layers` and `finetuning`. Most of what
it is found by is what many other people wrote, so that they are not forgotten.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from inkpin.common import InputError
from inkpin.common.progress import Progress, silent
from inkpin.model import confidence
from inkpin.model.adaptation import rehearsal
from inkpin.model.adaptation.improvement import Change, Improvement, Score
from inkpin.model.adaptation.integer_fit import AS_BEFORE, STEPS, fitted
from inkpin.model.adaptation.last_layers import LastLayers
from inkpin.model.data.labelled import LabelledBitmaps, targets_of
from inkpin.model.data.picture import bitmap_of
from inkpin.model.data.samples import Sample
from inkpin.model.inference.recogniser import Recogniser
from inkpin.preprocess import SIDE

LEAST = 10
"""Samples to check by without which improving makes no sense; one of five is."""

_IMPORTANCE = (0.15, 0.6, 0.25)  # of the user's, of other people's digits, of scribbles
_FIRST, _EVERY = 2, 5  # of a label's samples, in their order: those to check by


def improve(
    base: bytes, name: str, samples: Sequence[Sample], progress: Progress = silent
) -> Improvement:
    """Return a network with last layers that know these samples as well.

    The same samples in the same order give the same network. Which of a writer's samples are
    learned from changes neither with later ones nor with other writers, so that a network which
    was improved before is never checked by what it learned.

    Args:
        base: the bytes of the network to improve.
        name: of its file, for messages.
        samples: of one user, or of the few that share the lock.
        progress: told how far it is; stopped by what it raises.

    Raises:
        InputError: too few samples, or a network that cannot be improved this way.
    """
    before = Recogniser(base, name)
    layers = LastLayers(base, name)
    known = [sample for sample in samples if sample.label in before.labels]
    total = len(known) + STEPS
    own = _drawn(known, before.labels, lambda done: progress(done, total))
    aside = held_out(known)
    if aside.sum() < LEAST:
        raise InputError(
            f"{len(known)} samples are too few to learn from and to check by: "
            f"each writer should write {_enough(before.labels)} of each label, better ten or twenty"
        )
    learned, counted = own[~aside], own[aside]
    others = rehearsal.load()
    rehearsed, reference = (d.among(before.labels) for d in (others.learned, others.reference))
    as_before = np.full(len(others.scribbles), AS_BEFORE)
    integers = fitted(
        layers,
        layers.features(np.concatenate([learned.bitmaps, rehearsed.bitmaps, others.scribbles])),
        np.concatenate([learned.targets, rehearsed.targets, as_before]),
        _importance(len(learned), len(rehearsed), len(as_before)),
        lambda step: progress(len(known) + step, total),
    )

    def logits(part: LabelledBitmaps) -> list[np.ndarray]:
        features = layers.features(part.bitmaps)
        both = layers.integers, integers
        return [layers.logits(features, each).astype(np.int32) for each in both]

    own_logits, other_logits = logits(counted), logits(reference)
    metadata = {
        **layers.metadata,
        "provenance": _provenance(base, layers.metadata, len(learned)),
    }
    if len(reference):
        # As strict as before: as many of other people's digits are refused.
        refused = np.mean(before.confidence.of(other_logits[0]) < before.confidence.threshold)
        metadata["confidence"] = confidence.fit(
            np.concatenate([own_logits[1], other_logits[1]]),
            np.concatenate([counted.targets, reference.targets]),
            float(refused),
        ).to_json()
    return Improvement(
        model=layers.replaced(integers, metadata),
        labels=before.labels,
        fitted=len(learned),
        left_out=len(samples) - len(known),
        own=Change(*(_score(each, counted.targets) for each in own_logits)),
        reference=Change(*(_score(each, reference.targets) for each in other_logits)),
    )


def _drawn(
    samples: Sequence[Sample], labels: tuple[str, ...], done: Callable[[int], None]
) -> LabelledBitmaps:
    bitmaps = np.zeros((len(samples), SIDE, SIDE), bool)
    for place, sample in enumerate(samples):
        done(place)
        bitmaps[place] = bitmap_of(sample)
    return LabelledBitmaps(bitmaps, targets_of([s.label for s in samples], labels), labels)


def held_out(samples: Sequence[Sample]) -> np.ndarray:
    """Return which samples to check by, bool (n,): of each label a writer's third of every five."""
    seen: Counter[tuple[str, str]] = Counter()
    aside = []
    for sample in samples:
        kind = (sample.writer, sample.label)
        aside.append(seen[kind] % _EVERY == _FIRST)
        seen[kind] += 1
    return np.array(aside, bool)


def _enough(labels: Sequence[str]) -> int:
    """Return how many samples of each label are the fewest that will do."""
    return (-(-LEAST // len(labels)) - 1) * _EVERY + _FIRST + 1


def _importance(*counts: int) -> np.ndarray:
    """Return the importance of each sample, float32, of sum 1, for three kinds of them."""
    shares = np.array(_IMPORTANCE) * (np.array(counts) > 0)
    each = shares / shares.sum() / np.maximum(counts, 1)
    return np.repeat(each.astype(np.float32), counts)


def _provenance(base: bytes, metadata: Mapping[str, str], learned: int) -> str:
    """Return where the network comes from: how it was trained, and the last improvement."""
    try:
        before = json.loads(metadata.get("provenance", "{}"))
    except ValueError:
        before = {}
    improved = {"from": hashlib.sha256(base).hexdigest(), "samples": learned}
    return json.dumps({**(before if isinstance(before, dict) else {}), "improved": improved})


def _score(logits: np.ndarray, targets: np.ndarray) -> Score:
    confusion = np.zeros(2 * logits.shape[1:], int)
    np.add.at(confusion, (targets, logits.argmax(axis=1)), 1)
    return Score(confusion)
