"""What the device's C makes of a bitmap, beside what onnxruntime did: a second opinion."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inkpin.common import InputError
from inkpin.common.files import replacing
from inkpin.desktop.lock.session import Prediction, Recogniser, Tried


@dataclass(frozen=True)
class Opinion:
    """The C's reading of what was tried.

    Attributes:
        prediction: the reading, or None where the C could not be run.
        text: in words whether it agrees, or why there is none.
        agrees: whether every logit, the label and the confidence are the same.
        report: the file that tells of a disagreement.
    """

    prediction: Prediction | None
    text: str
    agrees: bool = True
    report: Path | None = None


class SecondOpinion:
    """Runs the C beside the recogniser; for any thread, one reading at a time.

    Args:
        load: compiles the C; called by the first reading.
        folder: where disagreements are reported.
    """

    def __init__(self, load: Callable[[], Recogniser], folder: Path) -> None:
        self._load = load
        self._folder = folder
        self._lock = threading.Lock()
        self._device: Recogniser | None = None
        self._refusal = ""

    def forget(self) -> None:
        """Compile anew at the next reading: the network is another one."""
        with self._lock:
            self._device, self._refusal = None, ""

    def of(self, tried: Tried) -> Opinion:
        """Return what the C makes of what was tried.

        Raises:
            InputError: it disagrees, and the report of that cannot be written.
        """
        with self._lock:
            if self._device is None and not self._refusal:
                try:
                    self._device = self._load()
                except InputError as error:
                    self._refusal = str(error)
            if self._device is None:
                return Opinion(None, self._refusal)
            return compare(tried, self._device.predict(tried.bitmap), self._folder)


def compare(tried: Tried, device: Prediction, folder: Path) -> Opinion:
    """Return an opinion; a disagreement is written down as a JSON file in the folder.

    Raises:
        InputError: the report cannot be written.
    """
    read = tried.prediction
    if (read.label, read.confidence) == (device.label, device.confidence) and np.array_equal(
        read.logits, device.logits
    ):
        return Opinion(device, f"The same {len(read.logits)} logits, bit for bit.")
    path = folder / time.strftime("mismatch-%Y%m%d-%H%M%S.json")
    report = {
        "onnxruntime": _plain(read),
        "device": _plain(device),
        "labels": tried.labels,
        "bitmap": ["".join(".#"[bit] for bit in row) for row in tried.bitmap.astype(int)],
        "drawing": [stroke.T.tolist() for stroke in tried.strokes],
    }
    with replacing(path) as file:
        file.write(json.dumps(report, indent=1).encode() + b"\n")
    return Opinion(device, f"They differ! Please report it with {path}.", False, path)


def _plain(prediction: Prediction) -> dict:
    return {
        "label": prediction.label,
        "confidence": prediction.confidence,
        "logits": np.asarray(prediction.logits).tolist(),
    }
