import os
import signal
import sys

import pytest

from inkpin.model.training.worker_group import WorkerGroup

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")


def test_ctrl_c_is_heard_while_processes_fork():
    """Python loses an interrupt that comes in what a module does before or after a fork."""
    armed = [True]

    def interrupt():
        if armed:
            armed.clear()
            os.kill(os.getpid(), signal.SIGINT)

    os.register_at_fork(before=interrupt)
    # A background job of a script inherits it as ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), WorkerGroup(2) as group:
            group.run(lambda: None)
    finally:
        signal.signal(signal.SIGINT, before)
    assert not armed
    assert not group._others[0].is_alive()
