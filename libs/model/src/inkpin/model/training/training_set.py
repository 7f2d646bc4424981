"""What a training shows a network, batch by batch, and what it should answer, in PyTorch."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from inkpin.model.data.labelled import REJECT
from inkpin.model.training.network import Teacher
from inkpin.model.training.sampling import Subset
from inkpin.preprocess import SIDE

LABEL_SMOOTHING = 0.05  # where no teacher says how sure to be
TEACHER_WEIGHT = 0.7  # the teacher's part in the targets; the label has the rest

_BITS = torch.arange(7, -1, -1, dtype=torch.uint8)


class TrainingSet:
    """All bitmaps, with what a network should answer.

    Args:
        subsets: the bitmaps by kind.
        classes: number of labels.

    Attributes:
        targets: int64 (n,); REJECT for what should be refused.
        classes: number of labels.
    """

    def __init__(self, subsets: Iterable[Subset], classes: int) -> None:
        self._subsets = tuple(subsets)
        # A bit each: a million bitmaps are 100 MB.
        drawings = [subset.drawings for subset in self._subsets]
        packed = [np.packbits(part.bitmaps.reshape(len(part), -1), axis=1) for part in drawings]
        self._packed = torch.from_numpy(np.concatenate(packed))
        self.targets = torch.from_numpy(np.concatenate([part.targets for part in drawings]))
        self.classes = classes
        self._teachers: Sequence[Teacher] = ()
        self._soft_targets: Tensor | None = None

    def extended(self, more: Iterable[Subset]) -> "TrainingSet":
        """Return these bitmaps and others; teachers are asked about the others alone."""
        longer = TrainingSet([*self._subsets, *more], self.classes)
        longer._teachers, longer._soft_targets = self._teachers, self._soft_targets
        return longer

    def batch_count(self, size: int) -> int:
        """Return how many batches an epoch has; what is left over is not shown."""
        return max(1, sum(subset.per_epoch for subset in self._subsets) // size)

    def set_teachers(self, teachers: Sequence[Teacher]) -> None:
        """Have teachers' mean answers learned beside the labels from the next `prepare` on."""
        self._teachers = teachers

    def prepare(self) -> None:
        """Compute the soft targets that are not there yet, if there are teachers."""
        known = self._soft_targets
        if known is None:
            known = torch.zeros(0, self.classes + 1)
        rest = torch.arange(len(known), len(self.targets))
        if not self._teachers or not len(rest):
            return
        soft = torch.stack([self._answers(teacher, rest) for teacher in self._teachers])
        hard = functional.one_hot(self._classes(self.targets[rest]), self.classes + 1)
        mixed = TEACHER_WEIGHT * soft.mean(dim=0) + (1 - TEACHER_WEIGHT) * hard
        self._soft_targets = torch.cat([known, mixed])

    def _answers(self, teacher: Teacher, chosen: Tensor) -> Tensor:
        """Return how likely a teacher finds each class of some bitmaps, to refuse the last one."""
        parts = chosen.split(1000)
        teacher.eval()
        with torch.no_grad():
            drawn = (self.bitmaps(part, teacher.fast_dtype) for part in parts)
            logits = torch.cat([teacher(bitmaps) for bitmaps in drawn])
        return functional.softmax(_with_reject(logits), dim=1)

    def epoch(self, rng: np.random.Generator, size: int) -> Iterator[Tensor]:
        """Yield the indices of one epoch's batches."""
        starts = np.cumsum([0, *(len(subset.drawings) for subset in self._subsets)])
        chosen = [start + s.choice(rng) for start, s in zip(starts, self._subsets, strict=False)]
        order = torch.from_numpy(rng.permutation(np.concatenate(chosen)))
        yield from order[: self.batch_count(size) * size].split(size)

    def bitmaps(self, chosen: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        """Return bitmaps, (n, 1, 28, 28) of zeros and ones."""
        bits = self._packed[chosen, :, None] >> _BITS & 1
        return bits.view(-1, 1, SIDE, SIDE).to(dtype)

    def loss(self, logits: Tensor, chosen: Tensor) -> Tensor:
        """Return how far logits (n, classes) are from what they should be: the cross-entropy.

        To refuse is one class more, whose logit is always 0.
        """
        if self._soft_targets is not None:
            return functional.cross_entropy(_with_reject(logits), self._soft_targets[chosen])
        classes = self._classes(self.targets[chosen])
        return functional.cross_entropy(
            _with_reject(logits), classes, label_smoothing=LABEL_SMOOTHING
        )

    def _classes(self, targets: Tensor) -> Tensor:
        return torch.where(targets == REJECT, self.classes, targets)


def logits_of(network: nn.Module, bitmaps: Tensor) -> Tensor:
    """Return the logits, (n, classes), of bitmaps (n, 28, 28), computed in float32."""
    network.eval()
    with torch.no_grad():
        return torch.cat([network(part[:, None].float()) for part in bitmaps.split(1000)])


def _with_reject(logits: Tensor) -> Tensor:
    return functional.pad(logits, (0, 1))
