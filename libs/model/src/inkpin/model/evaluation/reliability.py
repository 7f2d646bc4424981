"""The command that asks of the confidence whether it holds, and of the threshold what it refuses.

For a network that was trained with `--keep-out`; others know the writers that it is counted on.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from inkpin.common import InputError
from inkpin.common.arrays import Bitmaps
from inkpin.common.files import replacing
from inkpin.model.data import templates
from inkpin.model.data.dataset import FOLDS
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps
from inkpin.model.data.stroke_augmentation import bent_strokes
from inkpin.model.inference.recogniser import SHIPPED, Recogniser
from inkpin.model.training.train import add_data, load
from inkpin.preprocess import bitmap

SCRIBBLES = 2_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--model", type=Path, default=SHIPPED, help="default: the shipped network")
    parser.add_argument("--fold", type=int, choices=range(FOLDS), default=0)
    add_data(parser)
    parser.add_argument("--png", type=Path, help="draw the reliability diagram")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model reliability`."""
    recogniser = Recogniser.load(arguments.model)
    held_out = load(arguments, arguments.fold).validation.bitmaps()
    result = reliability(recogniser, held_out, scribbles(recogniser))
    if arguments.png:
        _draw(result["levels"], arguments.png)
    if arguments.json:
        print(json.dumps(result))
        return
    print("confidence  samples    right")
    for level in result["levels"]:
        print(f"{level['confidence']:9} % {level['n']:8,} {level['right']:8.2%}")
    print("refused:", ", ".join(f"{n} {share:.2%}" for n, share in result["refused"].items()))


def reliability(
    recogniser: Recogniser,
    held_out: Mapping[str, LabelledBitmaps],
    nothing: Bitmaps,
) -> dict[str, Any]:
    """Return what the confidence is worth.

    Args:
        recogniser: the network.
        held_out: by name, what it is counted on.
        nothing: bitmaps (n, 28, 28) that should be refused.

    Returns:
        levels (for each confidence that occurs: confidence, n, right) and refused (share by name
        of the held-out data, and of `scribbles`).
    """
    read = {name: recogniser.predictions(part.bitmaps) for name, part in held_out.items()}
    pairs = [
        (reading.confidence, reading.best == truth)
        for name, part in held_out.items()
        for reading, truth in zip(read[name], part.targets, strict=True)
    ]
    confidence, right = map(np.array, zip(*pairs, strict=True))
    levels = [
        {
            "confidence": int(level),
            "n": int((confidence == level).sum()),
            "right": float(right[confidence == level].mean()),
        }
        for level in np.unique(confidence)
    ]
    read["scribbles"] = recogniser.predictions(nothing)
    refused = {
        name: float(np.mean([reading.label is None for reading in readings]))
        for name, readings in read.items()
    }
    return {"levels": levels, "refused": refused}


def scribbles(recogniser: Recogniser) -> np.ndarray:
    """Return SCRIBBLES bitmaps (n, 28, 28) that should be refused."""
    rng = np.random.default_rng(0)
    digits = recogniser.labels == DIGITS
    drawn = (bent_strokes(templates.nothing(rng, digits=digits), rng) for _ in range(SCRIBBLES))
    return np.stack([bitmap(strokes) for strokes in drawn])


def _draw(levels: list[dict[str, Any]], path: Path) -> None:
    """Draw the reliability diagram."""
    try:
        from inkpin.model.evaluation import charts
    except ImportError as error:
        raise InputError("the picture takes matplotlib: pip install 'inkpin[report]'") from error
    with replacing(path) as file:
        file.write(charts.png(charts.reliability(levels)))
