"""The training, in PyTorch, in four stages.

A large float teacher learns first. The small network learns the labels and the teacher's soft
answers (Hinton et al. 2015), in floats and then quantised; what it is worth is counted on the
writers that were held out until here. In the last stage it goes on with their drawings as well.
Each stage leaves the running mean of its weights (Polyak and Juditsky 1992). Nothing is chosen
by the held-out writers, so that their figures are not flattered.
"""

import hashlib
import io
import pickle
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from inkpin.model import mixture
from inkpin.model.export import Layer
from inkpin.model.files import replacing
from inkpin.model.mixture import MADE_UP, NOTHING, WRITTEN, Source
from inkpin.model.network import Conv, Design, Network
from inkpin.model.training_data import Split

Bitmaps = Mapping[str, tuple[np.ndarray, np.ndarray]]
"""By name: bitmaps, bool (n, 28, 28), and their labels, int64 (n,)."""

BATCH = 256
MEAN = 0.998  # of the running mean of the weights: what a step keeps
SMOOTHING = 0.05  # of the labels
SOFT = 0.7  # weight of the teacher's answers in the loss
TEMPERATURE = 2.0


@dataclass(frozen=True)
class Stage:
    """One stretch of training.

    Attributes:
        name: of the stage.
        share: its epochs, as a share of the small network's.
        rate: its highest learning rate.
    """

    name: str
    share: float
    rate: float

    def epochs(self, total: int) -> int:
        """Return how many epochs it takes."""
        return max(1, round(self.share * total))


DESIGN = Design((Conv(8, 5, pool=2), Conv(24, pool=2), Conv(56, bits=2)), dense_bits=2)
TEACHER_DESIGN = Design((Conv(32, 3, pool=2), Conv(32), Conv(64, 3, pool=2), Conv(96)))
TEACHER = Stage("teacher", 0.1, 4e-3)
FLOATS = Stage("floats", 0.6, 4e-3)
QUANTISED = Stage("quantised", 0.3, 6e-4)
ALL_WRITERS = Stage("all writers", 0.1, 3e-4)


@dataclass(frozen=True)
class Recipe:
    """What a training does, apart from its data.

    Attributes:
        design: of the small network.
        epochs: of the small network.
        seed: of all chance.
        keep_out: leave the held-out writers out to the end, without the last stage.
    """

    design: Design
    epochs: int
    seed: int
    keep_out: bool = False


@dataclass(frozen=True)
class Fitted:
    """What a training leaves.

    Attributes:
        validated: layers as integers, in order, before they met the held-out writers.
        layers: likewise, at the end.
        accuracy: of `validated`, by name of the held-out data.
    """

    validated: list[Layer]
    layers: list[Layer]
    accuracy: dict[str, float]


class Checkpoint:
    """A file that says how far a training came, so that it goes on from there.

    Args:
        path: of the file, kept as `path`.
        key: what the training depends on; a file of another key is passed over.
    """

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        self._key = hashlib.sha256(key.encode()).hexdigest()

    def load(self) -> dict[str, Any]:
        """Return what was saved last, by stage; nothing if there is no such file."""
        try:
            saved = torch.load(io.BytesIO(self.path.read_bytes()), weights_only=True)
        except (OSError, RuntimeError, EOFError, pickle.UnpicklingError):
            return {}
        return saved["stages"] if saved["key"] == self._key else {}

    def save(self, stages: dict[str, Any]) -> None:
        """Replace the file.

        Raises:
            InputError: it cannot be written.
        """
        content = io.BytesIO()
        torch.save({"key": self._key, "stages": stages}, content)
        with replacing(self.path) as file:
            file.write(content.getbuffer())

    def remove(self) -> None:
        """Remove the file, if there is one."""
        self.path.unlink(missing_ok=True)


