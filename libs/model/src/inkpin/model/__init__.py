"""Bits to a prediction: data, training, evaluation, and the converter from ONNX to C.

The public names are loaded when first used, so that a program pays only for what it needs.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkpin.model.converter import convert
    from inkpin.model.inference.recogniser import Prediction, Recogniser

C_FOLDER = Path(__file__).parent / "c"
"""The hand-written C: the kernels, and the prediction on top of them."""

_HOMES = {
    "Prediction": "inkpin.model.inference.recogniser",
    "Recogniser": "inkpin.model.inference.recogniser",
    "convert": "inkpin.model.converter",
}

__all__ = ["C_FOLDER", "Prediction", "Recogniser", "convert"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
