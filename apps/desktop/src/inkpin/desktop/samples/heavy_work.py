"""What a workspace has done in a process of its own; samples come as the lines of a stroke file.

The window's process imports this too, and what takes longer to import than all that a window needs
is therefore imported by the work itself.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from inkpin.desktop.processes import Channel
from inkpin.model.adaptation.improved_model import ImprovedModel
from inkpin.model.adaptation.model_store import Score
from inkpin.model.collection.guesses import guesses
from inkpin.model.collection.sample import Entry, StoredSample
from inkpin.model.data.samples import Sample
from inkpin.model.inference.recogniser import Recogniser

_BATCH = 100  # samples, some ms
_REST_S = 0.005


def lines_of(entries: Sequence[Entry]) -> bytes:
    """Return samples as the work takes them; this rests often, so that a pen is heard meanwhile."""
    parts = []
    for start in range(0, len(entries), _BATCH):
        parts += [entry.stored.line for entry in entries[start : start + _BATCH]]
        time.sleep(_REST_S)
    return b"".join(parts)


def improve_network(channel: Channel, path: Path, model: bytes, lines: bytes) -> ImprovedModel:
    """Return the network of a file, taught by samples.

    Raises:
        InputError: there are too few, or the network cannot be taught.
    """
    from inkpin.model.adaptation.improve import improve

    return improve(model, str(path), _samples(lines), channel.progress)


def score_networks(
    channel: Channel, paths: Sequence[Path], lines: bytes
) -> dict[Path, tuple[Score, Score]]:
    """Return what the networks of some files read right of samples, and of other people's digits.

    Raises:
        InputError: one is no network of ours.
    """
    from inkpin.model.adaptation import scores

    return scores.score_networks(paths, _samples(lines), channel.progress)


def _samples(lines: bytes) -> list[Sample]:
    return [StoredSample.of_line(line).sample for line in lines.splitlines()]


def read_samples(channel: Channel, path: Path, lines: bytes, ids: Sequence[str]) -> None:
    """Post what the network of a file reads samples as, by their ids, some hundreds at a time.

    Raises:
        InputError: it is no network of ours.
    """
    done = 0
    stored = map(StoredSample.of_line, lines.splitlines())
    for read in guesses([*map(Entry, ids, stored)], Recogniser.load(path)):
        channel.post(read)
        done += len(read)
        channel.progress(done, len(ids))


def export_c(_channel: Channel, path: Path, name: str, folder: Path) -> list[Path]:
    """Write the C of the network of a file, called by a name; return the files.

    Raises:
        InputError: it cannot be converted, or not be written.
    """
    from inkpin.model.converter import convert

    return convert(path, name=name).write(folder)


def write_sketch(channel: Channel, path: Path, folder: Path) -> Path:
    """Write the firmware with the network of a file, as the Arduino IDE takes it; return where.

    Raises:
        InputError: this is no checkout, the network reads no drawings, or it cannot be written.
    """
    channel.progress(0, 1)
    from inkpin.device import sketch

    return sketch.write(folder, path)
