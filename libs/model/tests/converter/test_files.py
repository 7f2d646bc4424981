"""Files as people have them: weights beside, old formats, several outputs, any batch."""

import subprocess

import numpy as np
import onnx
import pytest
from graphs import graph
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from inkpin.common import InputError, host_compiler
from inkpin.model import convert
from inkpin.model.cli import main
from inkpin.model.converter.cost.precision import signal_to_noise

W = np.random.default_rng(3).normal(size=(6, 4)).astype(np.float32)
V = np.random.default_rng(5).normal(size=(4, 5)).astype(np.float32)
X = np.random.default_rng(4).normal(size=(50, 6)).astype(np.float32)


def dense():
    return graph("y = MatMul (x, w)", {"w": W}, ["n", 6])


@pytest.fixture
def beside(tmp_path):
    """A model whose weights lie in another file, and the folder of both."""
    folder = tmp_path / "models"
    folder.mkdir()
    onnx.save(
        dense(),
        folder / "net.onnx",
        save_as_external_data=True,
        location="net.onnx.data",
        size_threshold=0,
    )
    assert (folder / "net.onnx.data").exists()
    return folder


def test_weights_beside_the_file_are_the_same_as_within(beside):
    assert np.array_equal(
        convert(beside / "net.onnx", X).predict(X), convert(dense(), X).predict(X)
    )


def test_other_weights_beside_the_same_file_make_another_hash(beside):
    before = convert(beside / "net.onnx", X).source
    (beside / "net.onnx.data").write_bytes((2 * W).tobytes())
    assert convert(beside / "net.onnx", X).source.header != before.header


def relocated(folder, **entries):
    model = onnx.load(folder / "net.onnx", load_external_data=False)
    kept = {entry.key: entry.value for entry in model.graph.initializer[0].external_data}
    del model.graph.initializer[0].external_data[:]
    for key, value in {**kept, **entries}.items():
        model.graph.initializer[0].external_data.add(key=key, value=str(value))
    onnx.save(model, folder / "net.onnx")


@pytest.mark.parametrize("way", ["above", "absolute", "link", "folder"])
def test_no_path_leads_out_of_the_folder(beside, way):
    outside = beside.parent / "secret"
    outside.write_bytes(W.tobytes())
    if way == "link":
        (beside / "link").symlink_to(outside)
    places = {"above": "../secret", "absolute": outside, "link": "link", "folder": "."}
    relocated(beside, location=places[way])
    with pytest.raises(InputError, match="outside the model's folder: put it beside"):
        convert(beside / "net.onnx", X)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"location": "gone"}, "not there"),
        ({"offset": -4}, "not there"),
        ({"offset": 8}, "too short"),
        ({"length": 10**12}, "too short"),
        ({"offset": 10**12}, "too short"),
        ({"length": "many"}, "not there"),
        ({"length": 8}, "too small for the declared shape"),
    ],
)
def test_weights_that_are_not_there_are_said_to_be_missing(beside, entries, message):
    relocated(beside, **entries)
    with pytest.raises(InputError, match=message) as refusal:
        convert(beside / "net.onnx", X)
    assert "\n" not in str(refusal.value)


def test_a_model_without_its_weights_is_told_to_come_by_its_path(beside):
    with pytest.raises(InputError, match="give the path of the model"):
        convert((beside / "net.onnx").read_bytes(), X)


def test_initialisers_of_an_old_file_need_not_be_inputs():
    model = dense()
    model.ir_version = 3
    model.opset_import[0].version = 8
    assert np.array_equal(convert(model, X).predict(X), convert(dense(), X).predict(X))
    assert convert(model, X).report["onnxruntime"]["snr_db"] > 30


def two_outputs():
    model = graph("h = MatMul (x, w) y = Tanh (h) z = Relu (h)", {"w": W}, ["n", 6])
    model.graph.output.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 4]))
    return model


def test_one_of_several_outputs_is_chosen_by_name(tmp_path, capsys):
    for name, function in (("y", np.tanh), ("z", lambda h: np.maximum(h, 0))):
        converted = convert(two_outputs(), X, output=name)
        assert signal_to_noise(function(X @ W), converted.predict(X)) > 35
        assert converted.report["onnxruntime"]["output"] == name
    with pytest.raises(InputError, match="no output 'scores': take one of 'y', 'z'"):
        convert(two_outputs(), X, output="scores")
    onnx.save(two_outputs(), tmp_path / "net.onnx")
    np.save(tmp_path / "x.npy", X)
    words = ["convert", str(tmp_path / "net.onnx"), "--calibration", str(tmp_path / "x.npy")]
    assert main([*words, "--out", str(tmp_path / "out"), "--output", "z", "--strict"]) == 0
    assert "output 'z'" not in capsys.readouterr().err


