"""The training loop, in PyTorch.

One epoch shows each MNIST image once, BENT of them bent, and each pen sample RENDERINGS times,
redrawn by another hand. A large float teacher learns first. The small network then learns the
labels and the teacher's soft answers (Hinton et al. 2015), in floats and at last quantised. The
quantised one that did best on the held-out writers is kept, also when Ctrl-C ends the training.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from inkpin.model.augment import bent_images, bent_strokes
from inkpin.model.export import Layer
from inkpin.model.network import Network, teacher
from inkpin.model.training_data import LABELS, Data
from inkpin.preprocess import bitmap

CHANNELS = (8, 24, 48)
BATCH = 128
RATE = 3e-3
QUANTISED_RATE = 1e-3
BENT = 0.5
RENDERINGS = 2
TEACHER_SHARE = 0.25  # epochs of the teacher, as a share of the small network's
QUANTISED_SHARE = 0.4  # of the small network's epochs
SOFT = 0.7  # weight of the teacher's answers in the loss
TEMPERATURE = 2.0


@dataclass(frozen=True)
class Fitted:
    """The best network of a training.

    Attributes:
        layers: as integers, in order.
        epoch: in which it was best, counted from 1 since it was quantised.
        accuracy: by name of the held-out data.
        stopped: whether Ctrl-C ended the training.
    """

    layers: list[Layer]
    epoch: int
    accuracy: dict[str, float]
    stopped: bool


def fit(data: Data, epochs: int, seed: int) -> Fitted:
    """Train; the same data, seed, machine and PyTorch give the same network.

    Args:
        data: what to learn and to choose by.
        epochs: of the small network, at least 2; the teacher has TEACHER_SHARE as many before.
        seed: of all chance.

    Raises:
        KeyboardInterrupt: stopped before there was a quantised network.
    """
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    chance = _Chance(torch.Generator().manual_seed(seed), np.random.default_rng(seed))
    master = teacher(len(LABELS))

    def from_labels(x: Tensor, logits: Tensor, labels: Tensor) -> Tensor:
        return functional.cross_entropy(logits, labels, label_smoothing=0.05)

    def from_teacher(x: Tensor, logits: Tensor, labels: Tensor) -> Tensor:
        with torch.no_grad():
            soft = functional.softmax(master(x) / TEMPERATURE, dim=1)
        learned = functional.cross_entropy(logits / TEMPERATURE, soft) * TEMPERATURE**2
        return SOFT * learned + (1 - SOFT) * functional.cross_entropy(logits, labels)

    quantised = max(1, round(QUANTISED_SHARE * epochs))
    plan = _Plan("teacher", math.ceil(TEACHER_SHARE * epochs), RATE)
    for _ in _epochs(plan, master, data, chance, from_labels):
        pass
    master.eval()
    network = Network(CHANNELS, len(LABELS))
    for _ in _epochs(
        _Plan("floats", epochs - quantised, RATE), network, data, chance, from_teacher
    ):
        pass
    network.quantise()
    plan = _Plan("quantised", quantised, QUANTISED_RATE)
    best: Fitted | None = None
    try:
        for epoch, accuracy in _epochs(plan, network, data, chance, from_teacher):
            if best is None or _mean(accuracy) >= _mean(best.accuracy):
                best = Fitted(network.layers(), epoch, accuracy, stopped=False)
    except KeyboardInterrupt:
        if best is None:
            raise
        return replace(best, stopped=True)
    assert best is not None
    return best


@dataclass(frozen=True)
class _Plan:
    """One stretch of training: its name, its length and its highest learning rate."""

    name: str
    epochs: int
    rate: float


@dataclass(frozen=True)
class _Chance:
    """The two sources of chance of a training."""

    torch: torch.Generator
    numpy: np.random.Generator


def _epochs(
    plan: _Plan,
    network: nn.Module,
    data: Data,
    chance: _Chance,
    loss_of: Callable[[Tensor, Tensor, Tensor], Tensor],
) -> Iterator[tuple[int, dict[str, float]]]:
    """Train a network; yield each epoch's number and its accuracy on the held-out data.

    Args:
        plan: name, length and rate.
        network: bitmaps (n, 1, 28, 28) to logits (n, classes).
        data: what to learn and to choose by.
        chance: where augmentation and order come from.
        loss_of: from bitmaps, logits and labels (n,) to the loss.
    """
    optimiser = torch.optim.AdamW(network.parameters(), lr=plan.rate, weight_decay=1e-4)
    batches = -(-(len(data.images) + RENDERINGS * len(data.pens)) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, plan.rate, total_steps=plan.epochs * batches, pct_start=0.15
    )
    for epoch in range(1, plan.epochs + 1):
        bitmaps, labels = _epoch_data(data, chance)
        bar = tqdm(
            torch.randperm(len(labels), generator=chance.torch).split(BATCH),
            desc=f"{plan.name} {epoch}/{plan.epochs}",
            unit="batch",
        )
        loss_sum, right, seen = 0.0, 0, 0
        network.train()
        for chosen in bar:
            x = bitmaps[chosen].float()
            logits = network(x)
            loss = loss_of(x, logits, labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            loss_sum += loss.item() * len(chosen)
            right += int((logits.argmax(1) == labels[chosen]).sum())
            seen += len(chosen)
            bar.set_postfix_str(
                f"loss {loss_sum / seen:.3f}, right {right / seen:.2%}", refresh=False
            )
        network.eval()
        accuracy = {name: _accuracy(network, *known) for name, known in data.held_out.items()}
        scores = ", ".join(f"{name} {share:.2%}" for name, share in accuracy.items())
        tqdm.write(f"{plan.name} {epoch}: held-out {scores}")
        yield epoch, accuracy


def _epoch_data(data: Data, chance: _Chance) -> tuple[Tensor, Tensor]:
    """Return one epoch's bitmaps, bool (n, 1, 28, 28), and labels, int64 (n,)."""
    images = torch.from_numpy(data.images)[:, None]
    bent = torch.rand(len(images), generator=chance.torch) < BENT
    bitmaps = images > 0
    for chosen in torch.nonzero(bent).flatten().split(4096):
        bitmaps[chosen] = bent_images(images[chosen].float() / 255, chance.torch)
    drawn = [
        bitmap(bent_strokes(sample.strokes, chance.numpy))
        for sample in data.pens
        for _ in range(RENDERINGS)
    ]
    if not drawn:
        return bitmaps, torch.from_numpy(data.labels)
    words = [LABELS.index(sample.word) for sample in data.pens for _ in range(RENDERINGS)]
    return (
        torch.cat([bitmaps, torch.from_numpy(np.stack(drawn))[:, None]]),
        torch.cat([torch.from_numpy(data.labels), torch.tensor(words)]),
    )


def _accuracy(network: nn.Module, bitmaps: np.ndarray, labels: np.ndarray) -> float:
    with torch.no_grad():
        best = [
            network(part[:, None].float()).argmax(1)
            for part in torch.from_numpy(bitmaps).split(1000)
        ]
    return float(np.mean(torch.cat(best).numpy() == labels))


def _mean(accuracy: dict[str, float]) -> float:
    return sum(accuracy.values()) / len(accuracy)
