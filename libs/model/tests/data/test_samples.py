import gzip
import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin.common import InputError
from inkpin.model.data.samples import (
    Sample,
    bundled_samples,
    load_samples,
    save_samples,
    scaled,
)

LINE = '{"word": "7", "drawing": [[[1, 2], [3, 4]]]}'


def load(tmp_path, *lines):
    path = tmp_path / "ink.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return load_samples(path)


def test_a_line_becomes_points_times_and_the_rest(tmp_path):
    line = {
        "word": "7",
        "drawing": [[[0, 239, 12], [5, 6, 7], [0, 10, 20]], [[1], [2]]],
        "canvas": [240, 240],
        "writer": "w",
        "device": {"dpi": 96},
    }
    (sample,) = load(tmp_path, json.dumps(line))
    assert sample.label == "7"
    assert [stroke.tolist() for stroke in sample.strokes] == [[[0, 5], [239, 6], [12, 7]], [[1, 2]]]
    assert all(stroke.dtype == np.int32 for stroke in sample.strokes)
    assert sample.times[0].tolist() == [0, 10, 20]
    assert sample.times[1] is None
    assert sample.extra == {"writer": "w", "device": {"dpi": 96}}
    assert sample.record() == line


@pytest.mark.parametrize(
    ("canvas", "points", "expected"),
    [
        ([240, 240], [[0, 239]], [[0, 239]]),
        ([240, 240], [[239.99, 0.99]], [[239, 0]]),
        ([480, 480], [[479, 1]], [[239, 0]]),
        ([120, 120], [[119, 1]], [[238, 2]]),
        ([501, 501], [[500, 250]], [[239, 119]]),
        ([320, 240], [[319, 239]], [[239, 179]]),  # the aspect stays
        ([240, 240], [[-1, 240]], [[0, 239]]),
        ([1e-300, 1e-300], [[1e308, -1e308]], [[239, 0]]),
    ],
)
def test_another_canvas_is_scaled_floored_and_clamped(tmp_path, canvas, points, expected):
    x, y = np.transpose(points).tolist()
    line = json.dumps({"word": "1", "drawing": [[x, y]], "canvas": canvas})
    assert load(tmp_path, line)[0].strokes[0].tolist() == expected


@given(st.integers(1, 10**6), st.data())
def test_integers_scale_as_exact_arithmetic_has_it(side, data):
    value = data.draw(st.integers(0, side - 1))
    exact = value * 240 // side
    for dtype in (np.int64, np.float64):
        assert scaled(np.array([[value, value]], dtype), side).tolist() == [[exact, exact]]


def strokes_with_times():
    coordinate, ms = st.integers(0, 239), st.integers(-(2**53), 2**53)
    timed = st.lists(st.tuples(coordinate, coordinate, ms), min_size=1, max_size=9)
    return st.lists(st.tuples(timed, st.booleans()), min_size=1, max_size=4)


OWN_KEYS = ("word", "drawing", "canvas")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.text(min_size=1),
            strokes_with_times(),
            st.dictionaries(st.text().filter(lambda key: key not in OWN_KEYS), JSON),
        ),
        max_size=4,
    ),
    st.sampled_from(["ink.jsonl", "ink.jsonl.gz"]),
)
def test_what_is_saved_is_loaded(tmp_path_factory, drafts, name):
    samples = []
    for label, strokes, extra in drafts:
        values = [np.array(stroke, np.int64) for stroke, _ in strokes]
        times = [v[:, 2] if timed else None for v, (_, timed) in zip(values, strokes, strict=True)]
        samples.append(Sample(label, [v[:, :2] for v in values], times, extra))
    path = tmp_path_factory.getbasetemp() / name
    save_samples(path, samples)
    assert [s.record() for s in load_samples(path)] == [s.record() for s in samples]


def test_empty_strokes_and_blank_lines_are_left_out(tmp_path):
    line = '{"word": "1", "drawing": [[[], []], [[1], [2]]]}'
    (sample,) = load(tmp_path, "", line, "  ")
    assert [stroke.tolist() for stroke in sample.strokes] == [[[1, 2]]]
    assert len(sample.times) == 1


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path):
    path = tmp_path / "ink.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + f"{LINE}\r\n{LINE}\r\n".encode())
    assert [sample.label for sample in load_samples(path)] == ["7", "7"]


