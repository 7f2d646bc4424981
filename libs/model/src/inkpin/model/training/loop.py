"""The training loop, in PyTorch: epochs of a stage, a running mean of the weights, a checkpoint.

Each stage leaves the running mean of its weights (Polyak and Juditsky 1992).
"""

import hashlib
import io
import pickle
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from inkpin.common import InputError
from inkpin.common.files import replacing
from inkpin.model.data.labelled import REJECT, LabelledBitmaps
from inkpin.model.training.network import Network, Teacher
from inkpin.model.training.recipe import (
    BATCH_SIZE,
    EMA_DECAY,
    FLOATS,
    QUANTISED,
    Epoch,
    Recipe,
    Stage,
)
from inkpin.model.training.training_set import TrainingSet, logits_of
from inkpin.model.training.worker_group import WorkerGroup

ValidationSets = Mapping[str, LabelledBitmaps]
"""By name, what accuracy is counted on."""


class Checkpoint:
    """A file that says how far a training came, so that it goes on from there.

    Args:
        path: of the file, kept as `path`.
        key: what the training depends on.
    """

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        self._key = hashlib.sha256(key.encode()).hexdigest()

    @classmethod
    def beside(cls, out: Path, key: str) -> "Checkpoint":
        """Return the one of a training whose network goes to `out`."""
        return cls(out.with_name(f"{out.name}.checkpoint"), key)

    @contextmanager
    def resumable(self) -> Iterator[None]:
        """Train in the body of the `with`: say where it goes on from, and after Ctrl-C how.

        Raises:
            InputError: the file is of another training, which would be lost.
        """
        if stages := self.load():
            name, saved = list(stages.items())[-1]
            print(f"going on from {self.path}, {name} {saved['epoch']} done", file=sys.stderr)
        try:
            yield
        except KeyboardInterrupt:
            if self.load():
                print(f"stopped; the same command goes on from {self.path}", file=sys.stderr)
            raise

    def load(self) -> dict[str, Any]:
        """Return what was saved last, by stage; nothing if there is no such file or it is damaged.

        Raises:
            InputError: it is of another training.
        """
        try:
            saved = torch.load(io.BytesIO(self.path.read_bytes()), weights_only=True)
        except (OSError, RuntimeError, EOFError, pickle.UnpicklingError):
            return {}
        if saved["key"] != self._key:
            raise InputError(
                f"{self.path}: of another training that was stopped (other data, --epochs, --seed "
                "...): repeat its command to end it, name another --out, or delete the file"
            )
        stages: dict[str, Any] = saved["stages"]
        return stages

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


class Trainer:
    """Takes networks through the stages of one training, some perhaps behind it already.

    Args:
        recipe: epochs, seed and workers.
        validation: to report the accuracy on.
        checkpoint: where to save after each epoch, and to begin.
    """

    def __init__(
        self, recipe: Recipe, validation: ValidationSets, checkpoint: Checkpoint | None = None
    ) -> None:
        self._recipe = recipe
        self._validation = validation
        self._checkpoint = checkpoint
        self._saved = checkpoint.load() if checkpoint else {}

    @property
    def history(self) -> list[Epoch]:
        """The epochs of all stages so far."""
        return [entry for saved in self._saved.values() for entry in saved["history"]]

    def run_student(self, network: Network, training_set: TrainingSet) -> None:
        """Train a network in floats and quantised."""
        self.run(FLOATS, network, training_set)
        network.quantise()
        self.run(QUANTISED, network, training_set)

    def run(self, stage: Stage, network: Network | Teacher, training_set: TrainingSet) -> None:
        """Train a network, or take over what was saved of it; leave the mean of its weights."""
        total = stage.epochs(self._recipe.epochs)
        saved = self._saved.setdefault(stage.name, {"epoch": 0, "history": []})
        ema = deepcopy(network)
        if saved["epoch"] < total:
            training_set.prepare()
            with WorkerGroup(self._recipe.workers) as group:
                group.run(lambda: self._epochs(stage, total, network, ema, training_set, group))
        else:
            ema.load_state_dict(saved["ema"])
        network.load_state_dict(ema.state_dict())
        network.eval()

    def _epochs(
        self,
        stage: Stage,
        total: int,
        network: Network | Teacher,
        ema: nn.Module,
        training_set: TrainingSet,
        group: WorkerGroup,
    ) -> None:
        steps = total * training_set.batch_count(BATCH_SIZE)
        state = TrainingState.begin(stage, network, ema, steps)
        saved = self._saved[stage.name]
        if saved["epoch"]:
            state.load_state_dict(saved)
        for epoch in range(saved["epoch"] + 1, total + 1):
            seed = [self._recipe.seed, zlib.crc32(stage.name.encode()), epoch]
            title = f"{stage.name} {epoch}/{total}"
            loss, right = train_epoch(title, state, training_set, seed, group)
            if not group.is_main:
                continue
            scores = accuracies(ema, self._validation)
            worth: Epoch = {
                "stage": stage.name,
                "epoch": epoch,
                "of": total,
                "loss": loss,
                "right": right,
                "held out": scores,
            }
            saved["history"].append(worth)
            saved |= {"epoch": epoch, **state.state_dict()}
            if self._checkpoint:
                self._checkpoint.save(self._saved)
            listed = ", ".join(f"{name} {share:.2%}" for name, share in scores.items())
            tqdm.write(f"{title}: right {right:.2%}, held-out {listed}")