def test_all_outputs_go_into_one_structure(tmp_path, capsys):
    nodes = """
        h = MatMul (x, w)
        y = Softmax (h)
        n = Neg (h)
        same = Identity (n)
        tail = MatMul (n, v)
    """
    model = graph(nodes, {"w": W, "v": V}, ["n", 6])
    for name, side in (("h", 4), ("n", 4), ("same", 4), ("class", 5)):
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, side]))
    model.graph.node[-1].output[0] = "class"  # no name for a field of C++
    converted = convert(model, X, name="net")
    h = X @ W
    wanted = {"y": np.exp(h), "h": h, "n": -h, "same": -h, "class": -h @ V}
    wanted["y"] /= wanted["y"].sum(axis=1, keepdims=True)
    got = converted.predict(X)
    assert got.keys() == wanted.keys()
    for name, values in wanted.items():
        assert signal_to_noise(values, got[name]) > 30, name
    program = converted.integer_program
    values = program.run(program.encode({"x": X.reshape(-1, 1, 6)}))
    for output in program.outputs:
        exact = program.decode(values[output.value], output)
        assert np.array_equal(got[output.name].ravel(), exact.ravel())
    assert [told["name"] for told in converted.report["outputs"]] == list(wanted)
    assert all(told["onnxruntime"]["snr_db"] > 30 for told in converted.report["outputs"])
    sources = [f for f in converted.write(tmp_path / "c", example=True) if f.suffix == ".c"]
    program = host_compiler.build(sources, [tmp_path / "c"], shared=False)
    text = " ".join(map(repr, map(float, X[0])))
    done = subprocess.run([program], input=text, capture_output=True, text=True, check=True)
    for line, name in zip(done.stdout.splitlines(), wanted, strict=True):
        told = np.array(line.split()[1:], float)
        np.testing.assert_allclose(told, got[name][0], rtol=1e-4, atol=1e-6)
    onnx.save(model, tmp_path / "net.onnx")
    np.save(tmp_path / "x.npy", X)
    words = ["convert", str(tmp_path / "net.onnx"), "--calibration", str(tmp_path / "x.npy")]
    words += ["--out", str(tmp_path / "out"), "--strict"]
    assert main(words) == 0
    assert "output 'same' beside onnxruntime" in capsys.readouterr().out
    assert main([*words, "--output", "n", "--output", "y"]) == 0
    fields = (tmp_path / "out" / "net.h").read_text().split("typedef struct {")[1].split("}")[0]
    assert [line.split()[1] for line in fields.strip().splitlines()] == ["n[4];", "y[4];"]


OPEN = "c = Conv (x, k) f = Flatten (c) y = Relu (f)"
KERNEL = {"k": np.random.default_rng(5).normal(size=(3, 1, 3, 3)).astype(np.float32)}


def test_open_sides_are_given(tmp_path, capsys, rng):
    model = graph(OPEN, KERNEL, ["n", 1, "h", "w"])
    x = rng.normal(size=(30, 1, 5, 6)).astype(np.float32)
    with pytest.raises(InputError, match=r"--input-shape x=1,\.\.\."):
        convert(model, x)
    wanted = convert(graph(OPEN, KERNEL, [1, 1, 5, 6]), x)
    got = convert(model, x, input_shapes={"x": (1, 1, 5, 6)})
    assert np.array_equal(got.predict(x), wanted.predict(x))
    onnx.save(model, tmp_path / "net.onnx")
    np.save(tmp_path / "x.npy", x)
    words = ["convert", str(tmp_path / "net.onnx"), "--calibration", str(tmp_path / "x.npy")]
    words += ["--out", str(tmp_path / "out"), "--input-shape"]
    assert main([*words, "x=1,1,5,6"]) == 0
    for wrong in ("1,1,5,6", "x=1,a", "x=1,-1"):
        assert main([*words, wrong]) == 2
        assert "invalid shape NAME=1,49,10" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ({"z": (1, 1, 5, 6)}, "the inputs are 'x'"),
        ({"x": (1, 2, 5, 6)}, r"does not fit 'x', which is \?,1,\?,\?"),
        ({"x": (1, 5, 6)}, "does not fit 'x'"),
    ],
)
def test_input_shapes_that_do_not_fit_are_refused(shapes, message):
    with pytest.raises(InputError, match=message):
        convert(graph(OPEN, KERNEL, ["n", 1, "h", "w"]), input_shapes=shapes)


