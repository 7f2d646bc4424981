"""Decision trees against onnxruntime: what they compare, how they vote, what a byte is worth."""

import numpy as np
import onnx
import pytest
from converter.forests import forest
from graphs import graph
from onnx import helper, numpy_helper

from inkpin.common import InputError
from inkpin.model import convert
from inkpin.model.converter.ir import Trees
from inkpin.model.onnx_runtime import onnxruntime


def by_onnxruntime(model, x):
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(["y"], {"x": x})[0]


def whole(rng, count=300):
    """Features 0 .. 20, which bytes hold exactly."""
    return rng.integers(0, 21, (count, 5)).astype(np.float32)


MIDDLES = np.arange(20) + 0.5
KINDS = {
    "votes": {},
    "of two": {"classes": 2},
    "probabilities": {"post_transform": "SOFTMAX"},
    "each by itself": {"post_transform": "LOGISTIC"},
    "numbers": {"classes": None},
    "averages": {"classes": None, "aggregate_function": "AVERAGE", "base_values": [40.0]},
    "more than a byte of trees": {"trees": 300, "depth": 2},
}


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *((kind, "BRANCH_LEQ") for kind in KINDS.values()),
        *(({}, mode) for mode in ("BRANCH_LT", "BRANCH_GT", "BRANCH_GTE")),
    ],
    ids=[*KINDS, "less", "more", "at least"],
)
def test_trees_of_whole_numbers_are_onnxruntimes(rng, kind, mode):
    model = forest(rng, points=MIDDLES if mode.endswith("EQ") else np.arange(1, 20), **kind)
    modes = next(a for a in model.graph.node[0].attribute if a.name == "nodes_modes")
    for i, one in enumerate(modes.strings):
        modes.strings[i] = one if one == b"LEAF" else mode.encode()
    x = whole(rng)
    wanted = by_onnxruntime(model, x)
    converted = convert(model, x)
    got = converted.predict(x)
    # Sums have 16 bits and more; what is read off a table has 8.
    step = 0.01 if kind.get("post_transform") == "LOGISTIC" else 5e-4
    np.testing.assert_allclose(got, wanted, atol=step * np.abs(wanted).max())
    program = converted.integer_program
    values = program.run(program.encode({"x": x[:, None]}))
    assert np.array_equal(got.ravel(), program.decode(values[program.output]).ravel())


@pytest.mark.parametrize("positive", [True, False])
@pytest.mark.parametrize("base", [[], [0.25]])
@pytest.mark.parametrize("transform", ["NONE", "LOGISTIC"])
def test_one_score_tells_two_classes_apart(rng, positive, base, transform):
    model = forest(rng, classes=1, points=MIDDLES, classlabels_int64s=[0, 1])
    lists = {one.name: one for one in model.graph.node[0].attribute}
    if positive:
        weights = np.abs(lists["class_weights"].floats)
        lists["class_weights"].CopyFrom(helper.make_attribute("class_weights", weights.tolist()))
    lists["post_transform"].s = transform.encode()
    if base:
        model.graph.node[0].attribute.append(helper.make_attribute("base_values", base))
    model.graph.output[1].type.tensor_type.shape.dim[1].dim_value = 2
    x = whole(rng)
    wanted = by_onnxruntime(model, x)
    np.testing.assert_allclose(convert(model, x).predict(x), wanted, atol=0.02 * np.ptp(wanted))


def shared(model, classes=3):
    """Let the leaves of a forest share one among classes, as those of votes do."""
    lists = {one.name: one for one in model.graph.node[0].attribute}
    weights = np.square(np.reshape(lists["class_weights"].floats, (-1, classes)))
    weights /= weights.sum(axis=1, keepdims=True)
    made = helper.make_attribute("class_weights", weights.ravel().tolist())
    lists["class_weights"].CopyFrom(made)
    return model


