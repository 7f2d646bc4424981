"""What holds for every command: how it ends, its help, its words to people."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from inkpin.common.files import replacing
from inkpin.model.cli import TASKS

ROOT = Path(__file__).parent.parent
SOURCES = [
    path
    for room in ("libs", "apps", "tools")
    for path in sorted((ROOT / room).rglob("*.py"))
    if "src" in path.relative_to(ROOT).parts
]
MODULES = [
    ["inkpin.desktop.main", "--headless"],
    ["inkpin.desktop.main", "--help"],
    ["inkpin.model.cli", "--help"],
    ["inkpin.model.cli", "evaluate", "--help"],
    ["inkpin.model.generate"],
    ["inkpin.screen.generate"],
    ["inkpin.device"],
]


@pytest.mark.parametrize("words", MODULES, ids=" ".join)
def test_an_output_that_is_full_is_one_line(words):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", *words], stdout=full, stderr=subprocess.PIPE, text=True
        )
    (said,) = done.stderr.splitlines()
    assert said.endswith(": No space left on device: make room, or send the output elsewhere")
    assert done.returncode == 2


def help_of(*words):
    command = [sys.executable, "-m", "inkpin.model.cli", *words, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


def test_help_texts_keep_their_capitals():
    for task, (_, text) in TASKS.items():
        assert f"{text[0].upper()}{text[1:]}." in help_of(task)


def test_help_does_not_wait_for_what_it_does_not_need():
    for module in ("inkpin.desktop.main", "inkpin.model.cli"):
        command = [sys.executable, "-X", "importtime", "-m", module, "--help"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        heavy = {"numpy", "onnx", "onnxruntime", "PIL", "tkinter", "tqdm", "platformdirs"}
        heavy.add("importlib.metadata")
        assert "argparse" in imported
        assert not imported & heavy


def texts():
    """Return the strings of the sources that are no docstring, each with its place."""
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        bare = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in bare:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


def test_remedies_are_typed_as_this_installation_takes_them():
    made_by = "/* Made by `inkpin-model convert`"
    untyped = [
        where
        for where, text in texts()
        if re.search(r"`inkpin|inkpin\[", text.replace(made_by, ""))
    ]
    assert not untyped, "ask inkpin.common.installation.typed"


def test_bars_are_for_terminals_alone():
    calls = [
        (path, call)
        for path in SOURCES
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "tqdm"
    ]
    assert calls
    for path, call in calls:
        assert "disable" in {word.arg for word in call.keywords}, f"{path}:{call.lineno}"


def test_evaluating_without_a_terminal_says_its_figures_alone(tmp_path):
    path = tmp_path / "one.jsonl"
    with replacing(path) as file:
        file.write(json.dumps({"word": "1", "drawing": [[[120, 120], [20, 220]]]}).encode())
    words = ["evaluate", "--strokes", str(path), "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "inkpin.model.cli", *words], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["n"] == 1
