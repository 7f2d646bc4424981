"""Small graphs for the tests: quantised networks of random weights, and any graph as text."""

import numpy as np
import onnx
import onnx.parser
from onnx import numpy_helper

from inkpin.model.export import Layer, to_onnx

STEP = 2.0**-3


def random_layers(rng, side, channels, pools, classes, bits=4):
    """Return a chain of 3x3 convolutions and a dense layer, weights of `bits` bits."""
    layers, into, scale = [], 1, 1.0
    low, high = -(1 << (bits - 1)), 1 << (bits - 1)
    for i, (out, pool) in enumerate(zip(channels, pools, strict=True)):
        side = (side - 2) // pool
        layers.append(
            Layer(
                name=f"conv{i}",
                weights=rng.integers(low, high, (out, into, 3, 3)).astype(np.int8),
                bias=rng.integers(-60, 60, out).astype(np.int32),
                weight_scales=2.0 ** rng.integers(-5, 0, out).astype(np.float32),
                input_scale=scale,
                output_scale=STEP,
                output_max=255,
                pool=pool,
            )
        )
        into, scale = out, STEP
    layers.append(
        Layer(
            name="dense",
            weights=rng.integers(low, high, (classes, into, side, side)).astype(np.int8),
            bias=rng.integers(-90, 90, classes).astype(np.int32),
            weight_scales=np.ones(classes, np.float32),
            input_scale=scale,
            output_scale=None,
            output_max=0,
            pool=1,
        )
    )
    return layers


def random_model(seed=0, side=12, channels=(3, 4), pools=(2, 1), classes=4, metadata=None):
    """Return a network of random weights as an ONNX model."""
    rng = np.random.default_rng(seed)
    return to_onnx(random_layers(rng, side, channels, pools, classes), side, metadata or {})


def graph(nodes, constants, shape, element="float"):
    """Return a model with one input x and one output y.

    Args:
        nodes: in ONNX's text form; they are named by operator and first output, "relu_y".
        constants: arrays by name.
        shape: of x; "n" for a batch that is open.
        element: type of x.
    """
    sides = ", ".join(map(str, shape))
    opsets = '["" : 21, "ai.onnx.ml" : 3]'
    head = f"<ir_version: 10, opset_import: {opsets}> graph ({element}[{sides}] x) => (y)"
    model = onnx.parser.parse_model(f"{head} {{{nodes}}}")
    for node in model.graph.node:
        node.name = f"{node.op_type.lower()}_{node.output[0]}"
    model.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    model.graph.initializer.extend(
        numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()
    )
    return onnx.shape_inference.infer_shapes(model)
