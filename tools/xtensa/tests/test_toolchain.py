import subprocess

import pytest

from inkpin.common import InputError
from inkpin.xtensa import available, toolchain


def test_what_is_missing_is_named_with_its_packages(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    line = available()
    assert line == (
        "not found: xtensa-lx106-elf-gcc, qemu-xtensa, a C compiler"
        " (Debian: apt-get install gcc-xtensa-lx106 qemu-user gcc libc6-dev)"
    )
    toolchain.cache_clear()
    with pytest.raises(InputError, match="not found"):
        toolchain()


def test_the_assembler_knows_the_core_by_its_description(tools, tmp_path):
    source = tmp_path / "probe.S"
    source.write_text("entry a1, 32\nquou a2, a2, a3\nloop a2, 1f\nmin a2, a2, a3\n1: retw\n")
    command = [tools.compiler, "-c", str(source), "-o", str(tmp_path / "probe.o")]
    subprocess.run(command, env=tools.environment, check=True)


def test_it_is_made_once(tools):
    assert available() is None
    toolchain.cache_clear()
    before = tools.description.stat().st_mtime_ns
    assert toolchain() == tools
    assert tools.description.stat().st_mtime_ns == before
