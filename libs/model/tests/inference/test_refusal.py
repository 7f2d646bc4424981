import numpy as np
import pytest

from inkpin.model.inference.recogniser import Prediction
from inkpin.model.inference.refusal import Refusal, refusal_of
from inkpin.preprocess import Strokes, Unread

LABELS = "0123456789"
SEVEN = Strokes.of([[(60, 60), (120, 60), (80, 180)]])


def prediction(label, **logits):
    row = np.full(10, -9, np.int32)
    for name, logit in logits.items():
        row[int(name[1:])] = logit
    return Prediction(label, int(row.argmax()), 40, row)


@pytest.mark.parametrize(
    ("logits", "refusal"),
    [
        ({"_7": 5, "_1": 4}, Refusal(Unread.UNSURE, ("7", "1"))),
        ({"_1": 5, "_7": 5}, Refusal(Unread.UNSURE, ("1", "7"))),
        ({"_7": 5, "_1": 0}, Refusal(Unread.UNSURE, ("7",))),
        ({"_7": 0}, Refusal(Unread.NOTHING)),
    ],
)
def test_a_refused_drawing_is_unsure_or_nothing(logits, refusal):
    assert refusal_of(SEVEN, prediction(None, **logits), LABELS) == refusal


def test_a_drawing_that_is_read_has_no_refusal():
    assert refusal_of(SEVEN, prediction("7", _7=5), LABELS) is None


def test_what_is_too_small_is_not_read_whatever_the_network_says():
    tap = Strokes.of([[(60, 60)]])
    assert refusal_of(tap, prediction("7", _7=5), LABELS) == Refusal(Unread.LITTLE)
