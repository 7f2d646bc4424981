"""The C that the device runs, compiled for this machine, behind the Python classes' interfaces."""

import ctypes
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np

from inkpin import preprocess
from inkpin.common import InputError, host_compiler
from inkpin.common.arrays import AnyArray, Bitmap
from inkpin.common.installation import typed
from inkpin.model.converter.converted import Converted, convert
from inkpin.model.inference.recogniser import SHIPPED, Prediction
from inkpin.preprocess import CAPACITY, DIRECT, NORMALISED, SIDE, Strokes, Unread
from inkpin.preprocess.packing import pack_rows, unpack_rows

INK_MODES = {NORMALISED: 0, DIRECT: 1}
"""`ink_mode` of ink_preprocess.h."""

_PREPROCESS = preprocess.C_FOLDER / "ink_preprocess.c"


@contextmanager
def recogniser_sources(converted: Converted) -> Iterator[tuple[list[Path], list[Path]]]:
    """Yield the C files from touch points to a prediction, and the folders that they include.

    For C around them, that knows no network's name, there is a model.h: MODEL is the ink_model,
    MEMORY the words that it works in.

    Args:
        converted: a network that reads drawings.

    Raises:
        InputError: the network does not.
    """
    if not converted.source.reads_drawings:
        raise InputError(
            "the network does not read 28x28 bits, or has no labels or no confidence table: "
            f"take a model that `{typed('inkpin-model train')}` wrote"
        )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        sources = [path for path in converted.write(folder) if path.suffix == ".c"]
        name = converted.source.name
        (folder / "model.h").write_text(
            f'#include "{name}.h"\n'
            f"#define MODEL {name}_model\n#define MEMORY {name.upper()}_MEMORY\n"
        )
        yield [*sources, _PREPROCESS], [folder, preprocess.C_FOLDER]


class _Strokes(ctypes.Structure):
    """`ink_strokes` of ink_preprocess.h."""

    _fields_ = (
        ("points", ctypes.c_uint8 * 2 * CAPACITY),
        ("count", ctypes.c_uint16),
        ("gap", ctypes.c_uint16),
        ("overflow", ctypes.c_bool),
    )


@cache
def _preprocess() -> ctypes.CDLL:
    library = host_compiler.load([_PREPROCESS], [preprocess.C_FOLDER])
    library.ink_strokes_legible.restype = ctypes.c_bool
    library.ink_strokes_unread.argtypes = (ctypes.c_void_p, ctypes.c_bool)
    return library


class CStrokes(Strokes):
    """What `inkpin.preprocess.Strokes` does, in C."""

    def __init__(self) -> None:
        self._library = _preprocess()
        self._strokes = _Strokes()
        super().__init__()

    def clear(self) -> None:
        """Forget all ink."""
        self._library.ink_strokes_clear(ctypes.byref(self._strokes))

    def point(self, x: int, y: int) -> None:
        """Add a touch sample."""
        self._library.ink_strokes_point(ctypes.byref(self._strokes), x, y)

    def up(self) -> None:
        """End the stroke, if one was begun."""
        self._library.ink_strokes_up(ctypes.byref(self._strokes))

    @property
    def points(self) -> list[tuple[int, int]]:
        """The entries held, points and pen-ups."""
        return [tuple(point) for point in self._strokes.points[: self._strokes.count]]

    @property
    def overflow(self) -> bool:
        """Whether the drawing filled the buffer in spite of thinning."""
        return bool(self._strokes.overflow)

    @property
    def legible(self) -> bool:
        """Whether the ink is worth reading."""
        return bool(self._library.ink_strokes_legible(ctypes.byref(self._strokes)))

    def unread(self, *, likely: bool) -> Unread:
        """Return why the ink was not read."""
        return Unread(self._library.ink_strokes_unread(ctypes.byref(self._strokes), likely))

    def bitmap(self, mode: str = NORMALISED) -> Bitmap:
        """Return the ink as a bitmap."""
        rows = np.full(SIDE, 0xFFFFFFFF, np.uint32)  # the C is to write all of it
        self._library.ink_strokes_bitmap(
            ctypes.byref(self._strokes), INK_MODES[mode], rows.ctypes.data_as(ctypes.c_void_p)
        )
        return unpack_rows(rows)


class _Result(ctypes.Structure):
    """`ink_prediction` of ink_predict.h."""

    _fields_ = (
        ("label", ctypes.c_char_p),
        ("logits", ctypes.POINTER(ctypes.c_int32)),
        ("best", ctypes.c_uint8),
        ("confidence", ctypes.c_uint8),
    )


class CRecogniser:
    """What `inkpin.model.Recogniser` does, in C.

    Args:
        converted: a network that reads drawings.

    Raises:
        InputError: there is no C compiler.
    """

    def __init__(self, converted: Converted) -> None:
        self.labels = converted.source.labels
        with recogniser_sources(converted) as (sources, include):
            self._library = host_compiler.load(sources, include)
        self._library.ink_second.restype = ctypes.c_char_p
        # What is behind the pointer, the C alone has to know.
        self._model = ctypes.c_char.in_dll(self._library, f"{converted.source.name}_model")
        self._memory = (ctypes.c_int32 * converted.source.memory)()

    @classmethod
    def load(cls, path: Path = SHIPPED) -> "CRecogniser":
        """Return the C of an ONNX file, converted and compiled.

        Raises:
            InputError: the file is missing or cannot be converted, or there is no C compiler.
        """
        return cls(convert(path))

    def predictions(self, bitmaps: AnyArray) -> list[Prediction]:
        """Return what the network makes of bitmaps (n, 28, 28)."""
        return [self.predict(bitmap) for bitmap in bitmaps]

    def predict(self, bitmap: AnyArray) -> Prediction:
        """Return what the network makes of one bitmap (28, 28)."""
        result = self._result(bitmap)
        return Prediction(
            label=result.label.decode() if result.label is not None else None,
            best=result.best,
            confidence=result.confidence,
            logits=np.array(result.logits[: len(self.labels)], np.int32),
        )

    def second(self, bitmap: AnyArray) -> str | None:
        """Return the label behind the best one of a bitmap (28, 28), None where none is likely."""
        result = self._result(bitmap)
        label: bytes | None = self._library.ink_second(
            ctypes.byref(self._model), ctypes.byref(result)
        )
        return label.decode() if label is not None else None

    def _result(self, bitmap: AnyArray) -> _Result:
        rows = pack_rows(bitmap)
        result = _Result()
        self._library.ink_predict(
            ctypes.byref(self._model),
            self._memory,
            rows.ctypes.data_as(ctypes.c_void_p),
            ctypes.byref(result),
        )
        return result
