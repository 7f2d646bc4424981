"""The C compiles as C++ as well, and computes the same: sketches and .cpp files take it in."""

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from graphs import graph, random_model
from onnx import TensorProto, helper

from inkpin.model import C_FOLDER, convert
from inkpin.model.converter.c_text import structure

FIXTURES = Path(__file__).parent / "fixtures"
WARNINGS = ("-Wall", "-Wextra", "-pedantic", "-Werror")


MANY = """
    c = Conv <pads = [1, 1, 1, 1]> (x, w, b)
    p = AveragePool <kernel_shape = [2, 2], strides = [2, 2]> (c)
    m = MaxPool <kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1]> (p)
    s = Sigmoid (p)
    a = Add (s, m)
    d = Pad (a, pads)
    j = Concat <axis = 1> (d, d)
    f = Flatten (j)
    g = Gemm <transB = 1> (f, v, k)
"""


def many(last, *more):
    rng = np.random.default_rng(4)
    constants = {
        "w": rng.normal(size=(3, 2, 3, 3)).astype(np.float32),
        "b": rng.normal(size=3).astype(np.float32),
        "pads": np.array([0, 0, 1, 0, 0, 0, 0, 2]),
        "v": rng.normal(size=(5, 6 * 5 * 6)).astype(np.float32),
        "k": rng.normal(size=5).astype(np.float32),
    }
    x = rng.normal(size=(20, 2, 8, 8)).astype(np.float32)
    model = graph(f"{MANY} {last}", constants, [1, 2, 8, 8])
    for name in more:  # which is no name in C++
        model.graph.node.append(helper.make_node("Tanh", ["f"], [name]))
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    return convert(model, x, name="net"), x


def fixture(name):
    x = np.random.default_rng(3).random((20, 784)).astype(np.float32)
    given = "qdq" in name or "qoperator" in name
    converted = convert(FIXTURES / f"{name}.onnx", None if given else x, name="net")
    return converted, x.reshape(-1, *converted.integer_program.inputs[0].shape[1:])


def bitmaps():
    labels = {"labels": '["a", "b", "c", "d"]'}
    x = np.random.default_rng(4).integers(0, 2, (20, 1, 12, 12)).astype(np.float32)
    return convert(random_model(metadata=labels), name="net"), x


NETWORKS = {
    "kernels of maps": lambda: many("y = Softmax (g)"),
    "place of the largest": lambda: many("l = LogSoftmax (g) y = ArgMax <axis = 1> (l)"),
    "several outputs": lambda: many("y = Softmax (g)", "class"),
    "scales given": lambda: fixture("separable_qdq"),
    "operators of bytes": lambda: fixture("lenet_qoperator"),
    "sklearn": lambda: fixture("sklearn_mlp"),
    "bitmaps, with labels": bitmaps,
}


@pytest.mark.parametrize("standard", ["c++11", "c++17"])
@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_the_c_is_cpp_as_well(network, standard, tmp_path):
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("g++ is not here: install g++")
    converted, x = network()
    sources = [file for file in converted.write(tmp_path, example=True) if file.suffix == ".c"]
    library = tmp_path / "library"
    flags = ["-x", "c++", f"-std={standard}", *WARNINGS, "-shared", "-fPIC"]
    done = subprocess.run([compiler, *flags, *sources, "-o", library], capture_output=True)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    converted.run_from(ctypes.CDLL(str(library)))
    program = converted.integer_program
    codes = program.encode({program.inputs[0].name: x})
    values, got = program.run(codes), converted.predict(x)
    got = got if isinstance(got, dict) else {program.outputs[0].name: got}
    for output in program.outputs:
        wanted = program.decode(values[output.value], output)
        assert np.array_equal(got[output.name].ravel(), wanted.ravel())


def test_every_kernel_is_cpp_as_well(tmp_path):
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("g++ is not here: install g++")
    made = sorted((C_FOLDER / "generated").glob("*.c"))
    flags = ["-x", "c++", "-std=c++11", *WARNINGS, "-O0", "-c", f"-I{C_FOLDER}"]
    sources = [*sorted(C_FOLDER.glob("ink_*.c")), *made]
    done = subprocess.run([compiler, *flags, *sources], cwd=tmp_path, capture_output=True)
    assert (done.returncode, done.stderr.decode()) == (0, "")


def test_a_structure_without_a_field_is_no_structure():
    fields = {"from": 0, "to": 0, "count": "{1}", "from_step": "{0}"}
    with pytest.raises(ValueError, match=r"ink_copy_box has the fields .*to_step, not"):
        structure("static const ink_copy_box box", fields)
