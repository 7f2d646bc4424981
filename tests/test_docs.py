"""Every command that README.md and docs/ name works when typed, or has a reason why not here.

Blocks of `sh` are run line by line, each page in a folder of its own; a block of `text` behind one
is what it prints. Commands within a text are run too. A task of `./dev` is run as the commands that
tox.ini has for it, in the environment at hand.
"""

import argparse
import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import pytest
from mutation.targets import TARGETS
from proofs.__main__ import PROOFS

from inkpin.common.parser import Parser
from inkpin.model.cli import TASKS
from inkpin.model.data.labelled import DIGITS
from inkpin.model.data.samples import load_samples, save_samples

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("[A-Z]*.md")), *sorted((ROOT / "docs").glob("*.md"))]
PAGES.remove(ROOT / "CHANGELOG.md")  # tells of options, not what to type
TOX = configparser.ConfigParser(interpolation=None)
TOX.read(ROOT / "tox.ini")

SHORT = {
    "inkpin-model evaluate --mnist --engine device": (
        "inkpin-model evaluate --mnist --engine device --limit 500"
    ),
    "inkpin-model evaluate --mnist --engine device --png docs/confusion.png": (
        "inkpin-model evaluate --mnist --limit 500 --png confusion.png"
    ),
    "inkpin-model evaluate --mnist --engine wasm": (
        "inkpin-model evaluate --mnist --engine wasm --limit 500"
    ),
    "inkpin --replay data/inkpin/samples/pin.jsonl": (
        "inkpin --headless --replay data/inkpin/samples/pin.jsonl"
    ),
    "inkpin --model gestures.onnx": "inkpin --model gestures.onnx --screenshot gestures.png",
    "inkpin-model report --model gestures.onnx --labels strokes --strokes gestures.jsonl.gz": (
        "inkpin-model draw gestures --samples 6 --out few.jsonl && inkpin-model report "
        "--model gestures.onnx --labels strokes --strokes few.jsonl"
    ),
    "inkpin-model convert MODEL.onnx --calibration DATA.npz --out DIR": (
        "inkpin-model convert model.onnx --calibration data.npz --out DIR"
    ),
    "inkpin-model exchange FROM TO": "inkpin-model exchange hand.jsonl hand.inkml",
    "inkpin-model exchange UJIpenchars-w01 w01.jsonl --upside-down": (
        "inkpin-model exchange hand.jsonl w01.jsonl --upside-down"
    ),
    "inkpin-model evaluate --strokes digits.jsonl letters.jsonl --engine device": (
        "inkpin-model evaluate --strokes hand.jsonl --engine device"
    ),
    "python -m bench": "python -m bench mlp",
    "python -m bench.beside": "python -m bench.beside MLP",
    "python -m fuzz_graphs": "python -m fuzz_graphs 1 3",
    "python -m inkpin.web --out FILE": "python -m inkpin.web --out page.html",
    "python -m inkpin.web --site DIR": "python -m inkpin.web --site site",
}
"""Commands that take long, need a window or something of the reader's, and what stands for them."""

ELSEWHERE = {
    r"inkpin --device .*": "a board or a window: apps/desktop/tests, tests/test_end_to_end.py",
    r"inkpin --labels .*": "a window: apps/desktop/tests/test_app.py",
    r"inkpin --samples .*": "a window: tests/test_end_to_end.py",
    r"inkpin-model train.*": "PyTorch: libs/model/training_tests",
    r"inkpin-model (folds|framings|search).*": "PyTorch and hours",
    r"inkpin-model report --out .*": "minutes: libs/model/tests/evaluation/test_report.py",
    r"inkpin-model reliability.*": "minutes: libs/model/tests/evaluation",
    r"inkpin-model cost": "CI runs it: .ci/run",
    r"python -m inkpin\.model\.experiments\..*": "half an hour: libs/model/tests/experiments",
    r"python -m inkpin\.(model|screen)\.generate": "writes into the checkout: test_generate.py",
    r"python apps/web/browser_tests/figures\.py": "a browser, and time: apps/web/browser_tests",
    r"python -m bench\.ink": "sessions on an emulated device, minutes",
    r"python -m inkpin\.desktop\.benchmark": "a window, and time",
    r"python tools/lint\.py.*": "CI runs it: .ci/run",
    r"python -P tools/run_pytest\.py.*": "these are tests: CI runs them, .ci/run",
    r"python -m proofs.*": "CI runs them at full length: .ci/run",
    r"python -m mutation.*": "hours: tests/mutation",
    r"python -m nodes": "writes into the checkout: tests/nodes",
    r"python -m inkpin\.web( --lan)?": "serves until Ctrl-C: apps/web/tests",
    r"pio .*": "PlatformIO's registry: apps/firmware/tests/test_platformio.py",
}
"""Commands that are not run here, but only parsed, and why: what stands for them."""

