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
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from inkpin.common.files import replacing
from inkpin.model.data.dataset import Split
from inkpin.model.data.labelled import REJECT, LabelledBitmaps
from inkpin.model.export import Layer
from inkpin.model.training import sampling
from inkpin.model.training.network import FAST_TYPE, FOUR_BITS, NINE, Conv, Design, Network, Teacher
from inkpin.model.training.sampling import MADE_UP, WRITTEN
from inkpin.model.training.training_set import Pool, answers
from inkpin.model.training.worker_group import Team

HeldOut = Mapping[str, LabelledBitmaps]
"""By name, what accuracy is counted on."""

History = list[dict[str, Any]]
"""Of each epoch: `stage`, `epoch` of `of`, mean `loss`, share `right` of the drawings that were
shown, and `held out`, the share right by name of the held-out data."""

BATCH = 256
MEAN = 0.998  # of the running mean of the weights: what a step keeps
WORKERS = 2


@dataclass(frozen=True)
class Stage:
    """One stretch of training.

    Attributes:
        name: of the stage.
        share: its epochs, as a share of all that a recipe has.
        rate: its highest learning rate.
    """

    name: str
    share: float
    rate: float

    def epochs(self, total: int) -> int:
        """Return how many epochs it takes."""
        return max(1, round(self.share * total))


DESIGN = Design(
    (Conv(8, 5, 2, FOUR_BITS), Conv(16, limit=NINE), Conv(20), Conv(32, pool=2), Conv(43)), NINE
)
TEACHER_CHANNELS = (32, 64, 64, 128)
TEACHER = Stage("teacher", 0.08, 4e-3)
FLOATS = Stage("floats", 0.25, 4e-3)
QUANTISED = Stage("quantised", 0.75, 2e-3)
ALL_WRITERS = Stage("all writers", 0.25, 1e-3)
OWN_HAND = Stage("own hand", 0.05, 5e-4)
"""Of a training that goes on from a network that is done; see `retrain`."""


@dataclass(frozen=True)
class Recipe:
    """What a training does, apart from its data.

    Attributes:
        design: of the small network.
        epochs: of the small network before the last stage.
        seed: of all chance.
        keep_out: leave the held-out writers out to the end.
        workers: processes that share each batch; 1 where there is no fork.
    """

    design: Design
    epochs: int
    seed: int
    keep_out: bool = False
    workers: int = WORKERS


