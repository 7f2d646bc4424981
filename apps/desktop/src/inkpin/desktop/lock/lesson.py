"""How a drawing becomes bits, as scenes to look at one after the other.

All geometry is in the unit square: (0, 0) is the top left corner of the drawing area, or of the
grid of 28x28 cells, and (1, 1) the bottom right one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inkpin.common.arrays import Bitmap, Drawing, Floats, Points
from inkpin.common.words import counted
from inkpin.desktop.percent import PERCENT
from inkpin.model.inference.recogniser import Prediction
from inkpin.preprocess import AREA, BOX, MARGIN, MIN_EXTENT, SIDE, UNIT, fit_to_box
from inkpin.preprocess.steps import Steps, explained

_POINTS_A_SCENE = 3
_LOOK_MS = 2600  # to read a caption of two lines


@dataclass(frozen=True, eq=False)
class Scene:
    """One picture, and words.

    Attributes:
        chapter: number of the step that it belongs to, from 1.
        caption: what is seen.
        milliseconds: to look at it.
        strokes: each (n, 2).
        box: left, top, right, bottom of a frame to show.
        cells: those that are set, or None without the grid.
        centre: of mass, a point to mark.
    """

    chapter: int
    caption: str
    milliseconds: int
    strokes: Sequence[Floats] = ()
    box: tuple[float, float, float, float] | None = None
    cells: Bitmap | None = None
    centre: tuple[float, float] | None = None


def scenes(strokes: Drawing, prediction: Prediction | None = None) -> list[Scene]:
    """Return the scenes of a drawing.

    Args:
        strokes: of the drawing.
        prediction: what the network makes of it, for the last caption.
    """
    steps = explained(strokes)
    if steps.box is None or steps.centre is None:
        return [Scene(1, "Nothing is drawn.", _LOOK_MS)]
    return [*_drawing(steps.strokes), *_framing(steps), *_bits(steps, prediction)]


def _drawing(strokes: Drawing) -> list[Scene]:
    """Return the strokes as they grow."""
    many = counted(sum(map(len, strokes)), "point")
    words = f"A stroke is a row of touch points: {len(strokes)} with {many} in all."
    grown: list[Scene] = []
    done: list[Floats] = []
    for stroke in strokes:
        points = _on_paper(stroke)
        ends = range(1, len(stroke), _POINTS_A_SCENE)
        grown += [Scene(1, words, 40, [*done, points[:end]]) for end in ends]
        done = [*done, points]
    return [*grown, Scene(1, words, _LOOK_MS // 2, done)]


def _framing(steps: Steps) -> list[Scene]:
    assert steps.box is not None
    x0, y0, x1, y1 = steps.box
    w, h = x1 - x0 + 1, y1 - y0 + 1
    paper = [_on_paper(stroke) for stroke in steps.strokes]
    box = (x0 / AREA, y0 / AREA, (x1 + 1) / AREA, (y1 + 1) / AREA)
    lines = _in_box(steps.strokes)
    inner = (MARGIN / SIDE, (MARGIN + BOX) / SIDE)
    empty = np.zeros((SIDE, SIDE), bool)
    size = f"The box around the ink is {w} x {h} pixels."
    if not steps.legible:
        size += f" That is too little to read: one side needs {MIN_EXTENT} pixels."
    return [
        Scene(2, size, _LOOK_MS, paper, box),
        Scene(
            3,
            f"Its longer side becomes {BOX} of {SIDE} cells, so size and place no longer matter. "
            "The shorter one grows a little: slim loops stay open.",
            _LOOK_MS,
            lines,
            (inner[0], inner[0], inner[1], inner[1]),
            empty,
        ),
    ]


def _bits(steps: Steps, prediction: Prediction | None) -> list[Scene]:
    assert steps.centre is not None
    lines = _in_box(steps.strokes)
    x, y = ((value + 0.5) / SIDE for value in steps.centre)
    right, down = steps.shift
    moved = (x + right / SIDE, y + down / SIDE)
    answer = f"These {SIDE} x {SIDE} bits are all that the network sees."
    if prediction is not None:
        answer += f" It reads {prediction.label or 'nothing it is sure of'}"
        answer += f", with a confidence of {prediction.confidence}{PERCENT}."
    return [
        Scene(
            4,
            "Each cell under the pen is set; the pen is two cells wide.",
            _LOOK_MS,
            lines,
            cells=steps.uncentred,
        ),
        Scene(
            5, "The cross is the centre of mass.", _LOOK_MS, cells=steps.uncentred, centre=(x, y)
        ),
        Scene(
            5,
            f"It moves to the middle by whole cells: {_way(right, 'right', 'left')}, "
            f"{_way(down, 'down', 'up')}.",
            _LOOK_MS,
            cells=steps.bitmap,
            centre=moved,
        ),
        Scene(6, answer, _LOOK_MS, cells=steps.bitmap),
    ]


def _way(cells: int, ahead: str, back: str) -> str:
    return f"{abs(cells)} {ahead if cells >= 0 else back}"


def _on_paper(stroke: Points) -> Floats:
    return (stroke + 0.5) / AREA


def _in_box(strokes: Drawing) -> list[Floats]:
    """Return where strokes lie on the grid once the ink has its size in the box."""
    cells = fit_to_box(np.concatenate(strokes)) / UNIT
    # The pen's middle is the corner of the four cells that it sets.
    lines = (cells + MARGIN + 1) / SIDE
    return np.split(lines, np.cumsum([len(stroke) for stroke in strokes])[:-1])
