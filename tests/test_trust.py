"""Nothing calls home, and nothing writes where the README does not say."""

import os
import shutil
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from inkpin.common import host_compiler

# One question of the child's own shows that the tracer sees them; onnxruntime's telemetry asks its
# first some eight seconds after the import.
ASKS_ONE = """
import socket, time
from inkpin.model import Recogniser
Recogniser.load()
time.sleep(13)
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
"""


@pytest.fixture
def environment(tmp_path):
    """Return a user's: an empty HOME, and nothing by which onnxruntime would know a CI machine."""
    (tmp_path / "home").mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return {**kept, "HOME": str(tmp_path / "home")}


def test_no_name_is_asked_for(environment, tmp_path):
    if not shutil.which("strace"):
        pytest.skip("strace is not here: apt-get install strace")
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-e", "trace=%network", "-o", trace, sys.executable, "-c", ASKS_ONE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if "PTRACE" in done.stderr:
        pytest.skip(f"strace may not trace here: {done.stderr.splitlines()[0]}")
    assert (done.returncode, done.stderr) == (0, "")
    asked = [line for line in trace.read_text().splitlines() if "socket(AF_INET" in line]
    assert len(asked) == 1, asked


@pytest.mark.parametrize(
    "words",
    [
        ["inkpin", "--headless"],
        ["inkpin-model", "evaluate", "--png", "matrix.png", "--strokes"],
        ["inkpin-model", "evaluate", "--engine", "device", "--strokes"],
    ],
    ids=" ".join,
)
def test_files_lie_in_the_folders_that_the_readme_names(environment, tmp_path, words):
    if "device" in words:
        host_compiler.compiler()
    command = [str(Path(sys.executable).with_name(words[0])), *words[1:]]
    with as_file(files("inkpin.samples") / "pin.jsonl") as samples:
        if words[-1] == "--strokes":
            command.append(str(samples))
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr
    home = Path(environment["HOME"])
    written = [path.relative_to(home) for path in home.rglob("*") if path.is_file()]
    assert not [path for path in written if not {"inkpin", "matplotlib"} & set(path.parts)]