def stroke(text):
    return '{"word": "7", "drawing": [%s]}' % text  # noqa: UP031


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{", "no JSON"),
        ("not json", "no JSON"),
        ("[" * 100_000, "no JSON"),
        (stroke("[[%s], [1]]" % ("9" * 5000)), "no JSON"),
        ("[]", "no JSON object"),
        ("7", "no JSON object"),
        ('{"drawing": [[[1], [2]]]}', '"word"'),
        ('{"word": 7, "drawing": [[[1], [2]]]}', '"word"'),
        ('{"word": "", "drawing": [[[1], [2]]]}', '"word"'),
        ('{"word": "7"}', '"drawing"'),
        ('{"word": "7", "drawing": {}}', '"drawing"'),
        (stroke(""), "no points"),
        (stroke("[[], []]"), "no points"),
        (stroke("[[1, 2, 3], [4, 5]]"), "stroke 1 has 3 x and 2 y, not equally many"),
        (stroke("[[1], [2], [3, 4]]"), "stroke 1 has 1 x and 1 y and 2 t"),
        (stroke("[[1], [2]], [[1], []]"), "stroke 2 has 1 x and 0 y"),
        (stroke("[[1]]"), "stroke 1 is not"),
        (stroke("[[1], [2], [3], [4]]"), "stroke 1 is not"),
        (stroke("7"), "stroke 1 is not"),
        (stroke("[1, 2]"), "x of stroke 1 is not a list of numbers"),
        (stroke('[[1], ["2"]]'), "y of stroke 1 is not a list of numbers"),
        (stroke("[[1], [null]]"), "y of stroke 1 is not a list of numbers"),
        (stroke("[[1], [[2]]]"), "y of stroke 1 is not a list of numbers"),
        (stroke("[[true], [2]]"), "x of stroke 1 is not a list of numbers"),
        (stroke("[[NaN], [2]]"), "NaN is no number"),
        (stroke("[[1], [-Infinity]]"), "-Infinity is no number"),
        (stroke("[[1e999], [2]]"), "x of stroke 1 has a number out of range"),
        (stroke("[[%s], [2]]" % ("9" * 400)), "x of stroke 1 has a number out of range"),
        (stroke("[[1], [2], [1e300]]"), "t of stroke 1 is out of range"),
        ('{"word": "7", "drawing": [[[1], [2]]], "canvas": [0, 240]}', '"canvas"'),
        ('{"word": "7", "drawing": [[[1], [2]]], "canvas": [240]}', '"canvas"'),
        ('{"word": "7", "drawing": [[[1], [2]]], "canvas": []}', '"canvas"'),
        ('{"word": "7", "drawing": [[[1], [2]]], "canvas": 240}', '"canvas"'),
        ('{"word": "7", "drawing": [[[1], [2]]], "canvas": ["a", "b"]}', '"canvas"'),
        ('{"word": "7", "drawing": [[[1], [2]]], "canvas": null}', '"canvas"'),
    ],
)
def test_a_bad_line_is_named_in_one_line(tmp_path, line, wrong):
    with pytest.raises(InputError) as caught:
        load(tmp_path, LINE, "", line, LINE)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'ink.jsonl'}, line 3: ")
    assert wrong in message
    assert message.endswith(": mend or delete the line")
    assert "\n" not in message
    assert len(message) < 400


def test_a_file_of_another_format_is_told_what_turns_it_into_strokes(tmp_path):
    path = tmp_path / "ink.dat"
    path.write_text(".COORD X Y\n.PEN_DOWN\n1 2\n")
    with pytest.raises(InputError, match=rf"line 1: no JSON .*exchange.* {re.escape(str(path))} "):
        load_samples(path)


def test_bytes_that_are_no_text_are_named(tmp_path):
    path = tmp_path / "ink.jsonl"
    path.write_bytes(LINE.encode() + b'\n{"word": "\xff"}\n')
    with pytest.raises(InputError, match=r"ink.jsonl, line 2: no JSON .*: mend or delete"):
        load_samples(path)


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_line_loads_or_is_named(tmp_path_factory, line):
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes(line)
    try:
        samples = load_samples(path)
    except InputError as error:
        message = str(error)
    else:
        assert all(sample.label and sample.strokes for sample in samples)
        return
    assert message.startswith(f"{path}, line ")
    assert "\n" not in message


def test_a_truncated_gzip_is_named_with_the_place_and_the_remedy(tmp_path):
    path = tmp_path / "ink.jsonl.gz"
    path.write_bytes(gzip.compress(f"{LINE}\n{LINE}\n".encode())[:-4])
    with pytest.raises(InputError, match=r"gz, after line \d: truncated or damaged gzip: copy the"):
        load_samples(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.jsonl: No such file"):
        load_samples(tmp_path / "none.jsonl")


def test_a_save_that_fails_keeps_the_old_file(tmp_path):
    path = tmp_path / "ink.jsonl"
    (sample,) = load(tmp_path, LINE)
    broken = Sample("7", sample.strokes, sample.times, {"key": float("inf")})
    with pytest.raises(ValueError, match="JSON"):
        save_samples(path, [sample, broken])
    assert path.read_text() == LINE + "\n"
    assert list(tmp_path.iterdir()) == [path]


def test_the_bundled_samples_are_a_pin_three_times():
    labels = [sample.label for sample in bundled_samples()]
    assert labels == labels[:4] * 3
    assert labels[0] != labels[1]
