"""Why a drawing is not read ("?"): one rule for the lock, *try it*, Collect and Review."""

from collections.abc import Sequence
from dataclasses import dataclass

from inkpin.model.inference.recogniser import Prediction
from inkpin.preprocess import Strokes, Unread


@dataclass(frozen=True)
class Refusal:
    """Why there is no label.

    Attributes:
        unread: what keeps the ink from being read.
        between: the labels that it may be, one or two where it is UNSURE, else none.
    """

    unread: Unread
    between: tuple[str, ...] = ()


UNREAD = "?"
"""What stands for the label of a drawing that is not read, wherever labels are text."""


def refusal_of(strokes: Strokes, prediction: Prediction, labels: Sequence[str]) -> Refusal | None:
    """Return why a drawing is not read; None where it is.

    Args:
        strokes: the ink.
        prediction: what the network makes of it.
        labels: of the network.
    """
    if not strokes.legible:
        return Refusal(strokes.unread(likely=False))
    if prediction.label is not None:
        return None
    unread = strokes.unread(likely=prediction.likely)
    if unread is not Unread.UNSURE:
        return Refusal(unread)
    places = (prediction.best, prediction.second)
    return Refusal(unread, tuple(labels[place] for place in places if place is not None))
