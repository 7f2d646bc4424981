import io
import tarfile

import pytest

from inkpin.common import InputError
from inkpin.xtensa.packages import fetch_tarballs, source_entries, unpack


def test_binary_sources_become_those_of_source_packages(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text(
        "# a comment\n"
        "deb cdrom:[A disc]/ stable main\n"
        "deb https://a.example/debian stable main\n"
        "deb-src https://a.example/debian stable main\n"
    )
    (tmp_path / "sources.list.d" / "b.list").write_text(
        "deb [signed-by=/k] https://b.example x y\n"
    )
    (tmp_path / "sources.list.d" / "c.sources").write_text(
        "Types: deb\nURIs: https://c.example\nSuites: x\n\ntypes: deb deb-src\nURIs: https://d.example\n"
    )
    one_line, stanzas = source_entries(tmp_path)
    assert one_line.splitlines() == [
        "deb-src https://a.example/debian stable main",
        "deb-src [signed-by=/k] https://b.example x y",
    ]
    assert stanzas == [
        "Types: deb-src\nURIs: https://c.example\nSuites: x\n\n"
        "Types: deb-src\nURIs: https://d.example\n"
    ]


def test_a_machine_without_sources_has_no_entries(tmp_path):
    assert source_entries(tmp_path) == ("", [])


def test_a_failed_download_is_one_line_with_apts_reason(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    apt_get = tmp_path / "bin" / "apt-get"
    apt_get.write_text("#!/bin/sh\necho 'E: the cable is out' >&2\nexit 100\n")
    apt_get.chmod(0o755)
    monkeypatch.setenv("PATH", str(apt_get.parent))
    with pytest.raises(
        InputError, match=r"^.*qemu and binutils.*\(the cable is out\).*$"
    ) as caught:
        fetch_tarballs(["qemu", "binutils"], tmp_path)
    assert "\n" not in str(caught.value)


def tarball(path, **files):
    with tarfile.open(path, "w:xz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(f"top-1.0/{name.replace('_', '/')}.h")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return path


def test_unpack_takes_the_wanted_files_alone(tmp_path):
    source = tarball(
        tmp_path / "one.tar.xz", include_a="A", other_a="B", include_b="C", include_deep_c="D"
    )
    into = tmp_path / "into"
    unpack({"one": source}, {"one": ["other/a.h", "include/*b.h"]}, into)
    unpack({"one": source}, {"one": ["include/*/*.h"]}, into)
    found = {str(path.relative_to(into)) for path in into.rglob("*.h")}
    assert found == {"other/a.h", "include/b.h", "include/deep/c.h"}
    assert (into / "other/a.h").read_text() == "B"


def test_unpack_names_a_file_that_is_not_there(tmp_path):
    source = tarball(tmp_path / "old.tar.xz", include_a="A")
    with pytest.raises(InputError, match=r"old\.tar\.xz has no include/new\*\.h"):
        unpack({"one": source}, {"one": ["include/a.h", "include/new*.h"]}, tmp_path)
