"""Little data and a small network, so that a training takes seconds."""

import numpy as np
import pytest

from inkpin.model.data.dataset import Dataset, Split
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps
from inkpin.model.data.samples import Sample
from inkpin.model.training import drawing_cache, fine_tune, loop, options, sampling, train
from inkpin.model.training.recipe import FOUR_BITS, Architecture, Conv
from inkpin.model.training.sampling import Amount

SMALL = Architecture((Conv(6, 3, 2, FOUR_BITS), Conv(6, 3, 2), Conv(8)))


@pytest.fixture
def split():
    """Blobs in ten places instead of images of digits, and a line for each digit."""
    rng = np.random.default_rng(0)

    def blobs(n):
        labels = np.arange(n) % 10
        images = np.zeros((n, 28, 28), np.uint8)
        for image, label in zip(images, labels, strict=True):
            row, column = 6 + label // 5 * 10, 3 + label % 5 * 5
            image[row : row + 6, column : column + 4] = rng.integers(120, 256, (6, 4))
        return LabelledBitmaps(images, labels.astype(np.int64), DIGITS)

    pens = [
        Sample(str(i), [np.array([[10, 10], [20 * i + 20, 200]])], [None], {}) for i in range(10)
    ]
    letters = [Sample("A", [np.array([[10, 200], [100, 10], [200, 200]])], [None], {})]
    return Split(
        Dataset(blobs(600), pens, letters=letters), Dataset(blobs(50), []), {"blobs": "made"}
    )


@pytest.fixture(autouse=True)
def small(monkeypatch, split, tmp_path_factory):
    """Train a small network on them, their drawings kept in a folder of the test's own."""
    kept = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(drawing_cache, "cache_folder", lambda name: kept / name)
    for module in (options, fine_tune):
        monkeypatch.setattr(module, "load_digits", lambda strokes, fold: split)
    monkeypatch.setattr(options, "ARCHITECTURE", SMALL)
    monkeypatch.setattr(train, "TEACHER_CHANNELS", (4, 6, 6, 8))
    monkeypatch.setattr(loop, "BATCH_SIZE", 32)
    real = dict.fromkeys(sampling.REAL, Amount(1, 1))
    synthetic = {"templates": Amount(1, 1), "scribbles": Amount(0.1, 0.05)}
    for module in (train, sampling):
        monkeypatch.setattr(module, "REAL", real)
        monkeypatch.setattr(module, "SYNTHETIC", synthetic)
    monkeypatch.setattr(sampling, "FEW", {**real, **synthetic})