@dataclass(frozen=True)
class Fitted:
    """What a training leaves.

    Attributes:
        validated: layers as integers, in order, before they met the held-out writers.
        layers: likewise, at the end.
        accuracy: of `validated`, by name of the held-out data.
        history: of all stages.
    """

    validated: list[Layer]
    layers: list[Layer]
    accuracy: dict[str, float]
    history: History


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
        InputError: the checkpoint cannot be written, or a worker died.
    """
    settle(recipe.seed)
    classes = len(split.training.labels)
    teacher, network = Teacher(TEACHER_CHANNELS, classes), Network(recipe.design, classes)
    drawings = sampling.sources(split.training, recipe.seed, {**WRITTEN, **MADE_UP})
    held_out = split.validation.bitmaps()
    run = Run(recipe, held_out, checkpoint)
    pool = Pool(drawings.values(), classes)
    run.stage(TEACHER, teacher, pool)
    pool.ask(teacher)
    run.student(network, pool)
    accuracy, validated = accuracies(network, held_out), network.layers()
    if held_out and not recipe.keep_out:
        more = sampling.sources(split.validation, recipe.seed + 1, WRITTEN)
        everything = Pool([*drawings.values(), *more.values()], classes)
        everything.ask(teacher)
        run.stage(ALL_WRITERS, network, everything)
    return Fitted(validated, network.layers(), accuracy, run.history)


def fit_shortly(pool: Pool, recipe: Recipe, held_out: HeldOut) -> Fitted:
    """Train on what a pool says alone, without checkpoint and last stage: to compare designs."""
    settle(recipe.seed)
    network = Network(recipe.design, pool.classes)
    run = Run(recipe, held_out)
    run.student(network, pool)
    layers = network.layers()
    return Fitted(layers, layers, accuracies(network, held_out), run.history)


def settle(seed: int) -> None:
    """Make a training repeatable."""
    # Several threads would wait for each other, and sum in another order from run to run.
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)


class Run:
    """The stages of one training, some of them perhaps behind it already.

    Args:
        recipe: epochs, seed and workers.
        held_out: to report the accuracy on.
        checkpoint: where to save, and to begin.
    """

    def __init__(
        self, recipe: Recipe, held_out: HeldOut, checkpoint: Checkpoint | None = None
    ) -> None:
        self._recipe = recipe
        self._held_out = held_out
        self._checkpoint = checkpoint
        self._saved = checkpoint.load() if checkpoint else {}

    @property
    def history(self) -> History:
        """What the epochs were worth, of all stages so far."""
        return [entry for saved in self._saved.values() for entry in saved["history"]]

    def student(self, network: Network, pool: Pool) -> None:
        """Train a network in floats and quantised."""
        self.stage(FLOATS, network, pool)
        network.quantise()
        self.stage(QUANTISED, network, pool)

    def stage(self, stage: Stage, network: Network | Teacher, pool: Pool) -> None:
        """Train a network, or take over what was saved of it; leave the mean of its weights."""
        total = stage.epochs(self._recipe.epochs)
        saved = self._saved.setdefault(stage.name, {"epoch": 0, "history": []})
        mean = deepcopy(network)
        if saved["epoch"] < total:
            pool.prepare()
            with Team(self._recipe.workers) as team:
                team.run(lambda: self._epochs(stage, total, network, mean, pool, team))
        else:
            mean.load_state_dict(saved["mean"])
        network.load_state_dict(mean.state_dict())
        network.eval()

    def _epochs(
        self,
        stage: Stage,
        total: int,
        network: Network | Teacher,
        mean: nn.Module,
        pool: Pool,
        team: Team,
    ) -> None:
        optimiser = torch.optim.AdamW(
            network.parameters(), lr=stage.rate, weight_decay=1e-4, fused=True
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, stage.rate, total_steps=total * pool.batches(BATCH), pct_start=0.15
        )
        parts = {"network": network, "mean": mean, "optimiser": optimiser, "schedule": schedule}
        saved = self._saved[stage.name]
        if saved["epoch"]:
            for name, part in parts.items():
                part.load_state_dict(saved[name])
        for epoch in range(saved["epoch"] + 1, total + 1):
            chance = [self._recipe.seed, zlib.crc32(stage.name.encode()), epoch]
            loss, right = _epoch(f"{stage.name} {epoch}/{total}", parts, pool, chance, team)
            if not team.leads:
                continue
            scores = accuracies(mean, self._held_out)
            saved["history"].append(
                {"stage": stage.name, "epoch": epoch, "of": total, "loss": loss, "right": right}
                | {"held out": scores}
            )
            saved |= {"epoch": epoch, **{name: part.state_dict() for name, part in parts.items()}}
            if self._checkpoint:
                self._checkpoint.save(self._saved)
            listed = ", ".join(f"{name} {share:.2%}" for name, share in scores.items())
            tqdm.write(f"{stage.name} {epoch}/{total}: right {right:.2%}, held-out {listed}")


def _epoch(
    title: str, parts: Mapping[str, Any], pool: Pool, chance: Sequence[int], team: Team
) -> tuple[float, float]:
    """Show a network one epoch of a pool, and carry the mean of its weights along.

    Returns:
        The mean loss, and the share of the labelled drawings that were read rightly.
    """
    network, mean, schedule = parts["network"], parts["mean"], parts["schedule"]
    rng = np.random.default_rng(chance)
    torch.manual_seed(rng.integers(2**63))
    total = pool.batches(BATCH)
    bar = tqdm(total=total, desc=title, unit="batch", mininterval=2, disable=not team.leads)
    loss_sum, right, labelled = 0.0, 0, 0
    network.train()
    for done, batch in enumerate(pool.epoch(rng, BATCH), 1):
        chosen = team.share(batch)
        logits = network(pool.bitmaps(chosen, FAST_TYPE))
        loss = pool.loss(logits, chosen)
        parts["optimiser"].zero_grad()
        loss.backward()
        team.agree(network.parameters())
        parts["optimiser"].step()
        network.confine()
        schedule.step()
        _carry(mean, network, min(MEAN, schedule.last_epoch / (schedule.last_epoch + 10)))
        targets = pool.targets[chosen]
        loss_sum += loss.item()
        right += int((logits.argmax(1) == targets).sum())
        labelled += int((targets != REJECT).sum())
        bar.set_postfix_str(
            f"loss {loss_sum / done:.3f}, right {right / max(labelled, 1):.2%}", refresh=False
        )
        bar.update()
    bar.close()
    return loss_sum / total, right / max(labelled, 1)


def _carry(mean: nn.Module, network: nn.Module, kept: float) -> None:
    with torch.no_grad():
        torch._foreach_lerp_([*mean.parameters()], [*network.parameters()], 1 - kept)
        for old, new in zip(mean.buffers(), network.buffers(), strict=True):
            old.copy_(new)


def accuracies(network: nn.Module, held_out: HeldOut) -> dict[str, float]:
    """Return the share that a network reads rightly, by name of the data."""
    return {
        name: float(
            np.mean(
                answers(network, torch.from_numpy(part.bitmaps)).argmax(1).numpy() == part.targets
            )
        )
        for name, part in held_out.items()
    }
