import ctypes
import json
import subprocess
from importlib import resources
from pathlib import Path

import numpy as np
import onnx
import pytest
from graphs import graph, random_model
from hypothesis import example, given, settings
from hypothesis import strategies as st
from onnx import numpy_helper

from inkpin.common import InputError, host_compiler
from inkpin.model import C_FOLDER, convert
from inkpin.model.converter.codegen.plan import Buffer, plan
from inkpin.model.generate import GENERATED, shipped
from inkpin.model.inference.recogniser import open_session

BYTE = {"s": np.float32(0.25), "z": np.uint8(0)}
QUANTISED = """
    q = QuantizeLinear (x, s, z)
    r = DequantizeLinear (q, s, z)
"""
DENSE = f"{QUANTISED} y = MatMul (r, w)"


def floats(model, x):
    """Return what onnxruntime computes."""
    session = open_session(model.SerializeToString(), "model")
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def grid(rng, *shape, step=0.125):
    """Return random weights of 4 bits."""
    return (rng.integers(-7, 8, shape) * step).astype(np.float32)


def assert_exact(model, shape, top=70):
    x = np.random.default_rng(3).uniform(-1, top, (5, *shape)).astype(np.float32)
    wanted = np.concatenate([floats(model, row[None]) for row in x]).reshape(5, -1)
    assert np.array_equal(convert(model).predict(x), wanted)


@settings(max_examples=25)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(10, 20),
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 2)), min_size=0, max_size=2),
    st.integers(2, 6),
)
def test_the_c_gives_the_bits_of_onnxruntime(seed, side, convolutions, classes):
    channels = tuple(channel for channel, _ in convolutions)
    pools = tuple(pool for _, pool in convolutions)
    model = random_model(seed, side, channels, pools, classes)
    x = np.random.default_rng(seed).integers(-1, 2, (4, 1, side, side)).astype(np.float32)
    assert np.array_equal(convert(model).predict(x), floats(model, x))


