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
    Answers,
    Metrics,
    metrics,
    misread,
    read_bitmaps,
    read_strokes,
    writers_line,
)
from inkpin.model.inference.engine import Engine
from inkpin.model.inference.recogniser import SHIPPED
from inkpin.preprocess import MODES, NORMALISED

_NOBODY = "(not said)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    data = parser.add_mutually_exclusive_group(required=True)
    data.add_argument(
        "--strokes",
        type=Path,
        nargs="+",
        action="extend",
        metavar="FILE.jsonl",
        help="drawings, each file a set; may be given again, which adds files",
    )
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
        help="onnxruntime; the device's C on this machine, on an emulated Xtensa core, or as"
        " WebAssembly in Node (default: %(default)s)",
    )
    parser.add_argument(
        "--preprocess",
        choices=MODES,
        default=NORMALISED,
        help="from strokes to a bitmap (default: %(default)s)",
    )
    parser.add_argument(
        "--limit", type=int, metavar="N", help="the first N samples of each set only"
    )
    parser.add_argument("--model", type=Path, default=SHIPPED, help="default: the shipped network")
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--json", action="store_true", help="print JSON; of several files the sum, and `sets`"
    )
    form.add_argument(
        "--by",
        choices=("writer",),
        help="print who is misread, and as what, in the place of the confusion matrix",
    )
    parser.add_argument("--png", type=Path, help="draw the confusion matrix into this file")


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model evaluate`."""
    if arguments.limit is not None and arguments.limit < 1:
        raise InputError("--limit must be at least 1")
    if arguments.png:
        with extra("the picture takes matplotlib", "report"):
            from inkpin.model.evaluation import charts
    if arguments.by and not arguments.strokes:
        raise InputError("--by writer: MNIST does not say who wrote what: name --strokes")
    network = ENGINES[arguments.engine](arguments.model)
    answers = _read(network, arguments)
    mode = arguments.preprocess if arguments.strokes else None

    def count(name: str, of: Answers) -> Metrics:
        return metrics(name, network.labels, of, engine=arguments.engine, preprocess=mode)

    results = [count(name, of) for name, of in answers]
    total = count("all", Answers.joined([of for _, of in answers]))
    if arguments.png:
        with replacing(arguments.png) as file:
            file.write(charts.png(charts.confusion(results, network.labels)))
    if arguments.json:
        print(json.dumps(results[0] if len(results) == 1 else {**total, "sets": results}))
        return
    texts = [
        _writers_table(result, of, network.labels)
        if arguments.by
        else _table(result, network.labels)
        for result, (_, of) in zip(results, answers, strict=True)
    ]
    if len(results) > 1:
        texts.append(_summary(total))
    print("\n\n".join(texts))


def _read(network: Engine, arguments: argparse.Namespace) -> list[tuple[str, Answers]]:
    """Return the sets that the arguments name, each with its name."""
    limit = arguments.limit
    if not arguments.strokes:
        name = "MNIST test"
        images = load_split(arguments.mnist or fetch.mnist_folder(), "test")[:limit]
        return [(name, read_bitmaps(network, name, images))]
    sets = [(path, load_samples(path)[:limit]) for path in arguments.strokes]
    for path, samples in sets:
        if not samples:
            raise InputError(f"{path}: no samples: name a file that holds some")
    return [
        (path.name, read_strokes(network, path.name, samples, arguments.preprocess))
        for path, samples in sets
    ]


def _summary(result: Metrics) -> str:
    """Return how often a set was read rightly, and what was refused, in two or three lines."""
    mode = f", preprocess {result['preprocess']}" if result["preprocess"] else ""
    lines = []
    if result["accuracy"] is not None:
        of_accepted = result["accuracy_accepted"]
        lines += [
            f"{result['accuracy']:.2%} of {result['n']:,} right (engine {result['engine']}{mode})",
            f"refused {result['rejected']:,}"
            + ("" if of_accepted is None else f"; of the others {of_accepted:.2%} right"),
        ]
    if writers := result["by_writer"]:
        lines.append(writers_line(writers))
    if (unknown := result["unknown"])["n"]:
        more = " more" if result["n"] else ""
        lines.append(
            f"{unknown['n']:,}{more} of labels that the network does not know: "
            f"refused {unknown['rejected']:,}"
        )
    return f"{result['set']}: " + "\n".join(lines)


def _table(result: Metrics, labels: tuple[str, ...]) -> str:
    """Return the metrics as text: a summary and the confusion matrix with recalls."""
    width = max(5, *(len(label) + 1 for label in labels))
    lines = [
        _summary(result),
        "",
        "true \\ read" + "".join(f"{label:>{width}}" for label in labels) + "    right",
    ]
    for label, row in zip(labels, result["confusion"], strict=True):
        share = result["per_label"].get(label)
        cells = "".join(f"{count or '.':>{width}}" for count in row)
        lines.append(f"{label:>11}{cells}" + ("" if share is None else f"  {share:7.2%}"))
    return "\n".join(lines)


def _writers_table(result: Metrics, answers: Answers, labels: tuple[str, ...]) -> str:
    """Return as text a summary and a line for each writer, the most misread first, with how."""
    own = answers.by_writer()
    width = max(6, *(len(writer) for writer in own), len(_NOBODY) if "" in own else 0)
    lines = [_summary(result), "", f"{'writer':{width}}  samples    right  refused  read as others"]
    for writer in sorted(result["writers"], key=lambda w: (w["right"] / w["n"], w["writer"])):
        how = misread(answers, own[writer["writer"]], labels)
        lines.append(
            f"{writer['writer'] or _NOBODY:{width}}  {writer['n']:7,}  "
            f"{writer['right'] / writer['n']:7.2%}  {writer['rejected']:7,}  {how}".rstrip()
        )
    return "\n".join(lines)
