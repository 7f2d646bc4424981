"""Recurrent layers beside onnxruntime, as exporters surround them."""

import subprocess

import numpy as np
import pytest
from graphs import graph
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from inkpin.common import InputError, host_compiler
from inkpin.model import convert
from inkpin.model.converter.kernels.dense import DenseCall
from inkpin.model.converter.kernels.recurrent import RecurrentCall, hyperbolic_tangent, sigmoid

TIME, INTO, UNITS = 10, 5, 8
GATES = {"GRU": 3, "LSTM": 4, "RNN": 1}


def layer(rng, kind, directions=1, into=INTO, suffix=""):
    """Return the constants of a layer, of the size that training leaves."""
    rows = GATES[kind] * UNITS
    shapes = {"w": (rows, into), "r": (rows, UNITS), "b": (2 * rows,)}
    return {
        name + suffix: rng.uniform(-0.6, 0.6, (directions, *shape)).astype(np.float32)
        for name, shape in shapes.items()
    }


CONSTANTS = {
    "batch": np.array([1]),
    "ways": np.array([2]),
    "zero": np.array([0]),
    "last": np.array([-1]),
    "end": np.array([1 << 40]),
    "first": np.array([1]),
    "joined": np.array([TIME, 1, 2 * UNITS]),
    "timed": np.array([TIME, 1, UNITS]),
    "begin": np.zeros((1, 1, UNITS), np.float32),
}


def compared(model, x, enough=30):
    """Return the conversion of a model whose C is its reference and as onnxruntime has it."""
    converted = convert(model, x)
    comparison = converted.comparison
    assert comparison.failure is None
    assert (comparison.ran, comparison.snr_db >= enough) == ("c", True), comparison
    program = converted.integer_program
    codes = program.encode(x if isinstance(x, dict) else {"x": x})
    wanted = program.decode(program.run(codes)[program.output])
    assert np.array_equal(converted.predict(x).ravel(), wanted.ravel())
    return converted


def sequences(rng, shape=(1, TIME, INTO)):
    return rng.normal(size=(80, *shape)).astype(np.float32)


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("way", ["steps first", "batch first", "stream"])
def test_features_of_different_units_get_scales_of_their_own(rng, kind, way, tmp_path):
    scales = np.float32([1000, 30, 1, 0.02, 0.0005])
    constants = layer(rng, kind)
    constants["w"] /= scales
    shape = [1, TIME, INTO] if way == "batch first" else [TIME, 1, INTO]
    x = (rng.normal(size=(80, *shape)) + rng.normal(size=INTO)).astype(np.float32) * scales
    moved = "t = Transpose <perm = [1, 0, 2]> (x)" if way == "batch first" else "t = Identity (x)"
    nodes = f"{moved} y, last = {kind} <hidden_size = {UNITS}> (t, w, r, b)"
    network = convert(graph(nodes, constants, shape), x, name="net", stream=way == "stream")
    assert len(network.program.inputs[0].scaling.gain) == INTO
    comparison = network.comparison
    assert (comparison.ran, comparison.snr_db >= 35) == ("c", True), comparison
    files = network.write(tmp_path, example=True)
    sources = [file for file in files if file.suffix == ".c"]
    program = host_compiler.build(sources, [tmp_path], host_compiler.SANITIZERS, shared=False)
    text = " ".join(map(repr, map(float, x[0].ravel())))
    done = subprocess.run([program], input=text, capture_output=True, text=True, check=True)
    states = network.predict(x[:1]).reshape(TIME, UNITS)
    best = states.argmax(axis=1) if way == "stream" else [states.argmax()]
    assert [int(line.split()[0]) for line in done.stdout.splitlines()] == [*map(int, best)]


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize(
    "kind", ["GRU", "GRU <linear_before_reset = 1>", "LSTM", "RNN"], ids=lambda kind: kind
)
def test_all_states_are_onnxruntimes(rng, kind, direction):
    directions = 2 if direction == "bidirectional" else 1
    op_type, _, attributes = kind.rstrip(">").partition(" <")
    attributes += (", " if attributes else "") + f'hidden_size = {UNITS}, direction = "{direction}"'
    nodes = f"""
        t = Transpose <perm = [1, 0, 2]> (x)
        a, h = {op_type} <{attributes}> (t, w, r, b, , begin)
        y = Squeeze (a, {"ways" if directions == 2 else "batch"})
    """
    begin = {"begin": np.zeros((directions, 1, UNITS), np.float32)}
    model = graph(nodes, CONSTANTS | begin | layer(rng, op_type, directions), [1, TIME, INTO])
    converted = compared(model, sequences(rng))
    layers = [c for c in converted.integer_program.calls if isinstance(c, RecurrentCall)]
    assert len(layers) == directions


