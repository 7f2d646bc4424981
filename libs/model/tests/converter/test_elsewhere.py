"""What other tools' exports are made of: shapes as nodes, features of many units, odd inputs."""

import subprocess

import numpy as np
import pytest
from graphs import graph
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from inkpin.common import InputError, host_compiler
from inkpin.model import convert
from inkpin.model.converter.cost.precision import signal_to_noise
from inkpin.model.converter.onnx.graph import read
from inkpin.model.converter.onnx.postprocessing import find_scores


def real(converted, x):
    """Return the float graph's output."""
    program = converted.program
    name = program.inputs[0].name
    scaling = program.inputs[0].scaling
    return program.run({name: x if scaling is None else scaling.scaled(x)})[program.output]


def reference(converted, x):
    program = converted.integer_program
    codes = program.encode({program.inputs[0].name: x})
    return program.decode(program.run(codes)[program.output])


def test_shapes_that_nodes_compute_are_constants(rng):
    weights = rng.normal(size=(4, 1, 3, 3)).astype(np.float32)
    nodes = """
        c = Conv (x, w)
        shape = Shape (c)
        n = Gather (shape, zero)
        n1 = Unsqueeze (n, axes)
        wanted = Concat <axis = 0> (n1, rest)
        y = Reshape (c, wanted)
    """
    constants = {
        "w": weights,
        "zero": np.array(0),
        "axes": np.array([0]),
        "rest": np.array([-1]),
    }
    x = rng.normal(size=(20, 1, 6, 6)).astype(np.float32)
    converted = convert(graph(nodes, constants, ["n", 1, 6, 6]), x)
    assert converted.predict(x).shape == (20, 64)


def test_a_weight_that_is_quantised_in_the_graph_keeps_its_integers(rng):
    weights = rng.normal(size=(3, 5)).astype(np.float32)
    nodes = """
        q = QuantizeLinear (w, s, z)
        d = DequantizeLinear (q, s, z)
        t = Transpose (d)
        y = MatMul (x, t)
    """
    constants = {"w": weights, "s": np.float32(0.03), "z": np.int8(0)}
    x = rng.normal(size=(20, 5)).astype(np.float32)
    converted = convert(graph(nodes, constants, ["n", 5]), x)
    [call] = converted.integer_program.calls
    assert np.array_equal(call.weights, np.clip(np.rint(weights / np.float32(0.03)), -128, 127))


def test_weights_with_a_scale_for_each_channel_keep_their_integers_in_another_shape(rng):
    nodes = """
        d = DequantizeLinear <axis = 0> (i, s)
        r = Reshape (d, shape)
        t = Transpose (r)
        y = MatMul (x, t)
    """
    integers = rng.integers(-127, 128, (3, 5, 2)).astype(np.int8)
    constants = {"i": integers, "s": np.float32([0.03, 0.1, 0.7]), "shape": np.array([3, 10])}
    x = rng.normal(size=(20, 10)).astype(np.float32)
    [call] = convert(graph(nodes, constants, ["n", 10]), x).integer_program.calls
    assert np.array_equal(call.weights, integers.reshape(3, 10))


def table(rng):
    """Features of very different units, and a classifier that needs all of them."""
    scales = np.float32([1e3, 1, 1e-3, 50])
    offsets = np.float32([5e3, 0, 1, -50])
    x = (rng.normal(size=(200, 4)) * scales + offsets).astype(np.float32)
    weights = (rng.normal(size=(4, 3)) / scales[:, None]).astype(np.float32)
    nodes = """
        d = Sub (x, o)
        y = MatMul (d, w)
    """
    return graph(nodes, {"o": offsets, "w": weights}, ["n", 4]), x


def test_features_of_different_units_get_scales_of_their_own(rng, tmp_path):
    model, x = table(rng)
    converted = convert(model, x, name="net")
    wanted, got = real(converted, x[:, None]).reshape(200, 3), converted.predict(x)
    assert np.mean(wanted.argmax(axis=1) == got.argmax(axis=1)) >= 0.98
    assert np.array_equal(got, reference(converted, x[:, None]).reshape(200, 3))
    files = converted.write(tmp_path, example=True)
    assert "NET_INPUT_STEPS and _STARTS" in (tmp_path / "net.h").read_text()
    sources = [file for file in files if file.suffix == ".c"]
    program = host_compiler.build(sources, [tmp_path], host_compiler.SANITIZERS, shared=False)
    for row, scores in zip(x[:5], got, strict=False):
        text = " ".join(map(repr, map(float, row)))
        done = subprocess.run([program], input=text, capture_output=True, text=True, check=True)
        assert int(done.stdout.split()[0]) == scores.argmax()


