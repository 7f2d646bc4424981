"""Other labels than the lock's: where their samples and networks lie, trained or not."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

from inkpin.common import InputError
from inkpin.common.files import read_bytes
from inkpin.desktop.samples.workspace import Workspace
from inkpin.model.inference.recogniser import Recogniser
from inkpin.model.inference.refusal import UNREAD

_NAMED = 40  # characters of a folder's name that say which labels they are
_DIGEST = 8


def labels_of(words: Sequence[str]) -> tuple[str, ...]:
    """Return the labels that are typed: each a word of its own, or all as words of one text.

    Raises:
        InputError: they are fewer than two, or one stands there twice or for what is not read.
    """
    labels = tuple(words[0].split()) if len(words) == 1 else tuple(map(str.strip, words))
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise InputError(f"--labels: {twice!r} twice: name each label once")
    if UNREAD in labels:
        raise InputError(f"--labels: {UNREAD!r} stands for what is not read: take another label")
    if len(labels) < 2 or "" in labels:
        raise InputError('--labels: name at least two, such as "A B C"')
    return labels


def workspace_of(labels: Sequence[str], home: Path, samples: Path | None = None) -> Workspace:
    """Return a workspace of labels, of which there need not be a network yet.

    It is trained once there is one of these labels, and perhaps others, at its base's place.

    Args:
        labels: in the order in which they are shown while none reads them.
        home: the user's folder.
        samples: the file of the samples, if it is to be another.
    """
    folder = home / "labels" / folder_name(sorted(labels))
    file, network, notice = samples or folder / "samples.jsonl", folder / "network.onnx", ""
    if network.exists():
        try:
            found = Recogniser.load(network).labels
        except InputError as error:
            notice = f"{error}: train it anew"
        else:
            if set(labels) <= set(found):
                return workspace_for(network, home, file)
            notice = f"{network} reads {', '.join(found)}, not all of these labels: train it anew"
    return Workspace(folder, file, network, untrained=labels, notice=notice)


def workspace_for(model: Path, home: Path, samples: Path | None = None) -> Workspace:
    """Return a workspace of a network's labels.

    Networks of the same labels, in whatever order, share the samples. What was improved is kept by
    the network that it came from.

    Args:
        model: the ONNX file.
        home: the user's folder.
        samples: the file of the samples, if it is to be another.

    Raises:
        InputError: the model is unusable.
    """
    content = read_bytes(model, "take another model")
    labels = sorted(Recogniser(content, str(model)).labels)
    folder = home / "labels" / folder_name(labels)
    own = folder / f"network-{hashlib.sha256(content).hexdigest()[:_DIGEST]}"
    return Workspace(own, samples or folder / "samples.jsonl", model)


def folder_name(labels: list[str]) -> str:
    """Return what the folder of sorted labels is called on any disk."""
    words = re.sub(r"[^a-z0-9]+", "-", " ".join(labels).lower()).strip("-")[:_NAMED]
    digest = hashlib.sha256(json.dumps(labels).encode()).hexdigest()[:_DIGEST]
    return f"{words}-{digest}".strip("-")