def test_weights_count_by_the_states_not_by_what_is_left_of_them(rng):
    """Bytes behind the layer cut half of what goes out; inside, all states count."""
    constants = layer(rng, "RNN") | {"s": np.float32(0.004), "z": np.uint8(0)}
    constants["b"][0, :UNITS] = np.where(np.arange(UNITS) % 2, -2, 0.2)
    constants["r"][0, :, 1::2] *= 5
    nodes = f"a = RNN <hidden_size = {UNITS}> (x, w, r, b) q = QuantizeLinear (a, s, z)"
    nodes += " y = DequantizeLinear (q, s, z)"
    compared(graph(nodes, constants, [TIME, 1, INTO]), sequences(rng, (TIME, 1, INTO)), 25)


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
def test_the_last_cells_of_an_lstm_go_out(rng, direction):
    """A clip that cuts nothing that 8 bits tell apart is left out."""
    ways = 2 if direction == "bidirectional" else 1
    attributes = f'hidden_size = {UNITS}, direction = "{direction}", clip = 9.0'
    nodes = f"a, h, c = LSTM <{attributes}> (x, w, r, b) y = Concat <axis = 2> (h, c)"
    model = graph(nodes, layer(rng, "LSTM", ways), [TIME, 1, INTO])
    compared(model, 2 * sequences(rng, (TIME, 1, INTO)))
    nodes = nodes.replace("y = Concat <axis = 2> (h, c)", "y = Neg (c)")
    only = graph(nodes, layer(rng, "LSTM", ways), [TIME, 1, INTO])
    converted = compared(only, sequences(rng, (TIME, 1, INTO)))
    layers = [c for c in converted.integer_program.calls if isinstance(c, RecurrentCall)]
    assert [call.layer.cells for call in layers] == [True] * ways


LAST = {
    # As PyTorch's exporter writes `output[:, -1]`, `h[-1]`, and a second layer.
    "the last of all": "s1 = Squeeze (a, first) s2 = Transpose <perm = [1, 0, 2]> (s1) "
    "s3 = Slice (s2, last, end, first) s = Squeeze (s3, first)",
    "the last state": "s = Squeeze (h, zero)",
    "a choice of the last": "s1 = Squeeze (a, first) s2 = Gather <axis = 0> (s1, last) "
    "s = Squeeze (s2, zero)",
}


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("nodes", LAST.values(), ids=LAST)
def test_a_classifier_by_the_last_state_keeps_that_alone(rng, kind, nodes):
    constants = CONSTANTS | layer(rng, kind)
    constants |= {"v": rng.normal(size=(4, UNITS)), "c": rng.normal(size=4)}
    constants |= {name: constants[name].astype(np.float32) for name in "vc"}
    text = f"""
        t = Transpose <perm = [1, 0, 2]> (x)
        a, h = {kind} <hidden_size = {UNITS}> (t, w, r, b)
        {nodes}
        y = Gemm <transB = 1> (s, v, c)
    """
    converted = compared(graph(text, constants, [1, TIME, INTO]), sequences(rng))
    first, dense = converted.integer_program.calls
    assert isinstance(first, RecurrentCall)
    assert converted.integer_program.types[first.output].nbytes == UNITS
    assert isinstance(dense, DenseCall)


def test_layers_behind_each_other_and_what_stands_before(rng):
    nodes = f"""
        m = Mul (x, gain)
        d = Add (m, offset)
        t = Transpose <perm = [1, 0, 2]> (d)
        a = GRU <hidden_size = {UNITS}, direction = "bidirectional"> (t, w, r, b)
        u = Transpose <perm = [0, 2, 1, 3]> (a)
        v = Reshape (u, joined)
        z, y = LSTM <hidden_size = {UNITS}> (v, w2, r2, b2)
    """
    constants = CONSTANTS | layer(rng, "GRU", 2) | layer(rng, "LSTM", 1, 2 * UNITS, "2")
    constants |= {"gain": rng.uniform(0.5, 2, INTO), "offset": rng.normal(size=INTO)}
    constants |= {name: constants[name].astype(np.float32) for name in ("gain", "offset")}
    converted = compared(graph(nodes, constants, [1, TIME, INTO]), sequences(rng))
    kinds = [call.c_files[0] for call in converted.integer_program.calls]
    # Factors and terms are in the weights.
    assert kinds == ["ink_gru.c", "ink_gru.c", "ink_move.c", "ink_lstm.c"]