NAMES = {"proofs": PROOFS, "mutation": TARGETS}
"""What the first word behind `python -m MODULE` may be, if there is one."""

MENTIONED = r"inkpin|cc|inkpin-model [a-z]+"
"""A program, or a task of it, that a text names without saying what to do with it."""

COMPLETE = ("inkpin-model fetch", "inkpin-model cost", "inkpin-model train")
"""Tasks that need no more words."""


def unfolded(block):
    lines = re.sub(r"\\\n|(?<=\|)\n", " ", block).splitlines()
    lines = [" ".join(line.split()) for line in (re.sub(r"(^|\s)#.*", "", line) for line in lines)]
    return [line for line in lines if line]


def blocks(page):
    """Return the lines of each block of sh, and what the page says that it prints, or None."""
    text = page.read_text(encoding="utf-8")
    pattern = r"^ *```sh\n(.*?)^ *```\n(?:\n```text\n(.*?)^```)?"
    return [(unfolded(found[1]), found[2]) for found in re.finditer(pattern, text, re.M | re.S)]


def inline(page):
    """Return the commands within the text of a page."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    spans = (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text))
    ours = r"([A-Z_]+=\S+ )?(py dev|inkpin-model|inkpin|python -m \S+|pio|cc|\./[a-z]+)( |$)"
    return sorted({span for span in spans if re.match(ours, span)})


def commands(line):
    """Return what a line starts, without the variables before it; for a task, what tox.ini says."""
    line = re.sub(r"^([A-Z_]+=\S+ )+", "", line)
    found = re.fullmatch(r"(?:\./dev|py dev)(?: (\S+)(.*))?", line)
    if not found:
        return [line]
    task, words = found.groups()
    if not task:
        return []
    assert f"testenv:{task}" in TOX, f"{line}: there is no such task"
    started = TOX[f"testenv:{task}"]["commands"].strip().splitlines()
    return list(filter(None, (c.replace("{posargs}", words.strip()).strip() for c in started)))


def parse(line):
    """Let the command's own parser take its arguments."""
    words = shlex.split(line.replace("--fold K", "--fold 3"))
    if words[:2] == ["python", "-m"]:
        import_module(words[2])
        names = NAMES.get(words[2], words)
        assert set(words[3:4]) <= set(names), f"{line}: there is no {words[3]}"
    elif words[0] == "python":
        for word in words[2:]:
            assert "/" not in word or (ROOT / word).exists(), f"{line}: there is no {word}"
    elif words[0] == "inkpin":
        import_module("inkpin.desktop.main")._parser().parse_args(words[1:])
    elif words[0] == "inkpin-model":
        command = import_module(f"inkpin.model.{TASKS[words[1]][0]}.{words[1]}_command")
        parser = Parser()
        command.add_arguments(parser)
        assert isinstance(parser.parse_args(words[2:]), argparse.Namespace)


def is_elsewhere(line):
    return any(re.fullmatch(form, line) for form in ELSEWHERE)


