import gzip
import io
import re
import zipfile

import numpy as np
import pytest
from PIL import Image

from inkpin.common import InputError, limits
from inkpin.common.progress import Stopped
from inkpin.model.cli import main
from inkpin.model.data.formats.csv_images import read_kaggle
from inkpin.model.data.formats.idx import load_split
from inkpin.model.data.formats.registry import (
    EXPORTS,
    IMPORTS,
    found_kind,
    read_samples,
    write_samples,
)
from inkpin.model.data.picture import bitmap_of, samples_of
from inkpin.model.data.samples import Sample

PICTURES = np.zeros((6, 28, 28), bool)
PICTURES[:, 5:22, 7:20] = np.random.default_rng(9).random((6, 17, 13)) < 0.4
STROKES = [np.array([[20, 30], [200, 190]], np.int32), np.array([[20, 200]], np.int32)]
TIMES = [np.array([0, 16]), None]
SAMPLES = [
    *samples_of("112345", PICTURES),
    Sample("7", STROKES, TIMES, {"key_id": "k7", "writer": "anna & co", "session": "<1>", "n": 3}),
]
NAMES = {kind: f"out{(known.suffixes or ('',))[0]}" for kind, known in EXPORTS.items()}


@pytest.mark.parametrize("kind", EXPORTS)
def test_what_is_written_is_read_again(kind, tmp_path):
    path = tmp_path / "new" / NAMES[kind]
    files = write_samples(SAMPLES, path, kind)
    assert all(file.is_file() for file in files)
    read = read_samples(path)
    assert [sample.label for sample in read] == [*"1123457"]
    for sample, again in zip(SAMPLES, read, strict=True):
        np.testing.assert_array_equal(bitmap_of(again), bitmap_of(sample))


@pytest.mark.parametrize("kind", ["strokes", "inkml"])
def test_strokes_times_and_names_survive(kind, tmp_path):
    path = tmp_path / NAMES[kind]
    write_samples(SAMPLES, path, kind)
    seven = read_samples(path)[-1]
    for stroke, expected in zip(seven.strokes, STROKES, strict=True):
        np.testing.assert_array_equal(stroke, expected)
    np.testing.assert_array_equal(seven.times[0], TIMES[0])
    assert seven.times[1] is None
    assert {key: seven.extra[key] for key in ("key_id", "writer", "session")} == {
        "key_id": "k7",
        "writer": "anna & co",
        "session": "<1>",
    }


@pytest.mark.parametrize("kind", ["npz", "png", "inkml"])
def test_any_label_goes_where_labels_are_text(kind, tmp_path):
    words = ["a", "A", "é/..", "left arrow", "..", "%41"]
    samples = samples_of(words, PICTURES)
    path = tmp_path / NAMES[kind]
    write_samples(samples, path, kind)
    assert sorted(sample.label for sample in read_samples(path)) == sorted(words)
    assert {file.parent.parent for file in tmp_path.glob("out/*/*")} <= {tmp_path / "out"}


@pytest.mark.parametrize("kind", ["kaggle", "kaggle-binary", "idx"])
def test_other_labels_are_refused_where_there_are_digits_alone(kind, tmp_path):
    with pytest.raises(InputError, match="holds digits, not 'star': take NPZ, PNG or InkML"):
        write_samples(samples_of(["star"], PICTURES[:1]), tmp_path / NAMES[kind], kind)
    assert not [*tmp_path.glob("**/*.*")]


def test_the_files_are_those_of_kaggle_and_mnist(tmp_path):
    bits = np.stack([bitmap_of(sample) for sample in SAMPLES])
    for kind, ink in (("kaggle", 255), ("kaggle-binary", 1)):
        write_samples(SAMPLES, tmp_path / f"{kind}.csv", kind)
        images, labels = read_kaggle(tmp_path / f"{kind}.csv")
        np.testing.assert_array_equal(images, bits * np.uint8(ink))
        assert labels.tolist() == [1, 1, 2, 3, 4, 5, 7]
    write_samples(SAMPLES, tmp_path / "idx", "idx")
    digits = load_split(tmp_path / "idx", "train")
    np.testing.assert_array_equal(digits.bitmaps, bits * np.uint8(255))
    assert digits.targets.tolist() == [1, 1, 2, 3, 4, 5, 7]


def test_one_file_of_a_pair_names_the_pair(tmp_path):
    write_samples(SAMPLES, tmp_path, "idx")
    file = tmp_path / "train-images-idx3-ubyte"
    assert len(read_samples(file)) == 7
    packed = file.with_name(file.name + ".gz")
    packed.write_bytes(gzip.compress(file.read_bytes()))
    file.unlink()
    assert len(read_samples(packed)) == len(read_samples(tmp_path)) == 7


