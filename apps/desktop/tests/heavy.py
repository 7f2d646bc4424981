"""Work for other processes, which import it from here."""

import os
import signal
import time
from pathlib import Path

from inkpin.common import InputError
from inkpin.common.files import replacing


def add(channel, a, b):
    channel.progress(0, 2)
    channel.post(os.getpid())
    return a + b


def niceness(_channel):
    return os.getpriority(os.PRIO_PROCESS, 0)


def refuse(_channel):
    raise InputError("no such thing: take another")


def die(_channel):
    os.kill(os.getpid(), signal.SIGKILL)


def write_for_ever(channel, path):
    with replacing(Path(path)) as file:
        while True:
            file.write(b"more")
            channel.post(os.getpid())
            channel.progress(1, 2)
            time.sleep(0.01)


def hang(channel):
    channel.post(os.getpid())
    while True:
        channel.progress(0, 1)
        time.sleep(0.01)
