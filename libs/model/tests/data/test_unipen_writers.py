import gzip
import hashlib
import io
import json
import tarfile

import pytest

from inkpin.model.data import unipen_writers
from inkpin.model.data.sources import DataFile, SourceError
from inkpin.model.data.unipen_writers import (
    DIGITS_FILE,
    LETTERS_FILE,
    UnipenArchive,
    stroke_files,
)


def corpus(*drawn):
    """The corpus's files, of (folder, site, file, writer, labels), every character a slash."""
    texts = {}
    for folder, site, name, writer, labels in drawn:
        ink = f".WRITER_ID {writer}\n" + ".PEN_DOWN\n 0 0\n 100 400\n.PEN_UP\n" * len(labels)
        segments = "".join(
            f'.SEGMENT CHARACTER {i} OK "{label}"\n' for i, label in enumerate(labels)
        )
        texts[f"include/{site}/{folder}-{name}.dat"] = ink.encode()
        include = f".INCLUDE {site}/{folder}-{name}.dat\n"
        texts[f"data/{folder}/{site}/{name}.dat"] = (include + segments).encode()
    return texts


def lines(texts):
    return {
        name: [json.loads(line) for line in content.splitlines()]
        for name, content in stroke_files(texts).items()
    }


def words(found):
    return [(sample["word"], sample["writer"]) for sample in found]


def test_the_longer_side_is_200_in_the_middle_and_y_points_down():
    (sample,) = lines(corpus(("1a", "apa", "x", "ann", "1")))[DIGITS_FILE]
    assert sample == {
        "word": "1",
        "drawing": [[[95, 145], [220, 20]]],
        "canvas": [240, 240],
        "writer": "unipen-1",
    }


def test_the_same_person_has_the_same_number_in_both_files_and_at_both_sites():
    made = lines(
        corpus(
            ("1a", "apa", "x", "ann", "12"),
            ("1a", "app", "x", "ann", "3"),
            ("1a", "uqb", "ja", "ann", "4"),
            ("1b", "apa", "x", "cat", "A"),
            ("1c", "apb", "x", "ann", "h"),
        )
    )
    ann = "unipen-1"
    assert words(made[DIGITS_FILE]) == [("1", ann), ("2", ann), ("3", ann), ("4", "unipen-2")]
    assert words(made[LETTERS_FILE]) == [("A", "unipen-3"), ("h", ann)]


def test_those_who_judge_from_outside_are_not_taken():
    made = lines(
        corpus(
            ("1a", "gmd", "kast", "k", "1"),
            ("1a", "gmd", "alek", "a", "2"),
            ("1a", "uqb", "py", "p", "3"),
            ("1a", "uqb", "pe", "e", "4"),
            ("1a", "abm", "x", "b", "5"),
            *(("1a", "syn", f"s{i}", f"w{i}", str(5 + i)) for i in range(4)),
        )
    )
    assert [word for word, _ in words(made[DIGITS_FILE])] == ["5", "7", "2", "4"]


def test_three_of_each_letter_of_each_writer_and_none_that_look_like_digits():
    made = lines(corpus(("1b", "apa", "x", "ann", "AAOAABIlA"), ("1b", "apa", "y", "bob", "A")))
    assert words(made[LETTERS_FILE]) == [("A", "unipen-1")] * 3 + [("A", "unipen-2")]
    assert made[DIGITS_FILE] == []


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Has every download bring this content, and returns the source and an empty cache folder."""

    def serve(content):
        def download(url, part):
            part.parent.mkdir(exist_ok=True)
            part.write_bytes(content)

        monkeypatch.setattr(unipen_writers, "download", download)
        return UnipenArchive("https://example.org/a.tar.gz"), tmp_path / "cache"

    return serve


def tarball(texts):
    """The corpus's files as GitHub packs them."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in texts.items():
            entry = tarfile.TarInfo(f"train_r01_v07-552a4d44/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def test_the_archive_gives_the_files_whose_checksums_are_known(serve):
    texts = corpus(("1a", "apa", "x", "ann", "12"), ("1b", "apa", "x", "ann", "A"))
    made = stroke_files(texts)
    files = [DataFile(name, hashlib.sha256(made[name]).hexdigest()) for name in made]
    source, cache = serve(tarball({**texts, "data/2/x/y.dat": b"other"}))
    assert dict(source.contents(files, cache)) == {f: made[f.name] for f in files}
    assert not list(cache.iterdir())


def test_another_corpus_is_refused(serve):
    source, cache = serve(tarball(corpus(("1a", "apa", "x", "ann", "12"))))
    with pytest.raises(SourceError, match=r"unipen-digits.jsonl.gz: made of it is another"):
        next(source.contents([DataFile(DIGITS_FILE, "0" * 64)], cache))


@pytest.mark.parametrize("content", [b"<html>", gzip.compress(b"no tar", mtime=0)])
def test_what_is_no_archive_is_refused(serve, content):
    source, cache = serve(content)
    with pytest.raises(SourceError, match="sent no UNIPEN corpus"):
        next(source.contents([DataFile(DIGITS_FILE, "0" * 64)], cache))
    assert not list(cache.iterdir())