@pytest.mark.parametrize(
    ("features", "trees", "shares", "kernel", "leaf"),
    [
        (5, 9, True, "ink_small_trees", "uint8_t share"),
        (5, 9, False, "ink_small_trees", "int16_t leaf"),
        (256, 60, True, "ink_small_trees", "uint8_t share"),
        (257, 60, False, "ink_trees", "int16_t leaf"),
    ],
)
def test_small_trees_have_a_kernel_of_their_own_and_shares_are_bytes(
    rng, features, trees, shares, kernel, leaf
):
    model = forest(rng, trees=trees, features=features, points=MIDDLES)
    model = shared(model) if shares else model
    ids = next(a for a in model.graph.node[0].attribute if a.name == "nodes_featureids").ints
    ids[0] = features - 1  # the last one is compared too
    x = rng.integers(0, 21, (100, features)).astype(np.float32)
    wanted = by_onnxruntime(model, x)
    converted = convert(model, x)
    call = converted.integer_program.calls[0]
    assert call.c_files[0] == f"{kernel}.c"
    assert f"const {leaf}0[" in converted.source.body
    got = converted.predict(x)
    program = converted.integer_program
    values = program.run(program.encode({"x": x[:, None]}))
    assert np.array_equal(got.ravel(), program.decode(values[program.output]).ravel())
    np.testing.assert_allclose(got, wanted, atol=0.002 * np.abs(wanted).max())


def test_no_calibration_data_are_needed_and_whole_numbers_are_told_apart(rng):
    model, x = forest(rng, points=MIDDLES), whole(rng)
    np.testing.assert_allclose(convert(model).predict(x), by_onnxruntime(model, x), atol=1e-3)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e5])
def test_features_of_any_size_are_told_apart_by_their_thresholds(rng, size):
    model = forest(rng, trees=10, points=rng.normal(size=12) * size)
    x = (rng.normal(size=(500, 5)) * size).astype(np.float32)
    wanted, got = by_onnxruntime(model, x), convert(model).predict(x)
    near = np.abs(got - wanted).max(axis=1) < 1e-3 * np.abs(wanted).max()
    assert near.mean() > 0.9


def test_factors_terms_and_moves_before_trees_cost_nothing(rng):
    model = forest(rng, points=np.arange(-15, 15) + 0.25)
    before = """
        m = Mul (x, gain)
        a = Add (m, offset)
        v = Gather <axis = 1> (a, order)
        y = Identity (v)
    """
    constants = {
        "gain": np.float32([1, -1, 2, -0.5, 1]),
        "offset": np.float32([-10, 5, -7, 3, -4]),
        "order": np.array([4, 2, 0, 1, 3]),
    }
    scaled = graph(before, constants, ["n", 5])
    node = onnx.NodeProto.FromString(model.graph.node[0].SerializeToString())
    node.input[0] = "v"
    scaled.graph.node[-1].CopyFrom(node)
    x = whole(rng)
    converted = convert(scaled, x)
    assert [type(op) for op in converted.program.ops] == [Trees]
    wanted = by_onnxruntime(scaled, x)
    np.testing.assert_allclose(converted.predict(x), wanted, atol=1e-3)


def test_trees_of_computed_values_go_on_to_a_layer(rng):
    model = forest(rng, points=rng.normal(size=12), classes=None)
    node = onnx.NodeProto.FromString(model.graph.node[0].SerializeToString())
    constants = {
        "w": rng.normal(size=(4, 5)).astype(np.float32),
        "v": rng.normal(size=(1, 3)).astype(np.float32),
    }
    both = graph("m = MatMul (x, w) t = Tanh (m) y = MatMul (s, v)", constants, ["n", 4])
    node.input[0], node.output[0] = "t", "s"
    both.graph.node.insert(2, node)
    x = rng.normal(size=(400, 4)).astype(np.float32)
    wanted, got = by_onnxruntime(both, x), convert(both, x).predict(x)
    assert (np.abs(got - wanted).max(axis=1) < 0.02 * np.ptp(wanted)).mean() > 0.9
    sixteen = convert(both, x, activation_bits=16)
    assert {held.kind for held in sixteen.integer_program.types.values()} == {"int16", "int32"}
    near = np.abs(sixteen.predict(x) - wanted).max(axis=1) < 1e-3 * np.ptp(wanted)
    assert near.mean() > 0.97
    assert_exact(sixteen, x)


