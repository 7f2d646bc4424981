"""How a training went, epoch by epoch, as its network remembers it."""

import json
import math
from collections.abc import Mapping
from typing import Any

from inkpin.model.training.recipe import Epoch


def history(metadata: Mapping[str, str]) -> list[Epoch]:
    """Return the epochs in order; none of a network that does not remember them.

    Args:
        metadata: of the model; "history" is a JSON list of epochs.
    """
    try:
        epochs = json.loads(metadata["history"])
        return [
            {
                "stage": str(epoch["stage"]),
                "epoch": int(epoch["epoch"]),
                "of": int(epoch["of"]),
                "loss": _number(epoch["loss"]),
                "right": _number(epoch["right"]),
                "held out": {str(n): _number(v) for n, v in epoch["held out"].items()},
            }
            for epoch in epochs
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        return []


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number