BATCHED = """
    c = Conv (x, k)
    r = Reshape (c, rows)
    y = MatMul (r, v)
"""


@pytest.mark.parametrize("first", [4, -1, 0])
def test_a_fixed_batch_of_several_becomes_one(rng, first):
    constants = {**KERNEL, "v": rng.normal(size=(36, 5)).astype(np.float32)}
    x = rng.normal(size=(40, 1, 5, 6)).astype(np.float32)
    one, four = (
        graph(BATCHED, {**constants, "rows": np.array(rows)}, [batch, 1, 5, 6])
        for batch, rows in ((1, [1, 36]), (4, [first, 36]))
    )
    converted = convert(four, x)
    assert np.array_equal(converted.predict(x), convert(one, x).predict(x))
    assert converted.report["onnxruntime"]["snr_db"] > 30
    assert converted.source.output.count == 5


def test_rows_become_one_where_that_is_asked_for():
    model = graph("y = MatMul (x, w)", {"w": W}, [10, 6])
    assert convert(model, X.reshape(5, 10, 6)).source.output.count == 40
    converted = convert(model, X, input_shapes={"x": (1, 6)})
    assert converted.source.output.count == 4
    assert np.array_equal(converted.predict(X), convert(dense(), X).predict(X))


def test_an_input_of_one_dimension_is_taken():
    model = graph("h = MatMul (x, w) y = Tanh (h)", {"w": W}, [6])
    converted = convert(model, X)
    assert converted.predict(X).shape == (50, 4)
    assert signal_to_noise(np.tanh(X @ W), converted.predict(X)) > 35
    assert converted.report["onnxruntime"]["snr_db"] > 35


def test_channels_that_are_dead_are_zero_beside_their_biases(rng):
    weights = rng.normal(size=(5, 2, 3, 3)).astype(np.float32)
    weights[1] *= 1e-30
    weights[3] *= 1e-12
    bias = np.float32([0.1, 0.7, -0.2, 2, 0])
    model = graph("c = Conv (x, k, b) y = Relu (c)", {"k": weights, "b": bias}, ["n", 2, 6, 6])
    x = rng.normal(size=(30, 2, 6, 6)).astype(np.float32)
    converted = convert(model, x)
    assert converted.report["onnxruntime"]["snr_db"] > 35
    np.testing.assert_allclose(converted.predict(x)[:, 1], 0.7, atol=0.03)


FINE_BIASES = {
    "behind what is always 0": ("l = Clip (x, low, low) r = Relu (l) y = Add (r, b)", 6),
    "of whole weights that are rounded again": (
        "m = MatMul (x, w) a = Add (m, b4) y = Tanh (a)",
        4,
    ),
    "of whole weights and scores": ("m = MatMul (x, w) y = Add (m, b4)", 4),
}


@pytest.mark.parametrize(("nodes", "count"), FINE_BIASES.values(), ids=FINE_BIASES)
def test_biases_stay_fine_beside_weights_of_few_bits(nodes, count):
    constants = {
        "low": np.float32(-2),
        "w": np.sign(W) * (np.abs(W) > 1.5),
        "b": np.float32([0.31, 0.12, -0.7, 0.55, 0.01, 0.9]),
        "b4": np.float32([0.031, 0.012, -0.07, 0.055]),
    }
    x = np.rint(X * 2)
    model = graph(nodes, constants, ["n", 6])
    run = ReferenceEvaluator(model)
    wanted = run.run(None, {"x": x})[0]
    assert signal_to_noise(wanted, convert(model, x).predict(x)) > 36


def test_numpy_arrays_and_models_of_numpy_helper_are_unchanged():
    model = dense()
    before = model.SerializeToString(deterministic=True)
    convert(model, X, input_shapes={"x": (1, 6)})
    assert model.SerializeToString(deterministic=True) == before
    assert np.array_equal(numpy_helper.to_array(model.graph.initializer[0]), W)
