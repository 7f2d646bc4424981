"""Bits to a prediction: data, training, evaluation, and the converter from ONNX to C.

The public names are loaded when first used, so that a program pays only for what it needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkpin.model.converter import convert
    from inkpin.model.recogniser import Prediction, Recogniser

_HOMES = {
    "Prediction": "inkpin.model.recogniser",
    "Recogniser": "inkpin.model.recogniser",
    "convert": "inkpin.model.converter",
}

__all__ = ["Prediction", "Recogniser", "convert"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
