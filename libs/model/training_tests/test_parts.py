"""The parts of a training: drawings, their pool, the layers."""

import numpy as np
import pytest
import torch

from inkpin.model.data.labelled import DIGITS, REJECT, LabelledBitmaps
from inkpin.model.training import sampling
from inkpin.model.training.network import Conv, Design
from inkpin.model.training.sampling import Amount, Source, sources
from inkpin.model.training.training_set import Pool


def source(bitmaps, targets, per_epoch):
    return Source(LabelledBitmaps(bitmaps, targets, DIGITS), per_epoch)


def test_sources_draw_every_kind_as_often_as_asked(split):
    amounts = {
        "MNIST": Amount(1, 0.5),
        "bent": Amount(2, 1),
        "re-stroked": Amount(1, 1),
        "pens": Amount(3, 2),
        "forms": Amount(2, 1),
        "scribbles": Amount(0.1, 0.05),
    }
    made = sources(split.training, 1, amounts)
    counts = {kind: (len(source.drawings), source.per_epoch) for kind, source in made.items()}
    forms = counts["forms"][1]
    assert counts == {
        "MNIST": (600, 300),
        "bent": (1200, 600),
        "re-stroked": (600, 600),
        "pens": (30, 20),
        "forms": (2 * forms, forms),
        "scribbles": (counts["scribbles"][0], round(counts["scribbles"][0] / 2)),
    }
    assert counts["scribbles"][0] == pytest.approx(0.1 * (1520 + forms), abs=1)
    assert set(made["scribbles"].drawings.targets) == {REJECT}
    assert set(made["forms"].drawings.targets) == set(range(10))
    assert {source.drawings.bitmaps.dtype for source in made.values()} == {np.dtype(bool)}
    again = sources(split.training, 1, amounts)
    assert all(
        np.array_equal(made[kind].drawings.bitmaps, again[kind].drawings.bitmaps) for kind in made
    )


def test_data_of_one_kind_make_no_other(split):
    assert set(sources(split.validation, 1, sampling.WRITTEN)) == {"MNIST", "bent", "re-stroked"}


def test_an_epoch_shows_each_source_its_share():
    bitmaps = np.zeros((100, 28, 28), bool)
    many = source(bitmaps, np.zeros(100, np.int64), 60)
    few = source(bitmaps, np.full(100, REJECT), 7)
    pool = Pool([many, few], 3)
    batches = list(pool.epoch(np.random.default_rng(0), 67))
    assert len(batches) == pool.batches(67) == 1
    shown = torch.cat(batches)
    assert len(set(shown.tolist())) == 67
    assert int((shown >= 100).sum()) == 7


def test_a_pool_gives_its_drawings_back():
    bitmaps = np.random.default_rng(1).random((9, 28, 28)) < 0.3
    pool = Pool([source(bitmaps, np.zeros(9, np.int64), 9)], 2)
    found = pool.bitmaps(torch.tensor([3, 0]))
    assert np.array_equal(found[:, 0].numpy(), bitmaps[[3, 0]])


def test_nothing_is_right_where_all_logits_are_below_0():
    pool = Pool([source(np.zeros((2, 28, 28), bool), np.array([1, REJECT]), 2)], 2)
    written, nothing = torch.tensor([0]), torch.tensor([1])
    low, high = torch.tensor([[-9.0, -9.0]]), torch.tensor([[-9.0, 9.0]])
    assert pool.loss(high, written) < pool.loss(low, written)
    assert pool.loss(low, nothing) < pool.loss(high, nothing)


def test_what_a_teacher_says_counts_beside_the_label():
    class Teacher(torch.nn.Module):
        def forward(self, bitmaps):
            return torch.tensor([[8.0, 0.0]]).expand(len(bitmaps), 2)

    pool = Pool([source(np.zeros((1, 28, 28), bool), np.array([1]), 1)], 2)
    label, teacher, both = (torch.tensor([row]) for row in ([0.0, 8.0], [8.0, 0.0], [8.0, 8.0]))
    one = torch.tensor([0])
    assert pool.loss(label, one) < pool.loss(both, one) < pool.loss(teacher, one)
    pool.ask(Teacher())
    pool.prepare()
    assert pool.loss(both, one) < pool.loss(label, one)
    assert pool.loss(both, one) < pool.loss(teacher, one)


def test_a_design_whose_maps_vanish_is_refused():
    with pytest.raises(ValueError, match="smaller than a kernel"):
        Design((Conv(4, 5, 2), Conv(4, 5, 4), Conv(4, 5))).shapes(10)
