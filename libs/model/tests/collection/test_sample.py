import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inkpin.model.collection.sample import StoredSample, load_stored
from inkpin.model.data.picture import bitmap_of
from inkpin.model.data.samples import Sample, UnusableError, sample_of, save_samples

LINE = (
    '{"word":"7","drawing":[[[10,200],[30,40],[0,9]],[[5],[6]]],"canvas":[240,240],"writer":"me"}'
)
NUMBERS = st.one_of(st.integers(0, 300), st.integers(-1, 10**17))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)


@st.composite
def samples(draw):
    """Samples with points anywhere on the canvas and beyond it."""
    strokes, times = [], []
    for _ in range(draw(st.integers(1, 3))):
        count = draw(st.integers(1, 4))
        axes = [draw(st.lists(st.integers(0, 300), min_size=count, max_size=count)) for _ in "xyt"]
        strokes.append(np.array(axes[:2]).T)
        times.append(np.array(axes[2]) if draw(st.booleans()) else None)
    extra = draw(st.dictionaries(st.sampled_from(["writer", "session", "key_id"]), TEXT))
    return Sample(draw(TEXT.filter(len)), strokes, times, extra)


def read(line, take):
    """Return a sample as plain values, or what is wrong with the line."""
    try:
        sample = take(line)
    except UnusableError as error:
        return str(error)
    assert all(stroke.dtype == np.int32 for stroke in sample.strokes)
    strokes = [stroke.tolist() for stroke in sample.strokes]
    times = [None if t is None else t.tolist() for t in sample.times]
    return sample.label, strokes, times, sample.extra


def lazily(line):
    return StoredSample.of_line(line).sample


@given(samples())
def test_what_is_stored_is_the_sample(sample):
    line = json.dumps(sample.record(), separators=(",", ":")).encode() + b"\n"
    assert StoredSample.of(sample).line == line
    assert read(line, lazily) == read(line, sample_of)
    assert (
        StoredSample.of_line(line).line == line
        or not sample.label.isascii()
        or "\\" in line.decode()
    )


@given(
    st.text(alphabet='[]{}",:0123456789.-eN \\u', max_size=3),
    st.integers(0, len(LINE)),
    st.integers(0, 2),
)
@example(",", 24, 0)
@example("0", 24, 0)
@example("1" * 17, 24, 0)
@example("", 26, 1)
@example("e400", 26, 0)
@example(',"word":"8"', len(LINE) - 1, 0)
@example(',"canvas":[1,1]', len(LINE) - 1, 0)
@example(',"x":NaN', len(LINE) - 1, 0)
@example("}", len(LINE), 0)
@example("\t", 9, 0)
@settings(max_examples=400)
def test_a_line_is_taken_or_refused_as_when_it_is_read_in_full(put, place, cut):
    line = (LINE[:place] + put + LINE[place + cut :] + "\n").encode()
    assert read(line, lazily) == read(line, sample_of)


@pytest.mark.parametrize("broken", [b"\xff", b"\x00", "é".encode()])
def test_bytes_that_are_no_plain_text_are_taken_as_when_it_is_read_in_full(broken):
    line = LINE.encode().replace(b"7", broken, 1)
    assert read(line, lazily) == read(line, sample_of)


def test_lines_of_our_own_are_not_read_in_full(tmp_path, monkeypatch):
    made = sample_of(LINE.encode())
    path = tmp_path / "ink.jsonl"
    save_samples(path, [made] * 3)
    monkeypatch.delattr("inkpin.model.collection.sample.sample_of")
    assert [one.label for one in load_stored(path)[0]] == ["7"] * 3


def test_the_bitmap_is_worked_out_once(monkeypatch):
    made = sample_of(LINE.encode())
    one = StoredSample.of(made)
    asked = []

    def counted(sample):
        asked.append(1)
        return bitmap_of(sample)

    monkeypatch.setattr("inkpin.model.collection.sample.bitmap_of", counted)
    for _ in range(2):
        np.testing.assert_array_equal(one.bitmap, bitmap_of(made))
    assert asked == [1]
