from dataclasses import replace

import numpy as np
import pytest

from inkpin.model.collection.collection import Collection
from inkpin.model.collection.duplicates import new_samples
from inkpin.model.data.formats.registry import EXPORTS, IMPORTS, read_samples, write_samples
from inkpin.model.data.samples import Sample

DRAWN = [
    Sample(
        label,
        [
            np.array([[20, 30], [150 + 9 * n, 190]], np.int32),
            np.array([[40, 200], [90, 200]], np.int32),
        ],
        [np.array([0, 16]), np.array([30, 50])],
        {"key_id": f"k{n}", "writer": "anna"},
    )
    for n, label in enumerate("0123")
]
UNIPEN = """.VERSION 1.0
.COORD X Y
.HIERARCHY CHARACTER
.PEN_DOWN
 10 200
 60 10
.PEN_UP
.PEN_DOWN
 200 150
 120 130
 210 20
.PEN_UP
.SEGMENT CHARACTER 0 OK "1"
.SEGMENT CHARACTER 1 OK "7"
"""
ROUNDS = sorted(EXPORTS.keys() & IMPORTS.keys())


@pytest.mark.parametrize("kind", ROUNDS)
def test_what_was_exported_is_known_again_in_every_format(kind, tmp_path):
    place = tmp_path / f"out{(EXPORTS[kind].suffixes or ('',))[0]}"
    write_samples(DRAWN, place, kind)
    read = read_samples(place)
    assert len(read) == len(DRAWN)
    # Without ids, which some formats keep, and with other labels.
    read = [
        replace(one, label="9", extra={k: v for k, v in one.extra.items() if k != "key_id"})
        for one in read
    ]
    with Collection.open(tmp_path / "hand.jsonl") as hand:
        assert new_samples(hand.find(), read) == read
        hand.extend(DRAWN[1:])
        fresh = new_samples(hand.find(), read)
        assert [id(one) for one in fresh] == [id(read[0])]


def test_a_unipen_file_that_is_imported_twice_adds_nothing(tmp_path):
    first, second = tmp_path / "first.dat", tmp_path / "renamed.unp"
    first.write_text(UNIPEN)
    second.write_text(UNIPEN.replace('"7"', '"1"'))  # by another name, and a label corrected
    with Collection.open(tmp_path / "hand.jsonl") as hand:
        fresh = new_samples(hand.find(), read_samples(first))
        assert [sample.label for sample in fresh] == ["1", "7"]
        hand.extend(fresh)
        assert new_samples(hand.find(), read_samples(first)) == []
        assert new_samples(hand.find(), read_samples(second)) == []
    # What is in the file from now on is what is compared with, in another session too.
    with Collection.open(tmp_path / "hand.jsonl") as hand:
        assert new_samples(hand.find(), read_samples(second)) == []


def test_drawings_that_look_alike_and_are_not_are_new(tmp_path):
    with Collection.open(tmp_path / "hand.jsonl") as hand:
        hand.extend(DRAWN)
        other = replace(DRAWN[0], strokes=[DRAWN[0].strokes[0] + 1, DRAWN[0].strokes[1]])
        assert len(new_samples(hand.find(), [other])) == 1


def test_it_says_how_far_it_is(tmp_path):
    said = []
    with Collection.open(tmp_path / "hand.jsonl") as hand:
        hand.extend(DRAWN)
        new_samples(hand.find(), DRAWN, lambda done, total: said.append((done, total)))
    assert said == [(n, 8) for n in range(8)]
