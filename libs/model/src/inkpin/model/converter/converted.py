"""The converter's result: C that can be run, written and measured."""

import ctypes
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from inkpin.model import hostcc
from inkpin.model.bits import pack_rows
from inkpin.model.converter.costs import Costs, network_costs, recogniser_costs
from inkpin.model.converter.emit import c_name, emit
from inkpin.model.converter.graph import read
from inkpin.model.converter.lower import lower
from inkpin.model.files import read_bytes, replacing
from inkpin.preprocess import InputError

C_FOLDER = Path(__file__).parent.parent / "c"
"""The hand-written C: the kernels, and the prediction on top of them."""

KERNELS = ("ink_kernels.h", "ink_kernels.c")


class Converted:
    """A network as C.

    Args:
        model: the bytes of an ONNX file.
        file: its name, for messages.
        name: of the C files and identifiers.

    Attributes:
        source: the C.
        lowered: the network in integers.
    """

    def __init__(self, model: bytes, file: str, name: str) -> None:
        graph = read(model, file)
        try:
            self.lowered = lower(graph)
            self.source = emit(self.lowered, name, model, graph.metadata)
        except InputError as error:
            raise InputError(f"{file}: {error}") from error
        self._model, self._metadata = model, graph.metadata
        self._input_shape = graph.shapes[graph.input]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Run the C, compiled for this machine.

        Args:
            x: the graph's input, float, of its shape with any batch.

        Returns:
            The graph's output, float32 (batch, classes).
        """
        rows = np.asarray(x, np.float32).reshape(-1, *self._input_shape[1:])
        return np.stack([self._logits(row) for row in rows]) * np.float32(self.lowered.output_scale)

    def _logits(self, row: np.ndarray) -> np.ndarray:
        data = self._input_bytes(row)
        logits = np.zeros(self.lowered.layers[-1].out_shape[0], np.int32)
        arena = ctypes.create_string_buffer(self.source.arena)
        self._run(data.ctypes.data, logits.ctypes.data, arena)
        return logits.astype(np.float32)

    def _input_bytes(self, row: np.ndarray) -> np.ndarray:
        """Return one input as the C takes it."""
        if self.lowered.input_scale is None:
            return pack_rows(row.reshape(row.shape[-2:]) > 0)
        return np.clip(np.rint(row / self.lowered.input_scale), 0, 255).astype(np.uint8)

    @cached_property
    def _run(self) -> Any:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            self.write(folder, kernels=False)
            sources = [folder / f"{self.source.name}.c", C_FOLDER / "ink_kernels.c"]
            library = hostcc.load(sources, [folder, C_FOLDER])
        run = getattr(library, f"{self.source.name}_run")
        run.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p]
        run.restype = None
        return run

    def write(self, folder: Path, *, kernels: bool = True) -> list[Path]:
        """Write NAME.h, NAME.c and the kernels; return the files.

        Args:
            folder: is made if it is missing.
            kernels: write the kernel library as well.

        Raises:
            InputError: the folder cannot be written to.
        """
        files = self.source.write(folder)
        for name in KERNELS if kernels else ():
            with replacing(folder / name) as file:
                file.write((C_FOLDER / name).read_bytes())
            files.append(folder / name)
        return files

    @cached_property
    def report(self) -> dict[str, Any]:
        """What the network costs, as `inkpin-model convert --json` prints it.

        Bytes are by target, None where its compiler is missing; `ram_bytes` is of a Cortex-M0+ and
        counts input, arena, scores and the deepest stack. `recogniser`, for a network that reads
        drawings, counts stroke buffer, preprocess and prediction as well.
        """
        layers = self.lowered.layers
        report = {
            **_bytes(network_costs(self.source, layers[0], C_FOLDER)),
            "arena_bytes": self.source.arena,
            "macs": sum(layer.macs for layer in layers),
            "ops": self.lowered.kinds,
            "dropped": [],
        }
        if self.source.reads_drawings:
            digits = emit(self.lowered, "digits", self._model, self._metadata)
            report["recogniser"] = _bytes(recogniser_costs(digits, C_FOLDER))
        return report


def _bytes(costs: Costs) -> dict[str, Any]:
    ram = costs["cortex-m0plus"]
    return {
        "flash_bytes": {target: cost and cost.flash for target, cost in costs.items()},
        "ram_bytes": ram and ram.ram,
    }


def convert(model: Path | str | bytes | onnx.ModelProto, *, name: str | None = None) -> Converted:
    """Return a quantised ONNX classifier as fixed-point C.

    Args:
        model: a file, its bytes, or the model itself.
        name: of the C files and identifiers; by default the file's, else "model".

    Raises:
        InputError: the model cannot be converted exactly; the message names the node.
    """
    if isinstance(model, onnx.ModelProto):
        model = model.SerializeToString(deterministic=True)
    if isinstance(model, bytes):
        return Converted(model, "the model", name or "model")
    path = Path(model)
    return Converted(read_bytes(path, "export it again"), str(path), name or c_name(path.stem))
