"""Damaged models are refused in one line; what still converts is a network of fixed size."""

import struct
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inkpin.common import InputError
from inkpin.model import convert

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.onnx"))
HARMS = ["cut", "flip", "zero", "noise", "attribute", "dims", "swap", "type"]


def damaged(data, harm, rng):
    """Return a model's bytes with one thing wrong."""
    data = bytearray(data)
    at = int(rng.integers(len(data)))
    if harm == "cut":
        del data[at:]
    elif harm == "flip":
        data[at] ^= 1 << int(rng.integers(8))
    elif harm == "zero":
        data[at : at + 40] = bytes(40)
    elif harm == "noise":
        data[at : at + 8] = rng.bytes(8)
    else:
        return _mutated(onnx.load_from_string(bytes(data)), harm, rng).SerializeToString()
    return bytes(data)


def _mutated(model, harm, rng):
    graph = model.graph
    node = graph.node[int(rng.integers(len(graph.node)))]
    extreme = int(rng.choice([-1, 0, 1, 3, 255, 65536, 2**31 - 1, 2**31, 2**40, -(2**63)]))
    if harm == "attribute" and node.attribute:
        attribute = node.attribute[int(rng.integers(len(node.attribute)))]
        if attribute.ints:
            attribute.ints[int(rng.integers(len(attribute.ints)))] = extreme
        elif attribute.HasField("i"):
            attribute.i = extreme
        elif attribute.HasField("f"):
            attribute.f = float(rng.choice([np.nan, np.inf, -1, 1e30]))
        elif attribute.HasField("s"):
            attribute.s = rng.bytes(4)
    elif harm == "dims" and graph.initializer:
        tensor = graph.initializer[int(rng.integers(len(graph.initializer)))]
        if tensor.dims:
            tensor.dims[int(rng.integers(len(tensor.dims)))] = extreme
        elif len(tensor.raw_data) == 4:
            tensor.raw_data = struct.pack("<f", float(rng.choice([np.nan, np.inf, 0, -1, 1e-40])))
    elif harm == "swap" and node.input:
        names = [name for other in graph.node for name in (*other.input, *other.output)]
        place = int(rng.integers(len(node.input)))
        node.input[place] = names[int(rng.integers(len(names)))]
    elif harm == "type":
        kinds = sorted({other.op_type for other in graph.node} | {"Conv", "Pad", "Split", "Concat"})
        node.op_type = kinds[int(rng.integers(len(kinds)))]
    return model


def survives(path, harm, seed):
    """Convert a damaged fixture; return whether it was refused, in one line."""
    rng = np.random.default_rng(seed)
    data = damaged(path.read_bytes(), harm, rng)
    images = rng.random((4, 784)).astype(np.float32)
    given = "qdq" in path.stem or "qoperator" in path.stem
    try:
        converted = convert(data, None if given else images)
    except InputError as error:
        message = str(error)
    else:
        message = ""
        assert converted.source.arena < 1 << 24
    assert "\n" not in message
    return bool(message)


@settings(max_examples=60)
@given(st.sampled_from(FIXTURES), st.sampled_from(HARMS), st.integers(0, 2**32 - 1))
@example(FIXTURES[0].with_name("lenet_qoperator.onnx"), "zero", 1519)  # a channel's scale is 0
def test_a_damaged_model_is_refused_in_one_line_or_converted(path, harm, seed):
    survives(path, harm, seed)


def test_external_data_cycles_and_missing_initialisers_are_refused():
    path = FIXTURES[0]
    model = onnx.load(path)
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    with pytest.raises(InputError, match="another file"):
        convert(model)
    model = onnx.load(path)
    model.graph.node[0].input[0] = model.graph.node[-1].output[0]
    with pytest.raises(InputError, match="not a valid ONNX model"):
        convert(model)
    model = onnx.load(path)
    del model.graph.initializer[:]
    with pytest.raises(InputError, match="not a valid ONNX model"):
        convert(model)
