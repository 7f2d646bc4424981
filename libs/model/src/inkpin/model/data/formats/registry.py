"""Which formats there are, and what reads and writes them."""

import gzip
import itertools
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from inkpin.common import InputError
from inkpin.common.files import read_bytes
from inkpin.common.progress import Progress, silent
from inkpin.model.data.formats import arrays, inkml, png, unipen
from inkpin.model.data.samples import Sample, read_lines, sample_of, save_samples

_Read = Callable[[Path, Progress], list[Sample]]
_Write = Callable[[Sequence[Sample], Path, Progress], list[Path]]


@dataclass(frozen=True)
class Format:
    """A way to keep samples.

    Attributes:
        title: its name for people.
        suffixes: how names of its files end; the first one suits a new file.
        folder: whether it is a folder and not a file.
        read: takes its path and a Progress, returns the samples; None where there is no reader.
        write: takes samples, a path and a Progress, returns the files; None likewise.
    """

    title: str
    suffixes: tuple[str, ...]
    folder: bool
    read: _Read | None
    write: _Write | None


def _read_strokes(path: Path, progress: Progress) -> list[Sample]:
    lines = read_bytes(path, "copy the file again").count(b"\n") + 1
    done = itertools.count()

    def sample(line: bytes) -> Sample:
        progress(next(done), lines)
        return sample_of(line)

    return read_lines(path, sample)


def _write_strokes(samples: Sequence[Sample], path: Path, progress: Progress) -> list[Path]:
    def told() -> Iterator[Sample]:
        for done, sample in enumerate(samples):
            progress(done, len(samples))
            yield sample

    save_samples(path, told())
    return [path]


_FORMATS = {
    "strokes": Format(
        "Strokes (JSON Lines)",
        (".jsonl", ".jsonl.gz", ".jsonl.txt"),
        False,
        _read_strokes,
        _write_strokes,
    ),
    "inkml": Format("InkML", (".inkml", ".xml"), False, inkml.read, inkml.write),
    "unipen": Format("UNIPEN", (".dat", ".unp", ".txt", ".Z"), False, unipen.read, None),
    "npz": Format("NumPy arrays", (".npz",), False, arrays.read_npz, arrays.write_npz),
    "kaggle": Format(
        "Kaggle CSV, 0 and 255", (".csv", ".csv.gz"), False, arrays.read_csv, arrays.write_csv
    ),
    "kaggle-binary": Format(
        "Kaggle CSV, 0 and 1", (".csv", ".csv.gz"), False, None, arrays.write_binary_csv
    ),
    "idx": Format("IDX, as MNIST has it", (), True, arrays.read_idx, arrays.write_idx),
    "png": Format("Pictures, a folder a label", (), True, png.read, png.write),
}
# What files of these formats begin with.
_STARTS = 4096
_MARKS = {
    "idx": re.compile(rb"\x00\x00\x08[\x01\x03]"),
    "npz": re.compile(rb"PK\x03\x04"),
    "strokes": re.compile(rb"\s*\{"),
    "inkml": re.compile(rb"(?s)(\xef\xbb\xbf)?\s*(<\?xml.*?\?>)?\s*(<!--.*?-->\s*)*<(\w+:)?ink\b"),
    "unipen": re.compile(rb"(?ms).*?^\.(VERSION|COORD|PEN_DOWN|SEGMENT|COMMENT|DATA_SOURCE)\b"),
    "kaggle": re.compile(rb"\"?label\"?,\"?pixel"),
}
_PICTURE = re.compile(rb"\x89PNG|BM|GIF8")
IMPORTS = {kind: known for kind, known in _FORMATS.items() if known.read}
EXPORTS = {kind: known for kind, known in _FORMATS.items() if known.write}


def read_samples(path: Path, kind: str | None = None, progress: Progress = silent) -> list[Sample]:
    """Read samples; pictures get strokes that are traced from them, see `picture`.

    Args:
        path: a file, or a folder where the format is one.
        kind: a key of IMPORTS; None to tell it from the content, or else from the path.
        progress: told how far it is.

    Raises:
        InputError: it cannot be read or is damaged, or holds no sample.
    """
    known = IMPORTS[kind or found_kind(path)]
    samples = known.read(path, progress) if known.read else []
    if not samples:
        raise InputError(f"{path}: no samples in it: name another file")
    return samples


def write_samples(
    samples: Sequence[Sample], path: Path, kind: str, progress: Progress = silent
) -> list[Path]:
    """Write samples and return the files, each whole or not at all.

    Args:
        samples: at least one.
        path: a file, or a folder where the format is one.
        kind: a key of EXPORTS.
        progress: told how far it is.

    Raises:
        InputError: it cannot be written, or the format has no place for such samples.
    """
    if not samples:
        raise InputError("no samples to export: collect or choose some")
    known = EXPORTS[kind]
    return known.write(samples, path, progress) if known.write else []


def found_kind(path: Path) -> str:
    """Tell a format from what a file begins with, or else from its name, as a key of IMPORTS.

    Raises:
        InputError: neither says anything.
    """
    if not path.is_dir():
        with suppress(OSError, EOFError, zlib.error):
            start = _start(path)
            for kind, mark in _MARKS.items():
                if mark.match(start):
                    return kind
            if _PICTURE.match(start):
                raise InputError(
                    f"{path}: a picture says no label: take a folder that holds a folder for each "
                    "label"
                )
    return kind_of(path, IMPORTS)


def _start(path: Path) -> bytes:
    """Return what a file begins with, unpacked."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with gzip.open(path) if packed else path.open("rb") as file:
        return file.read(_STARTS)


def kind_of(path: Path, formats: Mapping[str, Format]) -> str:
    """Tell a format from a path, as a key of IMPORTS or EXPORTS.

    Raises:
        InputError: its name says nothing.
    """
    if path.is_dir() or "-images-idx3-ubyte" in path.name:
        return "png" if path.is_dir() and not any(path.glob("*-images-idx3-ubyte*")) else "idx"
    name = path.name.lower()
    for kind, known in formats.items():
        if name.endswith(tuple(suffix.lower() for suffix in known.suffixes)):
            return kind
    endings = ", ".join(dict.fromkeys(end for known in formats.values() for end in known.suffixes))
    raise InputError(f"{path}: its name tells no format ({endings}): say which it is")
