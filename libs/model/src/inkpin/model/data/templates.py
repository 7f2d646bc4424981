"""Drawings out of a table: digits as the data sets lack them, and what is none.

A template is a few strokes of control points on a grid 100 high, x right and y down. A stroke runs
through them as a uniform Catmull-Rom curve (Catmull and Rom 1974); a point given twice is a
corner. `draw` moves the points a little before each drawing; `augment_strokes` does the rest.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from inkpin.common.arrays import Floats

Template = tuple[Floats, ...]
"""For each stroke its control points (n, 2)."""

_WOBBLE = 3.0  # standard deviation of a control point, on the grid
_SAMPLES = 8  # of a curve between two control points


def template(text: str) -> Template:
    """Return the template that `text` spells: "x,y x,y | x,y ..."; "x,y!" is a corner."""
    strokes = []
    for stroke in text.split("|"):
        points: list[list[float]] = []
        for word in stroke.split():
            point = [float(number) for number in word.rstrip("!").split(",")]
            points += [point] * (2 if word.endswith("!") else 1)
        strokes.append(np.array(points))
    return tuple(strokes)


_ZERO = "32,0 8,18 0,50 8,82 32,100 56,82 64,50 56,18 32,0"

DIGITS: Mapping[str, Sequence[Template]] = {
    digit: [template(text) for text in texts]
    for digit, texts in {
        "0": (
            _ZERO,
            "20,0 6,16 0,50 6,84 20,100 34,84 40,50 34,16 20,0",
            f"{_ZERO} | 62,6 2,94",
            f"{_ZERO} | 78,-6 -14,106",
            f"{_ZERO} | 50,24 14,76",
            f"{_ZERO} 62,6! 2,94",
            "28,2 6,20 0,52 8,84 32,100 56,82 64,50 58,20 46,6",
            "44,4 16,8 0,40 4,80 30,100 58,84 64,46 54,14 36,0",
            "30,8 8,22 0,54 10,86 34,100 58,82 64,48 54,14 36,2 30,16 46,22 60,12",
        ),
        "1": (
            "0,0 0,100",
            "0,0 2,50 0,100",
            "0,28 24,0! 24,100",
            "0,40 32,0! 30,100",
            "0,62 44,0! 42,100",
            "0,80 50,0! 48,100",
            "0,18 16,0! 16,100",
            "0,24 24,0! 24,100 | 0,100 48,100",
            "0,48 34,0! 34,100 | 6,100 62,100",
            "0,24 24,0! 24,100! 2,100! 46,100",
            "0,0 0,100 | -22,100 22,100",
            "-18,0 18,0 | 0,0 0,100 | -22,100 22,100",
            "0,70 46,0! 44,100 | 20,100 68,100",
        ),
        "2": (
            "4,22 18,2 42,2 52,24 40,52 0,100! 56,100",
            "2,24 14,4 40,0 54,22 40,54 8,88 0,96 10,80 24,84 40,98 60,92",
            "4,22 18,2 42,2 54,24 42,52 16,90 4,100 0,88 12,80 30,96 60,96",
            "4,16 24,0 48,8 50,34 26,66 0,96 22,88 42,98 60,94",
            "0,10 22,0 50,4 48,32 0,100! 54,100",
            "10,30 2,18 20,0 46,4 52,28 34,60 0,100! 60,98",
        ),
        "3": (
            "2,14 22,0 48,8 46,34 20,46! 50,58 52,86 26,100 0,88",
            "0,0 50,0! 22,40! 52,60 48,90 22,100 0,92",
            "4,12 26,0 48,14 40,38 20,46 14,44 44,54 54,76 40,98 14,100 0,88",
            "6,4 40,4 40,28 12,44 48,52 46,88 0,96",
        ),
        "4": (
            "14,0 0,56! 60,56 | 44,30 42,100",
            "20,0 4,58! 64,54 | 50,4 44,100",
            "8,0 4,44 22,54 48,44 | 52,0 48,46 46,100",
            "0,0 0,50! 52,50 | 50,0 50,100",
            "44,100 46,0! 0,66! 66,66",
            "30,0 0,62! 60,62 | 38,36 36,100",
            "6,0 2,40 14,52 40,50 50,44! 52,2! 48,100",
            "26,0 2,50! 50,50 | 30,32 24,100",
        ),
        "5": (
            "10,0 6,44! 34,38 54,62 44,92 18,100 0,90 | 10,0 54,0",
            "54,0 10,0! 6,44! 34,38 54,62 44,92 18,100 0,90",
            "50,2 16,2 10,28 30,42 50,62 42,90 20,100 0,94",
            "8,0 8,46! 44,46 52,70 40,98 0,98 | 8,0 52,-4",
        ),
        "6": (
            "44,0 14,26 0,64 14,96 40,98 52,76 38,56 14,60 2,74",
            "30,0 8,40 0,74 16,100 42,92 46,68 26,56 4,70",
            "50,6 30,0 6,26 0,66 16,98 44,96 54,74 40,58 16,60 2,76",
            "10,0 2,40 0,80 20,100 40,84 32,62 2,74",
        ),
        "7": (
            "0,0 54,0! 20,100",
            "0,0 54,0! 20,100 | 12,50 58,50",
            "0,2 56,0! 36,36 24,100 | 10,48 56,44",
            "0,16 2,0! 54,0! 22,100",
            "0,16 2,0! 54,0! 22,100 | 8,50 54,50",
            "0,8 24,4 56,2! 30,48 26,100",
            "0,14 14,2 34,8 56,0! 32,46 22,100 | 14,52 54,48",
            "0,4 50,0! 48,4 10,100 | 4,56 48,40",
            "0,0 40,0! 34,100",
        ),
        "8": (
            "44,12 24,0 6,14 16,36 40,56 46,82 24,100 2,84 10,58 36,36 44,12",
            "26,12 14,0 4,14 10,40 26,62 28,86 14,100 0,86 6,60 22,38 26,12",
            "20,10 10,0 2,14 8,42 20,64 20,88 10,100 0,88 4,62 18,40 20,10",
            "50,8 30,0 8,10 14,34 44,60 50,84 26,100 2,84 12,58 56,14",
            "24,46 8,26 22,0 40,22 24,46 | 24,46 0,74 24,100 48,74 24,46",
            "30,48 12,22 34,0 50,22 22,52 6,80 30,100 50,78 30,48",
        ),
        "9": (
            "48,20 24,0 0,22 12,46 36,44 48,20! 46,100",
            "46,14 24,0 2,16 6,40 30,44 46,14! 40,60 28,100",
            "48,20 24,0 0,22 12,46 38,42 48,18! 48,70 36,98 12,98 2,86",
            "46,10 20,0 0,22 14,44 44,34 48,12 44,60 20,100",
            "50,4 16,4 0,26 14,46 46,40 | 50,2 46,50 44,100",
            "44,22 28,0 4,14 2,38 24,46 42,30 46,8 44,70 24,100 4,92",
        ),
    }.items()
}
"""Digits as they are written in Europe and America, rare ways before all."""

NON_DIGITS: Mapping[str, Template] = {
    name: template(text)
    for name, text in {
        "A": "0,100 30,0! 60,100 | 12,60 48,60",
        "E": "0,0 0,100 | 50,0 0,0 | 0,48 40,48 | 0,100 50,100",
        "F": "0,0 0,100 | 50,0 0,0 | 0,48 40,48",
        "H": "0,0 0,100 | 56,0 56,100 | 0,50 56,50",
        "K": "0,0 0,100 | 52,0 0,56! 54,100",
        "M": "0,100 0,0! 36,60! 72,0! 72,100",
        "N": "0,100 0,0! 56,100! 56,0",
        "R": "0,100 0,0! 44,6 48,40 0,48 | 20,48 54,100",
        "W": "0,0 18,100! 40,30! 62,100! 80,0",
        "X": "0,0 60,100 | 60,0 0,100",
        "T": "0,0 70,0 | 35,0 35,100",
        "V": "0,0 30,100! 60,0",
        "e": "0,50 46,50 46,14 22,0 0,40 6,84 30,100 54,84",
        "h": "0,0 0,100! 4,60 30,44 44,60 44,100",
        "m": "0,40 0,100! 4,56 24,42 38,56 38,100! 42,56 62,42 76,56 76,100",
        "k": "0,0 0,100 | 40,36 0,70! 44,100",
        "U": "0,0 0,70 18,100 46,100 62,70 62,0",
        "C": "60,14 36,0 8,16 0,50 8,84 36,100 60,86",
        "a": "44,50 24,36 4,50 0,76 14,98 36,94 46,70! 48,40! 50,98 60,98",
        "t": "20,0 20,80 34,100 | 0,32 44,32",
        "P": "0,100 0,0! 40,6 48,28 36,48 0,52",
        "J": "40,0 40,80 24,100 4,92 | 16,0 64,0",
        "d": "40,0 40,100 | 40,52 22,40 2,56 4,90 24,100 40,84",
        "q": "38,100 40,40! 18,44 2,66 6,94 26,100 40,76",
        "printed a": "4,44 22,38 38,50 40,100! 50,98 | 38,66 12,66 2,84 14,100 38,86",
        "f": "44,4 28,0 20,16 20,100 | 0,44 42,44",
        "f with a tail": "50,8 34,0 22,14 22,70 14,100 0,92 | 4,46 46,46",
        "n": "0,40 0,100! 4,58 22,40 36,52 38,100",
        "p": "0,36 2,100! 0,60 20,38 40,54 36,84 14,92 0,80",
        "t with a bow": "20,0 20,84 34,98 46,88 | 2,34 42,30",
        "u": "0,40 0,80 16,98 36,86 42,40! 44,100",
        "v": "0,40 20,100! 42,40",
        "w": "0,40 14,100! 28,50! 42,100! 58,40",
        "x": "0,40 44,100 | 44,40 0,100",
        "r": "0,42 4,100 | 4,64 18,44 38,42",
        "angular r": "0,42 2,100! 2,60 16,40 32,46",
        "ampersand": "60,100 10,30 16,4 34,4 36,24 4,66 6,92 26,100 62,54",
        "question mark": "4,20 18,0 42,6 44,30 24,48 22,72 | 22,94 23,99",
        "small question mark": "2,16 22,0 40,14 36,34 18,52 18,70 | 18,92 18,96",
        "at sign": "70,60 54,40 36,56 44,74 64,66 68,44! 74,76 92,62 84,16 50,0 10,18 0,56 20,90 "
        "60,100",
        "curled E": "40,6 14,0 2,16 18,30 36,40! 0,60 6,90 40,98",
        "minus": "0,50 100,50",
        "equals": "0,40 90,40 | 0,70 90,70",
        "plus": "45,0 45,90 | 0,45 90,45",
        "square": "0,0 0,80! 80,80! 80,0! 0,0",
        "heart": "50,20 30,0 4,8 0,36 50,90! 100,36 96,8 70,0 50,20",
        "star": "50,0 20,95! 98,36! 2,36! 80,95! 50,0",
        "hash": "30,0 22,100 | 66,0 58,100 | 0,34 90,34 | 0,66 90,66",
        "knot": "40,50 50,40 60,52 48,66 32,54 40,30 66,32 74,60 46,84 14,62 26,14 72,8",
        "arrow left": "100,40 0,40! 30,10 | 0,40 30,70",
        "arrow left in one": "100,40 0,40! 30,10! 0,40! 30,70",
        "arrow right": "0,40 100,40! 70,10 | 100,40 70,70",
        "arrow right in one": "0,40 100,40! 70,10! 100,40! 70,70",
        "arrow up": "40,100 40,0! 10,30 | 40,0 70,30",
        "arrow up in one": "40,100 40,0! 10,30! 40,0! 70,30",
        "arrow down": "40,0 40,100! 10,70 | 40,100 70,70",
        "arrow down in one": "40,0 40,100! 10,70! 40,100! 70,70",
        "cross": "0,0 90,100 | 90,0 0,100",
    }.items()
}
"""Letters and signs that no digit looks like, by their names."""


def draw(template: Template, rng: np.random.Generator) -> list[Floats]:
    """Return strokes (n, 2) through a template's points, each moved a little."""
    return [_curve(_wobbled(stroke, rng)) for stroke in template]


