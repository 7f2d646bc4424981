"""Mutants of a small file put to a small test, by the command's own machinery."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mutation.swap import changed_functions

SCRIPT = """
import sys
from pathlib import Path

import pytest

from mutation.mutants import mutants
from mutation.objects import Objects
from mutation import trial as under_test
from mutation.trial import OPTIONS, Trial

under_test.LEAST_SECONDS = 0.2
folder, name = Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, str(folder))
source = folder / name

def tell(mutant, fate, test):
    print(mutant.what, fate, test.partition("::")[2], sep=" | ", flush=True)

chosen = list(mutants(name, source.read_text()))
trial = Trial(source, folder, Objects(folder / "build", folder, source), chosen, tell)
pytest.main([*OPTIONS, str(folder / "test_it.py")], plugins=[trial])
print("failed:", trial.failed)
"""
PYTHON = """\
LIMIT = 7


def down(a):
    while a > 0:
        a -= 5
    return a
"""
LIVE = {"7 -> 8", "7 -> 6", "0 -> 1", "> -> >="}
TEST_OF_PYTHON = """
from it import LIMIT, down

def test_value():
    assert down(3) == -2

def test_type():
    assert type(down(LIMIT)) is int
"""
C = """\
int up(int a);
int up(int a) {
    const int unused = 0 * a;
    return a + unused + 5;
}
"""
TEST_OF_C = """
from pathlib import Path
from inkpin.common import host_compiler

def test_value():
    assert host_compiler.load([Path(__file__).with_name("it.c")]).up(1) == 6
"""


C_BEYOND = """\
#include <string.h>
int known(const char *word);
int known(const char *word) {
    return !memcmp(word, "1234", 4);
}
"""
MAIN = """\
int known(const char *word);
int main(void) {
    static const char four[4] = {'0', '0', '0', '0'};
    return known(four);
}
"""
TEST_UNDER_SANITIZERS = f"""
import subprocess
from pathlib import Path
from inkpin.common import host_compiler

def test_clean():
    own = Path(__file__).with_name("main.c")
    own.write_text({MAIN!r})
    sources = [own.with_name("it.c"), own]
    program = host_compiler.build(sources, [], host_compiler.SANITIZERS, shared=False)
    assert subprocess.run([program], capture_output=True).returncode == 0
"""


def tried(folder, name, text, tests):
    (folder / name).write_text(text)
    (folder / "test_it.py").write_text(tests)
    own = {"PYTHONPATH": str(Path(__file__).parents[1]), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment = {**os.environ, **own}
    (folder / "script.py").write_text(SCRIPT)
    command = [sys.executable, "script.py", str(folder), name]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    failed = [line.removeprefix("failed: ") for line in lines if line.startswith("failed: ")]
    assert (folder / name).read_text() == text
    return {tuple(line.split(" | ")) for line in lines if " | " in line}, failed


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_mutants_of_python(tmp_path):
    found, failed = tried(tmp_path, "it.py", PYTHON, TEST_OF_PYTHON)
    caught = {what: test for what, fate, test in found if fate == "caught"}
    assert failed == [""]
    assert caught["5 -> 4"] == "test_value"
    assert caught["-= -> +="] == "test_value"  # it would never end
    assert {what for what, fate, _ in found if fate == "lived"} == LIVE


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_mutants_of_c(tmp_path):
    found, failed = tried(tmp_path, "it.c", C, TEST_OF_C)
    assert failed == [""]
    assert ("5 -> 6", "caught", "test_value") in found
    assert ("+ -> -", "the same code", "") in found  # of nothing
    assert ("* -> +", "caught", "test_value") in found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_what_only_sanitizers_see(tmp_path):
    """An optimizer compares five bytes in place, where nothing looks at their bounds."""
    found, failed = tried(tmp_path, "it.c", C_BEYOND, TEST_UNDER_SANITIZERS)
    assert failed == [""]
    assert ("4 -> 5", "caught", "test_clean") in found
    assert ("4 -> 3", "lived", "") in found


@pytest.mark.parametrize(
    ("new", "names"),
    [
        (PYTHON, []),
        (PYTHON.replace("5", "6"), ["down"]),
        (PYTHON.replace("7", "8"), None),
        (PYTHON.replace("7", "8").replace("5", "6"), None),
    ],
)
def test_which_functions_a_change_is_in(new, names):
    found = changed_functions(compile(PYTHON, "", "exec"), compile(new, "", "exec"))
    assert names == (found if found is None else [old.co_name for old, _ in found])