def fit(split: Split, recipe: Recipe, checkpoint: Checkpoint) -> Fitted:
    """Train; the same data, recipe, machine and PyTorch give the same network.

    Args:
        split: what to learn from, and what is held out.
        recipe: what to do.
        checkpoint: where an interrupted training left off; kept up to date after each epoch.

    Raises:
        InputError: the checkpoint cannot be written.
    """
    _settle(recipe.seed)
    classes = len(split.learn.classes)
    teacher, network = Network(TEACHER_DESIGN, classes), Network(recipe.design, classes)
    drawings = mixture.sources(split.learn, recipe.seed, {**WRITTEN, **MADE_UP})
    held_out = split.aside.bitmaps()
    run = _Run(recipe, held_out, checkpoint)
    pool = Pool(drawings.values(), classes)
    run.stage(TEACHER, teacher, pool)
    pool.ask(teacher)
    run.student(network, pool)
    accuracy, validated = _accuracies(network, held_out), network.layers()
    if held_out and not recipe.keep_out:
        more = mixture.sources(split.aside, recipe.seed + 1, WRITTEN)
        everything = Pool([*drawings.values(), *more.values()], classes)
        everything.ask(teacher)
        run.stage(ALL_WRITERS, network, everything)
    return Fitted(validated, network.layers(), accuracy)


def fit_shortly(pool: "Pool", recipe: Recipe, held_out: Bitmaps) -> Fitted:
    """Train on labels alone, without teacher, checkpoint and last stage: to compare designs."""
    _settle(recipe.seed)
    network = Network(recipe.design, pool.classes)
    _Run(recipe, held_out).student(network, pool)
    return Fitted(network.layers(), network.layers(), _accuracies(network, held_out))


def _settle(seed: int) -> None:
    """Make a training repeatable."""
    # Several threads would wait for each other, and sum in another order from run to run.
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)


class Pool:
    """All drawings, with what a network should answer.

    Args:
        sources: the drawings by kind.
        classes: number of labels.
    """

    def __init__(self, sources: Iterable[Source], classes: int) -> None:
        self._sources = tuple(sources)
        self._bitmaps = torch.from_numpy(np.concatenate([s.bitmaps for s in self._sources]))
        self.labels = torch.from_numpy(np.concatenate([s.labels for s in self._sources]))
        self.classes = classes
        self._soft: Tensor | None = None
        per_epoch = sum(source.per_epoch for source in self._sources)
        self.batches = -(-per_epoch // BATCH)

    def ask(self, teacher: nn.Module) -> None:
        """Have a teacher's answers learned beside the labels from now on."""
        answers = _with_nothing(_logits(teacher, self._bitmaps))
        self._soft = functional.softmax(answers / TEMPERATURE, dim=1)

    def epoch(self, rng: np.random.Generator) -> Iterator[Tensor]:
        """Yield the indices of one epoch's batches."""
        starts = np.cumsum([0, *(len(source.labels) for source in self._sources)])
        chosen = [start + s.choice(rng) for start, s in zip(starts, self._sources, strict=False)]
        yield from torch.from_numpy(rng.permutation(np.concatenate(chosen))).split(BATCH)

    def bitmaps(self, chosen: Tensor) -> Tensor:
        """Return bitmaps, float (n, 1, 28, 28)."""
        return self._bitmaps[chosen, None].float()

    def loss(self, logits: Tensor, chosen: Tensor) -> Tensor:
        """Return how far logits (n, classes) are from what they should be.

        Nothing is one class more, whose logit is always 0.
        """
        labels = self.labels[chosen]
        right = torch.where(labels == NOTHING, self.classes, labels)
        hard = functional.cross_entropy(_with_nothing(logits), right, label_smoothing=SMOOTHING)
        if self._soft is None:
            return hard
        soft = functional.cross_entropy(_with_nothing(logits) / TEMPERATURE, self._soft[chosen])
        return SOFT * TEMPERATURE**2 * soft + (1 - SOFT) * hard


def _with_nothing(logits: Tensor) -> Tensor:
    return functional.pad(logits, (0, 1))


class _Run:
    """The stages of one training, some of them perhaps behind it already.

    Args:
        recipe: epochs and seed.
        held_out: to report the accuracy on.
        checkpoint: where to save, and to begin.
    """

    def __init__(
        self, recipe: Recipe, held_out: Bitmaps, checkpoint: Checkpoint | None = None
    ) -> None:
        self._recipe = recipe
        self._held_out = held_out
        self._checkpoint = checkpoint
        self._saved = checkpoint.load() if checkpoint else {}

    def student(self, network: Network, pool: Pool) -> None:
        """Train a network in floats and quantised."""
        self.stage(FLOATS, network, pool)
        network.quantise()
        self.stage(QUANTISED, network, pool)

    def stage(self, stage: Stage, network: nn.Module, pool: Pool) -> None:
        """Train a network, or take over what was saved of it; leave the mean of its weights."""
        total = stage.epochs(self._recipe.epochs)
        mean = deepcopy(network)
        optimiser = torch.optim.AdamW(network.parameters(), lr=stage.rate, weight_decay=1e-4)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, stage.rate, total_steps=total * pool.batches, pct_start=0.15
        )
        parts = {"network": network, "mean": mean, "optimiser": optimiser, "schedule": schedule}
        saved = self._saved.get(stage.name, {"epoch": 0})
        if saved["epoch"]:
            for name, part in parts.items():
                part.load_state_dict(saved[name])
        for epoch in range(saved["epoch"] + 1, total + 1):
            chance = [self._recipe.seed, zlib.crc32(stage.name.encode()), epoch]
            _epoch(f"{stage.name} {epoch}/{total}", parts, pool, chance)
            if self._checkpoint:
                states = {name: part.state_dict() for name, part in parts.items()}
                self._saved[stage.name] = {"epoch": epoch, **states}
                self._checkpoint.save(self._saved)
            scores = (f"{n} {share:.2%}" for n, share in _accuracies(mean, self._held_out).items())
            tqdm.write(f"{stage.name} {epoch}/{total}: held-out {', '.join(scores)}")
        network.load_state_dict(mean.state_dict())
        network.eval()