def draw_reject(rng: np.random.Generator, *, digits: bool) -> list[Floats]:
    """Return strokes that should be refused: scribbles, and where digits are read, letters too."""
    if digits and rng.random() < 0.5:
        known = [*NON_DIGITS.values()]
        return draw(known[int(rng.integers(len(known)))], rng)
    return scribble(rng)


def scribble(rng: np.random.Generator) -> list[Floats]:
    """Return strokes (n, 2) that mean nothing: a wandering line, hatching, or taps."""
    kind = rng.integers(3)
    if kind == 0:  # a pen that wanders
        turns = rng.normal(0, rng.uniform(0.5, 1.2), rng.integers(50, 120)).cumsum()
        steps = np.stack([np.cos(turns), np.sin(turns)], 1) * rng.uniform(4, 14, (len(turns), 1))
        return [steps.cumsum(axis=0)]
    if kind == 1:  # to and fro
        n = int(rng.integers(6, 18))
        along = np.linspace(0, 100, n) + rng.normal(0, 5, n)
        across = np.where(np.arange(n) % 2, 100, 0) * rng.uniform(0.4, 1.2) + rng.normal(0, 9, n)
        angle = rng.uniform(0, math.pi)
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        return [_curve(np.stack([along, across], 1) @ turn)]
    # several strokes anywhere, the short ones taps
    return [
        _curve(rng.uniform(0, 100, 2) + rng.normal(0, rng.choice([2, 40]), (rng.integers(2, 6), 2)))
        for _ in range(rng.integers(3, 7))
    ]


def _wobbled(points: Floats, rng: np.random.Generator) -> Floats:
    """Move points at random; the two halves of a corner stay together."""
    moves = rng.normal(0, _WOBBLE, points.shape)
    again = np.flatnonzero((points[1:] == points[:-1]).all(axis=1)) + 1
    moves[again] = moves[again - 1]
    return points + moves


def _curve(points: Floats) -> Floats:
    """Return the Catmull-Rom curve through points (n, 2), _SAMPLES to a piece."""
    p = np.concatenate([points[:1], points, points[-1:]])
    t = np.arange(_SAMPLES)[None, :, None] / _SAMPLES
    a, b, c, d = (p[i : len(p) - 3 + i, None] for i in range(4))
    curve = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.concatenate([curve.reshape(-1, 2), points[-1:]])
