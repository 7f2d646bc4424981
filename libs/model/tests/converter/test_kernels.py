"""The C of every kernel against its exact integers in numpy."""

import ctypes
import json
import subprocess
from functools import cache
from itertools import product, starmap
from pathlib import Path

import numpy as np
import pytest
from graphs import graph
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin import xtensa
from inkpin.common import host_compiler
from inkpin.model import C_FOLDER, convert
from inkpin.model.converter.codegen.layout import lay_out
from inkpin.model.converter.converted import compile_together
from inkpin.model.converter.integer_program import KernelCall
from inkpin.model.converter.kernels.conv import DepthwiseConvCall, ShiftConvCall
from inkpin.model.converter.kernels.copy import regular_boxes
from inkpin.model.converter.kernels.pooling import AveragePoolCall, InnerAveragePoolCall
from inkpin.model.converter.kernels.requantize import (
    ByteRange,
    Requantize,
    Scaling,
    fixed_point,
    rescaled,
)
from inkpin.model.converter.kernels.softmax import logarithm, power
from inkpin.model.converter.kernels.ternary_conv import NibbleConvCall, StreamedConvCall

FIXTURES = Path(__file__).parent / "fixtures"
UNARY = ["Sigmoid", "Tanh", "HardSwish", "LeakyRelu", "Softplus", "Abs", "Erf"]


