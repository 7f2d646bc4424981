"""The UNIPEN writers to train on, out of the public archive of the corpus.

Some writers and sites alone are taken; the others judge this project from outside, and nothing of
them is read or kept.
"""

import hashlib
import json
import string
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inkpin.common import InputError
from inkpin.common.arrays import Floats
from inkpin.model.data.download import DownloadError, download
from inkpin.model.data.formats.unipen_corpus import Character, characters
from inkpin.model.data.sources import DataFile, SourceError
from inkpin.preprocess import AREA

DIGITS_FILE, LETTERS_FILE = "unipen-digits.jsonl.gz", "unipen-letters.jsonl.gz"

SITES = ("apa", "apb", "app", "syn", "gmd", "uqb")
"""Those who gave the drawings that are taken, in the order of the files made of them."""

LETTERS = "ADEFHKMNPRUVWXadefhkmnprtuwx"
"""Those that no digit looks like."""

_DIGIT_FOLDERS, _LETTER_FOLDERS = ("1a",), ("1b", "1c")
_EVERY_OTHER = "syn"  # the writers of this site are taken by turns
_OF_A_LETTER = 3  # drawings of one writer
_SIDE = 200  # of AREA: the longer side of each drawing


@dataclass(frozen=True)
class UnipenArchive:
    """A tarball of the corpus, everything in one folder."""

    url: str

    def __str__(self) -> str:
        return self.url

    def contents(self, files: Sequence[DataFile], cache: Path) -> Iterator[tuple[DataFile, bytes]]:
        """Yield the files' contents, see `Source`."""
        part = cache / f"unipen.{hashlib.sha256(self.url.encode()).hexdigest()[:8]}.part"
        try:
            download(self.url, part)
            with tarfile.open(part) as archive:
                made = stroke_files(_texts(archive))
        except DownloadError as error:
            raise SourceError(str(error)) from error
        except (OSError, EOFError, tarfile.TarError, InputError) as error:
            part.unlink(missing_ok=True)
            raise SourceError(f"sent no UNIPEN corpus ({error})") from error
        part.unlink()
        for file in files:
            if not file.matches(made[file.name]):
                raise SourceError(f"{file.name}: made of it is another (its SHA-256 differs)")
            yield file, made[file.name]


def stroke_files(texts: dict[str, bytes]) -> dict[str, bytes]:
    """Return the stroke files of the corpus, by name, not compressed.

    Args:
        texts: content of the corpus's files by path, those of SITES at least.

    Raises:
        InputError: a file is missing in it, or makes no sense.
    """
    turns: dict[tuple[str, str], int] = {}  # of _EVERY_OTHER's writers
    numbers: dict[tuple[str, str], int] = {}
    digits = [*_taken(texts, _DIGIT_FOLDERS, string.digits, turns)]
    letters = [*_taken(texts, _LETTER_FOLDERS, LETTERS, turns)]
    for person, _ in (*digits, *letters):
        numbers.setdefault(person, len(numbers) + 1)
    seen: Counter[tuple[int, str]] = Counter()
    few = []
    for person, character in letters:
        seen[numbers[person], character.label] += 1
        if seen[numbers[person], character.label] <= _OF_A_LETTER:
            few.append((person, character))
    return {
        name: b"".join(_line(character, f"unipen-{numbers[person]}") for person, character in some)
        for name, some in ((DIGITS_FILE, digits), (LETTERS_FILE, few))
    }


def _taken(
    texts: dict[str, bytes],
    folders: Iterable[str],
    labels: str,
    turns: dict[tuple[str, str], int],
) -> Iterator[tuple[tuple[str, str], Character]]:
    """Yield the characters that are taken, each with its site's company and writer."""
    for folder in folders:
        for site in SITES:
            for path in sorted(p for p in texts if p.startswith(f"data/{folder}/{site}/")):
                if site == "gmd" and Path(path).stem == "kast":
                    continue
                if site == "uqb" and Path(path).stem not in ("ja", "pe"):
                    continue
                for character in characters(path, texts.__getitem__):
                    person = ("ap" if site.startswith("ap") else site, character.writer)
                    if site == _EVERY_OTHER and turns.setdefault(person, len(turns)) % 2:
                        continue
                    if len(character.label) == 1 and character.label in labels:
                        yield person, character


def _line(character: Character, writer: str) -> bytes:
    """Return the line of a stroke file: the longer side _SIDE pixels, in the middle of the area."""
    points = np.concatenate(character.strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = _SIDE / max(float((high - low).max()), 1e-9)

    def axes(stroke: Floats) -> list[list[int]]:
        placed = np.floor((stroke - (low + high) / 2) * scale + AREA / 2)
        columns: list[list[int]] = placed.astype(int).T.tolist()
        return columns

    record = {
        "word": character.label,
        "drawing": [axes(stroke) for stroke in character.strokes],
        "canvas": [AREA, AREA],
        "writer": writer,
    }
    return json.dumps(record).encode() + b"\n"


def _texts(archive: tarfile.TarFile) -> dict[str, bytes]:
    """Return what the archive holds of SITES, by path without its outermost folder."""
    found = {}
    for member in archive:
        path = member.name.partition("/")[2]
        wanted = path.startswith(
            tuple(f"include/{site}/" for site in SITES)
            + tuple(f"data/{d}/{s}/" for d in _DIGIT_FOLDERS + _LETTER_FOLDERS for s in SITES)
        )
        if wanted and member.isfile() and (file := archive.extractfile(member)):
            found[path] = file.read()
    return found
