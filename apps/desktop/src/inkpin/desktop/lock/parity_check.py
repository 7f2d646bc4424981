"""What the device's C makes of a bitmap, beside what onnxruntime did: the same, bit for bit."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inkpin.common import InputError
from inkpin.common.files import read_bytes, replacing
from inkpin.desktop.lock.session import TryResult
from inkpin.device import wire
from inkpin.model.inference.engine import Classifier
from inkpin.model.inference.recogniser import Prediction, model_id

DevicePrediction = Prediction | wire.Prediction
"""Of the C run here, or as a device sent it."""


@dataclass(frozen=True)
class ParityResult:
    """How the C's prediction compares.

    Attributes:
        prediction: the C's, or None where it could not be run.
        text: in words whether it agrees, or why there is none.
        agrees: whether every logit, the label and the confidence are the same.
        report: the file that tells of a disagreement.
    """

    prediction: DevicePrediction | None
    text: str
    agrees: bool = True
    report: Path | None = None


def load_c(path: Path) -> tuple[str, Classifier]:
    """Return the `model_id` of an ONNX file, and its C, compiled for this machine.

    Raises:
        InputError: it cannot be made, or there is no C compiler.
    """
    # Here, as importing ONNX and the converter takes longer than all that the window needs.
    from inkpin.model.inference.c_engine import CRecogniser

    return model_id(read_bytes(path, "choose another network")), CRecogniser.load(path)


class ParityCheck:
    """Runs the C beside the recogniser; for any thread, one prediction at a time.

    Args:
        load: compiles the C, as load_c() does; called by the first run.
        folder: where disagreements are reported.
    """

    def __init__(self, load: Callable[[], tuple[str, Classifier]], folder: Path) -> None:
        self._load = load
        self._folder = folder
        self._lock = threading.Lock()
        self._network: tuple[str, Classifier] | None = None
        self._refusal = ""

    def reset(self) -> None:
        """Compile anew at the next run: the network is another one."""
        with self._lock:
            self._network, self._refusal = None, ""

    def run(self, tried: TryResult) -> ParityResult:
        """Return how the C compares in what was tried.

        Raises:
            InputError: it disagrees, and the report of that cannot be written.
        """
        with self._lock:
            if self._network is None and not self._refusal:
                try:
                    self._network = self._load()
                except InputError as error:
                    self._refusal = str(error)
            if self._network is None:
                return ParityResult(None, self._refusal)
            model, network = self._network
            if model != tried.model:  # another one came into use meanwhile
                return ParityResult(None, "Read by the network that was in use before.")
            (prediction,) = network.predictions(tried.bitmap[None])
            return compare(tried, prediction, self._folder)


def compare(tried: TryResult, device: DevicePrediction, folder: Path) -> ParityResult:
    """Return how two predictions compare; where they differ, a JSON file in the folder says so.

    Raises:
        InputError: the report cannot be written.
    """
    ours = tried.prediction
    if (ours.label, ours.confidence) == (device.label, device.confidence) and np.array_equal(
        ours.logits, device.logits
    ):
        return ParityResult(device, f"The same {len(ours.logits)} logits, bit for bit.")
    path = folder / time.strftime("mismatch-%Y%m%d-%H%M%S.json")
    report = {
        "onnxruntime": _plain(ours),
        "device": _plain(device),
        "labels": tried.labels,
        "bitmap": ["".join(".#"[bit] for bit in row) for row in tried.bitmap.astype(int)],
        "drawing": [stroke.T.tolist() for stroke in tried.strokes],
    }
    with replacing(path) as file:
        file.write(json.dumps(report, indent=1).encode() + b"\n")
    return ParityResult(device, f"They differ! Please report it with {path}.", False, path)


def _plain(prediction: DevicePrediction) -> dict[str, object]:
    return {
        "label": prediction.label,
        "confidence": prediction.confidence,
        "logits": np.asarray(prediction.logits).tolist(),
    }
