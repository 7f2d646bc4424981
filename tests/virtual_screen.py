"""A screen of our own to show windows on, without a window manager."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def virtual_screen(width: int, height: int, dpi: int = 96) -> Iterator[str]:
    """Yield the name of a screen of so many pixels, and so many of them an inch."""
    size = f"{width}x{height}x24"
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", size, "-dpi", str(dpi)]
    command += ["-nolisten", "tcp"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout
    with server:
        yield f":{server.stdout.readline().strip()}"
        server.terminate()