def test_states_begin_as_they_are_given(rng):
    nodes = f"""
        t = Transpose <perm = [1, 0, 2]> (x)
        a = LSTM <hidden_size = {UNITS}> (t, w, r, b, , h0, c0)
        y = Squeeze (a, batch)
    """
    constants = CONSTANTS | layer(rng, "LSTM")
    for name in ("h0", "c0"):
        constants[name] = rng.uniform(-1, 1, (1, 1, UNITS)).astype(np.float32)
    given = graph(nodes, constants, [1, TIME, INTO])
    x = sequences(rng)
    started = compared(given, x).predict(x)
    constants |= {"h0": CONSTANTS["begin"], "c0": CONSTANTS["begin"]}
    assert np.abs(started - compared(graph(nodes, constants, [1, TIME, INTO]), x).predict(x)).max()


def test_a_state_may_be_an_input(rng):
    nodes = f"y, h = GRU <hidden_size = {UNITS}> (x, w, r, b, , state)"
    model = graph(nodes, layer(rng, "GRU"), [1, 1, INTO])
    model.graph.input.append(helper.make_tensor_value_info("state", 1, [1, 1, UNITS]))
    state = rng.uniform(-1, 1, (80, 1, 1, UNITS)).astype(np.float32)
    compared(model, {"x": sequences(rng, (1, 1, INTO)), "state": state})


def test_a_long_sequence_is_not_lost_by_rounding(rng):
    nodes = f"a, y = LSTM <hidden_size = {UNITS}> (x, w, r, b)"
    model = graph(nodes, layer(rng, "LSTM"), [200, 1, INTO])
    x = np.cumsum(rng.normal(0, 0.3, (20, 200, 1, INTO)), axis=1).clip(-2, 2).astype(np.float32)
    compared(model, x)


STREAMED = {
    "the last state": (
        f"""
            t = Transpose <perm = [1, 0, 2]> (x)
            a, h = GRU <hidden_size = {UNITS}> (t, w, r, b)
            s = Squeeze (h, zero)
            y = Gemm <transB = 1> (s, v, c)
        """,
        [1, TIME, INTO],
    ),
    # As PyTorch's exporter writes `output[:, -1]`, with the time of the example in it.
    "the last of all, time fixed in a shape": (
        f"""
            t = Transpose <perm = [1, 0, 2]> (x)
            a = GRU <hidden_size = {UNITS}> (t, w, r, b)
            u = Transpose <perm = [0, 2, 1, 3]> (a)
            f = Reshape (u, timed)
            s1 = Transpose <perm = [1, 0, 2]> (f)
            s2 = Gather <axis = 1> (s1, last)
            s = Squeeze (s2, first)
            y = Gemm <transB = 1> (s, v, c)
        """,
        [1, TIME, INTO],
    ),
    "two layers, every state": (
        f"""
            a = LSTM <hidden_size = {UNITS}> (x, w, r, b)
            u = Squeeze (a, first)
            n = LayerNormalization (u, g)
            a2 = RNN <hidden_size = {UNITS}> (n, w2, r2, b2)
            u2 = Squeeze (a2, first)
            y = MatMul (u2, vt)
        """,
        [TIME, 1, INTO],
    ),
}


def stream_constants(rng):
    constants = CONSTANTS | layer(rng, "LSTM") | layer(rng, "RNN", 1, UNITS, "2")
    constants |= {"v": rng.normal(size=(4, UNITS)), "c": rng.normal(size=4)}
    constants |= {"vt": rng.normal(size=(UNITS, 4)), "g": rng.uniform(0.5, 2, UNITS)}
    return constants | {n: constants[n].astype(np.float32) for n in ("v", "c", "vt", "g")}


@pytest.mark.parametrize(("nodes", "shape"), STREAMED.values(), ids=STREAMED)
def test_a_stream_gives_what_the_whole_sequence_gives(rng, nodes, shape):
    constants = stream_constants(rng)
    if "GRU" in nodes:
        constants |= layer(rng, "GRU")
    model = graph(nodes, constants, shape)
    x = sequences(rng, tuple(shape))
    converted = convert(model, x, stream=True)
    comparison = converted.comparison
    assert comparison.failure is None
    assert (comparison.ran, comparison.snr_db >= 30) == ("c", True), comparison
    program = converted.integer_program
    codes = program.encode(converted.stream.apart({"x": x}))
    wanted = program.decode(program.run(codes)[program.output])
    joined = converted.stream.joined("y", wanted)
    assert np.array_equal(converted.predict(x).ravel(), joined.ravel())
    assert program.inputs[0].shape in ((1, 1, INTO),)
    assert converted.report["state_bytes"] == 4 * converted.source.state > 0


