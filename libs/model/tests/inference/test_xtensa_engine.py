import subprocess
from pathlib import Path

import numpy as np
import pytest
from graphs import random_model

from inkpin import xtensa
from inkpin.common import InputError, host_compiler
from inkpin.model import cli, convert
from inkpin.model.inference import xtensa_engine
from inkpin.model.inference.c_engine import CRecogniser, CStrokes, recogniser_sources
from inkpin.model.inference.engine import Pipeline
from inkpin.model.inference.engine_io import encode_bitmaps, encode_drawings
from inkpin.model.inference.recogniser import SHIPPED
from inkpin.model.inference.xtensa_engine import XtensaRecogniser
from inkpin.preprocess import AREA, MODES

PROGRAM = Path(xtensa_engine.__file__).with_suffix(".c")
RNG = np.random.default_rng(5)  # of the constants below alone
TURNS = np.linspace(0, 2 * np.pi, 80)
ZERO = np.stack([120 + 60 * np.sin(TURNS), 120 - 90 * np.cos(TURNS)], axis=1).astype(int)
BITMAPS = RNG.random((20, 28, 28)) < 0.3
DRAWINGS = [
    [RNG.integers(0, AREA, (int(points), 2)) for points in RNG.integers(1, 40, strokes)]
    for strokes in RNG.integers(1, 8, 20)
] + [
    [],
    [np.empty((0, 2), int)],
    [ZERO],
    [np.array([[7, 7]])],
    [np.array([[-50, 20], [300, 900]])],
    [RNG.integers(0, AREA, (2, 2)) for _ in range(600)],
    [RNG.integers(0, AREA, (70_000, 2))],
]


@pytest.fixture(scope="module")
def emulated():
    return XtensaRecogniser.load()


@pytest.fixture(scope="module")
def device():
    return Pipeline(CStrokes, CRecogniser.load())


@pytest.fixture(scope="module")
def sanitised():
    """Runs the same program on this machine, under the sanitisers."""
    include = [xtensa.C_FOLDER / "include"]
    with recogniser_sources(convert(SHIPPED)) as (sources, folders):
        program = host_compiler.build(
            [*sources, PROGRAM, xtensa.C_FOLDER / "ink_host.c"],
            [*folders, *include],
            host_compiler.SANITIZERS,
            shared=False,
        )
    return lambda work: subprocess.run([program], input=work, capture_output=True)


def assert_same(ours, theirs):
    assert np.array_equal(ours.logits, theirs.logits)
    assert (ours.label, ours.best, ours.confidence) == (
        theirs.label,
        theirs.best,
        theirs.confidence,
    )


def test_bitmaps(emulated, device):
    pairs = zip(emulated.predictions(BITMAPS), device.predictions(BITMAPS), strict=True)
    for ours, theirs in pairs:
        assert_same(ours, theirs)


@pytest.mark.parametrize("mode", MODES)
def test_drawings_of_every_sort(emulated, device, mode):
    readings = emulated.readings(DRAWINGS, mode)
    assert {reading.legible for reading in readings} == {True, False}
    assert {reading.prediction.label for reading in readings} > {None}
    for ours, theirs in zip(readings, device.readings(DRAWINGS, mode), strict=True):
        assert np.array_equal(ours.bitmap, theirs.bitmap)
        assert ours.legible == theirs.legible
        assert_same(ours.prediction, theirs.prediction)


def test_the_build_for_the_device_answers_the_same(emulated, sanitised):
    work = encode_bitmaps(BITMAPS) + b"".join(encode_drawings(DRAWINGS, mode) for mode in MODES)
    small = XtensaRecogniser.load(flags=("-Os",))
    assert small.elf != emulated.elf
    expected = xtensa.run(emulated.elf, work)
    assert xtensa.run(small.elf, work) == expected
    assert sanitised(work).stdout == expected


def test_input_that_ends_within_a_piece_is_an_error(emulated, sanitised):
    for work in (encode_bitmaps(BITMAPS[:1]), encode_drawings(DRAWINGS[:1])):
        for end in (1, 3, len(work) - 1):
            with pytest.raises(subprocess.CalledProcessError) as caught:
                xtensa.run(emulated.elf, work[:end])
            assert (caught.value.returncode, caught.value.stdout) == (1, b"")
            assert sanitised(work[:end]).returncode == 1
    assert xtensa.run(emulated.elf, b"") == b""


def test_a_network_that_reads_no_drawings_is_refused():
    with pytest.raises(InputError, match="28x28 bits"):
        XtensaRecogniser(convert(random_model()))


@pytest.mark.parametrize("words", [["evaluate", "--mnist", "--engine", "xtensa"], ["cost"]])
def test_without_the_toolchain_a_line_says_what_to_install(words, tmp_path, capsys, monkeypatch):
    xtensa.toolchain.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cli.main(words) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "apt-get install gcc-xtensa-lx106 qemu-user" in error