@pytest.mark.parametrize(
    "attributes",
    [
        "",
        "pads = [1, 1, 1, 1]",
        "pads = [2, 0, 1, 2]",
        "strides = [2, 1]",
        "strides = [3, 2], pads = [1, 2, 0, 1]",
    ],
)
@pytest.mark.parametrize("group", [1, 2, 4])
def test_convolutions_of_bytes_with_pads_strides_and_groups(rng, attributes, group):
    attributes = f"group = {group}{', ' if attributes else ''}{attributes}"
    conv = f"{QUANTISED} c = Conv <{attributes}> (r, w, b)"
    constants = {**BYTE, "w": grid(rng, 8, 4 // group, 3, 3), "b": grid(rng, 8)}
    shape = (4, 9, 7)
    probe = graph(f"{conv} y = Flatten (c)", constants, ["n", *shape])
    size = floats(probe, np.zeros((1, *shape), np.float32)).size
    nodes = f"""
        {conv}
        c2 = Relu (c)
        q2 = QuantizeLinear (c2, s, z)
        r2 = DequantizeLinear (q2, s, z)
        f = Flatten (r2)
        y = MatMul (f, w2)
    """
    model = graph(nodes, {**constants, "w2": grid(rng, size, 3)}, ["n", *shape])
    assert_exact(model, shape)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("window", "stride"), [([2, 2], [2, 2]), ([3, 2], [1, 2]), ([2, 3], [3, 1])]
)
def test_pooling_before_or_behind_the_quantisation(rng, before, window, stride):
    pool = f"MaxPool <kernel_shape = {window}, strides = {stride}>"
    if before:
        nodes = f"""
            p = {pool} (c)
            q2 = QuantizeLinear (p, s, z)
            r2 = DequantizeLinear (q2, s, z)
            f = Flatten (r2)
        """
    else:
        nodes = f"""
            q2 = QuantizeLinear (c, s, z)
            r2 = DequantizeLinear (q2, s, z)
            p = {pool} (r2)
            f = Flatten (p)
        """
    height, width = ((6 - w) // s + 1 for w, s in zip(window, stride, strict=True))
    constants = {**BYTE, "w": grid(rng, 2, 1, 3, 3), "w2": grid(rng, 2 * height * width, 3)}
    nodes = f"{QUANTISED} c = Conv (r, w) {nodes} y = MatMul (f, w2)"
    assert_exact(graph(nodes, constants, [1, 1, 8, 8]), (1, 8, 8))


def test_gemm_reshape_identity_and_dropout(rng):
    nodes = f"""
        {QUANTISED}
        i = Identity (r)
        f = Reshape (i, row)
        d = Dropout (f)
        y = Gemm <transB = 1> (d, w, b)
    """
    constants = {**BYTE, "row": np.array([1, -1]), "w": grid(rng, 3, 12), "b": grid(rng, 3)}
    assert_exact(graph(nodes, constants, [1, 3, 2, 2]), (3, 2, 2))


def test_rounding_is_half_to_even_and_saturates():
    nodes = f"""
        {QUANTISED}
        h = MatMul (r, w)
        q2 = QuantizeLinear (h, t, z)
        r2 = DequantizeLinear (q2, t, z)
        y = MatMul (r2, one)
    """
    constants = {
        "s": np.float32(1),
        "z": np.uint8(0),
        "t": np.float32(2),
        "w": np.float32([[1, -1, 4]]),
    }
    model = graph(nodes, {**constants, "one": np.eye(3, dtype=np.float32)}, ["n", 1])
    x = np.arange(256, dtype=np.float32)[:, None]
    got = convert(model).predict(x)
    assert np.array_equal(got, floats(model, x))
    assert got[:8, 0].tolist() == [0, 0, 2, 4, 4, 4, 6, 8]
    assert (got[:, 1].max(), got[:, 2].max()) == (0, 510)


def test_weights_are_packed_by_their_range():
    narrow = graph(DENSE, {**BYTE, "w": np.float32([[-0.5, 0.25], [0.25, 0]])}, [1, 2])
    wide = graph(DENSE, {**BYTE, "w": np.float32([[-0.5, 31.75], [0.25, 0]])}, [1, 2])
    assert [convert(model).integer_program.calls[0].bits for model in (narrow, wide)] == [2, 8]
    assert_exact(narrow, (2,))
    assert_exact(wide, (2,))


def test_integer_weights_of_every_sort_are_read():
    for integers in (
        np.int8([[3, -4]]),
        numpy_helper.to_array(onnx.helper.make_tensor("w", onnx.TensorProto.INT4, [1, 2], [3, -4])),
    ):
        nodes = f"""
            w = DequantizeLinear (i, t)
            {DENSE}
        """
        model = graph(nodes, {**BYTE, "t": np.float32(0.5), "i": integers}, [1, 1])
        assert_exact(model, (1,))


def test_the_same_model_gives_the_same_bytes_whatever_its_name(tmp_path):
    model = random_model()
    first, second = (
        convert(model, name="net"),
        convert(model.SerializeToString(deterministic=True), name="net"),
    )
    assert first.source == second.source
    assert "net_run" in first.source.header


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_the_c_has_no_warnings_and_no_libc(tmp_path, compiler, monkeypatch):
    if subprocess.run(["which", compiler], capture_output=True).returncode:
        pytest.skip(f"{compiler} is not here: install {compiler}")
    files = convert(random_model(), name="net").write(tmp_path)
    for source in (file for file in files if file.suffix == ".c"):
        target = source.with_suffix(".o")
        flags = [*host_compiler.WARNINGS, "-Os", "-fno-builtin", f"-I{tmp_path}"]
        subprocess.run([compiler, *flags, "-c", source, "-o", target], check=True)
        undefined = subprocess.run(["nm", "-u", target], capture_output=True, text=True, check=True)
        names = {line.split()[-1] for line in undefined.stdout.splitlines()}
        assert all(name.startswith("ink_") for name in names - {"_GLOBAL_OFFSET_TABLE_"})


def test_the_c_runs_clean_under_the_sanitizers(tmp_path):
    model = random_model(side=14, channels=(5, 3))
    converted = convert(model, name="net")
    files = converted.write(tmp_path)
    rows = np.random.default_rng(1).integers(0, 1 << 14, (50, 14))
    text = ", ".join(f"{{{', '.join(map(str, row))}}}" for row in rows)
    main = tmp_path / "main.c"
    main.write_text(
        '#include <stdio.h>\n#include <stdlib.h>\n#include "net.h"\n'
        f"static const uint32_t inputs[50][14] = {{{text}}};\n"
        "int main(void) {\n"
        f"    {converted.source.arena_element} *arena = malloc(NET_ARENA);\n"
        "    int32_t logits[NET_CLASSES];\n"
        "    for (int i = 0; i < 50; i++) {\n"
        "        net_run(inputs[i], logits, arena);\n"
        '        for (int c = 0; c < NET_CLASSES; c++) printf("%d ", (int)logits[c]);\n'
        "    }\n"
        "    free(arena);\n    return 0;\n}\n"
    )
    sources = [main, *(file for file in files if file.suffix == ".c")]
    program = host_compiler.build(sources, [tmp_path], host_compiler.SANITIZERS, shared=False)
    done = subprocess.run([program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    images = (rows[:, :, None] >> np.arange(14) & 1).astype(np.float32)[:, None]
    assert np.array_equal(np.array(done.stdout.split(), int).reshape(50, -1), floats(model, images))


def test_labels_and_comments_from_a_model_cannot_break_the_c(tmp_path):
    labels = ['"', "\\", "*/", "é?\n"]
    model = random_model(metadata={"labels": json.dumps(labels)})
    model.graph.node[2].name = "evil */ int x; /* \n \\ ünï"
    for node in model.graph.node:
        node.name = node.name or "x"
    converted = convert(model, name="net")
    folder = tmp_path
    sources = [file for file in converted.write(folder) if file.suffix == ".c"]
    library = host_compiler.load(sources, [folder])
    table = (ctypes.c_char_p * 4).in_dll(library, "net_labels")
    assert [text.decode() for text in table] == labels


@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=12
    )
)
def test_the_plan_never_overlaps_what_lives_together(spans):
    buffers = [Buffer(size, first, first + more) for size, first, more in spans]
    offsets, arena = plan(buffers)
    for i, a in enumerate(buffers):
        assert offsets[i] + a.size <= arena
        for j, b in enumerate(buffers[:i]):
            if a.first <= b.last and b.first <= a.last:
                assert offsets[i] + a.size <= offsets[j] or offsets[j] + b.size <= offsets[i]
    need = max(sum(b.size for b in buffers if b.first <= t <= b.last) for t in range(10))
    assert need <= arena <= sum(buffer.size for buffer in buffers)


def test_the_plan_of_a_chain_needs_no_more_than_its_widest_place():
    maps = [Buffer(100, 0, 1), Buffer(40, 1, 2), Buffer(90, 2, 3), Buffer(10, 3, 4)]
    assert plan(maps)[1] == 140


W = np.float32([[0.5, 1], [0.25, -1]])
MAP = [1, 1, 8, 8]
REFUSED = {
    "an operator that is not known": (
        "y = Hardmax (x)",
        {},
        [1, 2],
        "Hardmax node 'hardmax_y'.*not supported.*Conv, ",
    ),
    "floats without calibration": ("y = MatMul (x, w)", {"w": W}, [1, 2], "give cal"),
    "weights that are not numbers": (
        DENSE,
        {**BYTE, "w": np.float32([[np.nan, 1], [np.inf, -1]])},
        [1, 2],
        "MatMul node.*not finite",
    ),
    "weights that are computed": (
        """
            t = Transpose (x)
            y = MatMul (x, t)
        """,
        {},
        [2, 2],
        "MatMul node.*constant weights",
    ),
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
    "probabilities in the middle": (
        f"""
            {QUANTISED}
            p = Softmax (r)
            y = Mul (p, r)
        """,
        BYTE,
        [1, 2],
        "softmax or argmax",
    ),
    "a choice that depends on another value": (
        """
            r = Relu (x)
            t = Transpose <perm = [1, 0]> (x)
            u = Transpose <perm = [0, 1]> (t)
            v = Reshape (u, n)
            w = Slice (v, a, b, i, m)
            g = Greater (w, z)
            y = Where (g, r, x)
        """,
        {
            "z": np.float32(0),
            "n": np.array([1, 2]),
            "a": np.array([1]),
            "b": np.array([-3]),
            "i": np.array([1]),
            "m": np.array([-1]),
        },
        [1, 2],
        "node 'where_y' chooses",
    ),
    "an operator with a hint": (
        "y = InstanceNormalization (x, s, s)",
        {"s": np.ones(1, np.float32)},
        MAP,
        r"InstanceNormalization node.*\(it divides.*supported are",
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
    with pytest.raises(InputError, match=r"DynamicQuantizeLinear node.*dynamic quantisation"):
        convert(model)


X = np.zeros((4, 2), np.float32)


@pytest.mark.parametrize(
    ("calibration", "message"),
    [
        ({"z": X}, "no array 'x'.*'z'"),
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


def test_the_committed_c_is_made_from_the_committed_model(tmp_path):
    for made in shipped().write(tmp_path, kernels=False):
        assert made.read_bytes() == (GENERATED / made.name).read_bytes(), (
            "run: python -m inkpin.model.generate"
        )
    assert resources.files("inkpin.model").joinpath("c", "ink_conv.c").is_file()
    assert C_FOLDER.is_dir()


def test_the_shipped_network_fits_ten_kilobytes_of_flash_and_three_of_ram():
    report = shipped().report
    if report["flash_bytes"]["cortex-m0plus"] is None:
        pytest.skip("arm-none-eabi-gcc is not here: install gcc-arm-none-eabi")
    assert report["flash_bytes"]["cortex-m0plus"] <= 10 * 1024
    assert report["ram_bytes"] <= 3 * 1024