OTHER_READERS = {
    "a choice of columns": "g = Gather <axis = 1> (x, chosen) d = Sub (g, og) y = MatMul (d, wg)",
    "a slice of columns": "g = Slice (x, one, three, one) d = Sub (g, os) y = MatMul (d, ws)",
    "two layers": "d = Sub (x, o) a = MatMul (d, w) b = MatMul (d, v) t = Tanh (b) y = Add (a, t)",
    "one against the rest": "d = Sub (x, o) a = MatMul (d, w0) b = MatMul (d, w1) "
    "c = MatMul (d, w2) y = Concat <axis = 1> (a, b, c)",
    "two towers": "g = Gather <axis = 1> (x, chosen) d = Sub (g, og) a = MatMul (d, wg) "
    "e = Sub (x, o) b = MatMul (e, w) y = Add (a, b)",
    "a skip": "d = Sub (x, o) e = Mul (d, u) a = MatMul (e, wu) t = Tanh (a) c = Concat <axis = 1> "
    "(t, e) y = MatMul (c, last)",
    "rows turned into columns": "r = Reshape (x, shape) d = Sub (r, ot) y = Conv (d, wt)",
}


@pytest.mark.parametrize("nodes", OTHER_READERS.values(), ids=OTHER_READERS)
def test_features_of_different_units_are_found_behind_moves_and_with_several_readers(rng, nodes):
    scales = np.float32([1e3, 1, 1e-3, 50])
    offsets = np.float32([5e3, 0, 1, -50])
    x = (rng.normal(size=(200, 4)) * scales + offsets).astype(np.float32)
    w, v = ((rng.normal(size=(4, 3)) / scales[:, None]).astype(np.float32) for _ in range(2))
    chosen = np.array([3, 1, 2])
    constants = {
        "w": w,
        "v": v,
        "w0": w[:, :1],
        "w1": w[:, 1:2],
        "w2": w[:, 2:],
        "o": offsets,
        "chosen": chosen,
        "og": offsets[chosen],
        "wg": w[chosen],
        "one": np.array([1]),
        "three": np.array([3]),
        "os": offsets[1:3],
        "ws": w[1:3],
        "u": 1 / scales,
        "wu": w * scales[:, None],
        "shape": np.array([1, 4, 1]),
        "ot": offsets[:, None],
        "wt": w.T[:, :, None].copy(),
        "last": rng.normal(size=(7, 3)).astype(np.float32),
    }
    model = graph(nodes, constants, [1, 4])
    run = ReferenceEvaluator(model)
    wanted = np.concatenate([run.run(None, {"x": row[None]})[0].reshape(1, 3) for row in x])
    got = convert(model, x).predict(x).reshape(200, 3)
    assert np.mean(wanted.argmax(axis=1) == got.argmax(axis=1)) >= 0.97
    assert signal_to_noise(wanted, got) > 30


def test_products_of_features_of_different_units_keep_their_scales(rng):
    """scikit-learn's PolynomialFeatures: columns, their products, a constant, and a layer."""
    scales = np.float32([100, 1, 0.01])
    x = (rng.uniform(1, 2, (200, 3)) * scales).astype(np.float32)
    pairs = [(i, j) for i in range(3) for j in range(i, 3)]
    columns = "".join(f"c{i} = Gather <axis = 1> (x, i{i})" for i in range(3))
    products = "".join(f"p{i}{j} = Mul (c{i}, c{j})" for i, j in pairs)
    names = ", ".join(["one", "x", *(f"p{i}{j}" for i, j in pairs)])
    nodes = f"{columns} {products} f = Concat <axis = 1> ({names}) y = MatMul (f, w)"
    spread = np.concatenate([[1], scales, [scales[i] * scales[j] for i, j in pairs]])
    weights = (rng.normal(size=(10, 2)) / spread[:, None]).astype(np.float32)
    constants = {"w": weights, "one": np.ones((1, 1), np.float32)}
    constants |= {f"i{i}": np.array([i]) for i in range(3)}
    model = graph(nodes, constants, [1, 3])
    run = ReferenceEvaluator(model)
    wanted = np.concatenate([run.run(None, {"x": row[None]})[0] for row in x])
    assert signal_to_noise(wanted, convert(model, x).predict(x).reshape(200, 2)) > 30


