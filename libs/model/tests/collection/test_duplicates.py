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
