"""What cannot be converted is refused in one line that says what and what to do."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from graphs import graph, random_model
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inkpin.common import InputError
from inkpin.model import convert

BYTE = {"s": np.float32(0.25), "z": np.uint8(0)}
QUANTISED = """
    q = QuantizeLinear (x, s, z)
    r = DequantizeLinear (q, s, z)
"""
DENSE = f"{QUANTISED} y = MatMul (r, w)"

W = np.float32([[0.5, 1], [0.25, -1]])
MAP = [1, 1, 8, 8]
REFUSED = {
    "an operator that is not known": (
        "y = Hardmax (x)",
        {},
        [1, 2],
        r"a node whose operator is not supported: Hardmax 'hardmax_y' \(it jumps",
    ),
    "floats without calibration": ("y = MatMul (x, w)", {"w": W}, [1, 2], "give cal"),
    "weights that are not numbers": (
        DENSE,
        {**BYTE, "w": np.float32([[np.nan, 1], [np.inf, -1]])},
        [1, 2],
        "MatMul node.*not finite",
    ),
    "a product of what is no matrix": ("y = Gemm (x, x)", {}, [1, 3, 3], "Gemm node.*no matrices"),
    "a scale that is no number": (
        DENSE,
        {"s": np.float32(np.inf), "z": np.uint8(0), "w": W},
        [1, 2],
        "QuantizeLinear node.*not finite",
    ),
    "a scale of zero": (
        DENSE,
        {"s": np.float32(0), "z": np.uint8(0), "w": W},
        [1, 2],
        "QuantizeLinear node.*positive",
    ),
    "a scale for each channel": (
        DENSE,
        {"s": np.ones(2, np.float32), "z": np.zeros(2, np.uint8), "w": W},
        [1, 2],
        "QuantizeLinear node.*each channel",
    ),
    "an activation that is no constant scale": (
        """
            q = QuantizeLinear (x, x)
            y = DequantizeLinear (q, x)
        """,
        {},
        [1, 2],
        "not a constant",
    ),
    "groups that do not fit": (
        "y = Conv <group = 2> (x, w)",
        {"w": np.ones((1, 1, 3, 3), np.float32)},
        MAP,
        "Conv node.*groups",
    ),
    "a window that is too large": (
        "y = MaxPool <kernel_shape = [9, 9]> (x)",
        {},
        MAP,
        "MaxPool node.*larger",
    ),
    "maps of three dimensions": (
        "y = GlobalAveragePool (x)",
        {},
        [1, 1, 4, 4, 4],
        "1-D and 2-D maps",
    ),
    "a class in the middle": (
        f"""
            {QUANTISED}
            a = ArgMax <axis = 1> (r)
            c = Cast <to = 1> (a)
            y = Mul (c, r)
        """,
        BYTE,
        [1, 2],
        "argmax",
    ),
    "an operator with a hint": (
        "y = Round (x)",
        {},
        MAP,
        r"Round 'round_y' \(it jumps",
    ),
    "several operators that are not known": (
        """
            h = Hardmax (x)
            n = NonZero (h)
            i = Ceil (x)
            j = Ceil (i)
            c = Cast <to = 1> (n)
            y = Sum (c, j)
        """,
        {},
        MAP,
        r"4 nodes whose operators are not supported: Hardmax 'hardmax_h' \(it jumps.*\); "
        r"NonZero 'nonzero_n' \(docs/operators.md.*\); Ceil 'ceil_i', 'ceil_j' \(it jumps",
    ),
    "a value beyond any device": (
        "y = Expand (x, t)",
        {"t": np.array([2**20, 2**11])},
        [1, 2**11],
        "no device",
    ),
}


@pytest.mark.parametrize(("nodes", "constants", "shape", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_named_in_one_line(nodes, constants, shape, message):
    model = graph(nodes, constants, shape)
    with pytest.raises(InputError, match=message) as refusal:
        convert(model)
    assert "\n" not in str(refusal.value)


def test_dynamic_quantisation_is_refused_by_name():
    nodes = """
        q, s, z = DynamicQuantizeLinear (x)
        y = DequantizeLinear (q, s, z)
    """
    model = graph(nodes, {}, [1, 2])
    with pytest.raises(InputError, match=r"DynamicQuantizeLinear '.*dynamic quantisation"):
        convert(model)


X = np.zeros((4, 2), np.float32)


@pytest.mark.parametrize(
    ("calibration", "message"),
    [
        ({"z": X, "u": X}, "no array 'x'.*'z', 'u'"),
        ({"x": X[:, :1].repeat(3, 1)[:1]}, "do not fit"),
        ({"x": X[:0]}, "do not fit"),
        ({"x": X * np.nan}, "not finite"),
        ({"x": np.array([["a", "b"]])}, "do not fit"),
        (Path("none.npz"), "No such file"),
        (Path(__file__), "not an .npz file"),
        ({"x": np.zeros((2, 3, 2))}, "do not fit"),
    ],
    ids=str,
)
def test_calibration_data_that_do_not_fit_are_refused(calibration, message):
    model = graph("y = MatMul (x, w)", {"w": W}, ["n", 2])
    with pytest.raises(InputError, match=message) as refusal:
        convert(model, calibration)
    assert "\n" not in str(refusal.value)


def test_calibration_data_that_claim_more_than_their_file_holds_are_refused(tmp_path):
    header = {"descr": "<f8", "fortran_order": False, "shape": (99, 99, 1_000_000)}
    with (tmp_path / "x.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
    model = graph("y = MatMul (x, w)", {"w": W}, ["n", 2])
    with pytest.raises(InputError, match=r"an array of 73.0 GiB in 128 bytes"):
        convert(model, tmp_path / "x.npy")


@pytest.mark.parametrize("option", [{"weight_bits": 3}, {"ranges": "guess"}], ids=str)
def test_unknown_options_are_refused(option):
    with pytest.raises(InputError, match="take"):
        convert(random_model(), **option)


def test_operators_of_other_domains_are_refused_by_name():
    model = graph(DENSE, {**BYTE, "w": W}, [1, 2])
    model.graph.node[2].domain = "com.example"
    model.opset_import.append(onnx.helper.make_opsetid("com.example", 1))
    with pytest.raises(InputError, match=r"com\.example"):
        convert(model)


@settings(max_examples=150)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["cut", "flip", "zero", "noise"]))
@example(2825, "noise")
def test_damaged_files_are_refused_in_one_line_or_still_exact(seed, harm):
    rng = np.random.default_rng(seed)
    data = bytearray(random_model(side=9, channels=(2,), pools=(2,)).SerializeToString())
    at = int(rng.integers(len(data)))
    if harm == "cut":
        del data[at:]
    elif harm == "flip":
        data[at] ^= 1 << int(rng.integers(8))
    elif harm == "zero":
        data[at : at + 40] = bytes(40)
    else:
        data[at : at + 8] = rng.bytes(8)
    try:
        message = str(convert(bytes(data)).source.arena)
    except InputError as error:
        message = str(error)
    assert message
    assert "\n" not in message


def test_files_that_are_no_models(tmp_path):
    for content in (b"", b"hello", bytes(1000)):
        path = tmp_path / "x.onnx"
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"x\.onnx"):
            convert(path)
    with pytest.raises(InputError, match="No such file"):
        convert(tmp_path / "none.onnx")


def test_a_model_of_tensorflow_lite_is_told_how_to_become_one(tmp_path):
    path = tmp_path / "my net.tflite"
    path.write_bytes(b"\x1c\0\0\0TFL3" + bytes(100))
    command = r"python -m tf2onnx.convert --tflite 'my net.tflite' --output 'my net'.onnx"
    with pytest.raises(InputError, match=f"{command}$"):
        convert(path)


def test_all_that_is_in_the_way_is_named_at_once():
    """Operators and attributes, in nodes that do not depend on each other; not what follows."""
    model = graph(
        """
        a = Hardmax (x)
        b = Resize <mode = "cubic"> (x, none, none, sides)
        c = GlobalLpPool <p = 3> (x)
        d = Relu (b)
        e = AveragePool <kernel_shape = [2, 2], auto_pad = "SIDEWAYS"> (x)
        f = Flatten (x)
        y = Concat <axis = 1> (a, d, e)
        """,
        {"none": np.float32([]), "sides": np.array([1, 1, 9, 9])},
        MAP,
    )
    with pytest.raises(InputError) as told:
        convert(model, np.random.default_rng(0).random((9, *MAP[1:]), np.float32))
    text = str(told.value)
    for node in ("hardmax_a", "resize_b", "averagepool_e"):
        assert f"'{node}'" in text
    assert "things are in the way" in text
    assert "\n" not in text
    assert not any(f"'{node}'" in text for node in ("relu_d", "concat_y"))
