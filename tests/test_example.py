"""The example in C does on a PC what the twin does: set, repeat, open."""

import re
import subprocess
from pathlib import Path

import pytest

from inkpin.common import host_compiler

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def example():
    if not Path("/usr/include/mbedtls/pkcs5.h").exists():
        pytest.skip("mbedTLS is not here: install libmbedtls-dev")
    # The sources and folders are those of the command in the docs, so that it is tried too.
    command = re.search(r"^cc .*?lock$", (ROOT / "docs/c.md").read_text(), re.DOTALL | re.MULTILINE)
    words = command[0].replace("\\\n", " ").split()
    sources = [ROOT / word for word in words if word.endswith(".c")]
    include = [ROOT / word[2:] for word in words if word.startswith("-I")]
    return host_compiler.build(
        sources, include, host_compiler.SANITIZERS, ["mbedcrypto"], shared=False
    )


def run(example, lines):
    text = "".join(f"{line}\n" for line in lines)
    return subprocess.run([example], input=text, capture_output=True, text=True)


def test_sets_repeats_and_opens(example, pin):
    lines = []
    for i, sample in enumerate(pin, 1):
        for stroke in sample.strokes:
            lines += [*(f"{x} {y}" for x, y in stroke), "up"]
        lines += ["enter"] if i % 4 else ["enter", "enter"]
    done = run(example, lines)
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    assert [line for line in said if line.startswith("State")] == [
        "State repeat",
        "State locked",
        "State open",
    ]
    assert [line.split()[1] for line in said if line.startswith("Output")] == list("3807") * 3


def test_a_tap_is_not_read_and_costs_nothing(example):
    done = run(example, ["50 50", "up", "enter", "enter"])
    assert (done.stdout, done.returncode) == ("Output ? 0%\n", 0)


def test_what_is_no_event_is_refused(example):
    done = run(example, ["dance"])
    assert done.returncode == 2
    assert "not an event: dance" in done.stderr
