"""Values of 16 bits between layers: all, chosen nodes, or where 8 would lose too much."""

import subprocess

import numpy as np
import pytest
from graphs import graph

from inkpin.common import InputError, host_compiler
from inkpin.model import convert
from inkpin.model.cli import main

RNG = np.random.default_rng(5)


def normal(*shape, size=1.0):
    return RNG.normal(0, size, shape).astype(np.float32)


# A sum of what is large, less nearly all of it again: 8 bits lose what is left.
CANCELLING = graph(
    "h = Gemm (x, w, b) big = Add (h, k) s = Add (big, x) back = Sub (s, k) t = Tanh (back) "
    "y = Gemm (t, v, c)",
    {
        "w": normal(6, 6, size=0.4),
        "b": normal(6),
        "k": np.full(6, 60, np.float32),
        "v": normal(6, 3),
        "c": normal(3),
    },
    ["n", 6],
)
ROWS = normal(200, 6)


def kinds(converted):
    return {name: held.kind for name, held in converted.integer_program.types.items()}


def exact(converted, x):
    """Return the integers of the reference as numbers, shaped as `predict` gives them."""
    program = converted.integer_program
    codes = program.run(program.encode({program.inputs[0].name: x[:, None]}))
    return program.decode(codes[program.output]).reshape(len(x), -1)


def decibels(converted):
    """Return those of every node of the report."""
    nodes = converted.report["nodes"]
    return {node["nodes"][-1]: node["snr_db"] for node in nodes if node["snr_db"] is not None}


def test_16_bits_keep_what_8_lose():
    eight, sixteen = convert(CANCELLING, ROWS), convert(CANCELLING, ROWS, activation_bits=16)
    assert eight.comparison.snr_db < 30
    assert sixteen.comparison.snr_db > 40
    assert np.array_equal(sixteen.predict(ROWS), exact(sixteen, ROWS))
    assert {"int16", "int32"} == {*kinds(sixteen).values()}
    assert "int16_t input[6]" in sixteen.source.header


def test_the_largest_sums_do_not_overflow():
    """Weights and inputs at their ends: sums of 33 bits, and more products than a word takes."""
    weights = np.where(np.arange(900) % 3, 1.0, 0.99).astype(np.float32)
    model = graph(
        "h = Gemm (x, w, b) y = Gemm (h, v)",
        {"w": np.stack([weights, -weights], 1), "b": np.float32([5, 0]), "v": normal(2, 2)},
        ["n", 900],
    )
    x = np.concatenate([normal(50, 900), np.full((1, 900), 9), np.full((1, 900), -9)])
    converted = convert(model, x.astype(np.float32), activation_bits=16)
    got = converted.predict(10 * x)
    assert np.array_equal(got, exact(converted, 10 * x))
    assert np.sign(got[-2:]).tolist() == np.sign(exact(converted, x)[-2:]).tolist()


def test_a_chosen_node_alone_has_16_bits():
    converted = convert(CANCELLING, ROWS, shorts=("add_s",))
    made = kinds(converted)
    assert made["s"] == "int16"
    assert made["x"] == "bytes"
    assert converted.comparison.snr_db > convert(CANCELLING, ROWS).comparison.snr_db
    assert np.array_equal(converted.predict(ROWS), exact(converted, ROWS))


def test_a_bound_widens_where_8_bits_lose_and_nowhere_else():
    model = graph(
        "a = Gemm (x, w) r = Relu (a) h = Gemm (r, w, b) big = Add (h, k) s = Add (big, r) "
        "back = Sub (s, k) t = Tanh (back) y = Gemm (t, v)",
        {"w": normal(6, 6, size=0.4), "b": normal(6), "k": np.full(6, 60, np.float32)}
        | {"v": normal(6, 3)},
        ["n", 6],
    )
    assert min(decibels(convert(model, ROWS)).values()) < 25
    bounded = convert(model, ROWS, shorts_under=32)
    made = kinds(bounded)
    assert made["s"] == "int16"
    assert made["x"] == "bytes"
    assert min(decibels(bounded).values()) >= 32
    assert "int16" not in kinds(convert(model, ROWS, shorts_under=5)).values()


def test_a_bound_that_16_bits_do_not_reach_is_told():
    warnings = convert(CANCELLING, ROWS, shorts_under=70).report["warnings"]
    assert any("16 bits do not bring 'gemm_y' to 70 dB" in warning for warning in warnings)


