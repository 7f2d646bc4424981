"""Networks that are quantised already, beside onnxruntime on the same bytes and numbers."""

import numpy as np
import onnx
import pytest
from graphs import graph
from onnx import helper

from inkpin.model import convert
from inkpin.model.onnx_runtime import onnxruntime

CODE = {"s": np.float32(0.05), "u": np.uint8(100), "i": np.int8(-28)}


def as_given(model):
    """Return a function from samples (n, ...) to what onnxruntime makes of the very graph."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return lambda x: np.stack([session.run(None, {"x": one[None]})[0].ravel() for one in x])


def assert_close(model, x, step):
    """The C is within a step of the last bytes everywhere, and equal nearly everywhere."""
    wanted = as_given(model)(x)
    got = convert(model).predict(x).reshape(wanted.shape)
    assert np.abs(got - wanted).max() <= 1.01 * step
    assert np.mean(np.abs(got - wanted) <= 0.01 * step) > 0.99


MOVES = {
    "Transpose": "m = Transpose <perm = [0, 3, 1, 2]> (x)",
    "Reshape": "m = Reshape (x, row)",
    "Flatten": "m = Flatten (x)",
    "MaxPool": "m = MaxPool <kernel_shape = [2, 1], strides = [2, 1]> (x)",
    "Slice": "m = Slice (x, one, three, axis)",
    "Pad": "m = Pad (x, pads, v)",
    "Pad by its own": 'm = Pad <mode = "reflect"> (x, pads)',
    "two": "t = Transpose <perm = [0, 3, 1, 2]> (x) m = Pad (t, pads, v)",
    "Concat": "a = Slice (x, one, three, axis) b = Flatten (a) c = Flatten (x) "
    "m = Concat <axis = 1> (b, c)",
}


@pytest.mark.parametrize("zero", ["u", "i"], ids=["uint8", "int8"])
@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_bytes_of_the_input_are_moved_before_they_mean_anything(rng, move, zero):
    dtype = CODE[zero].dtype
    constants = {
        **CODE,
        "row": np.array([1, 48]),
        "one": np.array([1]),
        "three": np.array([3]),
        "axis": np.array([1]),
        "pads": np.array([0, 0, 1, 1, 0, 0, 0, 2]),
        "v": np.array(77, dtype),
    }
    nodes = f"{move} d = DequantizeLinear (m, s, {zero}) y = Flatten (d)"
    model = graph(nodes, constants, [1, 4, 4, 3], dtype.name)
    limits = np.iinfo(dtype)
    x = rng.integers(limits.min, limits.max + 1, (20, 4, 4, 3)).astype(dtype)
    assert np.array_equal(convert(model).predict(x), as_given(model)(x))


def test_a_layer_on_bytes_reads_moved_ones_by_its_own_scale(rng):
    nodes = """
        t = Transpose <perm = [0, 3, 1, 2]> (x)
        q = QLinearConv (t, s, i, w, ws, wz, os, oz)
        d = DequantizeLinear (q, os, oz)
        y = Flatten (d)
    """
    constants = {
        **CODE,
        "w": rng.integers(-127, 128, (5, 3, 2, 2)).astype(np.int8),
        "ws": np.float32(0.01),
        "wz": np.int8(0),
        "os": np.float32(0.3),
        "oz": np.int8(5),
    }
    model = graph(nodes, constants, [1, 4, 4, 3], "int8")
    x = rng.integers(-128, 128, (20, 4, 4, 3)).astype(np.int8)
    assert_close(model, x, 0.3)


def test_moved_bytes_that_become_numbers_keep_their_sign(rng):
    nodes = """
        t = Transpose <perm = [0, 2, 1]> (x)
        c = Cast <to = 1> (t)
        y = Flatten (c)
    """
    model = graph(nodes, {}, [1, 3, 4], "int8")
    x = rng.integers(-128, 128, (20, 3, 4)).astype(np.int8)
    assert np.array_equal(convert(model).predict(x), x.swapaxes(1, 2).reshape(20, 12))


REQUANTISED = {
    "Transpose": ("m = Transpose <perm = [0, 2, 3, 1]> (r)", 72),
    "Reshape": ("m = Reshape (r, row)", 72),
    "Slice": ("m = Slice (r, one, three, axis)", 36),
    "two": ("l = Transpose <perm = [0, 2, 3, 1]> (r) m = Slice (l, one, three, axis)", 48),
    "MaxPool": ("m = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (r)", 8),
    "two roundings": (
        "l = Transpose <perm = [0, 2, 3, 1]> (r) lq = QuantizeLinear (l, t, three8) "
        "ld = DequantizeLinear (lq, t, three8) m = Transpose <perm = [0, 3, 1, 2]> (ld)",
        72,
    ),
}


@pytest.mark.parametrize(("move", "count"), REQUANTISED.values(), ids=REQUANTISED)
def test_a_move_between_two_quantisations_rounds_and_cuts(rng, move, count):
    # Zero point 0 before the move: this is where exporters leave a Relu.
    nodes = f"""
        q = QuantizeLinear (x, s, u)
        d = DequantizeLinear (q, s, u)
        c = Conv (d, w)
        cq = QuantizeLinear (c, t, none)
        r = DequantizeLinear (cq, t, none)
        {move}
        mq = QuantizeLinear (m, o, ninety)
        md = DequantizeLinear (mq, o, ninety)
        f = Flatten (md)
        y = MatMul (f, dense)
    """
    constants = {
        **CODE,
        "w": (rng.integers(-127, 128, (8, 3, 2, 2)) / 128).astype(np.float32),
        "t": np.float32(0.02),
        "none": np.uint8(0),
        "o": np.float32(0.01),
        "ninety": np.uint8(90),
        "three8": np.uint8(30),
        "row": np.array([1, -1]),
        "one": np.array([0]),
        "three": np.array([4 if count == 36 else 2]),
        "axis": np.array([1]),
        "dense": (rng.integers(-127, 128, (count, 4)) / 128).astype(np.float32),
    }
    model = graph(nodes, constants, [1, 3, 4, 4])
    x = rng.normal(0, 2, (40, 3, 4, 4)).astype(np.float32)
    wanted = as_given(model)(x)
    got = convert(model).predict(x)
    noise = np.square(got - wanted).sum() / np.square(wanted).sum()
    assert -10 * np.log10(noise) > 40


def test_a_factor_and_a_term_with_a_rounding_between_them_stay_two(rng):
    nodes = """
        q = QuantizeLinear (x, s, u)
        d = DequantizeLinear (q, s, u)
        a = Mul (d, k)
        aq = QuantizeLinear (a, s, none)
        ad = DequantizeLinear (aq, s, none)
        b = Add (ad, k)
        bq = QuantizeLinear (b, s, u)
        y = DequantizeLinear (bq, s, u)
    """
    constants = {**CODE, "k": np.float32([[0.471], [-0.713]]), "none": np.uint8(0)}
    model = graph(nodes, constants, [1, 2, 6])
    assert_close(model, rng.normal(0, 3, (40, 2, 6)).astype(np.float32), 0.05)


def test_flattened_batch_normalisation_before_a_dense_layer_of_bytes(rng):
    # What quantize_static makes of Conv, BatchNormalization, Flatten and Gemm as operators.
    model = graph(
        """
            q = QuantizeLinear (x, s, u)
            d = DequantizeLinear (q, s, u)
            n = BatchNormalization (d, g, h, h, g)
            f = Flatten (n)
            fq = QuantizeLinear (f, s, u)
            z = Identity (fq)
            y = DequantizeLinear (z, s, u)
        """,
        {
            **CODE,
            "g": np.float32([1, 2, 0.5]),
            "h": np.float32([0.1, -0.3, 0.4]),
            "w": rng.integers(-127, 128, (4, 12)).astype(np.int8),
            "ws": np.float32(0.01),
            "wz": np.int8(0),
            "os": np.float32(0.3),
        },
        [1, 3, 2, 2],
    )
    gemm = helper.make_node(
        "QGemm",
        ["fq", "s", "u", "w", "ws", "wz", "", "os", "u"],
        ["z"],
        name="qgemm",
        domain="com.microsoft",
        transB=1,
    )
    model.graph.node[5].CopyFrom(gemm)
    model.graph.node[6].input[1] = "os"
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    del model.graph.value_info[:]
    del model.graph.output[0].type.tensor_type.shape.dim[:]
    for side in (1, 4):
        model.graph.output[0].type.tensor_type.shape.dim.add().dim_value = side
    onnx.checker.check_model(model)
    assert_close(model, rng.normal(0, 2, (40, 3, 2, 2)).astype(np.float32), 0.3)


@pytest.mark.parametrize("last", ["ArgMax", "ArgMin"])
def test_the_place_of_the_largest_byte(rng, last):
    nodes = f"q = QuantizeLinear (x, s, u) y = {last} <axis = 1> (q)"
    model = graph(nodes, CODE, [1, 9])
    model.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.INT64
    x = np.stack([rng.permutation(np.linspace(-3, 3, 9)) for _ in range(30)]).astype(np.float32)
    assert np.array_equal(convert(model).predict(x).ravel(), as_given(model)(x).ravel())
