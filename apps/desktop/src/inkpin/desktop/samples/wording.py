"""Labels, counts, scores and networks as people read them."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from inkpin.common.words import counted
from inkpin.desktop.percent import PERCENT
from inkpin.model.adaptation.improved_model import BeforeAfter, ConfusionMatrix, ImprovedModel
from inkpin.model.data.labelled import DIGITS
from inkpin.model.inference.refusal import Refusal
from inkpin.preprocess import Unread


def reason(refusal: Refusal, labels: Sequence[str]) -> str:
    """Return why a drawing is not read, in words that end a sentence.

    Args:
        refusal: what keeps it from being read.
        labels: of the network.
    """
    what = "digit" if all(label.isdecimal() for label in labels) else "label"
    if refusal.between:
        return f"not sure ({' or '.join(refusal.between)}?)"
    return {
        Unread.LITTLE: "too little ink",
        Unread.SMALL: "too small (write it larger)",
        Unread.EDGE: "cut off at the edge",
        Unread.SEVERAL: f"more than one {what}",
        Unread.UNSURE: "not sure",
        Unread.NOTHING: f"no {what}",
    }[refusal.unread]


def shortened(text: str, room: float, measure: Callable[[str], float]) -> str:
    """Return a text that fits, with an ellipsis for what does not.

    Args:
        text: of one line.
        room: for it, in pixels.
        measure: returns how many pixels a text takes.
    """
    if measure(text) <= room:
        return text
    end = bisect_right(range(1, len(text)), room, key=lambda n: measure(f"{text[:n]}…"))
    return f"{text[:end].rstrip()}…"


def sample_count(count: int) -> str:
    """Return so many samples, in words."""
    return counted(count, "sample")


def label_count(count: int) -> str:
    """Return so many labels, in words."""
    return counted(count, "label")


def last_events(count: int) -> str:
    """Return the headline of so many events, which follow."""
    if count > 1:
        return f"The last {count:,} events, the newest below"
    return "The last event" if count else "No event yet"


def when_read(auto_ms: int) -> str:
    """Return when a lock reads ink, with auto-enter after so many ms; 0: without it."""
    return f"after {auto_ms / 1000} s" if auto_ms else "by ENTER"


def natural_order(labels: Iterable[str]) -> list[str]:
    """Return labels in the order of people: numbers by their value, then the rest."""
    return sorted(labels, key=lambda label: (not label.isdecimal(), label.zfill(9)))


def percent(score: ConfusionMatrix) -> str:
    """Return a score for people."""
    return f"{score.accuracy:.1%}".replace("%", PERCENT) + f"  ({score.right:,} of {score.n:,})"


def how_it_learns(labels: Iterable[str]) -> str:
    """Return what improving a network of these labels does."""
    if set(labels) & set(DIGITS):
        others = ", and from digits of many people, so that it forgets nobody"
    else:
        others = "; nobody else's drawings of these labels are here to check by"
    return (
        f"The network's last layers learn from your samples{others}. One sample of five is held "
        "back to check by. Nothing changes before you say Use it."
    )


def verdict(result: ImprovedModel) -> str:
    """Return in a sentence what one gains, and what that costs."""
    gain = result.own.after.right - result.own.before.right
    if gain > 0:
        first = f"{gain} more of your {result.own.after.n} samples held back"
    elif gain == 0:
        first = f"as many of your {result.own.after.n} samples held back as before"
    else:
        first = f"{-gain} fewer of your {result.own.after.n} samples held back"
    others = f", and {_others(result.reference)}" if result.reference.before.n else ""
    return f"It reads {first}{others}. {_advice(result)}"


def _others(change: BeforeAfter) -> str:
    points = round(100 * (change.after.accuracy - change.before.accuracy), 1)
    if points == 0:
        return "other people's hands as well as before"
    way = "more" if points > 0 else "less"
    return f"other people's hands {abs(points)} points {way}"


def worth_using(result: ImprovedModel) -> bool:
    """Return whether a network gains more by the user's hand than it loses by other people's."""
    lost = result.reference.before.accuracy - result.reference.after.accuracy
    gained = result.own.after.accuracy - result.own.before.accuracy
    return gained > 0 and lost < gained


def _advice(result: ImprovedModel) -> str:
    if result.own.before.accuracy == 1:
        return "The network knows your hand already: there is nothing to gain."
    if worth_using(result):
        return "It is worth using."
    return "It is not worth using: keep the old one, or collect more samples."
