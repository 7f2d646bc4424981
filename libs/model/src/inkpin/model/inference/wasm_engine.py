"""The C that the device runs, as WebAssembly in Node: the fourth engine."""

from collections.abc import Sequence
from pathlib import Path

from inkpin import wasm
from inkpin.common.arrays import AnyArray, Drawing
from inkpin.model.converter.converted import Converted, convert
from inkpin.model.inference.c_engine import recogniser_sources
from inkpin.model.inference.engine import Reading
from inkpin.model.inference.engine_io import decode_readings, encode_bitmaps, encode_drawings
from inkpin.model.inference.recogniser import SHIPPED, Prediction
from inkpin.preprocess import NORMALISED

PAD = Path(__file__).with_suffix(".c")
"""The exports of a module that reads drawings, on a model.h as of `recogniser_sources`."""

_SCRIPT = Path(__file__).with_suffix(".mjs")


def module(converted: Converted) -> Path:
    """Return the WebAssembly module of a network that reads drawings.

    Raises:
        InputError: the network does not, or there is no toolchain.
    """
    with recogniser_sources(converted) as (sources, include):
        return wasm.build([*sources, PAD], include)


class WasmRecogniser:
    """An engine that runs in Node.

    Args:
        path: a module with the exports of PAD.
        labels: the texts of the classes of its network.

    Raises:
        InputError: there is no Node.
    """

    def __init__(self, path: Path, labels: tuple[str, ...]) -> None:
        wasm.node()
        self.labels = labels
        self._path = path

    @classmethod
    def load(cls, path: Path = SHIPPED) -> "WasmRecogniser":
        """Return the engine of an ONNX file.

        Raises:
            InputError: the file is missing or cannot be converted, or a tool is.
        """
        converted = convert(path)
        return cls(module(converted), converted.source.labels)

    def predictions(self, bitmaps: AnyArray) -> list[Prediction]:
        """Return what the network makes of bitmaps (n, 28, 28)."""
        return [reading.prediction for reading in self._readings(encode_bitmaps(bitmaps))]

    def readings(self, drawings: Sequence[Drawing], mode: str = NORMALISED) -> list[Reading]:
        """Return what becomes of drawings."""
        return self._readings(encode_drawings(drawings, mode))

    def _readings(self, work: bytes) -> list[Reading]:
        return decode_readings(wasm.run(_SCRIPT, str(self._path), data=work), self.labels)