def ensemble(rng, trees=60, depth=5, **kind):
    """Return trees over real numbers, and data."""
    model = forest(rng, trees=trees, features=8, depth=depth, **kind)
    return model, rng.normal(size=(400, 8)).astype(np.float32)


def decibels(model, x, converted):
    """Return those beside onnxruntime of all samples but the worst hundredth.

    Where a number lies within a step of 16 bits of a threshold, one leaf is the wrong one.
    """
    wanted = by_onnxruntime(model, x).reshape(len(x), -1)
    noise = np.square(converted.predict(x).reshape(wanted.shape) - wanted).sum(axis=1)
    kept = np.argsort(noise)[: len(x) - len(x) // 100]
    return 10 * np.log10(np.square(wanted[kept]).sum() / noise[kept].sum())


def assert_exact(converted, x):
    """Demand of the C the integers of the reference, far beyond the thresholds too."""
    wild = np.concatenate([x, 100 * x])
    program = converted.integer_program
    values = program.run(program.encode({"x": wild[:, None]}))
    got = converted.predict(wild)
    assert np.array_equal(got.ravel(), program.decode(values[program.output]).ravel())


@pytest.mark.parametrize(
    "kind",
    [
        {"classes": None},
        {"base_values": [0.5, -1.0, 2.0]},
        {"post_transform": "SOFTMAX"},
        {"post_transform": "LOGISTIC"},
    ],
    ids=["numbers", "votes", "probabilities", "each by itself"],
)
def test_16_bits_tell_apart_what_bytes_do_not(rng, kind):
    model, x = ensemble(rng, **kind)
    eight, sixteen = convert(model, x), convert(model, x, activation_bits=16)
    assert decibels(model, x, eight) < 30
    assert decibels(model, x, sixteen) > 70
    assert sixteen.integer_program.types["x"].kind == "int16"
    [call, *_] = sixteen.integer_program.calls
    assert call.c_files[0] == "ink_short_trees.c"
    assert "int16_t input[8]" in sixteen.source.header
    assert_exact(sixteen, x)
    assert not sixteen.report["warnings"]
    # A threshold of 16 bits instead of a byte for each split, in the report too.
    [told, *_] = sixteen.report["nodes"]
    assert told["flash"] == call.flash > 8 * len(call.features) + 2 * call.leaves.size


def test_a_bound_gives_trees_16_bits_where_bytes_lose_too_much_in_few_samples(rng):
    model, x = ensemble(rng, trees=8, depth=4, classes=None)
    eight = convert(model, x)
    [told] = eight.report["nodes"]
    assert 20 < told["snr_db"] < 45  # beside the trees in floats, not beside rounded inputs
    bounded = convert(model, x, shorts_under=45)
    assert bounded.integer_program.types["x"].kind == "int16"
    assert decibels(model, x, bounded) > 45
    assert convert(model, x, shorts_under=10).integer_program.types["x"].kind == "bytes"
    assert convert(model, x, shorts=("x",)).source.body == bounded.source.body


def test_whole_numbers_that_trees_compare_stay_bytes(rng):
    model, x = forest(rng, points=MIDDLES), whole(rng)
    with pytest.raises(InputError, match="8 hold its inputs exactly"):
        convert(model, x, activation_bits=16)
    assert convert(model, x, shorts_under=60).integer_program.types["x"].kind == "bytes"


def test_one_feature_of_real_numbers_among_whole_ones_has_16_bits(rng):
    model = forest(rng, trees=30, points=MIDDLES)
    lists = {one.name: one for one in model.graph.node[0].attribute}
    for place, feature in enumerate(lists["nodes_featureids"].ints):
        if feature == 4:
            lists["nodes_values"].floats[place] = rng.normal()
    x = whole(rng)
    x[:, 4] = rng.normal(size=len(x))
    converted = convert(model, x, activation_bits=16)
    assert decibels(model, x, converted) > 80
    assert_exact(converted, x)


def test_a_tree_of_one_leaf_is_a_constant(rng):
    model = forest(rng, trees=1, depth=0)
    x = whole(rng, 3)
    np.testing.assert_allclose(convert(model).predict(x), by_onnxruntime(model, x), rtol=1e-3)


REFUSED = [
    ({"nodes_modes": ["BRANCH_EQ", "LEAF", "LEAF"]}, "the comparison BRANCH_EQ is not supported"),
    ({"nodes_truenodeids": [2, 0, 0]}, "two of its nodes lead to the same one"),
    ({"nodes_featureids": [9, 0, 0]}, "its features do not fit"),
    ({"nodes_values": [np.inf, 0.0, 0.0]}, "its numbers are not all finite"),
    ({"post_transform": "PROBIT"}, "post_transform PROBIT is not supported"),
    ({"base_values": [1.0, 2.0]}, "2 base values do not fit 3 sums"),
    ({"classes": None, "post_transform": "LOGISTIC"}, "let Softmax or Sigmoid follow"),
]


@pytest.mark.parametrize(("attributes", "message"), REFUSED)
def test_what_trees_cannot_be_is_named(rng, attributes, message):
    with pytest.raises(InputError, match=message):
        convert(forest(rng, trees=1, depth=1, **attributes))


def of_one_operator(rng, **attributes):
    """Two trees as ai.onnx.ml 5 writes them: one of three splits, one that is a single leaf."""
    modes = attributes.pop("nodes_modes", [0, 1, 2, 3])
    splits = attributes.pop("nodes_splits", [10.5, 4.0, 15.5, 7.0])
    weights = rng.normal(size=5).astype(np.float32)
    lists = {
        "nodes_splits": numpy_helper.from_array(np.float32(splits)),
        "nodes_modes": numpy_helper.from_array(np.uint8(modes)),
        "leaf_weights": numpy_helper.from_array(weights),
        "nodes_featureids": [0, 2, 4, 1],
        "nodes_truenodeids": [1, 0, 2, 4],
        "nodes_trueleafs": [0, 1, 1, 1],
        "nodes_falsenodeids": [2, 1, 3, 4],
        "nodes_falseleafs": [0, 1, 1, 1],
        "leaf_targetids": [0, 1, 2, 0, 1],
        "tree_roots": [0, 3],
        "n_targets": 3,
        **attributes,
    }
    node = helper.make_node("TreeEnsemble", ["x"], ["y"], "trees", domain="ai.onnx.ml", **lists)
    sides = [("x", 5), ("y", 3)]
    given, made = (
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", side])
        for name, side in sides
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 5)]
    graph_ = helper.make_graph([node], "trees", [given], [made])
    return helper.make_model(graph_, opset_imports=opsets, ir_version=10)


@pytest.mark.parametrize("attributes", [{}, {"aggregate_function": 0}])
def test_trees_of_one_operator_are_onnxruntimes(rng, attributes):
    model, x = of_one_operator(rng, **attributes), whole(rng)
    wanted = by_onnxruntime(model, x)
    np.testing.assert_allclose(convert(model, x).predict(x), wanted, atol=0.005)


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ({"nodes_modes": [0, 6, 2, 3]}, "make one-hot features"),
        ({"aggregate_function": 2}, "aggregate_function MIN is not supported; SUM and AVERAGE are"),
        ({"post_transform": 1}, "let Softmax or Sigmoid follow"),
        ({"nodes_truenodeids": [0, 0, 2, 4]}, "lead to the same one"),
        ({"nodes_falsenodeids": [2, 9, 3, 4]}, "lead to some that are not there"),
    ],
)
def test_trees_of_one_operator_that_no_kernel_does_are_refused(rng, attributes, told):
    with pytest.raises(InputError, match=told):
        convert(of_one_operator(rng, **attributes), whole(rng))
