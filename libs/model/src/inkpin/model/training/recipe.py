"""What a training does, apart from its data; what the shipped network was trained with."""

from dataclasses import dataclass
from typing import TypedDict

from inkpin.preprocess import SIDE

TERNARY, NINE_LEVELS, FOUR_BITS = 1, 4, 7
"""Largest weights, in steps of their scale; nine levels are two digits of three."""

BATCH_SIZE = 256
EMA_DECAY = 0.998  # of the running mean of the weights: what a step keeps


@dataclass(frozen=True)
class Conv:
    """A convolution without padding, with max pooling and ReLU behind it.

    Attributes:
        channels: that it puts out.
        kernel: its side.
        pool: side and stride of the pooling; 1 for none.
        limit: the largest weight.
    """

    channels: int
    kernel: int = 3
    pool: int = 1
    limit: int = TERNARY


@dataclass(frozen=True)
class Architecture:
    """A chain of convolutions, then one dense layer that keeps the place.

    Attributes:
        convolutions: in order.
        dense_limit: the largest weight of the dense layer.
    """

    convolutions: tuple[Conv, ...]
    dense_limit: int = TERNARY

    def shapes(self, classes: int) -> list[tuple[int, int, int, int]]:
        """Return the weights' shapes, (out, in, height, width), the dense one last.

        Raises:
            ValueError: the maps become smaller than a kernel.
        """
        shapes, channels, side = [], 1, SIDE
        for conv in self.convolutions:
            shapes.append((conv.channels, channels, conv.kernel, conv.kernel))
            channels, side = conv.channels, (side - conv.kernel + 1) // conv.pool
            if side < 1:
                raise ValueError("the maps become smaller than a kernel")
        return [*shapes, (classes, channels, side, side)]


@dataclass(frozen=True)
class Stage:
    """One stretch of training.

    Attributes:
        name: of the stage; it seeds the stage's chance, and stands in the model's history.
        share: its epochs, as a share of all that a recipe has.
        learning_rate: the highest one.
    """

    name: str
    share: float
    learning_rate: float

    def epochs(self, total: int) -> int:
        """Return how many epochs it takes."""
        return max(1, round(self.share * total))


Epoch = TypedDict(
    "Epoch",
    {
        "stage": str,
        "epoch": int,
        "of": int,
        "loss": float,
        "right": float,
        "held out": dict[str, float],
    },
)
"""What an epoch of a stage was worth: its number `of` so many, the mean `loss`, the share `right`
of the drawings that were shown, and that of the validation data by name."""


@dataclass(frozen=True)
class Recipe:
    """What a training does, apart from its data.

    Attributes:
        architecture: of the small network.
        epochs: of the small network before the last stage.
        seed: of all chance.
        workers: processes that share each batch; 1 where there is no fork.
        include_validation: have the last stage learn from the validation data as well.
    """

    architecture: Architecture
    epochs: int
    seed: int
    workers: int
    include_validation: bool = True


ARCHITECTURE = Architecture(
    (Conv(8, 5, 2, FOUR_BITS), Conv(16, limit=NINE_LEVELS), Conv(20), Conv(32, pool=2), Conv(43)),
    NINE_LEVELS,
)
TEACHER_CHANNELS = (32, 64, 64, 128)
TEACHERS = (Stage("teacher", 0.1, 4e-3), Stage("second teacher", 0.1, 4e-3))
FLOATS = Stage("floats", 0.25, 4e-3)
QUANTISED = Stage("quantised", 0.75, 2e-3)
ALL_WRITERS = Stage("all writers", 0.25, 1e-3)
FINE_TUNING = Stage("own hand", 0.15, 5e-4)
"""Of a training that goes on from a network that is done; see `fine_tune`."""