def test_npz_files_as_others_name_their_arrays(tmp_path):
    numbers = np.arange(6)
    grey = PICTURES * np.uint8(90)
    for part in ("train", "test"):
        np.savez(tmp_path / f"{part}.npz", **{f"x_{part}": grey, f"y_{part}": numbers})
    both = {"x_train": grey[:2], "y_train": numbers[:2], "x_test": grey[2:], "y_test": numbers[2:]}
    np.savez(tmp_path / "both.npz", **both)
    for name in ("train", "test", "both"):
        read = read_samples(tmp_path / f"{name}.npz")
        assert [sample.label for sample in read] == [*"012345"]
        np.testing.assert_array_equal(bitmap_of(read[3]), PICTURES[3])


def scan(ink, paper, mode="L"):
    """Return a large picture of a slanted line."""
    picture = Image.new("L", (300, 200), paper)
    for step in range(120):
        picture.paste(ink, (60 + step, 30 + step, 70 + step, 40 + step))
    return picture.convert(mode)


@pytest.mark.parametrize(
    "picture",
    [scan(0, 255), scan(255, 0), scan(30, 220, "RGB"), scan(0, 255, "1"), scan(20, 250, "P")],
    ids=["black on white", "white on black", "colours", "bits", "palette"],
)
def test_pictures_of_any_size_are_traced(picture, tmp_path):
    (tmp_path / "7").mkdir()
    picture.save(tmp_path / "7" / "scan.png")
    (sample,) = read_samples(tmp_path, "png")
    assert sample.label == "7"
    points = np.concatenate(sample.strokes)
    slope = np.polyfit(*points.T, 1)[0]
    assert slope == pytest.approx(1, abs=0.15)


def test_ink_on_nothing_is_ink(tmp_path):
    (tmp_path / "1").mkdir()
    picture = np.zeros((28, 28, 4), np.uint8)
    picture[5:20, 13:15, 3] = 255
    Image.fromarray(picture).save(tmp_path / "1" / "x.png")
    (sample,) = read_samples(tmp_path)
    np.testing.assert_array_equal(bitmap_of(sample), picture[:, :, 3] > 0)


INKML = """<?xml version="1.0"?>
<ink xmlns="http://www.w3.org/2003/InkML">
  <traceFormat><channel name="Y" type="decimal"/><channel name="X" type="decimal"/>
    <channel name="F" type="integer"/></traceFormat>
  <annotation type="truth">4</annotation>
  <annotation type="writer">w1</annotation>
  <trace>-10.5 1000 3, 9.5 1000 4</trace>
  <trace>0 990 1, 0 1010 1,</trace>
</ink>
"""


def test_inkml_of_other_units_and_channels_is_fitted_into_the_area(tmp_path):
    (tmp_path / "x.inkml").write_text(INKML)
    (sample,) = read_samples(tmp_path / "x.inkml")
    assert (sample.label, sample.extra) == ("4", {"writer": "w1"})
    down, across = sample.strokes
    assert down[0, 0] == down[1, 0]
    assert np.diff(down[:, 1]) == np.diff(across[:, 0]) == 180
    assert abs(np.concatenate(sample.strokes).mean() - 120) < 4


UNIPEN = """.VERSION 1.0
.COMMENT written
for a test
.COORD T X Y
.SEGMENT CHARACTER 0,2 GOOD "x"
.PEN_DOWN
0 100 900
10 200 800
.PEN_UP
15 300 850
.PEN_DOWN
20 200 900
30 100 800
.SEGMENT WORD 0-3 GOOD "xl"
.PEN_DOWN
0 500 900
9 500 100
.SEGMENT DIGIT 3 ? "1"
"""


def test_unipen_segments_become_samples_with_y_down(tmp_path):
    (tmp_path / "x.dat").write_text(UNIPEN)
    cross, line = read_samples(tmp_path / "x.dat")
    assert (cross.label, line.label) == ("x", "1")
    assert [stroke.tolist() for stroke in cross.strokes] == [
        [[30, 30], [210, 210]],
        [[210, 30], [30, 210]],
    ]
    assert len(line.strokes) == 1
    assert line.strokes[0][0, 1] < line.strokes[0][1, 1]


