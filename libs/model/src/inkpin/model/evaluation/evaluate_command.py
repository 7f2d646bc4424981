"""The command that counts how often the network is right."""

import argparse
import json
from pathlib import Path

from inkpin.common import InputError
from inkpin.common.extras import extra
from inkpin.common.files import replacing
from inkpin.model.data import fetch
from inkpin.model.data.formats.idx import load_split
from inkpin.model.data.samples import load_samples
from inkpin.model.evaluation.evaluate import (
    ENGINES,
    Metrics,
    evaluate_bitmaps,
    evaluate_strokes,
    table,
)
from inkpin.model.inference.recogniser import SHIPPED
from inkpin.preprocess import MODES, NORMALISED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    data = parser.add_mutually_exclusive_group(required=True)
    data.add_argument("--strokes", type=Path, nargs="+", metavar="FILE.jsonl")
    data.add_argument(
        "--mnist",
        type=Path,
        nargs="?",
        const=False,
        metavar="DIR",
        help="MNIST's 10,000 test images, pixel > 0 (default DIR: what `fetch` got)",
    )
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default="onnx",
        help="onnxruntime, the device's C on this machine, or on an emulated Xtensa core"
        " (default: %(default)s)",
    )
    parser.add_argument(
        "--preprocess",
        choices=MODES,
        default=NORMALISED,
        help="from strokes to a bitmap (default: %(default)s)",
    )
    parser.add_argument("--limit", type=int, metavar="N", help="the first N samples only")
    parser.add_argument("--model", type=Path, default=SHIPPED, help="default: the shipped network")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--png", type=Path, help="draw the confusion matrix into this file")


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model evaluate`."""
    if arguments.limit is not None and arguments.limit < 1:
        raise InputError("--limit must be at least 1")
    if arguments.png:
        with extra("report", "the picture takes matplotlib"):
            from inkpin.model.evaluation import charts
    engine, limit = arguments.engine, arguments.limit
    network = ENGINES[engine](arguments.model)
    results: list[Metrics] = []
    if arguments.mnist is not None:
        images = load_split(arguments.mnist or fetch.mnist_folder(), "test")[:limit]
        results.append(evaluate_bitmaps(network, engine, "MNIST test", images))
    for path in arguments.strokes or ():
        samples = load_samples(path)[:limit]
        if not samples:
            raise InputError(f"{path}: no samples: name a file that holds some")
        mode = arguments.preprocess
        results.append(evaluate_strokes(network, engine, path.name, samples, mode))
    if arguments.png:
        with replacing(arguments.png) as file:
            file.write(charts.png(charts.confusion(results, network.labels)))
    if arguments.json:
        print(json.dumps(results[0] if len(results) == 1 else {"sets": results}))
    else:
        print("\n\n".join(table(result, network.labels) for result in results))