def test_distances_from_means_have_one_unit_before_they_are_squared(rng):
    """scikit-learn's GaussianNB: every feature less each class's mean, squared, by its variance."""
    scales = np.float32([700, 5, 0.1, 20])
    means = (rng.uniform(1, 3, (1, 3, 4)) * scales).astype(np.float32)
    variances = np.square(rng.uniform(0.2, 0.6, (1, 3, 4)) * scales).astype(np.float32)
    labels = rng.integers(0, 3, 300)
    x = rng.normal(means[0, labels], np.sqrt(variances[0, labels])).astype(np.float32)
    nodes = """
        r = Reshape (x, shape)
        d = Sub (r, means)
        s = Pow (d, two)
        q = Div (s, variances)
        n = ReduceSum <keepdims = 0> (q, last)
        y = Neg (n)
    """
    constants = {
        "shape": np.array([1, 1, 4]),
        "means": means,
        "two": np.float32(2),
        "variances": variances,
        "last": np.array([2]),
    }
    got = convert(graph(nodes, constants, [1, 4]), x).predict(x).reshape(300, 3)
    wanted = -(np.square(x[:, None] - means) / variances).sum(axis=2)
    assert np.mean(wanted.argmax(axis=1) == got.argmax(axis=1)) >= 0.97
    assert signal_to_noise(wanted, got) > 30


def test_what_reads_features_of_different_units_beside_a_layer_gets_them_back(rng):
    scales = np.float32([100, 1, 0.01])
    x = (rng.normal(size=(200, 3)) * scales).astype(np.float32)
    w = (rng.normal(size=(3, 3)) / scales[:, None]).astype(np.float32)
    nodes = "h = MatMul (x, w) t = Tanh (h) z = MatMul (t, v) y = Add (z, x)"
    model = graph(nodes, {"w": w, "v": 100 * np.eye(3, dtype=np.float32)}, [1, 3])
    converted = convert(model, x)
    assert converted.program.inputs[0].scaling is not None
    wanted = 100 * np.tanh(x @ w) + x
    assert signal_to_noise(wanted, converted.predict(x).reshape(200, 3)) > 30


@pytest.mark.parametrize(
    ("nodes", "shape"),
    [
        ("y = MatMul (x, w)", (4, 3)),
        ("t = Transpose <perm = [0, 2, 1]> (x) y = Conv (t, w)", (5, 4, 3)),
    ],
)
def test_features_of_every_step_get_a_scale(nodes, shape, rng):
    units = np.float32([1000, 30, 0.02, 0.0005])
    x = ((rng.normal(size=(80, 1, 10, 4)) + rng.normal(size=4)) * units).astype(np.float32)
    by_unit = units[:, None] if len(shape) == 2 else units[None, :, None]
    weights = (rng.normal(size=shape) / by_unit).astype(np.float32)
    converted = convert(graph(nodes, {"w": weights}, [1, 10, 4]), x)
    assert len(converted.program.inputs[0].scaling.gain) == 4
    assert converted.comparison.snr_db > 30


def test_features_of_one_unit_share_a_scale(rng):
    weights = rng.normal(size=(4, 3)).astype(np.float32)
    x = rng.normal(size=(200, 4)).astype(np.float32)
    converted = convert(graph("y = MatMul (x, w)", {"w": weights}, ["n", 4]), x)
    assert converted.program.inputs[0].scaling is None


def test_numbers_on_a_grid_are_held_without_loss(rng):
    weights = rng.normal(size=(4, 3)).astype(np.float32)
    x = rng.integers(0, 17, size=(200, 4)).astype(np.float32)
    converted = convert(graph("y = MatMul (x, w)", {"w": weights}, ["n", 4]), x)
    codes = converted.integer_program.encode({"x": x[:, None]})["x"]
    np.testing.assert_allclose(converted.integer_program.real("x", codes)[:, 0], x, atol=1e-5)


def of_type(kind, nodes):
    model = graph(nodes, {"k": np.float32(255)}, ["n", 6])
    model.graph.input[0].type.tensor_type.elem_type = kind
    return model


SCALED = """
    c = Cast <to = 1> (x)
    d = Div (c, k)
    y = Tanh (d)
"""


