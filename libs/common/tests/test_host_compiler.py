import subprocess

import pytest

from inkpin.common import InputError, host_compiler


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("INKPIN_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def source(tmp_path):
    if not host_compiler.find():
        pytest.skip("no C compiler: install gcc")
    (tmp_path / "answer.h").write_text("#define ANSWER 42\n")
    path = tmp_path / "answer.c"
    path.write_text('#include "answer.h"\nint answer(void);\nint answer(void) { return ANSWER; }\n')
    return path


def test_a_library_is_made_once_until_a_source_a_header_or_a_flag_changes(source, tmp_path):
    path = host_compiler.build([source], [tmp_path])
    assert host_compiler.build([source], [tmp_path]) == path
    assert host_compiler.load([source], [tmp_path]).answer() == 42
    (tmp_path / "answer.h").write_text("#define ANSWER 43\n")
    assert host_compiler.load([source], [tmp_path]).answer() == 43
    assert host_compiler.build([source], [tmp_path], ["-O1"]) != path


def test_a_program_runs(source, tmp_path):
    (tmp_path / "main.c").write_text("int answer(void);\nint main(void) { return answer(); }\n")
    sources = [source, tmp_path / "main.c"]
    program = host_compiler.build(sources, [tmp_path], shared=False)
    assert subprocess.run([program]).returncode == 42


def test_what_does_not_compile_is_one_line_and_leaves_nothing(source, tmp_path):
    source.write_text("int answer(void) { return 42 }\n")
    with pytest.raises(
        InputError, match=r"^the C does not compile: .*answer\.c:1:.*error"
    ) as caught:
        host_compiler.build([source])
    assert "\n" not in str(caught.value)
    assert [*(tmp_path / "cache" / "hostcc").iterdir()] == []


def test_without_a_compiler_a_line_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    assert host_compiler.find() is None
    with pytest.raises(InputError, match=r"^no C compiler found: install gcc"):
        host_compiler.compiler()
