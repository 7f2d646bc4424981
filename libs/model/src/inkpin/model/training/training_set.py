"""What a training shows a network, batch by batch, and what it should answer (takes PyTorch)."""

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from inkpin.model.data.labelled import REJECT
from inkpin.model.training.sampling import Source
from inkpin.preprocess import SIDE

SMOOTHING = 0.05  # of the labels, where no teacher says how sure to be
SOFT = 0.7  # the teacher's part in what a network should answer

_BITS = torch.arange(7, -1, -1, dtype=torch.uint8)


class Pool:
    """All drawings, with what a network should answer.

    Args:
        sources: the drawings by kind.
        classes: number of labels.

    Attributes:
        targets: int64 (n,); REJECT for what should be refused.
        classes: number of labels.
    """

    def __init__(self, sources: Iterable[Source], classes: int) -> None:
        self._sources = tuple(sources)
        # A bit each: a million drawings are 100 MB.
        drawings = [source.drawings for source in self._sources]
        packed = [np.packbits(part.bitmaps.reshape(len(part), -1), axis=1) for part in drawings]
        self._packed = torch.from_numpy(np.concatenate(packed))
        self.targets = torch.from_numpy(np.concatenate([part.targets for part in drawings]))
        self.classes = classes
        self._teacher: nn.Module | None = None
        self._wanted: Tensor | None = None

    def batches(self, size: int) -> int:
        """Return how many batches an epoch has; what is left over is not shown."""
        return max(1, sum(source.per_epoch for source in self._sources) // size)

    def ask(self, teacher: nn.Module) -> None:
        """Have a teacher's answers learned beside the labels from the next `prepare` on."""
        self._teacher = teacher

    def prepare(self) -> None:
        """Ask the teacher, if there is one and it was not asked yet."""
        if self._teacher is None or self._wanted is not None:
            return
        every = torch.arange(len(self.targets)).split(1000)
        logits = torch.cat([answers(self._teacher, self.bitmaps(some)[:, 0]) for some in every])
        said = functional.softmax(_with_nothing(logits), dim=1)
        right = functional.one_hot(self._right(self.targets), self.classes + 1)
        self._wanted = SOFT * said + (1 - SOFT) * right

    def epoch(self, rng: np.random.Generator, size: int) -> Iterator[Tensor]:
        """Yield the indices of one epoch's batches."""
        starts = np.cumsum([0, *(len(source.drawings) for source in self._sources)])
        chosen = [start + s.choice(rng) for start, s in zip(starts, self._sources, strict=False)]
        order = torch.from_numpy(rng.permutation(np.concatenate(chosen)))
        yield from order[: self.batches(size) * size].split(size)

    def bitmaps(self, chosen: Tensor, kind: torch.dtype = torch.float32) -> Tensor:
        """Return bitmaps, (n, 1, 28, 28) of zeros and ones."""
        bits = self._packed[chosen, :, None] >> _BITS & 1
        return bits.view(-1, 1, SIDE, SIDE).to(kind)

    def loss(self, logits: Tensor, chosen: Tensor) -> Tensor:
        """Return how far logits (n, classes) are from what they should be.

        Nothing is one class more, whose logit is always 0.
        """
        if self._wanted is not None:
            return functional.cross_entropy(_with_nothing(logits), self._wanted[chosen])
        right = self._right(self.targets[chosen])
        return functional.cross_entropy(_with_nothing(logits), right, label_smoothing=SMOOTHING)

    def _right(self, targets: Tensor) -> Tensor:
        return torch.where(targets == REJECT, self.classes, targets)


def answers(network: nn.Module, bitmaps: Tensor) -> Tensor:
    """Return the logits, (n, classes), of bitmaps (n, 28, 28), computed in float32."""
    network.eval()
    with torch.no_grad():
        return torch.cat([network(part[:, None].float()) for part in bitmaps.split(1000)])


def _with_nothing(logits: Tensor) -> Tensor:
    return functional.pad(logits, (0, 1))