def script(lines):
    """Return what of the lines is run, as a shell takes it; the others are checked."""
    run = []
    for command in (command for line in lines for command in commands(line)):
        if command in SHORT:
            run.append(SHORT[command])
        elif is_elsewhere(command):
            parse(command)
        else:
            run.append(command)
    return "\n".join(run)


@pytest.fixture(scope="session")
def hand(pens):
    """Return some samples of each digit by one writer."""
    own = [sample for sample in load_samples(pens) if sample.writer == "pendigits-5"]
    return [s for digit in DIGITS for s in [o for o in own if o.label == digit][:6]]


def sequence_model():
    """Return a classifier of sequences, as PyTorch writes a GRU and a layer on its last state."""
    rng = np.random.default_rng(1)
    shapes = {"w": (1, 24, 3), "r": (1, 24, 8), "b": (1, 48), "v": (8, 4)}
    model = onnx.parser.parse_model(
        '<ir_version: 10, opset_import: ["" : 17]> sequences (float[1, 12, 3] x) => (float[1, 4] y)'
        "{ t = Transpose <perm = [1, 0, 2]> (x) a, h = GRU <hidden_size = 8> (t, w, r, b)"
        "  s = Squeeze (h, zero) y = MatMul (s, v) }"
    )
    constants = {name: rng.normal(0, 0.4, shape) for name, shape in shapes.items()}
    model.graph.initializer.extend(
        onnx.numpy_helper.from_array(array.astype(np.float32), name)
        for name, array in constants.items()
    )
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array([0]), "zero"))
    return model


@pytest.fixture
def place(tmp_path, mnist, hand):
    """A folder as a reader has it: the checkout, and files of the names that the pages take."""
    for name in ("apps", "data", "examples", "libs", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    fixtures = ROOT / "libs/model/tests/converter/fixtures"
    shutil.copy(fixtures / "lenet.onnx", tmp_path / "model.onnx")
    for name in ("gestures.onnx", "gestures.jsonl.gz"):
        shutil.copy(ROOT / "tests/gestures" / name, tmp_path)
    save_samples(tmp_path / "hand.jsonl", hand)
    name = onnx.load(tmp_path / "model.onnx").graph.input[0].name
    images = np.random.default_rng(0).random((60, 1, 28, 28), np.float32)
    np.savez(tmp_path / "data.npz", **{name: images})
    onnx.save(sequence_model(), tmp_path / "sequences.onnx")
    sequences = np.random.default_rng(0).normal(size=(40, 12, 3)).astype(np.float32)
    np.savez(tmp_path / "sequences.npz", x=sequences)
    scripts = Path(sys.executable).parent
    environment = {**os.environ, "NAME": name, "INKPIN_HOME": str(tmp_path / "home")}
    environment["PATH"] = os.pathsep.join((str(scripts), environment["PATH"]))
    environment["PYTHONPATH"] = str(ROOT / "tests")
    for screen in ("DISPLAY", "WAYLAND_DISPLAY"):
        environment.pop(screen, None)

    def run(lines):
        done = subprocess.run(
            ["sh", "-ec", lines], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{lines}\n{done.stderr}"
        return done.stdout

    return run


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_works(page, place):
    for lines, printed in blocks(page):
        said = place(script(lines))
        assert printed is None or said.endswith(printed)
    for line in inline(page):
        if not re.fullmatch(MENTIONED, line) or line in COMPLETE:
            place(script([line]))
        elif line.startswith("inkpin-model"):
            assert line.split()[1] in TASKS


def test_every_short_form_and_every_reason_is_of_a_command():
    named = [line for page in PAGES for block, _ in blocks(page) for line in block]
    named += [line for page in PAGES for line in inline(page)]
    lines = [command for line in named for command in commands(line)]
    assert set(SHORT) <= set(lines)
    for form in ELSEWHERE:
        assert any(re.fullmatch(form, line) or re.fullmatch(form, f"{line} ") for line in lines), (
            form
        )


def test_there_is_something_to_run():
    assert sum(len(lines) for page in PAGES for lines, _ in blocks(page)) > 20
    assert sum(len(inline(page)) for page in PAGES) > 30
