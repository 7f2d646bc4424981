import csv
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inkpin.common import InputError
from inkpin.common.parser import Parser
from inkpin.model.cli import main
from inkpin.model.data import dataset
from inkpin.model.data.formats.idx import image_file, label_file, write_idx
from inkpin.model.data.samples import Sample, load_samples, save_samples
from inkpin.model.training.options import DataOptions, add_data


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A data folder with 60,000 tiny-information images."""
    monkeypatch.setenv("INKPIN_DATA", str(tmp_path))
    for split, n in (("train", 60_000), ("test", 10)):
        write_idx(tmp_path / "mnist" / image_file(split), np.zeros((n, 28, 28), np.uint8))
        write_idx(tmp_path / "mnist" / label_file(split), np.zeros(n, np.uint8))
    return tmp_path


def pens(path, *writers, label="3", more=()):
    strokes = [np.array([[10, 10], [100, 200]])]
    samples = [Sample(label, strokes, [None], {"writer": writer}) for writer in writers]
    save_samples(path, [*samples, *more])
    return path


def writers(data):
    return [sample.writer for sample in data.pens]


def test_whole_writers_are_held_out(small, tmp_path):
    path = pens(tmp_path / "a.jsonl", "ann-4", "ann-4", "bob-5", "anonymous")
    split = dataset.load_digits([path], 0)
    assert writers(split.training) == ["ann-4", "ann-4", "anonymous"]
    assert writers(split.validation) == ["bob-5"]
    held_out = split.validation.bitmaps()["pens"]
    assert held_out.bitmaps.shape == (1, 28, 28)
    assert held_out.targets.tolist() == [3]
    assert len(split.training.images) + len(split.validation.bitmaps()["MNIST"]) == 60_000
    assert 5_000 < len(split.validation.images) < 7_000
    assert path.name in split.files


def test_every_numbered_writer_is_held_out_in_one_fold(small, tmp_path):
    numbered = sorted(f"ann-{i}" for i in range(12))
    path = pens(tmp_path / "a.jsonl", *numbered, "anonymous")
    aside = [writers(dataset.load_digits([path], fold).validation) for fold in range(5)]
    assert sorted(name for names in aside for name in names) == numbered


def test_without_fetched_strokes_it_trains_on_mnist_alone(small, capsys):
    split = dataset.load_digits(None, 0)
    assert split.training.pens == []
    assert set(split.validation.bitmaps()) == {"MNIST"}
    assert capsys.readouterr().err.count("training without: ") == 3


def fetched(folder, *writers, letters=()):
    """The fetched UNIPEN files, of these writers' drawings."""
    pens(folder / "unipen" / "unipen-digits.jsonl.gz", *writers)
    pens(folder / "unipen" / "unipen-letters.jsonl.gz", *letters, label="A")
    pens(folder / "pendigits" / "pendigits.jsonl.gz", "pendigits-1")


def test_letters_are_split_as_their_writers_are(small):
    fetched(small, "unipen-5", letters=["unipen-5", "unipen-6", "unipen-6"])
    split = dataset.load_digits(None, 0)
    assert [s.writer for s in split.training.letters] == ["unipen-6"] * 2
    assert [s.writer for s in split.validation.letters] == ["unipen-5"]
    assert split.training.letter_bitmaps().shape == (2, 28, 28)
    assert replace(split.training, letters=[]).letter_bitmaps() is None
    assert "unipen-letters.jsonl.gz" in split.files


def test_a_whole_source_is_held_out(small):
    fetched(small, "unipen-61", "unipen-62", "unipen-70", "unipen-71", "unipen-74")
    for source, expected in (
        ("pendigits", ["pendigits-1"]),
        ("synaptics", ["unipen-62", "unipen-70"]),
        ("uqb", ["unipen-74"]),
    ):
        split = dataset.load_digits(None, source)
        assert writers(split.validation) == expected
        assert len(writers(split.training)) == 6 - len(expected)
        assert len(split.validation.images) == len(dataset.load_digits([], 0).validation.images)


def test_wrong_labels_are_left_out(small, monkeypatch, tmp_path):
    fetched(small, "unipen-1", "unipen-2", "unipen-3")
    known = tmp_path / "wrong.csv"
    known.write_text("file,line,label,reason\nunipen-digits.jsonl.gz,2,3,shows an 8\n")
    monkeypatch.setattr(dataset, "WRONG_LABELS", known)
    assert writers(dataset.load_digits(None, 4).training) == [
        "pendigits-1",
        "unipen-1",
        "unipen-3",
    ]


