"""Weights that lie beside an ONNX file, as PyTorch's exporter leaves them."""

from collections.abc import Iterator
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from inkpin.common import InputError

_LARGEST = 1 << 26  # bytes of a tensor; no microcontroller takes more

_REMEDY = "put it beside the model, or save that as one file"


def embedded(model: bytes, folder: Path) -> bytes:
    """Return an ONNX file with the weights that lie in other files within it.

    Args:
        model: its bytes; what cannot be read is returned as it is.
        folder: of the file, which no path leads out of.

    Raises:
        InputError: a file beside it is missing, too short or elsewhere.
    """
    if b"location" not in model:
        return model
    try:
        proto = onnx.load_model_from_string(model)
    except DecodeError:
        return model
    outside = [t for t in tensors(proto) if t.data_location == onnx.TensorProto.EXTERNAL]
    for tensor in outside:
        tensor.raw_data = _data(tensor, folder)
        tensor.data_location = onnx.TensorProto.DEFAULT
        del tensor.external_data[:]
    return proto.SerializeToString(deterministic=True) if outside else model


def tensors(proto: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Yield the constants of a graph and of its nodes."""
    yield from proto.graph.initializer
    for node in proto.graph.node:
        yield from (attribute.t for attribute in node.attribute if attribute.HasField("t"))


def _data(tensor: onnx.TensorProto, folder: Path) -> bytes:
    """Return the bytes of a tensor."""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    name = entries.get("location", "")
    place, root = (folder / name).resolve(), folder.resolve()
    # A link inside the folder that leads out of it leads out of it.
    if not name or root not in place.parents:
        raise InputError(f"{tensor.name!r} lies in {name!r}, outside the model's folder: {_REMEDY}")
    said = f"{tensor.name!r} lies in {name!r}, which is"
    try:
        start, length = int(entries.get("offset", 0)), int(entries.get("length", -1))
        rest = place.stat().st_size - start
        if start < 0 or not place.is_file():
            raise ValueError("not a file, or not a place in it")
        if rest < max(length, 0):
            raise InputError(f"{said} too short: {_REMEDY}")
        with place.open("rb") as file:
            file.seek(start)
            return file.read(min(rest if length < 0 else length, _LARGEST))
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{said} not there: {_REMEDY}") from error
