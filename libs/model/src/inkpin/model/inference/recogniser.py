"""Read digits with the network, through onnxruntime: the desktop's engine."""

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from inkpin.common import InputError
from inkpin.common.arrays import AnyArray, Logits
from inkpin.common.installation import typed
from inkpin.model.confidence import Confidence
from inkpin.preprocess import SIDE

if TYPE_CHECKING:
    from inkpin.model.onnx_runtime import onnxruntime

SHIPPED = Path(str(files("inkpin.model"))) / "digits.onnx"
"""The network that comes with the project."""

_BATCH = 500


@dataclass(frozen=True)
class Prediction:
    """What the network makes of one bitmap.

    Attributes:
        label: its text, or None where the reading is refused ("?").
        best: index of the largest logit, whether refused or not.
        confidence: in percent.
        logits: (labels,).
    """

    label: str | None
    best: int
    confidence: int
    logits: Logits

    @property
    def second(self) -> int | None:
        """Index of the next logit; None where none but the largest is above that of nothing, 0."""
        others = self.logits.astype(np.int64)
        others[self.best] = 0
        second = int(others.argmax())
        return second if others[second] > 0 else None

    @property
    def likely(self) -> bool:
        """Whether some label is more likely than none."""
        return bool(self.logits[self.best] > 0)


def model_id(model: bytes) -> str:
    """Return what tells a network from others: how the SHA-256 of its file begins."""
    return hashlib.sha256(model).hexdigest()[:8]


def open_session(model: bytes, name: str) -> "onnxruntime.InferenceSession":
    """Return a session in which the arithmetic of a network of ours is exact.

    Args:
        model: the bytes of an ONNX file.
        name: of the file, for messages.

    Raises:
        InputError: not a usable model.
    """
    # Here, since importing it takes longer than most of what this module is imported for.
    from inkpin.model.onnx_runtime import failures, onnxruntime

    options = onnxruntime.SessionOptions()
    # Fused integer kernels may saturate on some CPUs; plain float arithmetic is exact here.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    options.log_severity_level = 4
    options.intra_op_num_threads = 1  # so small a network is done before a second thread wakes
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except (
        failures.EPFail,
        failures.Fail,
        failures.InvalidArgument,
        failures.InvalidGraph,
        failures.InvalidProtobuf,
        failures.NotImplemented,
        failures.RuntimeException,
    ) as error:
        raise InputError(f"{name}: not a usable ONNX model; take another file") from error


def run_session(session: "onnxruntime.InferenceSession", bitmaps: AnyArray) -> Logits:
    """Return the logits, (n, labels), of bitmaps (n, 28, 28), non-zero taken as ink."""
    name = session.get_inputs()[0].name
    images = (bitmaps != 0).astype(np.float32).reshape(-1, 1, SIDE, SIDE)
    parts = [
        session.run(None, {name: images[start : start + _BATCH]})[0]
        for start in range(0, len(images), _BATCH)
    ]
    return np.concatenate(parts).astype(np.int32)


class Recogniser:
    """A network with labels and a confidence table in its metadata.

    Args:
        model: the bytes of an ONNX file.
        name: of the file, for messages.

    Attributes:
        model: its `model_id`, which its C says too.
        labels: the texts that the network knows.
        confidence: the table of the metadata.

    Raises:
        InputError: not a model of ours.
    """

    def __init__(self, model: bytes, name: str) -> None:
        self._session = open_session(model, name)
        self.model = model_id(model)
        metadata = self._session.get_modelmeta().custom_metadata_map
        try:
            self.labels = tuple(map(str, json.loads(metadata["labels"])))
            self.confidence = Confidence.from_json(metadata["confidence"])
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{name}: no labels or confidence table in its metadata; "
                f"take a model that `{typed('inkpin-model train')}` wrote"
            ) from error

    @classmethod
    def load(cls, path: Path = SHIPPED) -> "Recogniser":
        """Return the recogniser of an ONNX file.

        Raises:
            InputError: the file is missing or not a model of ours.
        """
        try:
            model = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}; name a model file that exists") from error
        return cls(model, str(path))

    def predictions(self, bitmaps: AnyArray) -> list[Prediction]:
        """Return what the network makes of bitmaps (n, 28, 28)."""
        logits = run_session(self._session, bitmaps)
        percents = self.confidence.of(logits)
        return [
            Prediction(
                label=self.labels[best] if percent >= self.confidence.threshold else None,
                best=int(best),
                confidence=int(percent),
                logits=row,
            )
            for best, percent, row in zip(logits.argmax(axis=1), percents, logits, strict=True)
        ]

    def predict(self, bitmap: AnyArray) -> Prediction:
        """Return what the network makes of one bitmap (28, 28)."""
        return self.predictions(bitmap[None])[0]
