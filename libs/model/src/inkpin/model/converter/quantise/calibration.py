"""Calibration data: what the inputs of a float model look like."""

import itertools
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from inkpin.common import InputError
from inkpin.common.limits import check_arrays
from inkpin.model.converter.ir import Input, Program, size
from inkpin.model.converter.quantise.pictures import read_pictures


@runtime_checkable
class DataReader(Protocol):
    """What onnxruntime.quantization.CalibrationDataReader is."""

    def get_next(self) -> Mapping[str, np.ndarray] | None:
        """Return the next arrays by the names of the inputs; None behind the last."""


Calibration = DataReader | Mapping[str, Any] | np.ndarray | Iterable[Any] | Path | str

_ELEMENTS = 12_000_000  # of all values of all samples, kept as floats at once
_MOST = 10_000  # samples that are taken of what might never end


def load(calibration: Calibration, program: Program) -> dict[str, np.ndarray]:
    """Return samples of every input, (samples, ...) as in the graph, evenly picked if many.

    Args:
        calibration: arrays by the names of the inputs: a mapping, an .npz file, onnxruntime's
            CalibrationDataReader, or any iterable of such mappings. For a network of one input
            also its array (of any name), an .npy file, a folder of PNG files, or an iterable of
            samples. An array's first axis is the samples' (or their batches' of 1).
        program: the network.

    Raises:
        InputError: the data cannot be read, or an array is missing, of another shape, not finite.
    """
    samples = fitting(_arrays(calibration, program.inputs), program.inputs, "the calibration data")
    each = sum(size(shape) for shape in program.shapes.values())
    count = min(len(next(iter(samples.values()))), max(1, _ELEMENTS // each))
    return {
        name: array[np.linspace(0, len(array) - 1, count).astype(int)]
        for name, array in samples.items()
    }


def doubts(samples: Mapping[str, np.ndarray]) -> list[str]:
    """Return what is suspicious about calibration data, a line each."""
    found = []
    for name, array in samples.items():
        if len(array) == 1:
            found.append(f"the calibration data {name!r} are one sample: take some hundred")
        elif not array.any():
            found.append(f"the calibration data {name!r} are all zeros: take real samples")
        elif np.all(array == array[:1]):
            found.append(f"the calibration data {name!r} are all the same: take real samples")
    return found


def fitting(arrays: Mapping[str, Any], inputs: Sequence[Input], what: str) -> dict[str, np.ndarray]:
    """Return samples of every input, (samples, ...) as in the graph.

    Args:
        arrays: by the names of the inputs, (samples, ...); sides of 1 may be missing, and for one
            sample its axis.
        inputs: of the network.
        what: they are, for messages.

    Raises:
        InputError: an array is missing, of another shape or not finite.
    """
    samples = {}
    for given in inputs:
        if given.name not in arrays:
            raise InputError(
                f"{what} have no array {given.name!r} (they have "
                f"{', '.join(map(repr, arrays)) or 'none'}): name it like the graph's input"
            )
        try:
            array = np.asarray(arrays[given.name])
        except ValueError as error:
            raise InputError(f"{what} {given.name!r} are rows of different lengths") from error
        samples[given.name] = _shaped(array, f"{what} {given.name!r}", given.shape)
    if len({len(array) for array in samples.values()}) != 1:
        raise InputError(f"{what} have different numbers of samples for the inputs")
    return samples


def _arrays(calibration: Calibration, inputs: Sequence[Input]) -> dict[str, Any]:
    if isinstance(calibration, Path | str):
        return _named(_read(Path(calibration), inputs), inputs)
    if isinstance(calibration, Mapping | np.ndarray):
        return _named(calibration, inputs)
    if isinstance(calibration, DataReader):
        calibration = iter(calibration.get_next, None)
    if not isinstance(calibration, Iterable):
        kind = type(calibration).__name__
        raise InputError(f"calibration data are no {kind}: give arrays, samples or a file")
    parts = [
        fitting(_named(each, inputs), inputs, "the calibration data")
        for each in itertools.islice(calibration, _MOST)
    ]
    if not parts:
        raise InputError("the calibration data have no samples: give some hundred")
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _named(arrays: Any, inputs: Sequence[Input]) -> dict[str, Any]:
    """Return arrays by name; the only one is that of the only input."""
    if isinstance(arrays, Mapping):
        one = len(arrays) == len(inputs) == 1
        return {inputs[0].name: next(iter(arrays.values()))} if one else dict(arrays)
    if len(inputs) == 1:
        return {inputs[0].name: arrays}
    names = ", ".join(repr(given.name) for given in inputs)
    raise InputError(f"the network has several inputs: give calibration data for {names}")


def _read(path: Path, inputs: Sequence[Input]) -> Mapping[str, np.ndarray] | np.ndarray:
    if path.is_dir():
        return read_pictures(path, inputs)
    check_arrays(path)
    try:
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            return found
        with found:
            return dict(found)
    except OSError as error:
        reason = error.strerror or "not an .npz file"
        raise InputError(f"{path}: {reason}: name a file that numpy.savez wrote") from error
    except (ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not an .npz file: write it with numpy.savez") from error


def _shaped(array: np.ndarray, what: str, shape: tuple[int, ...]) -> np.ndarray:
    # The order of the sides counts: channels first and last are not the same.
    wanted = [side for side in shape if side > 1]
    given = [side for side in array.shape[1:] if side > 1]
    flat = len(wanted) < 2 or len(given) < 2
    fits = given == wanted or (flat and size(given) == size(wanted)) or array.shape == shape
    fits = fits or [side for side in array.shape if side > 1] == wanted
    if array.dtype.kind not in "fiub" or not array.size or not fits:
        raise InputError(
            f"{what}, {array.dtype} of shape {array.shape}, do not fit the input of shape {shape}"
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InputError(f"{what} have numbers that are not finite")
    return array.reshape(-1, *shape)
