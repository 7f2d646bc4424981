"""The C beside onnxruntime on the original graph: what is told, warned of and refused."""

import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
from graphs import graph

from inkpin.common import InputError, host_compiler
from inkpin.model import convert
from inkpin.model.cli import main
from inkpin.model.converter.onnx.operators import OPERATORS
from inkpin.model.onnx_runtime import onnxruntime

DENSE = """
    h = MatMul (x, w)
    t = Tanh (h)
    y = MatMul (t, v)
"""


@pytest.fixture
def dense(rng):
    constants = {"w": rng.normal(size=(6, 8)), "v": rng.normal(size=(8, 4))}
    constants = {name: array.astype(np.float32) for name, array in constants.items()}
    return graph(DENSE, constants, ["n", 6]), rng.normal(size=(200, 6)).astype(np.float32)


def test_the_compiled_c_is_compared_with_onnxruntime(dense):
    model, x = dense
    converted = convert(model, x)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    wanted, got = session.run(None, {"x": x})[0], converted.predict(x)
    told = converted.report["onnxruntime"]
    assert (told["output"], told["ran"], told["samples"]) == ("y", "c", 200)
    assert told["agreement"] == np.mean(wanted.argmax(axis=1) == got.argmax(axis=1))
    noise = np.square(got.astype(float) - wanted).sum() / np.square(wanted).sum()
    assert told["snr_db"] == pytest.approx(-10 * np.log10(noise), abs=0.1)
    assert converted.report["warnings"] == []


def test_a_fault_of_the_import_is_seen_though_our_own_graph_has_it_too(dense, monkeypatch):
    def wrong(build, node):
        build.unary(node, build.value(node), lambda values: np.abs(np.tanh(values)))

    monkeypatch.setitem(OPERATORS, "Tanh", replace(OPERATORS["Tanh"], convert=wrong))
    report = convert(*dense).report
    assert report["agreement"] > 0.97  # as our own graph has it
    [warning] = report["warnings"]
    assert "output 'y'" in warning
    assert "dB of signal to noise" in warning
    assert "same best class" in warning
    assert "the worst node is" in warning


def test_without_a_compiler_the_integer_reference_is_compared(dense, monkeypatch):
    monkeypatch.setattr(host_compiler, "find", lambda: None)
    told = convert(*dense).report["onnxruntime"]
    assert told["ran"] == "reference"
    assert told["snr_db"] > 30


def test_what_lies_before_the_dressing_is_compared(rng):
    nodes = f"{DENSE.replace('y =', 'z =')} p = Sigmoid (z) s = ReduceSum (p, a) y = Div (p, s)"
    constants = {"w": rng.normal(size=(6, 8)), "v": rng.normal(size=(8, 4))}
    constants = {name: array.astype(np.float32) for name, array in constants.items()}
    model = graph(nodes, {**constants, "a": np.array([1])}, ["n", 6])
    told = convert(model, rng.normal(size=(50, 6)).astype(np.float32)).report["onnxruntime"]
    assert told["output"] == "z"
    assert told["snr_db"] > 30


def test_classes_are_compared_as_such(rng):
    model = graph("y = ArgMax <axis = 1> (x)", {}, ["n", 6])
    model.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.INT64
    x = np.stack([rng.permutation(6) for _ in range(50)]).astype(np.float32)
    told = convert(model, x).report["onnxruntime"]
    assert (told["agreement"], told["snr_db"]) == (1.0, None)


def test_maps_have_no_best_class(rng):
    model = graph("y = Tanh (x)", {}, ["n", 1, 4, 4])
    told = convert(model, rng.normal(size=(50, 1, 4, 4)).astype(np.float32)).report["onnxruntime"]
    assert told["agreement"] is None
    assert told["snr_db"] > 30


@pytest.mark.parametrize("last", ["y = Identity (q)", "y = Transpose (q)"])
def test_bytes_that_go_out_are_compared_from_their_zero(rng, last):
    nodes = f"q = QuantizeLinear (x, s, z) {last}"
    model = graph(nodes, {"s": np.float32(0.5), "z": np.uint8(200)}, ["n", 6])
    model.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.UINT8
    x = rng.normal(size=(50, 6)).astype(np.float32)
    told = convert(model, x).report["onnxruntime"]
    assert told["snr_db"] == 999


@pytest.fixture
def convert_on(tmp_path, capsys):
    """Return a function that runs the command on a model and data: status, stdout, stderr."""

    def run(model, x, *options):
        onnx.save(model, tmp_path / "net.onnx")
        words = ["convert", str(tmp_path / "net.onnx"), "--out", str(tmp_path / "out")]
        if x is not None:
            np.savez(tmp_path / "x.npz", x=x)
            words += ["--calibration", str(tmp_path / "x.npz")]
        status = main([*words, *options])
        return status, *capsys.readouterr()

    return run


def test_the_command_tells_it(dense, convert_on):
    status, text, _ = convert_on(*dense, "--strict")
    assert status == 0
    assert "beside onnxruntime on 200 samples (the compiled C): same best class" in text
    assert json.loads(convert_on(*dense, "--json")[1])["onnxruntime"]["samples"] == 200


def test_strict_refuses_what_is_not_as_good(dense, convert_on, tmp_path):
    status, text, _ = convert_on(*dense, "--weight-bits", "2")
    assert status == 0
    assert "warning: output 'y'" in text
    for file in (tmp_path / "out").iterdir():
        file.unlink()
    status, _, error = convert_on(*dense, "--weight-bits", "2", "--strict")
    assert status == 2
    assert "output 'y'" in error
    assert error.count("\n") == 1
    assert not list((tmp_path / "out").iterdir())


def test_strict_takes_calibration_data(rng, convert_on):
    nodes = "q = QuantizeLinear (x, s, z) y = DequantizeLinear (q, s, z)"
    model = graph(nodes, {"s": np.float32(0.5), "z": np.uint8(200)}, ["n", 6])
    assert "not compared with onnxruntime: that takes" in convert_on(model, None)[1]
    status, _, error = convert_on(model, None, "--strict")
    assert status == 2
    assert "give --calibration" in error


def test_a_graph_that_onnxruntime_does_not_run_is_said_to_be_one(rng, convert_on):
    model = graph("y = Tanh (x)", {}, ["n", 6])
    # It wants the shapes of outputs to be right, which the converter does not need.
    model.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
    x = rng.normal(size=(50, 6)).astype(np.float32)
    status, text, _ = convert_on(model, x)
    assert status == 0
    assert "not compared with onnxruntime, which does not run it: " in text
    status, _, error = convert_on(model, x, "--strict")
    assert status == 2
    assert "onnxruntime does not run the model" in error


def test_calibration_is_said_to_be_missing_once(rng):
    model = graph("y = MatMul (x, w)", {"w": np.ones((2, 2), np.float32)}, [1, 2])
    with pytest.raises(InputError, match="give calibration data"):
        convert(model)