def test_the_example_of_a_stream_prints_every_step(rng, tmp_path):
    nodes, shape = STREAMED["the last state"]
    model = graph(nodes, stream_constants(rng) | layer(rng, "GRU"), shape)
    x = sequences(rng, tuple(shape))
    converted = convert(model, x, name="net", stream=True)
    files = converted.write(tmp_path, example=True)
    sources = [file for file in files if file.suffix == ".c"]
    program = host_compiler.build(sources, [tmp_path], host_compiler.SANITIZERS, shared=False)
    text = " ".join(map(repr, map(float, x[0].ravel())))
    done = subprocess.run([program], input=text, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == TIME
    assert int(lines[-1].split()[0]) == converted.predict(x[:1]).argmax()
    done = subprocess.run([program], input="1 2", capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "5 numbers are needed for input\n")


NO_STREAM = {
    "no recurrent layer": ("y = Tanh (x)", "no GRU, LSTM or RNN.*dynamo=False"),
    "time that runs backwards": (
        f'a, y = GRU <hidden_size = {UNITS}, direction = "reverse"> (x, w, r, b)',
        "goes back in time",
    ),
    "an average over time": (
        f"a = GRU <hidden_size = {UNITS}> (x, w, r, b) y = ReduceMean (a, zero)",
        "other steps",
    ),
    "a difference of steps": (
        f"q = Slice (x, zero, last, zero) p = Pad (q, pads) d = Sub (x, p) "
        f"a, y = GRU <hidden_size = {UNITS}> (d, w, r, b)",
        "other steps",
    ),
}


@pytest.mark.parametrize(("nodes", "reason"), NO_STREAM.values(), ids=NO_STREAM)
def test_what_needs_other_steps_is_not_streamed(rng, nodes, reason):
    constants = CONSTANTS | layer(rng, "GRU") | {"pads": np.array([1, 0, 0, 0, 0, 0])}
    model = graph(nodes, constants, [TIME, 1, INTO])
    with pytest.raises(InputError, match=rf"{reason}.*leave --stream out"):
        convert(model, sequences(rng, (TIME, 1, INTO)), stream=True)


REFUSED = {
    "other activations": (
        'y = RNN <hidden_size = 8, activations = ["Relu"]> (x, w, r, b)',
        "activations relu",
    ),
    "a clip": ("y = GRU <hidden_size = 8, clip = 1.0> (x, w, r, b)", "clip under 8"),
    "peepholes": ("y = LSTM <hidden_size = 8> (x, w, r, b, , , , b)", "train it without"),
    "weights of another size": ("y = GRU <hidden_size = 8> (x, r, r, b)", "do not fit steps"),
    "a direction that is none": (
        'y = GRU <hidden_size = 8, direction = "sideways"> (x, w, r, b)',
        "'sideways' is not known",
    ),
    "states of another size": (
        "y = GRU <hidden_size = 8> (x, w, r, b, , b)",
        r"begin with shape \(1, 48\), not \(1, 1, 8\)",
    ),
    "sequences that end sooner": (
        "y = GRU <hidden_size = 8> (x, w, r, b, short)",
        "shorter than its input",
    ),
}


@pytest.mark.parametrize(("nodes", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_no_cell_does_is_refused(rng, nodes, reason):
    kind = nodes.split("=")[1].split()[0]
    constants = {"short": np.array([3], np.int32), **layer(rng, kind)}
    with pytest.raises(InputError, match=rf"{kind} node .*{reason}"):
        convert(graph(nodes, constants, [TIME, 1, INTO]), sequences(rng, (TIME, 1, INTO)))


def test_weights_beyond_every_number_are_refused(rng):
    constants = {name: np.float32(1e30) * array for name, array in layer(rng, "GRU").items()}
    with pytest.raises(InputError, match="too far apart in size"):
        convert(
            graph("y = GRU <hidden_size = 8> (x, w, r, b)", constants, [TIME, 1, INTO]),
            sequences(rng, (TIME, 1, INTO)),
        )


@given(st.integers(-(2**20), 2**20))
def test_gates_are_close(total):
    [share], [bent] = sigmoid(np.array([total])), hyperbolic_tangent(np.array([total]))
    x = total / 4096
    assert abs(share / 2**15 - 1 / (1 + np.exp(-x))) < 2e-4
    assert abs(bent / 2**15 - np.tanh(x)) < 4e-4