DAMAGED = {
    "x.npz": [
        (b"", "no sound NPZ file"),
        (b"PK\x03\x04 and no more", "no sound NPZ file"),
        (b"plain", "no sound NPZ file"),
    ],
    "x.inkml": [
        (b"<ink>", "no sound XML"),
        (b"<ink/>", "no annotation 'truth'"),
        (INKML.replace("9.5", "'9.5").encode(), "sample 1: could not convert"),
        (INKML.replace("9.5", "inf").encode(), "a number out of range"),
        (INKML.replace("9.5 1000 4", "9.5").encode(), "not of 3 values each"),
        (INKML.replace('name="X"', 'name="Q"').encode(), "without X and Y"),
    ],
    "x.dat": [
        (UNIPEN.replace("0,2", "0,7").encode(), "line 5: components that are not there"),
        (UNIPEN.replace("10 200 800", "10 200").encode(), "points that are not of T X Y"),
        (UNIPEN.replace("10 200", "10 1e300").encode(), "a number out of range"),
        (b"nothing of the kind", "no samples in it"),
        (b"\x1f\x9d\x90 cut", "no text in Unix compress"),
    ],
    "x.csv": [(b"label\n1\n", "columns that are not")],
    "x.odd": [(b"", "its name tells no format .*: say which")],
}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [(name, *case) for name, cases in DAMAGED.items() for case in cases],
)
def test_damaged_files_are_named_with_the_reason(name, content, reason, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"{re.escape(name)}.*{reason}"):
        read_samples(tmp_path / name)


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"pictures": PICTURES}, "no arrays 'images' and 'labels'"),
        ({"images": PICTURES[:, :20], "labels": np.arange(6)}, r"images of shape \(6, 20, 28\)"),
        ({"images": PICTURES, "labels": np.arange(5)}, "images of shape"),
        ({"images": PICTURES, "labels": np.arange(6) / 2}, "neither whole numbers nor text"),
        ({"images": PICTURES, "labels": np.array(["a", None] * 3)}, "no sound NPZ file"),
        ({"images": np.zeros((2, 28, 28)), "labels": np.arange(2)}, "no samples in it"),
    ],
)
def test_arrays_of_another_kind_are_refused(arrays, reason, tmp_path):
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(InputError, match=reason):
        read_samples(tmp_path / "x.npz")


def test_arrays_that_claim_more_than_the_file_holds_are_refused(tmp_path):
    made = io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (99, 99, 1_000_000)}
    np.lib.format.write_array_header_1_0(made, shape)
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", made.getvalue())
        archive.writestr("labels.npy", made.getvalue())
    with pytest.raises(InputError, match=r"an array of 73.0 GiB in 128 bytes: save it again"):
        read_samples(tmp_path / "x.npz")


@pytest.mark.parametrize("kind", [kind for kind in IMPORTS if kind not in ("unipen", "png")])
def test_a_file_that_unpacks_to_more_than_the_limit_is_refused(kind, monkeypatch, tmp_path):
    """Unix compress, which is UNIPEN's, has its own test."""
    path = tmp_path / NAMES[kind].replace("out.", "bomb.")
    write_samples(SAMPLES * 40, path, kind)
    images = path / "train-images-idx3-ubyte"
    whole = images if kind == "idx" else path
    limit = 100_000
    if kind == "npz":
        bomb = np.zeros((limit, 28, 28), np.uint8)
        np.savez_compressed(path, images=bomb, labels=np.arange(limit))
    else:
        content = whole.read_bytes()
        spaces = content if kind == "idx" else content + b" " * limit
        whole.with_name(f"{whole.name}.gz").write_bytes(gzip.compress(spaces))
        whole.unlink()
    packed = path if kind in ("npz", "idx") else path.with_name(f"{path.name}.gz")
    monkeypatch.setattr(limits, "MOST_BYTES", limit)
    with pytest.raises(InputError, match=r"unpacks to .*97\.7 KiB.*: divide it$"):
        read_samples(packed, kind)


@pytest.mark.parametrize("name", ["x.inkml", "x.xml"])
def test_xml_that_grows_by_its_entities_is_refused(name, tmp_path):
    steps = [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10)]
    head = '<!DOCTYPE ink [<!ENTITY e0 "ha">' + "".join(steps) + "]>"
    (tmp_path / name).write_text(f"{head}<ink><annotation>&e9;</annotation></ink>")
    with pytest.raises(InputError, match=r"no sound XML .*amplification"):
        read_samples(tmp_path / name, "inkml")


def test_a_picture_beyond_the_limit_is_refused_before_it_is_unpacked(tmp_path):
    (tmp_path / "7").mkdir()
    Image.new("1", (5000, 5000), 1).save(tmp_path / "7" / "x.png")
    with pytest.raises(InputError, match=r"5000x5000 pixels, the limit is 16,777,216"):
        read_samples(tmp_path)


def test_folders_without_what_is_looked_for_are_named(tmp_path):
    for kind, reason in (("png", "no folders with PNG pictures"), ("idx", "no train-images")):
        with pytest.raises(InputError, match=reason):
            read_samples(tmp_path, kind)
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "x.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"x\.png: no picture that can be read"):
        read_samples(tmp_path)


