"""How a training went, epoch by epoch, as its network remembers it."""

import json
import math
from collections.abc import Mapping
from typing import Any


def history(metadata: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the epochs in order; none of a network that does not remember them.

    Args:
        metadata: of the model; "history" is a JSON list of objects with stage, epoch, of, loss,
            right (share of the training drawings) and "held out" (shares right by name).
    """
    try:
        epochs = json.loads(metadata["history"])
        return [
            {
                "stage": str(epoch["stage"]),
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
