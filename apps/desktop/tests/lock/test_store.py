import subprocess
import sys

import pytest

from inkpin.common import InputError
from inkpin.desktop.lock.store import home, user_store
from inkpin.lock import Config, Event, Lock, State

HOLD = """
import sys
from inkpin.desktop.lock.store import user_store
with user_store():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("INKPIN_HOME", str(tmp_path / "home"))


def test_the_record_outlives_the_program(tmp_path):
    for expected in (State.CHOOSE, State.LOCKED):
        with user_store() as store:
            lock = Lock(store.hooks, Config(iterations=1), 0)
            assert lock.state is expected
            for digit in (2, 5, 8, 0) * 2:
                lock.step(Event.DIGIT, 0, digit)
                if lock.filled == 4:
                    lock.step(Event.ENTER, 0)
    assert home() == tmp_path / "home"
    assert (home() / "slot-0.bin").stat().st_size > 0


def test_a_second_twin_is_refused_by_one_line():
    with (
        user_store(),
        pytest.raises(InputError, match="used by another Inkpin") as refused,
        user_store(),
    ):
        pass
    assert "\n" not in str(refused.value)
    with user_store():
        pass


def test_a_twin_that_was_killed_holds_nothing():
    command = [sys.executable, "-c", HOLD]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(InputError), user_store():
            pass
        other.kill()
    with user_store():
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("INKPIN_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(InputError, match="INKPIN_HOME"), user_store():
        pass