@dataclass(frozen=True)
class TrainingState:
    """All that changes while a stage goes on."""

    network: Network | Teacher
    ema: nn.Module
    optimizer: torch.optim.Optimizer
    scheduler: torch.optim.lr_scheduler.LRScheduler

    @classmethod
    def begin(
        cls, stage: Stage, network: Network | Teacher, ema: nn.Module, steps: int
    ) -> "TrainingState":
        """Return the state before the first of a stage's steps."""
        rate = stage.learning_rate
        optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-4, fused=True)
        scheduler = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, rate, total_steps=steps, pct_start=0.15
        )
        return cls(network, ema, optimizer, scheduler)

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {name: part.state_dict() for name, part in vars(self).items()}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Go on from what a checkpoint kept."""
        for name, part in vars(self).items():
            part.load_state_dict(saved[name])


def train_epoch(
    title: str,
    state: TrainingState,
    training_set: TrainingSet,
    seed: Sequence[int],
    group: WorkerGroup,
) -> tuple[float, float]:
    """Show a network one epoch of a training set, and carry the mean of its weights along.

    Returns:
        The mean loss, and the share of the labelled drawings that were read rightly.
    """
    network = state.network
    rng = np.random.default_rng(seed)
    torch.manual_seed(rng.integers(2**63))
    total = training_set.batch_count(BATCH_SIZE)
    bar = tqdm(
        total=total,
        desc=title,
        unit="batch",
        mininterval=2,
        disable=None if group.is_main else True,
    )
    loss_sum, right, labelled = 0.0, 0, 0
    network.train()
    for done, batch in enumerate(training_set.epoch(rng, BATCH_SIZE), 1):
        chosen = group.shard(batch)
        logits = network(training_set.bitmaps(chosen, network.fast_dtype))
        loss = training_set.loss(logits, chosen)
        state.optimizer.zero_grad()
        loss.backward()
        group.all_reduce(network.parameters())
        state.optimizer.step()
        network.clip_weights()
        state.scheduler.step()
        step = state.scheduler.last_epoch
        update_ema(state.ema, network, min(EMA_DECAY, step / (step + 10)))
        targets = training_set.targets[chosen]
        loss_sum += loss.item()
        right += int((logits.argmax(1) == targets).sum())
        labelled += int((targets != REJECT).sum())
        bar.set_postfix_str(
            f"loss {loss_sum / done:.3f}, right {right / max(labelled, 1):.2%}", refresh=False
        )
        bar.update()
    bar.close()
    return loss_sum / total, right / max(labelled, 1)


def update_ema(ema: nn.Module, network: nn.Module, decay: float) -> None:
    """Move the mean of the weights towards a network's; take over its other numbers."""
    with torch.no_grad():
        torch._foreach_lerp_([*ema.parameters()], [*network.parameters()], 1 - decay)
        for old, new in zip(ema.buffers(), network.buffers(), strict=True):
            old.copy_(new)


def accuracies(network: nn.Module, sets: ValidationSets) -> dict[str, float]:
    """Return the share that a network reads rightly, by name of the data."""
    return {
        name: float(
            np.mean(
                logits_of(network, torch.from_numpy(part.bitmaps)).argmax(1).numpy() == part.targets
            )
        )
        for name, part in sets.items()
    }


def make_repeatable(seed: int) -> None:
    """Have PyTorch compute the same from run to run."""
    # Several threads would wait for each other, and sum in another order from run to run.
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
