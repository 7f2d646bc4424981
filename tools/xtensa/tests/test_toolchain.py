import subprocess
from importlib import import_module

import pytest

from inkpin.common import InputError
from inkpin.xtensa import available, prepare, toolchain


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


def test_who_follows_its_making_hears_of_it_instead_of_the_terminal(tmp_path, monkeypatch, capsys):
    module = import_module("inkpin.xtensa.toolchain")
    monkeypatch.setattr(module, "fetch_tarballs", lambda *_: [])
    monkeypatch.setattr(module, "unpack", lambda *_: None)
    monkeypatch.setattr(module.host_compiler, "run", lambda target, *_: target.touch())
    monkeypatch.setenv("INKPIN_CACHE", str(tmp_path / "one"))
    steps = []
    made = prepare(lambda *step: steps.append(step))
    assert steps == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert toolchain.__wrapped__().description.parent == made
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("INKPIN_CACHE", str(tmp_path / "other"))
    toolchain.__wrapped__()
    assert "downloading source packages (60 MB)" in capsys.readouterr().err
