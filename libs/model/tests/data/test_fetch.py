import argparse
import hashlib
import json
from dataclasses import replace

import numpy as np
import platformdirs
import pytest

from inkpin.common import InputError
from inkpin.model.data import fetch, fetch_command
from inkpin.model.data.formats.csv_images import PIXELS
from inkpin.model.data.formats.idx import load_split, read_idx
from inkpin.model.data.samples import load_samples
from inkpin.model.data.sources import DataFile, Folder, SourceError

CONTENTS = {"one": b"first" * 100, "two": b"second" * 100}
DIGITS = fetch.DataSet(
    title="digits",
    folder="digits",
    files=tuple(DataFile(name, hashlib.sha256(c).hexdigest()) for name, c in CONTENTS.items()),
    public=(),
)


class Stub:
    """A source with these contents that fails when it has given them."""

    def __init__(self, contents, stop=None):
        self.left, self.stop, self.asked = contents, stop or SourceError("no more"), []

    def __str__(self):
        return "stub"

    def contents(self, files, cache):
        for file in files:
            self.asked.append(file.name)
            if file.name not in self.left:
                raise self.stop
            yield file, self.left[file.name]


def read(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_files_come_from_the_first_source_that_has_them(tmp_path, capsys):
    first, second, third = Stub({}), Stub({"one": CONTENTS["one"]}), Stub(CONTENTS)
    fourth = Stub(CONTENTS)
    assert fetch.obtain(DIGITS, [first, second, third, fourth], tmp_path)
    assert read(tmp_path) == CONTENTS
    assert (second.asked, third.asked, fourth.asked) == (["one", "two"], ["two"], [])
    assert capsys.readouterr().out.count("digits: not from stub: no more\n") == 2


def test_a_second_run_does_nothing(tmp_path, capsys):
    assert fetch.obtain(DIGITS, [Stub(CONTENTS)], tmp_path)
    capsys.readouterr()
    source = Stub(CONTENTS)
    assert fetch.obtain(DIGITS, [source], tmp_path)
    assert not source.asked
    assert capsys.readouterr().out == f"digits: already in {tmp_path}\n"


def test_after_an_interruption_only_the_rest_is_asked_for(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fetch.obtain(DIGITS, [Stub({"one": CONTENTS["one"]}, KeyboardInterrupt())], tmp_path)
    assert read(tmp_path) == {"one": CONTENTS["one"]}
    source = Stub(CONTENTS)
    assert fetch.obtain(DIGITS, [source], tmp_path)
    assert source.asked == ["two"]


def test_a_file_damaged_in_the_cache_is_fetched_again(tmp_path):
    (tmp_path / "one").write_bytes(CONTENTS["one"][:-1])
    (tmp_path / "two").write_bytes(CONTENTS["two"])
    source = Stub(CONTENTS)
    assert fetch.obtain(DIGITS, [source], tmp_path)
    assert source.asked == ["one"]
    assert read(tmp_path) == CONTENTS


def test_nothing_found_leaves_nothing(tmp_path):
    assert not fetch.obtain(DIGITS, [Stub({}), Folder(tmp_path / "none")], tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder, and no source but those that a test names."""
    monkeypatch.setenv("INKPIN_DATA", str(tmp_path / "cache"))
    monkeypatch.delenv("INKPIN_MIRROR", raising=False)
    for name in ("MNIST", "PENDIGITS", "UNIPEN"):
        monkeypatch.setattr(fetch, name, replace(getattr(fetch, name), public=()))
    monkeypatch.setattr(fetch, "DATA_SETS", (fetch.MNIST, fetch.PENDIGITS, fetch.UNIPEN))
    return tmp_path / "cache"


def run(*words):
    parser = argparse.ArgumentParser()
    fetch_command.add_arguments(parser)
    fetch_command.run(parser.parse_args(list(map(str, words))))


def test_the_cache_folder_is_the_chosen_one_or_the_platforms(monkeypatch, tmp_path):
    monkeypatch.setenv("INKPIN_DATA", str(tmp_path))
    assert fetch.data_folder() == tmp_path
    monkeypatch.delenv("INKPIN_DATA")
    monkeypatch.setenv("INKPIN_CACHE", str(tmp_path))
    assert fetch.data_folder() == tmp_path / "data"
    monkeypatch.delenv("INKPIN_CACHE")
    assert str(fetch.data_folder()).startswith(platformdirs.user_cache_dir("inkpin"))


def test_what_was_not_fetched_is_named_with_the_remedy(cache):
    finders = fetch.mnist_folder, fetch.pen_strokes, fetch.unipen_digits, fetch.unipen_letters
    for find in finders:
        with pytest.raises(InputError, match=r"not there: run `./dev run inkpin-model fetch`$"):
            find()


def test_without_any_source_one_line_says_what_to_do(cache):
    with pytest.raises(
        InputError, match=r"^MNIST: .*`./dev run inkpin-model fetch --from FOLDER`[^\n]*$"
    ):
        run()
    assert not cache.exists()


def test_a_path_that_is_not_there_is_refused(cache, tmp_path):
    with pytest.raises(InputError, match="none: not there: name a folder"):
        run("--from", tmp_path / "none")


def test_a_folder_without_any_of_it_is_refused_before_anything_is_asked(cache, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        InputError,
        match=r"empty: neither MNIST nor UCI pen digits nor UNIPEN writers is there: name",
    ):
        run("--from", tmp_path / "empty")
    assert "trying" not in capsys.readouterr().out


def test_a_truncated_file_in_the_named_folder_is_refused(cache, tmp_path):
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "train-images-idx3-ubyte.gz").write_bytes(b"\x1f\x8b\x08\0\0")
    with pytest.raises(InputError, match=r"train-images-idx3-ubyte\.gz: truncated or damaged"):
        run("--from", tmp_path / "from")
    assert not cache.exists()


def test_kaggles_files_become_idx_files_and_binarised_ones(cache, tmp_path, capsys):
    images = np.random.default_rng(1).integers(0, 256, (3, 784))
    images[0, :9] = 0
    labels = [7, 0, 9]
    rows = [[label, *row] for label, row in zip(labels, images.tolist(), strict=True)]
    for name, header, lines in (
        ("train.csv", ("label", *PIXELS), rows),
        ("test.csv", PIXELS, [row[1:] for row in rows]),
    ):
        text = "".join(",".join(map(str, line)) + "\n" for line in [header, *lines])
        (tmp_path / name).write_text(text)
        run("--from", tmp_path / name, "--binarised", tmp_path / f"bits-{name}")
        assert "nothing was compared with a checksum" in capsys.readouterr().out
        bits = [[*line[: len(line) - 784], *map(int, np.array(line[-784:]) > 0)] for line in lines]
        expected = "".join(",".join(map(str, line)) + "\n" for line in [header, *bits])
        assert (tmp_path / f"bits-{name}").read_text() == expected
    read = load_split(cache / "kaggle", "train")
    np.testing.assert_array_equal(read.bitmaps.reshape(3, 784), images)
    assert read.targets.tolist() == labels
    np.testing.assert_array_equal(
        read_idx(cache / "kaggle" / "t10k-images-idx3-ubyte"), read.bitmaps
    )


def test_a_bad_csv_leaves_nothing(cache, tmp_path):
    (tmp_path / "train.csv").write_text(",".join(PIXELS) + "\n1,2\n")
    with pytest.raises(InputError, match=r"train.csv, line 2: 2 pixels"):
        run("--from", tmp_path / "train.csv", "--binarised", tmp_path / "bits.csv")
    assert list(tmp_path.iterdir()) == [tmp_path / "train.csv"]


def test_the_real_data(mirror, cache, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("INKPIN_MIRROR", str(mirror))
    run("--binarised", tmp_path / "bits.csv")
    assert fetch.mnist_folder() == cache / "mnist"
    assert len(load_split(fetch.mnist_folder(), "test")) == 10_000
    with (tmp_path / "bits.csv").open() as file:
        assert sum(1 for _ in file) == 60_001
    samples = load_samples(fetch.pen_strokes())
    assert len(samples) == 7494
    assert json.dumps(samples[0].record())
    assert len(load_samples(fetch.unipen_digits())) == 6787
    assert len(load_samples(fetch.unipen_letters())) == 4489
    assert fetch.PEN_STROKES.is_in(cache / "pendigits")  # the conversion makes the same bytes

    capsys.readouterr()
    run()
    assert capsys.readouterr().out.count("already in") == 3

    again = tmp_path / "again" / "mnist"  # a cache is laid out like a mirror
    assert fetch.obtain(fetch.MNIST, [Folder(cache)], again)


def test_without_pen_strokes_mnist_suffices(mirror, cache, capsys):
    run("--from", mirror / "mnist")
    assert fetch.mnist_folder() == cache / "mnist"
    said = capsys.readouterr().out
    assert "UCI pen digits: left out" in said
    assert "UNIPEN writers: left out" in said