@pytest.mark.parametrize("kind", [TensorProto.UINT8, TensorProto.INT8, TensorProto.INT64])
def test_whole_numbers_that_are_cast_to_floats_are_taken(rng, kind):
    x = rng.integers(0, 128, size=(50, 6)).astype(helper.tensor_dtype_to_np_dtype(kind))
    converted = convert(of_type(kind, SCALED), x)
    np.testing.assert_allclose(converted.predict(x), np.tanh(x / 255), atol=0.003)


def test_whole_numbers_that_are_computed_with_are_refused():
    with pytest.raises(InputError, match=r"Div node.*int64: cast"):
        convert(of_type(TensorProto.INT64, "y = Div (x, x)"), np.ones((2, 6), int))


def test_shares_of_a_sum_are_dressing(rng):
    nodes = """
        m = MatMul (x, w)
        p = Sigmoid (m)
        s = ReduceSum (p, axes)
        y = Div (p, s)
    """
    constants = {"w": rng.normal(size=(4, 3)).astype(np.float32), "axes": np.array([1])}
    scores = find_scores(read(graph(nodes, constants, ["n", 4]).SerializeToString()))
    assert [output.name for output in scores.outputs] == ["m"]
    assert len(scores.dropped) == 3


@pytest.mark.parametrize("last", ["y = Exp (l)", "y = Identity (l)"])
def test_the_softmax_of_naive_bayes_is_dressing(rng, last):
    # As skl2onnx writes GaussianNB, MultinomialNB and BernoulliNB.
    nodes = f"""
        m = MatMul (x, w)
        t = ReduceLogSumExp <keepdims = 0> (m, axes)
        c = Reshape (t, column)
        l = Sub (m, c)
        {last}
    """
    constants = {"axes": np.array([1]), "column": np.array([-1, 1])}
    constants["w"] = rng.normal(size=(4, 3)).astype(np.float32)
    model = graph(nodes, constants, ["n", 4])
    assert [output.name for output in find_scores(read(model.SerializeToString())).outputs] == ["m"]
    x = rng.normal(size=(50, 4)).astype(np.float32)
    assert convert(model, x).comparison.snr_db > 35


def test_nearest_neighbours_are_gathered(rng):
    nodes = """
        r = Resize <mode = "nearest", nearest_mode = "floor"> (x, "", scales)
        d = DepthToSpace <blocksize = 2> (r)
        y = Tile (d, times)
    """
    constants = {"scales": np.float32([1, 1, 2, 2]), "times": np.array([1, 1, 1, 2])}
    x = rng.random((10, 4, 3, 3)).astype(np.float32)
    converted = convert(graph(nodes, constants, ["n", 4, 3, 3]), x)
    session_input = x[:1]
    wanted = ReferenceEvaluator(graph(nodes, constants, ["n", 4, 3, 3])).run(
        None, {"x": session_input}
    )[0]
    np.testing.assert_allclose(converted.predict(x)[:1], wanted, atol=0.003)


def test_one_score_is_printed_as_a_number(rng, tmp_path):
    nodes = """
        m = MatMul (x, w)
        y = Sigmoid (m)
    """
    x = rng.normal(size=(60, 4)).astype(np.float32)
    weights = rng.normal(size=(4, 1)).astype(np.float32)
    converted = convert(graph(nodes, {"w": weights}, ["n", 4]), x, name="net")
    assert converted.report["agreement"] >= 0.98
    files = converted.write(tmp_path, example=True)
    program = host_compiler.build([f for f in files if f.suffix == ".c"], [tmp_path], shared=False)
    text = " ".join(map(repr, map(float, x[0])))
    done = subprocess.run([program], input=text, capture_output=True, text=True, check=True)
    assert float(done.stdout) == pytest.approx(converted.predict(x[:1]).item(), abs=1e-5)


def test_outputs_without_a_shape_are_taken(rng):
    model = graph("y = Relu (x)", {}, ["n", 4])
    model.graph.output[0].type.tensor_type.ClearField("shape")
    x = rng.random((4, 4)).astype(np.float32)
    assert convert(model, x).predict(x).shape == (4, 4)


def test_nodes_in_any_order_are_taken(rng):
    nodes = """
        r = Relu (x)
        t = Tanh (r)
        y = Neg (t)
    """
    model = graph(nodes, {}, ["n", 4])
    turned = list(model.graph.node)[::-1]
    del model.graph.node[:]
    model.graph.node.extend(turned)
    x = rng.normal(size=(20, 4)).astype(np.float32)
    np.testing.assert_allclose(convert(model, x).predict(x), -np.tanh(np.maximum(x, 0)), atol=0.01)
