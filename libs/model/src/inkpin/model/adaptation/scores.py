"""Networks side by side: what each reads right of the same samples."""

from collections.abc import Sequence
from itertools import compress
from pathlib import Path

from inkpin.common.arrays import AnyArray
from inkpin.common.progress import Progress, silent
from inkpin.model.adaptation import rehearsal
from inkpin.model.adaptation.improve import validation_mask
from inkpin.model.adaptation.model_store import Score
from inkpin.model.data.picture import bitmaps_of
from inkpin.model.data.samples import Sample
from inkpin.model.inference.recogniser import Recogniser


def score_networks(
    paths: Sequence[Path], samples: Sequence[Sample], progress: Progress = silent
) -> dict[Path, tuple[Score, Score]]:
    """Return for each network what it reads right, refused or not.

    Args:
        paths: the networks' files.
        samples: of one user; those are counted that no improvement learns from.
        progress: told how far it is; stopped by what it raises.

    Returns:
        Of the samples, and of other people's digits, none where a network reads no digit. A label
        that a network does not know is one that it does not read.

    Raises:
        InputError: a network is damaged.
    """
    held_out = [*compress(samples, validation_mask(samples))]
    total = len(held_out) + len(paths)
    own = bitmaps_of(held_out, lambda done, _: progress(done, total))
    labels = [sample.label for sample in held_out]
    others = rehearsal.load().reference
    scores = {}
    for done, path in enumerate(paths, 1):
        network = Recogniser.load(path)
        known = others if set(network.labels) & set(others.labels) else others[:0]
        scores[path] = _score(network, own, labels), _score(network, known.bitmaps, known.texts)
        progress(len(held_out) + done, total)
    return scores


def _score(network: Recogniser, bitmaps: AnyArray, labels: Sequence[str]) -> Score:
    read = network.predictions(bitmaps) if len(labels) else []
    pairs = zip(read, labels, strict=True)
    return Score(sum(network.labels[p.best] == label for p, label in pairs), len(labels))
