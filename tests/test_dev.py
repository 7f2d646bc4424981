"""./dev on machines that lack something: what it installs, what it says, where it stops."""

import importlib.machinery
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Knows every package but "absent", and installs all but "broken".
APT = """#!/bin/sh
case "$(basename "$0") $*" in
*policy*absent*) ;;
*policy*) echo "  Candidate: 1" ;;
*) echo "$@" >> "$LOG"; case "$*" in *broken*) exit 100 ;; esac ;;
esac
"""


@pytest.fixture
def dev(tmp_path, monkeypatch):
    """Return ./dev as a module, for a machine on which nothing but apt is installed."""
    loader = importlib.machinery.SourceFileLoader("dev", str(ROOT / "dev"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("dev", loader))
    loader.exec_module(module)
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("apt-get", "apt-cache"):
        (folder / name).write_text(APT)
        (folder / name).chmod(0o755)
    for name in ("sh", "env", "basename", "true"):
        (folder / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    monkeypatch.setattr(module.os, "geteuid", lambda: 0)
    monkeypatch.setattr(module, "TOX", tmp_path / "tox")
    return module


def installed(tmp_path):
    return [line.split()[3:] for line in (tmp_path / "log").read_text().splitlines()[1:]]


def test_what_cannot_be_had_keeps_nothing_else_away(dev, tmp_path, capfd):
    dev.install(["gcc", "absent", "clang"])
    assert installed(tmp_path) == [["gcc", "clang"]]
    assert "no package absent" in capfd.readouterr().err


def test_what_does_not_install_keeps_nothing_else_away(dev, tmp_path):
    dev.install(["gcc", "broken", "clang"])
    assert installed(tmp_path) == [["gcc", "broken", "clang"], ["gcc"], ["broken"], ["clang"]]


def test_who_may_not_install_gets_one_list_and_the_end(dev, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(dev, "runs", lambda python, code: "ensurepip" not in code)
    packages = {name: dev.PACKAGES[name] for name in ("python3-venv", "gcc")}
    monkeypatch.setattr(dev, "PACKAGES", packages)
    assert dev.main(["test"]) == 2
    names = f"python3.{sys.version_info.minor}-venv gcc"
    assert capfd.readouterr().err.splitlines() == [
        f"not here: {names}",
        f"(Debian and Ubuntu: sudo apt-get install {names})",
    ]
    assert not (tmp_path / "log").exists()


def test_what_is_not_there_is_said_before_a_task_starts(dev, monkeypatch, capfd):
    monkeypatch.setattr(dev, "PACKAGES", {"absent": ("command absent", ("test",))})
    assert dev.provide("test")
    assert "not here: absent" in capfd.readouterr().err


def test_an_old_python_is_named(dev, monkeypatch, capfd):
    monkeypatch.setattr(dev, "runs", lambda python, code: False)
    assert dev.main(["lint"]) == 2
    assert "Python 3.11 or newer" in capfd.readouterr().err


def test_ctrl_c_while_the_environment_is_made_ends_quietly(tmp_path):
    for name in ("dev", "tox.ini", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    run = (
        "import runpy, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "dev = runpy.run_path('dev'); dev['PACKAGES'].clear(); sys.exit(dev['main'](['lint']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", run],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert "making .venv" in process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate()[1] == ""
        assert process.returncode == 130


def run_dev(*words, **options):
    command = [sys.executable, ROOT / "dev", *words]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, **options)


def test_it_lists_its_tasks():
    done = run_dev(stdout=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, "")
    for task in ("desktop", "test", "run", "train"):
        assert f"\n  {task} " in done.stdout


@pytest.mark.parametrize("task", ["run", "torch"])
def test_a_task_that_takes_a_command_says_so(task):
    done = run_dev(task, stdout=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"./dev {task} COMMAND...\n")
    assert "inkpin-model" in done.stdout


def test_a_task_that_is_none_is_named():
    done = run_dev("dance", stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "./dev: no task dance: ./dev alone lists them\n"


def test_a_list_that_nobody_reads_ends_quietly():
    read, write = os.pipe()
    os.close(read)
    done = run_dev(stdout=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")
    with Path("/dev/full").open("w") as full:
        done = run_dev(stdout=full)
    assert done.returncode == 2
    (said,) = done.stderr.splitlines()
    assert said == "./dev: No space left on device: make room, or send the output elsewhere"


@pytest.fixture
def made(dev, tmp_path, monkeypatch):
    """As where tox has made the environment of `run`, with one command in it."""
    folder = tmp_path / ".tox/run" / dev.BIN.name
    folder.mkdir(parents=True)
    command = folder / "answer"
    command.write_text('#!/bin/sh\necho "$@"\nexit 3\n')
    command.chmod(0o755)
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    return dev


def test_a_command_that_does_not_exist_is_named(made, capfd):
    assert made.start("run", ["dance", "--fast"]) == 2
    (said,) = capfd.readouterr().err.splitlines()
    assert said.startswith("./dev run: no command dance: ours are inkpin and inkpin-model")


def test_a_command_has_the_terminal_to_itself(made, monkeypatch):
    class ReplacedError(Exception):
        pass

    def replace(program, command, environment):
        done = subprocess.run([program, *command[1:]], env=environment, capture_output=True)
        raise ReplacedError(done.returncode, done.stdout)

    monkeypatch.setattr(made.os, "execve", replace)
    with pytest.raises(ReplacedError) as caught:
        made.start("run", ["answer", "to all", "-x"])
    assert caught.value.args == (3, b"to all -x\n")


@pytest.fixture
def started(dev, tmp_path, monkeypatch):
    """As where nothing is really started: what is, as (command, environment, folder)."""

    def run(command, env, **_):
        started.append((" ".join(command), env, Path.cwd()))
        return subprocess.CompletedProcess(command, 0)

    started = []
    monkeypatch.setattr(dev.shutil, "which", lambda name, path: name)
    monkeypatch.setattr(dev.os, "execve", lambda *_: None)  # and it goes on as on Windows
    monkeypatch.setattr(dev.subprocess, "run", run)
    monkeypatch.chdir(tmp_path)
    return started


def test_a_task_starts_what_tox_ini_says(dev, started, tmp_path):
    for task, words in (
        ("desktop", ["--tall"]),
        ("run", ["inkpin-model", "folds"]),
        ("train", ["--seed", "2"]),
    ):
        dev.start(task, words)
    assert [(command, folder) for command, _, folder in started] == [
        ("inkpin --tall", tmp_path),
        ("inkpin-model folds", tmp_path),
        ("inkpin-model train --seed 2", tmp_path),
    ]


def test_a_task_of_several_commands_starts_them_in_turn_in_the_checkout(dev, started, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    dev.start("bench", ["lenet"])
    assert [command for command, _, _ in started] == ["inkpin-model fetch", "python -m bench lenet"]
    for _, environment, folder in started:
        assert folder == ROOT
        assert environment["PYTHONPATH"] == f"{ROOT}/tests"
        assert environment["PIP_CONSTRAINT"] == f"{ROOT}/constraints.txt"
    dev.start("lint", [])
    assert "PYTHONPATH" not in started[-1][1]
    dev.start("run", ["python", "-m", "bench.ink"])
    assert started[-1][1]["PYTHONPATH"] == "elsewhere"
    dev.start("firmware", ["-v"])
    command, environment, folder = started[-1]
    assert (command, folder) == ("pio run -e m5core2 -v", ROOT / "apps/firmware")
    assert environment["PLATFORMIO_CORE_DIR"] == f"{ROOT}/build/platformio"


def test_a_command_that_fails_is_the_last(made, monkeypatch):
    monkeypatch.setitem(made.TASKS["run"], "commands", "answer first\nanswer second")
    monkeypatch.setattr(made.os, "execve", lambda *_: pytest.fail("the second was started"))
    assert made.start("run", []) == 3


def pressed(at, *words, cwd):
    """Press Ctrl-C once pytest says `at`; return its status, what it said, and its errors.

    A second thread hears signals, too, as a library's does.
    """
    run = (
        "import runpy, signal, sys, threading, time;"
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start();"
        f"sys.argv[0] = '{ROOT}/tools/run_pytest.py'; runpy.run_path(sys.argv[0], None, '__main__')"
    )
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    with subprocess.Popen(
        [sys.executable, "-u", "-c", run, *words],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        for line in process.stdout:
            if at in line:
                break
        os.killpg(process.pid, signal.SIGINT)
        said, errors = process.communicate()
    return process.returncode, said, errors


def test_ctrl_c_while_pytest_starts_ends_in_one_line(tmp_path):
    (tmp_path / "conftest.py").write_text(
        "import os, time; os.write(1, b'begun\\n'); time.sleep(60)"
    )
    status, _, errors = pressed("begun", "-s", cwd=tmp_path)
    assert (status, errors) == (130, "\nstopped before the first test\n")


def test_ctrl_c_while_the_processes_of_a_test_run_start_ends_in_one_line():
    status, said, errors = pressed("created", "-n", "1", "tests/test_version.py", cwd=ROOT)
    assert (status, errors) == (130, "\nstopped before the first test\n")
    assert "passed" not in said


def test_ctrl_c_waits_for_the_processes_of_a_test_run_to_have_started(tmp_path):
    (tmp_path / "conftest.py").write_text(
        "import os, time\n"
        "def pytest_sessionstart():\n"
        "    os.write(1, b'begun\\n'); time.sleep(1); os.write(1, b'started\\n')\n"
    )
    status, said, errors = pressed("begun", "-s", cwd=tmp_path)
    assert (status, errors) == (130, "\nstopped before the first test\n")
    assert said.startswith("started\n")


def test_ctrl_c_while_a_test_runs_tells_what_was_reached(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "import os, time\n"
        "def test_one(): pass\n"
        "def test_two(): os.write(1, b'\\nbegun\\n'); time.sleep(60)\n"
    )
    status, said, errors = pressed("begun", "-s", cwd=tmp_path)
    assert (status, errors) == (130, "")
    assert "1 passed" in said


def test_what_pytest_cannot_read_is_no_ctrl_c(tmp_path):
    (tmp_path / "test_it.py").write_text("import nothing_by_that_name")
    command = [sys.executable, ROOT / "tools/run_pytest.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == pytest.ExitCode.INTERRUPTED
    assert "nothing_by_that_name" in done.stdout


def test_what_needs_data_fetches_them_first(dev):
    for task, section in dev.TASKS.items():
        commands = section["commands"].split("\n")
        needs = [c for c in commands if c.startswith(("inkpin-model cost", "python -m bench "))]
        if needs:
            assert "inkpin-model fetch" in commands[: commands.index(needs[0])], task
