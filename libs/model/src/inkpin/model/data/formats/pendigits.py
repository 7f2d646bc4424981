"""The UCI pen digits, original strokes: UNIPEN text in Unix compress, written by 30 people.

Of the format (I. Guyon, UNIPEN 1.0 Format Definition, 1994) this reads what the file uses:

    .SEGMENT DIGIT 10-11 ? "2"     a digit begins, here of two strokes; its label
    .COMMENT 2 12 7                the label again, the writer, the writer's sample
    .PEN_DOWN                      a stroke begins; its points follow, x right and y up
    .PEN_UP                        the stroke ends
    .DT 100                        ms until the next stroke begins
"""

from pathlib import Path

import numpy as np
import unlzw3

from inkpin.common import InputError
from inkpin.common.files import read_bytes
from inkpin.model.data.samples import Sample, scaled

BOX = 500
"""The largest coordinate: people wrote in a box of 500, and both its edges belong to it."""

SAMPLING = 100
"""ms from point to point, as the data set's description has it."""

_REMEDY = "run `inkpin-model fetch` again"


def load_pendigits(path: Path) -> list[Sample]:
    """Read `pendigits-orig.tra.Z` into samples.

    The 501 values of either axis are scaled to 240 as a canvas of 501: that fits every point,
    keeps the aspect, and leaves the digit where in the box it was written. `extra` holds the
    `writer` ("pendigits-12") and, as `key_id`, the writer and the sample ("pendigits-12-224").

    Raises:
        InputError: it cannot be read, or is no such file.
    """
    try:
        text = unlzw3.unlzw(read_bytes(path, _REMEDY)).decode("ascii")
    except ValueError as error:
        raise InputError(f"{path}: no text in Unix compress ({error}): {_REMEDY}") from error
    samples: list[Sample] = []
    points: list[tuple[int, int]] | None = None  # of the stroke, while the pen is down
    clock = 0  # ms since the digit's first point
    for number, line in enumerate(text.splitlines(), 1):
        try:
            match line.split():
                case [] | [".INCLUDE" | ".LEXICON" | ".HIERARCHY", *_]:
                    pass
                case [".SEGMENT", "DIGIT", _, "?", label]:
                    samples.append(Sample(label.strip('"'), [], []))
                    clock = 0
                case [".COMMENT", _, writer, which]:
                    name = f"pendigits-{int(writer)}"
                    samples[-1].extra.update(key_id=f"{name}-{int(which)}", writer=name)
                case [".PEN_DOWN"]:
                    points = []
                case [".PEN_UP"] if points:
                    samples[-1].strokes.append(scaled(np.array(points), (BOX + 1, BOX + 1)))
                    samples[-1].times.append(clock + SAMPLING * np.arange(len(points)))
                    clock += SAMPLING * (len(points) - 1)
                    points = None
                case [".DT", ms]:
                    clock += int(ms)
                case [x, y] if points is not None:
                    points.append((int(x), BOX - int(y)))
                case _:
                    raise ValueError(line)
        except (ValueError, IndexError) as error:
            message = f"not UNIPEN as these digits use it ({line.strip()[:40]!r})"
            raise InputError(f"{path}, line {number}: {message}: {_REMEDY}") from error
    return samples
