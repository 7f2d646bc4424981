"""The command that trains the network and writes it as ONNX (the training takes PyTorch)."""

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

from inkpin.model import confidence
from inkpin.model.export import to_onnx
from inkpin.model.files import replacing
from inkpin.model.recogniser import open_session, run_session
from inkpin.model.training_data import LABELS, load
from inkpin.preprocess import SIDE, InputError

REFUSED = 0.004  # share of the validation digits that the confidence threshold may refuse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--out", type=Path, default=Path("digits.onnx"), help="default: %(default)s"
    )
    parser.add_argument("--epochs", type=int, default=50, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument(
        "--strokes",
        type=Path,
        nargs="*",
        metavar="FILE.jsonl",
        help="pen strokes to train on as well (default: those that `fetch` got; none: MNIST alone)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model train`."""
    try:
        from inkpin.model import fitting
    except ImportError as error:
        raise InputError("training takes PyTorch: pip install 'inkpin[train]'") from error
    if arguments.epochs < 2:
        raise InputError("--epochs must be at least 2: one in floats and one quantised")
    data = load(arguments.strokes)
    fitted = fitting.fit(data, arguments.epochs, arguments.seed)
    provenance = {
        "command": "inkpin-model train",
        "seed": arguments.seed,
        "epochs": arguments.epochs,
        "best_epoch": fitted.epoch,
        "stopped": fitted.stopped,
        "validation": fitted.accuracy,
        "data": data.sources,
        "torch": version("torch"),
    }
    metadata = {"labels": json.dumps(LABELS), "provenance": json.dumps(provenance)}
    model = to_onnx(fitted.layers, SIDE, metadata)
    session = open_session(model.SerializeToString(), "the network just trained")
    bitmaps = np.concatenate([bitmaps for bitmaps, _ in data.held_out.values()])
    truth = np.concatenate([labels for _, labels in data.held_out.values()])
    table = confidence.fit(run_session(session, bitmaps), truth, REFUSED)
    metadata["confidence"] = table.to_json()
    model = to_onnx(fitted.layers, SIDE, metadata)
    with replacing(arguments.out) as file:
        file.write(model.SerializeToString(deterministic=True))
    scores = ", ".join(f"{name} {share:.2%}" for name, share in fitted.accuracy.items())
    print(f"{arguments.out}: epoch {fitted.epoch}, validation {scores}")
    if fitted.stopped:
        print("stopped by Ctrl-C; the best network so far was kept", file=sys.stderr)
        raise KeyboardInterrupt
