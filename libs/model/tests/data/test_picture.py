import numpy as np
import pytest

from inkpin.common.progress import Stopped
from inkpin.model.data.picture import bitmap_of, samples_of
from inkpin.model.data.samples import Sample, load_samples, save_samples
from inkpin.preprocess import bitmap

PICTURES = np.zeros((5, 28, 28), np.uint8)
PICTURES[:, 5:20, 8:20] = np.random.default_rng(3).integers(0, 2, (5, 15, 12)) * 200


def test_a_picture_comes_back_bit_for_bit_out_of_a_stroke_file(tmp_path):
    save_samples(tmp_path / "p.jsonl", samples_of("abcde", PICTURES))
    read = load_samples(tmp_path / "p.jsonl")
    assert [sample.label for sample in read] == [*"abcde"]
    for sample, picture in zip(read, PICTURES, strict=True):
        np.testing.assert_array_equal(bitmap_of(sample), picture > 0)


def test_a_picture_without_ink_is_left_out():
    pictures = PICTURES.copy()
    pictures[1] = 0
    assert [sample.label for sample in samples_of("abcde", pictures)] == [*"acde"]


def test_the_same_picture_and_label_have_the_same_id():
    (a, b), (c,) = samples_of("ab", PICTURES[[0, 0]]), samples_of("a", PICTURES[:1])
    assert a.extra["key_id"] == c.extra["key_id"] != b.extra["key_id"]


def test_strokes_go_through_the_preprocess():
    strokes = [np.array([[10, 20], [100, 200]])]
    for extra in ({}, {"picture": "sunset.png"}, {"picture": "x" * 196}, {"picture": 7}):
        sample = Sample("1", strokes, [None], extra)
        np.testing.assert_array_equal(bitmap_of(sample), bitmap(strokes))


def test_it_says_how_far_it_is_and_stops():
    told = []
    samples_of("abcde", PICTURES, lambda *how_far: told.append(how_far))
    assert told == [(0, 5), (5, 5)]

    def stop(done, total):
        raise Stopped

    with pytest.raises(Stopped):
        samples_of("abcde", PICTURES, stop)