class RandomNetwork:
    """A graph of random steps on maps, and their constants."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.constants = [], {}
        self.shape = (int(self.rng.integers(1, 5)), *map(int, self.rng.integers(6, 12, 2)))
        self.input_shape, self.name = self.shape, "x"
        makers = [
            *(self.conv, self.pool, self.unary, self.curve, self.sum, self.pad, self.turn),
            *(self.join, self.attend, self.normalise, self.remember, self.resize),
        ]
        for _ in range(int(self.rng.integers(4, 9))):
            self.rng.choice(makers)()
        self.add("Flatten", "x", {})
        self.dense()

    def pick(self, *choices):
        return choices[int(self.rng.integers(len(choices)))]

    def constant(self, *shape):
        name = f"k{len(self.constants)}"
        self.constants[name] = self.rng.normal(size=shape).astype(np.float32)
        return name

    def add(self, kind, inputs, attributes):
        names = [self.name if name == "x" else name for name in inputs.split()]
        self.name = f"v{len(self.nodes)}"
        text = ", ".join(f"{key} = {json.dumps(value)}" for key, value in attributes.items())
        text = f"<{text}>" if text else ""
        self.nodes.append(f"{self.name} = {kind} {text} ({', '.join(names)})")

    def window(self, largest):
        size = [min(int(self.rng.integers(1, largest + 1)), side) for side in self.shape[1:]]
        pads = [int(self.rng.integers(0, k)) for k in size * 2]
        strides = list(map(int, self.rng.integers(1, 3, 2)))
        return size, {"strides": strides, "pads": pads}

    def sides(self, size, attributes, ceil=0):
        pads, strides = attributes["pads"], attributes["strides"]
        self.shape = (
            self.shape[0],
            *(
                (side + pads[i] + pads[i + 2] - size[i] + ceil * (strides[i] - 1)) // strides[i] + 1
                for i, side in enumerate(self.shape[1:])
            ),
        )

    def conv(self):
        channels = self.shape[0]
        group = self.pick(1, channels)
        out = group * int(self.rng.integers(1, 3 if group > 1 else 8))
        size, attributes = self.window(3)
        if min(self.shape[1:]) >= 3 and self.pick(True, False):  # as most filters are
            size, stride = [3, 3], attributes["strides"][0]
            attributes["strides"] = [stride, stride]
        weights = self.constant(out, channels // group, *size)
        self.add("Conv", f"x {weights} {self.constant(out)}", {"group": group, **attributes})
        self.sides(size, attributes)
        self.shape = (out, *self.shape[1:])

    def pool(self):
        size, attributes = self.window(3)
        kind = self.pick("MaxPool", "AveragePool")
        extra = {"count_include_pad": self.pick(0, 1)} if kind == "AveragePool" else {}
        self.add(kind, "x", {"kernel_shape": size, **attributes, **extra})
        self.sides(size, attributes)

    def unary(self):
        self.add(self.pick(*UNARY), "x", {})

    def curve(self):
        """Two functions of one value, which become one table."""
        before = self.name
        self.add(self.pick("Neg", "Relu", "Tanh"), "x", {})
        self.add(self.pick("Add", "Sub", "Mul"), f"x {before}", {})

    def sum(self):
        """Two values of their own."""
        before = self.name
        window = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
        self.add("MaxPool", "x", {**window, "strides": [1, 1]})
        self.add(self.pick("Add", "Sub", "Mul"), f"x {before}", {})

    def pad(self):
        self.constants["pads"] = np.array([0, 0, 1, 0, 0, 0, 0, 2])
        self.add("Pad", "x pads", {"mode": self.pick("constant", "reflect", "edge")})
        channels, height, width = self.shape
        self.shape = (channels, height + 1, width + 2)

    def turn(self):
        self.add("Transpose", "x", {"perm": [0, 1, 3, 2]})
        self.shape = (self.shape[0], self.shape[2], self.shape[1])

    def join(self):
        before = self.name
        self.add("Sigmoid", "x", {})
        self.add("Concat", f"x {before}", {"axis": 1})
        self.shape = (2 * self.shape[0], *self.shape[1:])

    def attend(self):
        """Rows that look at each other: two products of computed values, and shares between."""
        self.add("Tanh", "x", {})  # what is squared again and again grows without end
        values = self.name
        self.add("Transpose", "x", {"perm": [0, 1, 3, 2]})
        self.add("MatMul", f"{values} x", {})
        self.add("Softmax", "x", {"axis": self.pick(2, 3)})
        self.add("MatMul", f"x {values}", {})

    def normalise(self):
        """By what is found while it runs: over rows, maps or along an axis."""
        channels, *_, width = self.shape
        kind = self.pick("LayerNormalization", "InstanceNormalization", "LpNormalization")
        if kind == "LpNormalization":
            self.add(kind, "x", {"axis": self.pick(1, 2, 3), "p": self.pick(1, 2)})
            return
        count = width if kind[0] == "L" else channels
        self.add(kind, f"x {self.constant(count)} {self.constant(count)}", {})

    def remember(self):
        """Rows one after the other, through a state."""
        channels, height, width = self.shape
        kind, units = self.pick("GRU", "GRU", "LSTM", "RNN"), int(self.rng.integers(1, 6))
        rows = {"GRU": 3, "LSTM": 4, "RNN": 1}[kind] * units
        steps, back = f"k{len(self.constants)}", f"k{len(self.constants) + 1}"
        self.constants[steps] = np.array([channels * height, 1, width])
        self.constants[back] = np.array([1, channels, height, units])
        weights = [self.constant(1, rows, n) for n in (width, units)]
        attributes = {"hidden_size": units, "direction": self.pick("forward", "reverse")}
        if kind == "GRU":
            attributes["linear_before_reset"] = self.pick(0, 1)
        self.add("Reshape", f"x {steps}", {})
        self.add(kind, f"x {' '.join(weights)} {self.constant(1, 2 * rows)}", attributes)
        self.add("Reshape", f"x {back}", {})
        self.shape = (channels, height, units)

    def resize(self):
        sides = list(map(int, self.rng.integers(4, 14, 2)))
        self.constants |= {"roi": np.float32([]), "none": np.float32([])}
        self.constants[f"sides{len(self.nodes)}"] = np.array([1, self.shape[0], *sides])
        way = self.pick("half_pixel", "align_corners", "asymmetric")
        attributes = {"mode": "linear", "coordinate_transformation_mode": way}
        self.add("Resize", f"x roi none sides{len(self.nodes)}", attributes)
        self.shape = (self.shape[0], *sides)

    def dense(self):
        count = int(np.prod(self.shape))
        self.add("Gemm", f"x {self.constant(5, count)} {self.constant(5)}", {"transB": 1})
        if self.pick(True, False):
            self.add("Tanh", "x", {})  # bytes, where the layer's own sums are 32 bits
        if self.pick(True, False, False):
            self.trees()
        last = self.pick("Softmax", "LogSoftmax", "ArgMax <axis = 1>", "Identity")
        self.nodes.append(f"y = {last} ({self.name})")

    def trees(self):
        """Two trees of one split, of five outputs."""
        leaves = {
            "target_treeids": [0] * 10 + [1] * 10,
            "target_nodeids": ([1] * 5 + [2] * 5) * 2,
            "target_ids": [0, 1, 2, 3, 4] * 4,
            "target_weights": list(map(float, self.rng.normal(size=20))),
        }
        nodes = {
            "nodes_treeids": [0, 0, 0, 1, 1, 1],
            "nodes_nodeids": [0, 1, 2] * 2,
            "nodes_featureids": list(map(int, self.rng.integers(0, 5, 6))),
            "nodes_values": list(map(float, self.rng.normal(size=6))),
            "nodes_modes": [self.pick("BRANCH_LEQ", "BRANCH_GT"), "LEAF", "LEAF"] * 2,
            "nodes_truenodeids": [1, 0, 0] * 2,
            "nodes_falsenodeids": [2, 0, 0] * 2,
        }
        self.add("ai.onnx.ml.TreeEnsembleRegressor", "x", {**nodes, **leaves, "n_targets": 5})

    def model(self):
        return graph("\n".join(self.nodes), self.constants, ["n", *self.input_shape])


def reference(converted, x):
    program = converted.integer_program
    codes = program.encode({program.inputs[0].name: x})
    return program.decode(program.run(codes)[program.output])


@settings(max_examples=10)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([8, 4, 2]),
    st.booleans(),
    st.sampled_from(["speed", "size"]),
)
def test_random_networks_give_the_integers_of_the_reference(seed, bits, symmetric, optimise):
    network = RandomNetwork(seed)
    x = network.rng.normal(size=(8, *network.input_shape)).astype(np.float32)
    converted = convert(
        network.model(), x, weight_bits=bits, symmetric=symmetric, optimise=optimise
    )
    wild = np.concatenate([x, 100 * x])
    got = converted.predict(wild)
    assert np.array_equal(got, reference(converted, wild).reshape(got.shape))
    layout = lay_out(converted.integer_program)
    assert layout.bound <= layout.arena


@settings(max_examples=3)
@given(st.integers(0, 2**32 - 1), st.sampled_from([8, 4]))
def test_quick_kernels_make_the_integers_of_small_ones(seed, bits):
    network = RandomNetwork(seed)
    x = network.rng.normal(size=(6, *network.input_shape)).astype(np.float32)
    quick, small = (
        convert(network.model(), x, weight_bits=bits, optimise=optimise).predict(x)
        for optimise in ("speed", "size")
    )
    assert np.array_equal(quick, small)


@settings(max_examples=6)
@given(st.integers(0, 2**32 - 1), st.sampled_from([8, 4]), st.sampled_from([None, 30.0, 50.0]))
def test_values_of_16_bits_are_the_integers_of_the_reference(seed, bits, under):
    network = RandomNetwork(seed)
    x = network.rng.normal(size=(8, *network.input_shape)).astype(np.float32)
    chosen = {"activation_bits": 16} if under is None else {"shorts_under": under}
    converted = convert(network.model(), x, weight_bits=bits, **chosen)
    wild = np.concatenate([x, 100 * x])
    got = converted.predict(wild)
    assert np.array_equal(got, reference(converted, wild).reshape(got.shape))


@pytest.mark.parametrize(
    ("attributes", "kernel"),
    [
        ("kernel_shape = [2, 2], strides = [2, 2]", InnerAveragePoolCall),
        ("kernel_shape = [3, 2], strides = [1, 2], dilations = [2, 1]", InnerAveragePoolCall),
        ("kernel_shape = [3, 3], pads = [1, 1, 1, 1]", AveragePoolCall),
        ("kernel_shape = [2, 2], strides = [2, 2], ceil_mode = 1", AveragePoolCall),
    ],
)
def test_averages_of_windows_that_lie_inside_have_a_kernel_of_their_own(attributes, kernel):
    x = np.random.default_rng(0).normal(size=(4, 3, 9, 37)).astype(np.float32)
    for out, rest in (("y", ""), ("a", "y = Tanh (a)")):  # int32_t and bytes
        model = graph(f"{out} = AveragePool <{attributes}> (x) {rest}", {}, [1, 3, 9, 37])
        quick = convert(model, x)
        assert type(quick.integer_program.calls[0]) is kernel
        got = quick.predict(x)
        assert np.array_equal(got, reference(quick, x).reshape(got.shape))
        assert np.array_equal(got, convert(model, x, optimise="size").predict(x))


STRIDES, SIDES = (1, 2, 3, 5), ((1, 1), (2, 7), (6, 4))
PADS = ((0, 0, 0, 0), (1, 1, 1, 1), (2, 0, 1, 2), (0, 2, 2, 1), (1, 5, 1, 0))


def test_depthwise_filters_lie_wherever_they_may():
    """All strides, borders and sides in one program, each convolution with two filters a map."""
    rng = np.random.default_rng(0)
    networks, samples = [], []
    for number, (stride, side, pads) in enumerate(product(STRIDES, SIDES, PADS)):
        high, wide = (n + pads[i] + pads[i + 2] for i, n in enumerate(side))
        if min(high, wide) < 3:
            continue
        attributes = f"group = 2, strides = [{stride}, {stride}], pads = {list(pads)}"
        weights = rng.normal(size=(4, 1, 3, 3)).astype(np.float32)
        model = graph(f"y = Conv <{attributes}> (x, w)", {"w": weights}, [1, 2, *side])
        x = rng.normal(size=(3, 2, *side)).astype(np.float32)
        networks.append(convert(model, x, name=f"n{number}"))
        samples.append(x)
    compile_together(networks)
    assert len(networks) > 30
    for network, x in zip(networks, samples, strict=True):
        [call] = network.integer_program.calls
        assert isinstance(call, DepthwiseConvCall)
        got = network.predict(x)
        assert np.array_equal(got, reference(network, x).reshape(got.shape))


FACTORS = st.floats(2.0**-20, 2.0**9, width=32) | st.integers(-20, 9).map(lambda n: 2.0**n)


@given(FACTORS, st.lists(st.integers(-(2**31), 2**31 - 1)))
def test_sums_are_stored_rounded_half_to_even(factor, sums):
    """Those of any size whose steps fit 32 bits, those that come to exactly a half among them."""
    exact = fixed_point(np.array([factor]))
    assert exact.in_words
    half = 1 << max(int(exact.shift[0]) - 1, 0)
    sums = [*sums, half, 3 * half, -half, -3 * half, 0, 1, -1, 2**19 - 1, 2**19, -(2**19)]
    values = np.array([n for n in sums if abs(n) * max(factor, 1) < 2**31], np.int32)
    for to in (None, *starmap(ByteRange, ((0, 0, 255), (128, 0, 255), (128, 10, 200), (3, 5, 5)))):
        scaling = Scaling(exact, to)
        wanted = scaling.apply(values[None, None].astype(np.int64), 1).ravel()
        assert np.array_equal(stored(scaling, values), wanted)


def test_sums_that_go_out_as_they_are_do():
    values = np.array([0, 1, -1, 2**19, 2**31 - 1, -(2**31)], np.int32)
    scaling = Scaling.of(Requantize(None, None), 1)
    assert np.array_equal(stored(scaling, values), values)


def stored(scaling, values):
    """Return what ink_store makes of sums of one channel."""

    class Descriptor(ctypes.Structure):
        _fields_ = (
            ("factor", ctypes.POINTER(ctypes.c_uint32)),
            ("more", ctypes.c_int16),
            ("codes", ctypes.c_uint16),
            ("low", ctypes.c_uint8),
        )

    factor = ctypes.c_uint32(int(scaling.words[0]))
    descriptor = Descriptor(ctypes.pointer(factor), **scaling.fields)
    out = np.zeros(len(values), np.int32 if scaling.to is None else np.uint8)
    kernels().ink_store(
        ctypes.byref(descriptor),
        0,
        0,
        values.ctypes.data_as(ctypes.c_void_p),
        len(values),
        out.ctypes.data_as(ctypes.c_void_p),
        0,
        1,
    )
    return out


@cache
def kernels():
    sources = [C_FOLDER / f"ink_{name}.c" for name in ("store", "scaled")]
    return host_compiler.load(sources, [C_FOLDER])


def leaves(kind):
    below = kind.__subclasses__()
    return {kind}.union(*map(leaves, below)) - ({kind} if below else set())


def test_random_networks_have_every_kernel():
    """But for those that kernel_selection puts in, which their own tests have networks of."""
    drawn = set()
    for seed in range(40):
        network = RandomNetwork(seed)
        x = network.rng.normal(size=(4, *network.input_shape)).astype(np.float32)
        ways = ({"optimise": "speed"}, {"optimise": "size"}, {"activation_bits": 16})
        for way in ways:
            program = convert(network.model(), x, **way).integer_program
            drawn |= {type(call) for call in program.calls}
    selected = {ShiftConvCall, *leaves(NibbleConvCall), StreamedConvCall}
    assert leaves(KernelCall) - selected == drawn & leaves(KernelCall), (
        "add a maker to RandomNetwork"
    )


@given(st.floats(2.0**-38, 2.0**20, width=32), st.integers(-(2**24), 2**24))
def test_rescaling_rounds_the_exact_product_half_to_even(factor, value):
    multiplier, shift = fixed_point(np.array([factor]))
    assert float(multiplier[0]) / 2.0 ** float(shift[0]) == factor
    exact = int(value) * int(multiplier[0])
    whole, rest = divmod(exact, 1 << int(shift[0]))
    half = 1 << int(shift[0])
    up = 2 * rest > half or (2 * rest == half and whole % 2)
    assert rescaled(np.array([value]), multiplier, shift)[0] == whole + up


@given(st.integers(0, 16 << 12), st.integers(1 << 15, 1 << 28))
def test_powers_and_logarithms_are_close(distance, total):
    assert abs(power(np.array([distance]))[0] - 2.0 ** (15 - distance / 4096)) <= 4
    assert abs(logarithm(np.array([total]))[0] - 4096 * np.log2(total / 2**15)) <= 8


@settings(max_examples=30)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_boxes_move_what_the_index_says(shape, random):
    index = np.arange(np.prod(shape)).reshape(shape)
    index = index.transpose(random.sample(range(index.ndim), index.ndim))
    index = np.pad(index, 1, random.choice(["edge", "reflect"]) if min(shape) > 1 else "edge")
    source = np.arange(np.prod(shape))
    moved = np.full(index.size, -1)
    for box in regular_boxes(index, [source.size]):
        for at in np.ndindex(*box.count):
            place = box.to + np.dot(at, box.to_step)
            moved[place] = source[box.start + np.dot(at, box.from_step)]
    assert np.array_equal(moved, index.ravel())


def written(name, folder):
    """Write a fixture's C with an example; return what to feed it, and what it should say."""
    path = FIXTURES / f"{name}.onnx"
    images = np.random.default_rng(2).random((20, 784)).astype(np.float32)
    given = "qdq" in name or "qoperator" in name
    converted = convert(path, None if given else images, name="net")
    files = converted.write(folder, example=True)
    logits = reference(
        converted, images[:1].reshape(-1, *converted.integer_program.inputs[0].shape)
    )
    return converted, files, images[0], int(logits.ravel().argmax())


