"""Where the samples and the networks of other labels than the lock's lie."""

import hashlib
import json
import re
from pathlib import Path

from inkpin.common.files import read_bytes
from inkpin.desktop.samples.workspace import Workspace
from inkpin.model.inference.recogniser import Recogniser

_NAMED = 40  # characters of a folder's name that say which labels they are
_DIGEST = 8


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