def test_csv_without_labels_and_nothing_to_export_are_refused(tmp_path):
    write_samples(SAMPLES, tmp_path / "x.csv", "kaggle")
    lines = (tmp_path / "x.csv").read_text().splitlines()
    text = "\n".join(line.partition(",")[2] for line in lines)
    (tmp_path / "test.csv").write_text(text)
    with pytest.raises(InputError, match=r"test\.csv: no column of labels"):
        read_samples(tmp_path / "test.csv")
    with pytest.raises(InputError, match="no samples to export"):
        write_samples([], tmp_path / "y.csv", "kaggle")


def test_strokes_that_a_phone_shared_are_known_by_their_name(tmp_path):
    """Share sheets take text alone, and .txt by itself is UNIPEN's."""
    write_samples(SAMPLES, tmp_path / "hand.jsonl", "strokes")
    shared = (tmp_path / "hand.jsonl").rename(tmp_path / "hand.jsonl.txt")
    assert [sample.label for sample in read_samples(shared)] == [s.label for s in SAMPLES]


def test_reading_strokes_stops(tmp_path):
    def stop(done, total):
        assert total == 8  # lines, and the empty one behind the last
        if done == 3:
            raise Stopped

    write_samples(SAMPLES, tmp_path / "hand.jsonl.gz", "strokes")
    with pytest.raises(Stopped):
        read_samples(tmp_path / "hand.jsonl.gz", "strokes", stop)


@pytest.mark.parametrize("kind", EXPORTS)
def test_writing_stops_and_leaves_no_half_file(kind, tmp_path):
    def stop(done, total):
        if done == 3:
            raise Stopped

    with pytest.raises(Stopped):
        write_samples(SAMPLES, tmp_path / NAMES[kind], kind, stop)
    assert len([*tmp_path.glob("**/*.png")]) == (3 if kind == "png" else 0)
    assert [
        path for path in tmp_path.glob("**/*") if path.is_file() and path.suffix != ".png"
    ] == []


def test_every_format_has_a_title_and_a_way_to_be_told():
    assert set(IMPORTS) >= {"kaggle", "idx", "npz", "png", "unipen", "inkml", "strokes"}
    for known in {**IMPORTS, **EXPORTS}.values():
        assert known.title
        assert bool(known.suffixes) != known.folder


def test_the_command_tells_the_formats_from_the_names(tmp_path, capsys):
    write_samples(SAMPLES, tmp_path / "hand.jsonl", "strokes")
    words = ["exchange", str(tmp_path / "hand.jsonl"), str(tmp_path / "hand.npz")]
    assert main(words) == 0
    assert "7 samples of" in capsys.readouterr().out
    assert len(read_samples(tmp_path / "hand.npz")) == 7
    assert main([*words[:2], str(tmp_path / "pictures"), "--to", "png"]) == 0
    assert "7 files" in capsys.readouterr().out
    assert main([*words[:2], str(tmp_path / "pictures.odd")]) == 2
    assert "say which it is" in capsys.readouterr().err


def test_the_command_turns_a_file_over_whose_y_points_the_other_way(tmp_path, capsys):
    (tmp_path / "x.dat").write_text(UNIPEN)
    words = ["exchange", str(tmp_path / "x.dat"), str(tmp_path / "x.jsonl"), "--upside-down"]
    assert main(words) == 0
    cross, _ = read_samples(tmp_path / "x.jsonl")
    assert [stroke.tolist() for stroke in cross.strokes] == [
        [[30, 209], [210, 29]],
        [[210, 209], [30, 29]],
    ]
    write_samples(SAMPLES, tmp_path / "hand.npz", "npz")
    assert main(["exchange", str(tmp_path / "hand.npz"), words[2], "--upside-down"]) == 2
    assert "leave out --upside-down" in capsys.readouterr().err
    assert len(read_samples(tmp_path / "x.jsonl")) == 2


@pytest.mark.parametrize("kind", ["strokes", "inkml", "npz", "kaggle"])
def test_a_file_of_any_name_is_known_by_what_it_begins_with(kind, tmp_path):
    path = tmp_path / NAMES[kind]
    write_samples(SAMPLES, path, kind)
    renamed = path.rename(tmp_path / "data.bin")
    assert found_kind(renamed) == kind
    assert len(read_samples(renamed)) == len(SAMPLES)
    if kind == "strokes":
        packed = tmp_path / "packed"
        packed.write_bytes(gzip.compress(renamed.read_bytes()))
        assert found_kind(packed) == kind


def test_a_picture_alone_is_told_what_it_lacks(tmp_path):
    Image.new("L", (28, 28)).save(tmp_path / "7.png")
    with pytest.raises(InputError, match="folder for each label"):
        read_samples(tmp_path / "7.png")