def test_the_wrong_labels_are_lines_of_the_real_files(mirror):
    with dataset.WRONG_LABELS.open() as file:
        rows = [*csv.DictReader(file)]
    files = {name: load_samples(mirror / "unipen" / name) for name in {row["file"] for row in rows}}
    assert set(files) == {"unipen-digits.jsonl.gz", "unipen-letters.jsonl.gz"}
    for row in rows:
        assert files[row["file"]][int(row["line"]) - 1].label == row["label"]
        assert row["reason"]


def test_every_fetched_writer_of_digits_has_a_source(mirror):
    samples = load_samples(mirror / "unipen" / "unipen-digits.jsonl.gz")
    sources = {sample.writer: dataset.source_of(sample.writer) for sample in samples}
    assert len(sources) == 74
    assert set(sources.values()) == {"apple", "synaptics", "gmd", "uqb"}
    assert dataset.source_of("ann-1") is None
    assert dataset.source_of("") is None


def test_digits_of_other_labels_are_refused(small, tmp_path):
    with pytest.raises(InputError, match=r"'x'.*--labels strokes"):
        dataset.load_digits([pens(tmp_path / "a.jsonl", "ann-1", label="x")], 0)


def test_a_training_set_that_is_not_mnist_is_refused(small):
    write_idx(small / "mnist" / image_file("train"), np.zeros((5, 28, 28), np.uint8))
    write_idx(small / "mnist" / label_file("train"), np.zeros(5, np.uint8))
    with pytest.raises(InputError, match="60,000"):
        dataset.load_digits([], 0)


def test_strokes_of_any_labels_are_split_by_writer(tmp_path):
    numbered = [f"ann-{i}" for i in range(10)]
    paths = [
        pens(tmp_path / f"{label}.jsonl", *numbered, label=label) for label in ("tick", "cross")
    ]
    split = dataset.load_strokes(paths, 2)
    assert split.training.labels == ("cross", "tick")
    assert writers(split.validation) == ["ann-2", "ann-7"] * 2
    assert set(split.validation.bitmaps()) == {"pens"}


def test_strokes_of_nobody_are_split_by_turns(tmp_path):
    paths = [pens(tmp_path / f"{label}.jsonl", *[""] * 10, label=label) for label in "ab"]
    split = dataset.load_strokes(paths, 0)
    assert [sample.label for sample in split.validation.pens] == ["a", "a", "b", "b"]
    assert len(split.training.pens) == 16


def test_too_little_to_learn_from_is_refused(tmp_path):
    one = pens(tmp_path / "one.jsonl", *[""] * 10, label="a")
    with pytest.raises(InputError, match=r"one.jsonl: 'a' alone"):
        dataset.load_strokes([one], 0)
    (tmp_path / "none.jsonl").write_text("")
    with pytest.raises(InputError, match="no sample alone"):
        dataset.load_strokes([tmp_path / "none.jsonl"], 0)
    two = pens(tmp_path / "two.jsonl", "", "", label="b")
    with pytest.raises(InputError, match="2 of 'b': give at least 5"):
        dataset.load_strokes([one, two], 0)
    same = pens(tmp_path / "same.jsonl", *["ann-1"] * 5, label="b")
    other = pens(tmp_path / "other.jsonl", *["ann-2"] * 5, label="a")
    with pytest.raises(InputError, match="no writer belongs to fold 3"):
        dataset.load_strokes([same, other], 3)
    with pytest.raises(InputError, match="'b' only by writers that are held out"):
        dataset.load_strokes([same, other], 1)


def test_signs_to_refuse_are_no_label(tmp_path):
    known = [pens(tmp_path / f"{label}.jsonl", *[""] * 10, label=label) for label in "ab"]
    signs = pens(tmp_path / "signs.jsonl", *(f"ann-{n}" for n in range(10)), label="c")
    split = DataOptions(tuple(known), labels="strokes", refuse=(signs,)).load(0)
    assert split.training.labels == ("a", "b")
    assert [sample.writer for sample in split.validation.letters] == ["ann-0", "ann-5"]
    assert len(split.training.letters) == 8
    assert set(split.files) == {"a.jsonl", "b.jsonl", "signs.jsonl"}
    with pytest.raises(InputError, match="--refuse goes with other labels"):
        DataOptions(refuse=(signs,)).load(0)