def test_pixels_stay_bytes():
    model = graph("t = Gemm (x, w) u = Tanh (t) y = Gemm (u, w)", {"w": normal(4, 4)}, ["n", 4])
    pixels = (RNG.integers(0, 256, (300, 4)) / 255).astype(np.float32)
    converted = convert(model, pixels, activation_bits=16)
    assert kinds(converted)["x"] == "bytes"
    assert converted.integer_program.calls[0].c_files[0] == "ink_recode.c"
    assert np.array_equal(converted.predict(pixels[:20]), exact(converted, pixels[:20]))


RECURRENT = graph(
    "a = Tanh (x) g = GRU <hidden_size = 3> (a, w, r) y = Flatten (g)",
    {"w": normal(1, 9, 2), "r": normal(1, 9, 3)},
    [4, 1, 2],
)


def test_what_has_kernels_of_8_bits_only_is_named():
    model = graph(
        "a = Tanh (x) g = GRU <hidden_size = 3> (a, w, r) s = Sigmoid (a) f = Flatten (g) "
        "h = Flatten (s) y = Concat <axis = 1> (f, h)",
        {"w": normal(1, 9, 2), "r": normal(1, 9, 3)},
        [4, 1, 2],
    )
    x = normal(60, 4, 1, 2)
    converted = convert(model, x, activation_bits=16)
    told = "8 bits within 16, as their kernels know no others: 'gru_g'"
    assert told in converted.report["warnings"]
    assert np.array_equal(converted.predict(x).ravel(), exact(converted, x).ravel())


@pytest.mark.parametrize(
    ("model", "options", "told"),
    [
        (CANCELLING, {"shorts": ("adds",)}, "16 bits of 'adds': no node or input is called that"),
        (CANCELLING, {"shorts": ("gemm_y",)}, "16 bits of 'gemm_y': its numbers have the bits"),
        (RECURRENT, {"shorts": ("gru_g",)}, "16 bits of 'gru_g': its numbers have the bits"),
        (CANCELLING, {"activation_bits": 4}, "activations of 4 bits: take 8 or 16"),
        (CANCELLING, {"shorts_under": float("nan")}, "give it in decibels"),
    ],
)
def test_what_cannot_have_them_is_refused(model, options, told):
    x = ROWS if model is CANCELLING else normal(20, 4, 1, 2)
    with pytest.raises(InputError, match=told):
        convert(model, x, **options)


@pytest.mark.parametrize("options", [{"activation_bits": 16}, {"shorts_under": 30}])
def test_calibration_data_are_needed(options):
    with pytest.raises(InputError, match=r"--calibration DATA\.npz"):
        convert(CANCELLING, **options)


def test_sums_of_a_last_average_go_out_whole():
    """Not rounded to a byte, neither in 8 bits nor in 16, nor in front of a softmax."""
    model = graph("y = GlobalAveragePool (x)", {}, ["n", 3, 5, 5])
    x = normal(100, 3, 5, 5)
    for options, least in (({}, 38), ({"activation_bits": 16}, 75)):
        converted = convert(model, x, **options)
        assert kinds(converted)["y"] == "int32"
        assert converted.comparison.snr_db > least
        assert np.array_equal(converted.predict(x).ravel(), exact(converted, x).ravel())
    nodes = "m = GlobalAveragePool (x) f = Flatten (m) y = Softmax (f)"
    softmax = graph(nodes, {}, ["n", 3, 5, 5])
    assert "ink_widen" not in str(convert(softmax, x).kernels)


def test_the_command_and_its_example(tmp_path, capsys):
    model, data, out = tmp_path / "m.onnx", tmp_path / "d.npz", tmp_path / "out"
    model.write_bytes(CANCELLING.SerializeToString())
    np.savez(data, x=ROWS)
    told = ["convert", str(model), "--calibration", str(data), "--out", str(out)]
    assert main([*told, "--activation-bits", "16"]) == 0
    assert "short_dense" in capsys.readouterr().out
    sources = sorted(out.glob("*.c"))
    program = host_compiler.build(sources, [out], host_compiler.SANITIZERS, shared=False)
    for row in (ROWS[0], 1000 * ROWS[1]):
        text = " ".join(map(repr, map(float, row)))
        done = subprocess.run([program], input=text, capture_output=True, text=True, check=True)
        best = convert(CANCELLING, ROWS, activation_bits=16).predict(row[None]).argmax()
        assert done.stdout.split()[0] == str(best)
    assert main([*told, "--activation-bits", "add_s=16", "--activation-bits", "20dB"]) == 0
    assert "short_pair: add_s" in capsys.readouterr().out
    assert main([*told, "--activation-bits", "twelve"]) == 2
    assert "give 16 for all values, NODE=16" in capsys.readouterr().err