@pytest.mark.parametrize("name", ["residual", "residual_qoperator", "lenet_qdq"])
def test_the_example_runs_clean_under_the_sanitizers(name, tmp_path):
    _, files, image, best = written(name, tmp_path)
    sources = [file for file in files if file.suffix == ".c"]
    program = host_compiler.build(sources, [tmp_path], host_compiler.SANITIZERS, shared=False)
    text = " ".join(map(repr, map(float, image)))
    done = subprocess.run([program], input=text, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[0] == str(best)
    done = subprocess.run([program], input="1 2", capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "784 numbers are needed for input\n")


def test_a_library_has_what_platformio_and_arduino_read(tmp_path):
    converted, *_ = written("zoo_mnist", tmp_path / "plain")
    files = {str(p.relative_to(tmp_path)) for p in converted.write(tmp_path, library=True)}
    assert {"library.json", "library.properties", "examples/net/net.ino", "src/net.h"} <= files
    assert not any(name.endswith("_example.c") for name in files)


@pytest.mark.parametrize("compiler", ["gcc", "clang", "arm-none-eabi-gcc"])
def test_the_kernels_have_no_warnings_and_no_libc(compiler, tmp_path):
    if subprocess.run(["which", compiler], capture_output=True).returncode:
        pytest.skip(f"{compiler} is not here: install {compiler}")
    kernels = sorted(C_FOLDER.glob("ink_*.c"))
    flags = [*host_compiler.WARNINGS, "-Os", "-fno-builtin", "-c"]
    subprocess.run([compiler, *flags, *kernels], cwd=tmp_path, check=True)
    objects = sorted(tmp_path.glob("*.o"))
    nm = compiler.replace("gcc", "nm") if "-" in compiler else "nm"
    names = subprocess.run([nm, "-u", *objects], capture_output=True, text=True, check=True)
    undefined = {line.split()[-1] for line in names.stdout.splitlines() if " U " in line}
    own = ("ink_", "__aeabi_")  # the latter are the compiler's: copies of structures are not
    assert all(name.startswith(own) for name in undefined - {"_GLOBAL_OFFSET_TABLE_"})
    assert not {name for name in undefined if "mem" in name}


def test_an_emulated_core_computes_the_same(tmp_path):
    xtensa.toolchain()
    converted, _, image, _ = written("residual", tmp_path)
    source = converted.source
    main = tmp_path / "main.c"
    main.write_text(
        '#include "ink_xtensa.h"\n#include "net.h"\n'
        "static uint8_t input[784];\n"
        f"static {source.output.element} output[NET_CLASSES];\n"
        f"static {source.arena_element} arena[NET_ARENA];\n"
        "int main(void) {\n"
        "    ink_read(input, sizeof input);\n"
        "    net_run(input, output, arena);\n"
        "    ink_write(output, sizeof output);\n"
        "    return 0;\n}\n"
    )
    kernels = [path for path in converted.kernels if path.suffix == ".c"]
    elf = xtensa.build([tmp_path / "net.c", main, *kernels], [tmp_path, C_FOLDER])
    program = converted.integer_program
    codes = program.encode({program.inputs[0].name: image.reshape(1, 1, 28, 28)})
    answer = xtensa.run(elf, codes[program.inputs[0].name].astype(np.uint8).tobytes())
    wanted = program.run(codes)[program.output].ravel()
    assert np.array_equal(np.frombuffer(answer, np.int32), wanted)
