"""What the arrays are called that go from room to room; docstrings give their shapes."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.integer]
"""Integers of any width."""

Floats = npt.NDArray[np.floating]
"""Floats of either width."""

Bitmap = npt.NDArray[np.bool_]
"""(28, 28), true where there is ink."""

Bitmaps = npt.NDArray[np.bool_]
"""(n, 28, 28) likewise."""

GreyImages = npt.NDArray[np.uint8]
"""(n, 28, 28), bright ink on black: 255 is all ink, 0 none."""

Targets = npt.NDArray[np.int64]
"""(n,), for each sample the place of its label among the labels."""

Logits = npt.NDArray[np.int32]
"""(n, labels), or those of one sample, (labels,)."""

Points = npt.NDArray[np.integer]
"""(n, 2), x right and y down, in pixels; of a stroke in 0..239."""

Drawing = Sequence[Points]
"""Strokes in the order of writing."""

UnscaledDrawing = Sequence[Points] | Sequence[Floats]
"""Strokes of any unit."""

Times = npt.NDArray[np.int64]
"""(n,), the ms of a stroke's points."""

AnyArray = npt.NDArray[np.generic]
"""An array of anything."""
