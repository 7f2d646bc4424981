"""What other hands and other tablets do to the same strokes: hooks, overshoots, bars, steps.

Each happens now and then, to strokes whose larger side is 1. `restyle` gives a drawing what some
writers add to a digit, `vary` what hands and tablets do to any.
"""

import math
from collections.abc import Sequence

import numpy as np

from inkpin.common.arrays import Floats, UnscaledDrawing

_MOST_STROKES = 6  # pictures that were traced have more, and no order that says where a pen came
_AS_IT_IS = 0.5  # share of the drawings that nothing happens to
_TICK = 0.15  # shorter strokes have no ends to speak of


def restyle(strokes: Sequence[Floats], label: str, rng: np.random.Generator) -> list[Floats]:
    """Return a digit as others write it: a slash through 0, a bar through 7, a foot under 1."""
    drawn = list(strokes)
    if len(drawn) != 1:
        return drawn
    low, high = drawn[0].min(axis=0), drawn[0].max(axis=0)
    middle, (width, height) = (low + high) / 2, high - low
    chance = rng.random()
    if label == "0" and chance < 0.15:
        angle = rng.uniform(-0.1, 0.9)
        reach = rng.uniform(0.8, 1.9) * max(height, width) / 2
        along = np.array([math.sin(angle), -math.cos(angle)]) * reach
        middle = middle + rng.normal(0, 0.06, 2)
        drawn.append(_line(middle + along, middle - along * rng.uniform(0.7, 1.3), rng))
    elif label == "7" and chance < 0.12:
        at = np.array([low[0] + width * rng.uniform(0.4, 0.7), low[1] + height * 0.5])
        at[1] += rng.normal(0, 0.06)
        half = np.array([rng.uniform(0.12, 0.35), rng.uniform(-0.12, 0.05)])
        drawn.append(_line(at - half, at + half, rng))
    elif label == "1" and chance < 0.1:
        at = np.array([drawn[0][-1, 0], high[1] + rng.normal(0, 0.02)])
        half = np.array([rng.uniform(0.1, 0.35), rng.normal(0, 0.03)])
        drawn.append(_line(at - half * rng.uniform(0.6, 1.2), at + half, rng))
    elif label == "1" and chance < 0.15 and width < 0.3:
        top = drawn[0][0] + rng.normal(0, 0.03, 2)
        flag = np.array([-rng.uniform(0.08, 0.35), rng.uniform(-0.02, 0.3)])
        drawn.append(_line(top, top + flag, rng))
    return drawn


def vary(strokes: UnscaledDrawing, rng: np.random.Generator) -> list[Floats]:
    """Return strokes as another hand or tablet might have left them."""
    drawn: list[Floats] = [stroke.astype(np.float64) for stroke in strokes]
    if len(drawn) > _MOST_STROKES or rng.random() < _AS_IT_IS:
        return drawn
    if len(drawn) > 1 and rng.random() < 0.3:
        drawn = [stroke + rng.normal(0, 0.03, 2) for stroke in drawn]
    if rng.random() < 0.5:
        drawn = [_ended(_ended(stroke, rng)[::-1], rng, weaker=0.5)[::-1] for stroke in drawn]
    kind = rng.random()
    if kind < 0.08:
        drawn = [_sparse(stroke, rng) for stroke in drawn]
    elif kind < 0.14:
        grid = rng.uniform(0.03, 0.09)
        drawn = [_stepped(stroke, grid) for stroke in drawn]
    elif kind < 0.22:
        drawn = [_shaky(stroke, rng) for stroke in drawn]
    elif kind < 0.27:
        drawn = [part for stroke in drawn for part in _broken(stroke, rng)]
    return drawn


def _line(start: Floats, end: Floats, rng: np.random.Generator) -> Floats:
    """Return a nearly straight stroke."""
    t = np.linspace(0, 1, 9)[:, None]
    across = np.array([-(end - start)[1], (end - start)[0]]) * rng.normal(0, 0.06)
    return start + t * (end - start) + 4 * t * (1 - t) * across


def _ended(stroke: Floats, rng: np.random.Generator, weaker: float = 1.0) -> Floats:
    """Return a stroke with its end drawn on, cut off, or hooked."""
    if len(stroke) < 3 or np.ptp(stroke, axis=0).max() < _TICK:
        return stroke
    end = stroke[-1]
    steps = np.linalg.norm(np.diff(stroke, axis=0), axis=1)
    left = np.cumsum(steps[::-1])
    back = int(np.searchsorted(left, 0.1)) + 1
    before = stroke[max(len(stroke) - 1 - back, 0)]
    along = (end - before) / max(float(np.linalg.norm(end - before)), 1e-6)
    kind = rng.random()
    if kind < 0.22:
        reach = rng.uniform(0.02, 0.2) * weaker
        return np.concatenate([stroke, [end + along * reach / 2, end + along * reach]])
    if kind < 0.32:
        cut = int(np.searchsorted(left, rng.uniform(0.02, 0.1) * weaker))
        return stroke[: max(len(stroke) - cut, 3)]
    if kind < 0.6:
        angle = math.pi + rng.choice([-1, 1]) * rng.uniform(0.1, 1.6)
        cos, sin = math.cos(angle), math.sin(angle)
        turned = np.array([cos * along[0] - sin * along[1], sin * along[0] + cos * along[1]])
        reach = rng.uniform(0.04, 0.25) * weaker
        bend = np.array([-turned[1], turned[0]]) * rng.normal(0, 0.15) * reach
        tip = end + along * rng.uniform(0, 0.04)
        return np.concatenate(
            [stroke, [tip, tip + turned * reach / 2 + bend, tip + turned * reach]]
        )
    return stroke


def _sparse(stroke: Floats, rng: np.random.Generator) -> Floats:
    """Return few of a stroke's points, as a slow tablet would."""
    wanted = int(rng.integers(5, 12))
    if len(stroke) <= wanted:
        return stroke
    kept: Floats = stroke[np.linspace(0, len(stroke) - 1, wanted).round().astype(int)]
    return kept


def _stepped(stroke: Floats, grid: float) -> Floats:
    """Return a stroke on a coarse grid, each way in steps."""
    cells = np.round(stroke / grid)
    corners = np.column_stack([cells[1:, 0], cells[:-1, 1]])
    path = np.empty((2 * len(cells) - 1, 2))
    path[::2], path[1::2] = cells, corners
    return path * grid


def _shaky(stroke: Floats, rng: np.random.Generator) -> Floats:
    """Return a stroke of a trembling hand."""
    noise = rng.normal(0, rng.uniform(0.015, 0.05), (len(stroke) + 2, 2))
    return stroke + (noise[:-2] + noise[1:-1] + noise[2:]) / 3


def _broken(stroke: Floats, rng: np.random.Generator) -> list[Floats]:
    """Return the two parts of a stroke that the pen left for a moment."""
    if len(stroke) < 12:
        return [stroke]
    at = int(rng.integers(4, len(stroke) - 4))
    gap = max(1, int(len(stroke) * rng.uniform(0.02, 0.07)))
    return [stroke[:at], stroke[min(at + gap, len(stroke) - 3) :]]
