"""The Arduino IDE's sketch, compiled against the stand-ins of both Arduino cores, and run."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inkpin.common import InputError, host_compiler
from inkpin.device import sketch

STANDIN = Path(__file__).parent.parent / "standin"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    command = [sys.executable, "-m", "inkpin.device.sketch", "--out"]
    out = tmp_path_factory.mktemp("sketch")
    done = subprocess.run([*command, out], check=True, capture_output=True, text=True)
    assert str(out / "inkpin") in done.stdout
    return out / "inkpin"


@pytest.fixture(scope="module")
def core(folder, tmp_path_factory):
    """Return the objects of the sketch's C."""
    objects = tmp_path_factory.mktemp("core")
    command = ["gcc", *host_compiler.WARNINGS, *host_compiler.SANITIZERS, "-c"]
    subprocess.run([*command, *sorted(folder.glob("*.c"))], cwd=objects, check=True)
    return sorted(objects.glob("*.o"))


@pytest.mark.parametrize("idf", [4, 5])
def test_it_holds_everything_and_starts(folder, core, tmp_path, idf):
    """Nothing but the sketch's folder and the libraries' is looked into; warnings are errors."""
    if not shutil.which("g++"):
        pytest.skip("g++ is not here: install g++")
    flags = [f"-DSTANDIN_IDF={idf}", *host_compiler.SANITIZERS]
    tests = Path(__file__).parent
    shell = [*folder.glob("*.cpp"), tests / "shell.cpp", STANDIN / "esp_partition.cpp"]
    include = [f"-I{STANDIN}", f"-I{tests / 'standin'}"]
    # The IDE compiles a sketch as C++, with Arduino.h before all else.
    strict = ["-std=gnu++11", "-Wall", "-Wextra", "-Werror", *flags, "-include", "Arduino.h"]
    command = ["g++", *strict, *include, *shell, "-x", "c++", folder / "inkpin.ino", "-x", "none"]
    program = tmp_path / "shell"
    subprocess.run([*command, *core, "-lmbedcrypto", "-o", program], check=True)
    done = subprocess.run(
        [program],
        input="wait 20\ntype ping\nwait 5\n",
        env={"INKPIN_FLASH": str(tmp_path / "flash")},
        check=True,
        capture_output=True,
        text=True,
    )
    lines = done.stdout.splitlines()
    assert "watchdog 8000 1" in lines
    assert "serial State choose" in lines
    assert any(line.startswith("serial @ok ping*") for line in lines)


def test_its_storage_is_the_lock_s(folder):
    ours = Path(__file__).parent.parent / "partitions.csv"
    assert (folder / "partitions.csv").read_bytes() == ours.read_bytes()


def test_a_sketch_that_is_there_is_left_alone(folder):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(InputError, match="name another folder"):
        sketch.write(folder.parent)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_outside_of_a_checkout_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(sketch, "SHELL", tmp_path)
    with pytest.raises(InputError, match="in a checkout"):
        sketch.write(tmp_path / "out")
