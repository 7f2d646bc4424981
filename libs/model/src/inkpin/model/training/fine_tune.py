"""Teach a network somebody's hand from its first layer to its last (takes PyTorch).

The quantised network goes on from where it is, with drawings of the new samples beside those that
it was trained on; `improve` does as much for the last layers alone, in seconds.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from inkpin.common import InputError
from inkpin.common.files import read_bytes, replacing
from inkpin.model.adaptation.improve import LEAST, held_out
from inkpin.model.adaptation.integer_fit import softness_of
from inkpin.model.adaptation.last_layers import LastLayers
from inkpin.model.data.dataset import Dataset, load_digits
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps, joined
from inkpin.model.data.samples import Sample, load_samples
from inkpin.model.export import Layer, from_onnx, to_onnx
from inkpin.model.inference.recogniser import Recogniser, open_session, run_session
from inkpin.model.training.train import calibrated
from inkpin.preprocess import SIDE

if TYPE_CHECKING:
    from inkpin.model.training.network import Network
    from inkpin.model.training.training_set import Pool

SHARE = 0.3  # of an epoch, that is of the new samples
_DRAWN = 40  # times that each new sample is drawn
_FEWER = 4  # of other drawings: so many times fewer than a whole training makes


def retrain(arguments: argparse.Namespace, out: Path) -> dict[str, tuple[float, float]]:
    """Train a network further on strokes of the user's and write it.

    Args:
        arguments: of `inkpin-model train`.
        out: where the ONNX file goes, and beside it, until it is done, the checkpoint.

    Returns:
        The share read rightly before and after, of samples that were held out, by their name.

    Raises:
        InputError: no PyTorch, unusable data, or no room to write.
        KeyboardInterrupt: stopped; the same call goes on where the checkpoint says.
    """
    try:
        from inkpin.model.training import loop
    except ImportError as error:
        raise InputError("training takes PyTorch: pip install 'inkpin[train]'") from error
    model = read_bytes(arguments.base, "take another model")
    learned, checked = _own(arguments.strokes, Recogniser(model, str(arguments.base)).labels)
    split = load_digits(None, arguments.fold)
    sets = {"own": checked.bitmaps()["pens"], **split.validation.bitmaps()}
    network = _network(model, str(arguments.base), sets)
    provenance = {
        "from": hashlib.sha256(model).hexdigest(),
        "strokes": {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in arguments.strokes},
        "seed": arguments.seed,
        "epochs": arguments.epochs,
        "workers": arguments.workers,
    }
    loop.settle(arguments.seed)
    before = loop.accuracies(network, sets)
    checkpoint = loop.Checkpoint(out.with_name(f"{out.name}.checkpoint"), repr(provenance))
    recipe = loop.Recipe(loop.DESIGN, arguments.epochs, arguments.seed, workers=arguments.workers)
    run = loop.Run(recipe, sets, checkpoint)
    try:
        run.stage(loop.OWN_HAND, network, _pool(split.training, learned, arguments.seed))
    except KeyboardInterrupt:
        print(f"stopped; the same command goes on from {checkpoint.path}", file=sys.stderr)
        raise
    layers = network.layers()
    metadata = _metadata(model, provenance, run.history)
    metadata["confidence"] = calibrated(layers, sets).to_json()
    with replacing(out) as file:
        file.write(to_onnx(layers, SIDE, metadata).SerializeToString(deterministic=True))
    checkpoint.remove()
    after = loop.accuracies(network, sets)
    return {name: (before[name], after[name]) for name in sets}


def _own(paths: Sequence[Path] | None, labels: Sequence[str]) -> tuple[Dataset, Dataset]:
    """Return the user's samples, those to learn from and those to check by."""
    if not paths:
        raise InputError("--from takes --strokes: name the files to learn from")
    if tuple(labels) != DIGITS:
        raise InputError("--from goes on with networks of 0 to 9: train others anew")
    samples = [sample for path in paths for sample in load_samples(path)]
    known = [sample for sample in samples if sample.label in labels]
    aside = held_out(known)
    if aside.sum() < LEAST:
        raise InputError(
            f"--strokes: {len(known)} samples of digits are too few to learn from and to check by: "
            "give ten of each"
        )

    def part(chosen: np.ndarray) -> Dataset:
        pens: list[Sample] = [known[i] for i in np.flatnonzero(chosen)]
        return Dataset(LabelledBitmaps.none(DIGITS), pens)

    return part(~aside), part(aside)


def _network(model: bytes, name: str, sets: Mapping[str, LabelledBitmaps]) -> "Network":
    """Return a model's network, its logits in units that a softmax can take."""
    from inkpin.model.training.network import Network

    known = joined([*sets.values()])
    logits = run_session(open_session(model, name), known.bitmaps).astype(np.float32)
    unit = softness_of(logits, known.targets, np.full(len(known), 1 / len(known), np.float32))
    *layers, last = from_onnx(model, name)
    softer: Layer = replace(last, weight_scales=last.weight_scales / np.float32(unit))
    try:
        return Network.of([*layers, softer])
    except ValueError as error:
        raise InputError(f"{name}: {error}: train it anew instead") from error


def _pool(data: Dataset, own: Dataset, seed: int) -> "Pool":
    """Return drawings of a training's data, fewer than usual, and many of the user's samples."""
    from inkpin.model.training import sampling
    from inkpin.model.training.training_set import Pool

    amounts = {
        kind: replace(amount, drawn=max(1, amount.drawn // _FEWER), shown=amount.shown / _FEWER)
        for kind, amount in sampling.WRITTEN.items()
    }
    amounts |= sampling.MADE_UP
    others = [*sampling.sources(data, seed, amounts).values()]
    mine = sampling.sources(own, seed, {"pens": sampling.Amount(_DRAWN, _DRAWN)})["pens"]
    shown = SHARE / (1 - SHARE) * sum(source.per_epoch for source in others)
    mine = replace(mine, per_epoch=min(len(mine.drawings), round(shown)))
    return Pool([*others, mine], len(data.labels))


def _metadata(model: bytes, provenance: dict[str, Any], history: list[Any]) -> dict[str, str]:
    """Return a model's metadata with what has been done to it."""
    metadata = dict(LastLayers(model, "the model").metadata)
    told = _told(metadata, "provenance", dict)
    return {
        **metadata,
        "provenance": json.dumps({**told, "retrained": provenance}),
        "history": json.dumps([*_told(metadata, "history", list), *history]),
    }


def _told(metadata: dict[str, str], key: str, kind: type) -> Any:
    """Return what JSON metadata say; an empty `kind` if that is not what is there."""
    try:
        found = json.loads(metadata[key])
    except (KeyError, ValueError):
        return kind()
    return found if isinstance(found, kind) else kind()
