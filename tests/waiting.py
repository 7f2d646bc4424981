"""Waiting for what other threads and programs do."""

import time


def until(condition, what, seconds=60):
    """Return once a condition holds.

    Args:
        condition: asked again and again.
        what: is waited for; words, or what gives them once it was in vain.
        seconds: after which the test fails.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        words = what() if callable(what) else what
        assert time.monotonic() < deadline, f"waited in vain for {words}"
        time.sleep(0.01)