def _epoch(title: str, parts: Mapping[str, Any], pool: Pool, chance: Sequence[int]) -> None:
    """Show a network one epoch of a pool, and carry the mean of its weights along."""
    network, mean = parts["network"], parts["mean"]
    rng = np.random.default_rng(chance)
    torch.manual_seed(rng.integers(2**63))
    bar = tqdm(pool.epoch(rng), desc=title, unit="batch", total=pool.batches, mininterval=2)
    loss_sum, right, labelled = 0.0, 0, 0
    network.train()
    for done, chosen in enumerate(bar, 1):
        logits = network(pool.bitmaps(chosen))
        loss = pool.loss(logits, chosen)
        parts["optimiser"].zero_grad()
        loss.backward()
        parts["optimiser"].step()
        parts["schedule"].step()
        step = parts["schedule"].last_epoch
        _carry(mean, network, min(MEAN, step / (step + 10)))
        labels = pool.labels[chosen]
        loss_sum += loss.item()
        right += int((logits.argmax(1) == labels).sum())
        labelled += int((labels != NOTHING).sum())
        bar.set_postfix_str(
            f"loss {loss_sum / done:.3f}, right {right / max(labelled, 1):.2%}", refresh=False
        )


def _carry(mean: nn.Module, network: nn.Module, kept: float) -> None:
    with torch.no_grad():
        for old, new in zip(mean.parameters(), network.parameters(), strict=True):
            old.lerp_(new, 1 - kept)
        for old, new in zip(mean.buffers(), network.buffers(), strict=True):
            old.copy_(new)


def _logits(network: nn.Module, bitmaps: Tensor) -> Tensor:
    """Return the logits, (n, classes), of bitmaps (n, 28, 28)."""
    network.eval()
    with torch.no_grad():
        return torch.cat([network(part[:, None].float()) for part in bitmaps.split(1000)])


def _accuracies(network: nn.Module, held_out: Bitmaps) -> dict[str, float]:
    return {
        name: float(np.mean(_logits(network, torch.from_numpy(bitmaps)).argmax(1).numpy() == truth))
        for name, (bitmaps, truth) in held_out.items()
    }
