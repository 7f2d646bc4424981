import ctypes
import json
import subprocess
from importlib import resources

import numpy as np
import onnx
import pytest
from graphs import graph, random_model
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import numpy_helper

from inkpin.common import host_compiler
from inkpin.model import C_FOLDER, convert
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
