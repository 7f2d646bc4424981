import numpy as np
import onnx
import pytest
from graphs import graph, random_model
from onnx import helper, numpy_helper

from inkpin.common import InputError
from inkpin.model.adaptation import rehearsal
from inkpin.model.adaptation.integer_fit import STEPS, fit_integers
from inkpin.model.adaptation.last_layers import LastLayers
from inkpin.model.inference.recogniser import SHIPPED, open_session, run_session

BITMAPS = np.random.default_rng(5).integers(0, 2, (700, 28, 28))
MODELS = {
    "two convolutions": lambda: random_model(1, side=28, channels=(3, 4), pools=(2, 2)),
    "another shape": lambda: random_model(2, side=28, channels=(6,), pools=(3,), classes=11),
    "one that ends in two dense layers": lambda: random_model(
        3, side=28, channels=(3, 4, 5), pools=(5, 1, 1)
    ),
    "the shipped one": lambda: onnx.load(SHIPPED),
}


@pytest.fixture(params=MODELS)
def model(request):
    return MODELS[request.param]().SerializeToString()


def test_features_and_integers_give_the_networks_own_logits(model):
    layers = LastLayers(model, "model")
    logits = layers.logits(layers.features(BITMAPS), layers.integers)
    np.testing.assert_array_equal(logits, run_session(open_session(model, ""), BITMAPS))


def test_other_integers_change_these_layers_alone(rng, model):
    layers = LastLayers(model, "model")
    integers = [
        (rng.integers(-7, 8, weights.shape), rng.integers(-500, 500, bias.shape))
        for weights, bias in layers.integers
    ]
    made = layers.with_integers(integers, {**layers.metadata, "new": "text"})
    logits = layers.logits(layers.features(BITMAPS[:50]), integers)
    np.testing.assert_array_equal(logits, run_session(open_session(made, ""), BITMAPS[:50]))
    old, new = onnx.load_from_string(model).graph, onnx.load_from_string(made).graph
    assert list(old.node) == list(new.node)
    changed = [
        (before, after)
        for before, after in zip(old.initializer, new.initializer, strict=True)
        if before != after
    ]
    assert len(changed) == 2 * len(layers.layers)
    for before, after in changed:
        assert (before.data_type, before.dims) == (after.data_type, after.dims)
    assert LastLayers(made, "made").metadata["new"] == "text"


def test_a_convolution_that_covers_its_input_is_a_dense_layer():
    counts = {
        name: len(LastLayers(make().SerializeToString(), "").layers)
        for name, make in MODELS.items()
    }
    assert counts == {
        "two convolutions": 1,
        "another shape": 1,
        "one that ends in two dense layers": 2,
        "the shipped one": 2,
    }


def test_a_convolution_of_another_name_stays_as_it_is():
    proto = MODELS["one that ends in two dense layers"]()
    for node in proto.graph.node:
        for names in (node.input, node.output):
            names[:] = ["elsewhere" if name == "conv2" else name for name in names]
    model = proto.SerializeToString()
    layers = LastLayers(model, "model")
    assert len(layers.layers) == 1
    logits = layers.logits(layers.features(BITMAPS[:20]), layers.integers)
    np.testing.assert_array_equal(logits, run_session(open_session(model, ""), BITMAPS[:20]))


def test_it_comes_out_the_same_where_nothing_changes(model):
    layers = LastLayers(model, "model")
    same = layers.with_integers(layers.integers, layers.metadata)
    assert onnx.load_from_string(same) == onnx.load_from_string(model)


def test_weights_that_lie_the_other_way_round():
    proto = random_model(1, side=28, channels=(3,), pools=(4,))
    gemm = next(node for node in proto.graph.node if node.op_type == "Gemm")
    maker = next(node for node in proto.graph.node if node.output[0] == gemm.input[1])
    (tensor,) = (t for t in proto.graph.initializer if t.name == maker.input[0])
    turned = numpy_helper.from_array(numpy_helper.to_array(tensor).T.copy(), tensor.name)
    tensor.CopyFrom(turned)
    del gemm.attribute[:]
    del maker.attribute[:]
    maker.attribute.append(helper.make_attribute("axis", 1))
    layers = LastLayers(proto.SerializeToString(), "turned")
    expected = run_session(open_session(proto.SerializeToString(), ""), BITMAPS[:20])
    logits = layers.logits(layers.features(BITMAPS[:20]), layers.integers)
    np.testing.assert_array_equal(logits, expected)
    made = layers.with_integers(layers.integers, {})
    np.testing.assert_array_equal(run_session(open_session(made, ""), BITMAPS[:20]), expected)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (b"nonsense", "not a usable ONNX model"),
        (
            graph("y = Relu (x)", {}, [1, 1, 28, 28]).SerializeToString(),
            "do not come out of a dense layer",
        ),
        (
            graph(
                """
                    f = Flatten (x)
                    y = Gemm (f, w, b)
                """,
                {"w": np.ones((784, 3), np.float32), "b": np.ones(3, np.float32)},
                [1, 1, 28, 28],
            ).SerializeToString(),
            "not quantised",
        ),
    ],
)
def test_networks_that_end_otherwise_are_refused(model, reason):
    with pytest.raises(InputError, match=rf"odd.onnx: .*{reason}.*take a"):
        LastLayers(model, "odd.onnx")


@pytest.mark.parametrize(
    "seen",
    [lambda b: b[:, :, ::-1], lambda b: b[:, ::-1], lambda b: b.transpose(0, 2, 1)],
    ids=["mirrored", "upside down", "turned"],  # hands that nobody has
)
def test_fitting_learns_within_the_bits_that_there_were(seen):
    layers = LastLayers(SHIPPED.read_bytes(), "digits.onnx")
    digits = rehearsal.load().training
    features = layers.features(seen(digits.bitmaps[:700]))
    classes = digits.targets[:700]
    steps = []
    integers = fit_integers(
        layers, features, classes, np.full(700, 1 / 700, np.float32), steps.append
    )
    before = layers.logits(features, layers.integers).argmax(axis=1) == classes
    after = layers.logits(features, integers).argmax(axis=1) == classes
    assert after.mean() > before.mean() + 0.3
    assert after.mean() > 0.95
    for (weights, _), (old, _) in zip(integers, layers.integers, strict=True):
        assert weights.min() >= old.min()
        assert weights.max() <= old.max()
    assert steps == [*range(STEPS + 1)]