def test_other_labels_take_strokes():
    with pytest.raises(InputError, match="takes --strokes"):
        DataOptions(labels="strokes").load(0)


def letters(path, counts, writer=None, ink=1):
    """Write a CSV of images, each with a mark in one place for its label and one for its turn."""
    names = [f"pixel{i}" for i in range(784)]
    lines = [",".join(["label", *(["writer"] if writer else []), *names])]
    for place, (label, count) in enumerate(counts.items()):
        for turn in range(count):
            pixels = ["0"] * 784
            pixels[place + 1] = "200"
            pixels[100 : 100 + 600 * ink // 8] = ["9"] * (600 * ink // 8)
            lines.append(",".join([label, *([writer(turn)] if writer else []), *pixels]))
    path.write_text("\n".join(lines) + "\n")
    return path


def test_images_of_any_labels_are_split_by_turns(tmp_path):
    path = letters(tmp_path / "letters.csv", {"b": 10, "a": 5})
    split = DataOptions(images=(path,)).load(1)
    assert split.training.labels == ("a", "b")
    assert split.validation.images.targets.tolist() == [1, 1, 0]
    assert split.training.images.targets.tolist() == [1] * 8 + [0] * 4
    assert split.training.images.bitmaps[0, 0, 1] == 200
    assert set(split.validation.bitmaps()) == {"images"}
    assert set(split.files) == {"letters.csv"}


def test_images_go_to_their_writers_fold(tmp_path):
    path = letters(tmp_path / "l.csv", {"a": 10, "b": 10}, lambda turn: f"ann-{turn // 2}")
    split = DataOptions(images=(path,)).load(3)
    assert split.validation.images.targets.tolist() == [0, 0, 1, 1]


def test_images_and_strokes_are_learned_together(tmp_path):
    table = letters(tmp_path / "l.csv", {"a": 3, "b": 6})
    strokes = [pens(tmp_path / f"{label}.jsonl", *[""] * 5, label=label) for label in "ac"]
    split = DataOptions(images=(table,), strokes=tuple(strokes)).load(0)
    assert split.training.labels == ("a", "b", "c")
    assert set(split.validation.bitmaps()) == {"images", "pens"}
    with pytest.raises(InputError, match="3 of 'a': give at least 5"):
        DataOptions(images=(table,)).load(0)


def test_one_label_is_refused_for_images_too(tmp_path):
    with pytest.raises(InputError, match=r"l\.csv: 'a' alone: give samples of at least two"):
        DataOptions(images=(letters(tmp_path / "l.csv", {"a": 10}),)).load(0)


def test_transposed_images_are_turned_and_named_so(tmp_path):
    path = letters(tmp_path / "l.csv", {"a": 5, "b": 5})
    with pytest.raises(InputError, match="--images"):
        DataOptions(transposed=True).load(0)
    split = DataOptions(images=(path,), transposed=True).load(0)
    assert split.training.images.bitmaps[0, 1, 0] == 200
    assert set(split.files) == {"l.csv (transposed)"}


def test_photos_are_warned_of(tmp_path, capsys):
    DataOptions(images=(letters(tmp_path / "l.csv", {"a": 5, "b": 5}, ink=8),)).load(0)
    assert "warning: 77% of the pixels" in capsys.readouterr().err


def test_files_that_are_named_again_add():
    parser = Parser()
    add_data(parser)
    words = ["--strokes", "a", "b", "--images", "c", "--strokes", "d", "--images", "e"]
    options = DataOptions.of(parser.parse_args(words))
    assert options.strokes == (Path("a"), Path("b"), Path("d"))
    assert options.images == (Path("c"), Path("e"))
    assert DataOptions.of(parser.parse_args([])).strokes is None
    assert DataOptions.of(parser.parse_args(["--strokes"])).strokes == ()


def test_training_without_pytorch_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "inkpin.model.training.loop", None)
    monkeypatch.delattr("inkpin.model.training.loop", raising=False)
    assert main(["train"]) == 2
    assert "`./dev torch` has it" in capsys.readouterr().err
