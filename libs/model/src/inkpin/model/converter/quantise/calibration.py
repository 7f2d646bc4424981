"""Calibration data: what the inputs of a float model look like."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.ir import Program, size

Calibration = Mapping[str, np.ndarray] | np.ndarray | Path | str

_ELEMENTS = 12_000_000  # of all values of all samples, kept as floats at once


def load(calibration: Calibration, program: Program) -> dict[str, np.ndarray]:
    """Return samples of every input, (samples, ...) as in the graph, evenly picked if many.

    Args:
        calibration: an .npz file or arrays by the names of the inputs; for a network of one input
            also its array. An array's first axis is the samples' (or their batches' of 1).
        program: the network.

    Raises:
        InputError: the file cannot be read, or an array is missing, of another shape or not finite.
    """
    if isinstance(calibration, Path | str):
        arrays = _read(Path(calibration))
    elif isinstance(calibration, Mapping):
        arrays = dict(calibration)
    elif len(program.inputs) == 1:
        arrays = {program.inputs[0].name: np.asarray(calibration)}
    else:
        names = ", ".join(repr(given.name) for given in program.inputs)
        raise InputError(f"the network has several inputs: give calibration data for {names}")
    samples = {}
    for given in program.inputs:
        if given.name not in arrays:
            raise InputError(
                f"the calibration data have no array {given.name!r} (they have "
                f"{', '.join(map(repr, arrays)) or 'none'}): name it like the graph's input"
            )
        samples[given.name] = _shaped(np.asarray(arrays[given.name]), given.name, given.shape)
    counts = {len(array) for array in samples.values()}
    if len(counts) != 1:
        raise InputError("the calibration data have different numbers of samples for the inputs")
    each = sum(size(shape) for shape in program.shapes.values())
    count = min(counts.pop(), max(1, _ELEMENTS // each))
    return {
        name: array[np.linspace(0, len(array) - 1, count).astype(int)]
        for name, array in samples.items()
    }


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise ValueError("one array")
            return dict(file)
    except OSError as error:
        reason = error.strerror or "not an .npz file"
        raise InputError(f"{path}: {reason}: name a file that numpy.savez wrote") from error
    except (ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not an .npz file: write it with numpy.savez") from error


def _shaped(array: np.ndarray, name: str, shape: tuple[int, ...]) -> np.ndarray:
    # The order of the sides counts: channels first and last are not the same.
    wanted = [side for side in shape if side > 1]
    given = [side for side in array.shape[1:] if side > 1]
    flat = len(wanted) < 2 or len(given) < 2
    fits = given == wanted or (flat and size(given) == size(wanted)) or array.shape == shape
    if array.dtype.kind not in "fiub" or not array.size or not fits:
        raise InputError(
            f"the calibration data {name!r}, {array.dtype} of shape {array.shape}, do not fit the "
            f"input of shape {shape}"
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InputError(f"the calibration data {name!r} have numbers that are not finite")
    return array.reshape(-1, *shape)
