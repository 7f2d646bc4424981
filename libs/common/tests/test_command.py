"""How commands end, as programs: what is read of them, and their exit status."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from inkpin.common import InputError
from inkpin.common.command import run_command

TALKS = """
import sys
from inkpin.common.command import run_command
from inkpin.common.parser import Parser

def talk():
    parser = Parser(prog="talk")
    parser.add_argument("--many", type=int, default=1)
    for _ in range(parser.parse_args().many):
        print("hello")

sys.exit(run_command("talk", talk))
"""


def raising(error):
    def carry_out():
        raise error

    return carry_out


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (InputError("the file: empty: take another"), 2, "talk: the file: empty: take another\n"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141, ""),
        (
            PermissionError(errno.EACCES, "Permission denied", "/cache"),
            2,
            "talk: /cache: Permission denied: see that it is there and may be read and written\n",
        ),
    ],
)
def test_what_ends_a_command(error, status, said, capsys):
    assert run_command("talk", raising(error)) == status
    assert capsys.readouterr() == ("", said)


def test_what_went_well():
    assert run_command("talk", lambda: None) == 0
    assert run_command("talk", lambda: 1) == 1


def test_an_error_that_nobody_foresaw_is_told_in_full():
    with pytest.raises(OSError, match="No child"):
        run_command("talk", raising(OSError(errno.ECHILD, "No child processes")))


@pytest.fixture(params=["", "1"], ids=["buffered", "unbuffered"])
def environment(request):
    return {**os.environ, "PYTHONUNBUFFERED": request.param}


@pytest.mark.parametrize("words", [["--many", "100000"], ["--help"], []])
def test_a_reader_that_goes_away_ends_it_quietly(words, environment):
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-c", TALKS, *words]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, env=environment)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("words", [["--many", "100000"], ["--help"], []])
def test_an_output_that_is_full_is_one_line(words, environment):
    command = [sys.executable, "-c", TALKS, *words]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=environment, text=True
        )
    assert done.returncode == 2
    assert done.stderr == "talk: No space left on device: make room, or send the output elsewhere\n"


def test_unusable_arguments_name_the_help_as_it_is_typed():
    command = [sys.executable, "-c", TALKS, "--loud"]
    done = subprocess.run(command, capture_output=True, text=True)
    said = "talk: unrecognized arguments: --loud: see `./dev run talk --help`\n"
    assert (done.returncode, done.stderr) == (2, said)
