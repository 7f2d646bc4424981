"""The parts of a training: drawings, the training set, the architecture."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from inkpin.model.data.labelled import DIGITS, REJECT, LabelledBitmaps
from inkpin.model.training import drawing_cache, sampling
from inkpin.model.training.drawing_cache import kept_subsets
from inkpin.model.training.network import Teacher
from inkpin.model.training.recipe import Architecture, Conv
from inkpin.model.training.sampling import Amount, Subset, subsets
from inkpin.model.training.training_set import TrainingSet


def subset(bitmaps, targets, per_epoch):
    return Subset(LabelledBitmaps(bitmaps, targets, DIGITS), per_epoch)


def test_subsets_draw_every_kind_as_often_as_asked(split):
    amounts = {
        "MNIST": Amount(1, 0.5),
        "augmented": Amount(2, 1),
        "re-stroked": Amount(1, 1),
        "pens": Amount(3, 2),
        "letters": Amount(2, 1),
        "templates": Amount(2, 1),
        "scribbles": Amount(0.1, 0.05),
    }
    made = subsets(split.training, 1, amounts)
    counts = {kind: (len(subset.drawings), subset.per_epoch) for kind, subset in made.items()}
    templates = counts["templates"][1]
    assert counts == {
        "MNIST": (600, 300),
        "augmented": (1200, 600),
        "re-stroked": (600, 600),
        "pens": (30, 20),
        "letters": (2, 1),
        "templates": (2 * templates, templates),
        "scribbles": (counts["scribbles"][0], round(counts["scribbles"][0] / 2)),
    }
    assert counts["scribbles"][0] == pytest.approx(0.1 * (1521 + templates), abs=1)
    assert set(made["scribbles"].drawings.targets) == {REJECT}
    assert set(made["templates"].drawings.targets) == set(range(10))
    assert {subset.drawings.bitmaps.dtype for subset in made.values()} == {np.dtype(bool)}
    again = subsets(split.training, 1, amounts)
    assert all(
        np.array_equal(made[kind].drawings.bitmaps, again[kind].drawings.bitmaps) for kind in made
    )


def test_data_of_one_kind_make_no_other(split):
    assert set(subsets(split.validation, 1, sampling.REAL)) == {"MNIST", "augmented", "re-stroked"}


def test_an_epoch_shows_each_subset_its_share():
    bitmaps = np.zeros((100, 28, 28), bool)
    many = subset(bitmaps, np.zeros(100, np.int64), 60)
    few = subset(bitmaps, np.full(100, REJECT), 7)
    training_set = TrainingSet([many, few], 3)
    batches = list(training_set.epoch(np.random.default_rng(0), 67))
    assert len(batches) == training_set.batch_count(67) == 1
    shown = torch.cat(batches)
    assert len(set(shown.tolist())) == 67
    assert int((shown >= 100).sum()) == 7


def test_a_training_set_gives_its_drawings_back():
    bitmaps = np.random.default_rng(1).random((9, 28, 28)) < 0.3
    training_set = TrainingSet([subset(bitmaps, np.zeros(9, np.int64), 9)], 2)
    found = training_set.bitmaps(torch.tensor([3, 0]))
    assert np.array_equal(found[:, 0].numpy(), bitmaps[[3, 0]])


def test_nothing_is_right_where_all_logits_are_below_0():
    training_set = TrainingSet([subset(np.zeros((2, 28, 28), bool), np.array([1, REJECT]), 2)], 2)
    written, nothing = torch.tensor([0]), torch.tensor([1])
    low, high = torch.tensor([[-9.0, -9.0]]), torch.tensor([[-9.0, 9.0]])
    assert training_set.loss(high, written) < training_set.loss(low, written)
    assert training_set.loss(low, nothing) < training_set.loss(high, nothing)


def test_what_a_teacher_says_counts_beside_the_label():
    class Sure(Teacher):
        def forward(self, bitmaps):
            return torch.tensor([[8.0, 0.0]]).expand(len(bitmaps), 2)

    training_set = TrainingSet([subset(np.zeros((1, 28, 28), bool), np.array([1]), 1)], 2)
    label, teacher, both = (torch.tensor([row]) for row in ([0.0, 8.0], [8.0, 0.0], [8.0, 8.0]))
    one = torch.tensor([0])
    assert (
        training_set.loss(label, one)
        < training_set.loss(both, one)
        < training_set.loss(teacher, one)
    )
    training_set.set_teachers([Sure((4, 6, 6, 8), 2) for _ in range(2)])
    training_set.prepare()
    assert training_set.loss(both, one) < training_set.loss(label, one)
    assert training_set.loss(both, one) < training_set.loss(teacher, one)
    longer = training_set.extended([subset(np.ones((1, 28, 28), bool), np.array([1]), 1)])
    longer.prepare()
    for chosen in (one, one + 1):
        assert longer.loss(both, chosen) == training_set.loss(both, one)


def test_an_architecture_whose_maps_vanish_is_refused():
    with pytest.raises(ValueError, match="smaller than a kernel"):
        Architecture((Conv(4, 5, 2), Conv(4, 5, 4), Conv(4, 5))).shapes(10)


def assert_equal(one, other):
    assert one.keys() == other.keys()
    for kind, subset in one.items():
        assert subset.per_epoch == other[kind].per_epoch
        assert subset.drawings.labels == other[kind].drawings.labels
        assert np.array_equal(subset.drawings.bitmaps, other[kind].drawings.bitmaps)
        assert np.array_equal(subset.drawings.targets, other[kind].drawings.targets)


AMOUNTS = {"MNIST": Amount(1, 0.5), "pens": Amount(3, 2), "scribbles": Amount(0.1, 0.05)}


def test_drawings_come_out_of_the_cache_as_they_went_in(split, monkeypatch, capsys):
    made = subsets(split.training, 1, AMOUNTS)
    assert_equal(kept_subsets(split.training, 1, AMOUNTS), made)
    assert "drawing what to learn from" in capsys.readouterr().err
    monkeypatch.delattr(sampling, "subsets")
    assert_equal(kept_subsets(split.training, 1, AMOUNTS), made)
    assert capsys.readouterr().err == ""


def test_other_data_seeds_and_amounts_have_drawings_of_their_own(split):
    kept = drawing_cache.cache_folder("drawings")
    kept_subsets(split.training, 1, AMOUNTS)
    kept_subsets(split.training, 2, AMOUNTS)
    kept_subsets(split.training, 1, {**AMOUNTS, "pens": Amount(2, 2)})
    kept_subsets(split.validation, 1, AMOUNTS)
    assert len([*kept.iterdir()]) == 4
    newest = replace(split.training, pens=split.training.pens[:5])
    assert_equal(kept_subsets(newest, 1, AMOUNTS), subsets(newest, 1, AMOUNTS))
    assert len([*kept.iterdir()]) == drawing_cache.KEPT


def test_damaged_drawings_are_drawn_again(split):
    made = kept_subsets(split.training, 1, AMOUNTS)
    (kept,) = drawing_cache.cache_folder("drawings").iterdir()
    (kept / "drawings.npz").write_bytes((kept / "drawings.npz").read_bytes()[:1000])
    for _ in range(2):
        assert_equal(kept_subsets(split.training, 1, AMOUNTS), made)


def test_without_room_they_are_drawn_all_the_same(split, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(drawing_cache, "cache_folder", lambda name: tmp_path / "file" / name)
    made = kept_subsets(split.training, 1, AMOUNTS)
    assert_equal(made, subsets(split.training, 1, AMOUNTS))
