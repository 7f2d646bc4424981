"""The training loop, in PyTorch.

One epoch shows each MNIST image once, every other one bent, and each pen sample RENDERINGS
times, redrawn by another hand. The network that did best on the held-out data is kept,
also when Ctrl-C ends the training.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from inkpin.model.augment import bent_images, bent_strokes
from inkpin.model.export import Layer
from inkpin.model.network import Network
from inkpin.model.training_data import LABELS, Data
from inkpin.preprocess import bitmap

CHANNELS = (8, 20, 40)
BATCH = 128
RATE = 3e-3
RENDERINGS = 2
SMOOTHING = 0.02


@dataclass(frozen=True)
class Fitted:
    """The best network of a training.

    Attributes:
        layers: as integers, in order.
        epoch: in which it was best, counted from 1.
        accuracy: by name of the held-out data.
        stopped: whether Ctrl-C ended the training.
    """

    layers: list[Layer]
    epoch: int
    accuracy: dict[str, float]
    stopped: bool


def fit(data: Data, epochs: int, seed: int) -> Fitted:
    """Train; the same data, seed, machine and PyTorch give the same network.

    Raises:
        KeyboardInterrupt: stopped before the first epoch was complete.
    """
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    generator, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    network = Network(CHANNELS, len(LABELS))
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-4)
    batches = -(-(len(data.images) + RENDERINGS * len(data.pens)) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, RATE, total_steps=epochs * batches, pct_start=0.15
    )
    best: Fitted | None = None
    try:
        for epoch in range(1, epochs + 1):
            bitmaps, labels = _epoch_data(data, generator, rng)
            bar = tqdm(
                torch.randperm(len(labels), generator=generator).split(BATCH),
                desc=f"epoch {epoch}/{epochs}",
                unit="batch",
            )
            loss_sum, right, seen = 0.0, 0, 0
            for chosen in bar:
                logits = network(bitmaps[chosen].float())
                loss = functional.cross_entropy(logits, labels[chosen], label_smoothing=SMOOTHING)
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
            accuracy = _accuracy(network, data)
            scores = ", ".join(f"{name} {share:.2%}" for name, share in accuracy.items())
            tqdm.write(f"epoch {epoch}: validation {scores}")
            if best is None or _mean(accuracy) >= _mean(best.accuracy):
                best = Fitted(network.layers(), epoch, accuracy, stopped=False)
    except KeyboardInterrupt:
        if best is None:
            raise
        return Fitted(best.layers, best.epoch, best.accuracy, stopped=True)
    assert best is not None
    return best


def _epoch_data(
    data: Data, generator: torch.Generator, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Return one epoch's bitmaps, bool (n, 1, 28, 28), and labels, int64 (n,)."""
    images = torch.from_numpy(data.images)[:, None]
    bent = torch.rand(len(images), generator=generator) < 0.5
    bitmaps = images > 0
    for chosen in torch.nonzero(bent).flatten().split(4096):
        bitmaps[chosen] = bent_images(images[chosen].float() / 255, generator)
    drawn = [
        bitmap(bent_strokes(sample.strokes, rng)) for sample in data.pens for _ in range(RENDERINGS)
    ]
    if not drawn:
        return bitmaps, torch.from_numpy(data.labels)
    words = [LABELS.index(sample.word) for sample in data.pens for _ in range(RENDERINGS)]
    return (
        torch.cat([bitmaps, torch.from_numpy(np.stack(drawn))[:, None]]),
        torch.cat([torch.from_numpy(data.labels), torch.tensor(words)]),
    )


def _accuracy(network: Network, data: Data) -> dict[str, float]:
    with torch.no_grad():
        return {
            name: float(
                np.mean(
                    np.concatenate(
                        [
                            network(part[:, None].float()).argmax(1).numpy()
                            for part in torch.from_numpy(bitmaps).split(1000)
                        ]
                    )
                    == labels
                )
            )
            for name, (bitmaps, labels) in data.held_out.items()
        }


def _mean(accuracy: dict[str, float]) -> float:
    return sum(accuracy.values()) / len(accuracy)
