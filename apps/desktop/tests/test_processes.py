import os
import signal
import subprocess
import sys

import heavy
import pytest
from waiting import until

from inkpin.common import InputError
from inkpin.common.progress import Stopped, silent
from inkpin.desktop.jobs import Jobs
from inkpin.desktop.processes import run_in_process


def is_there(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_work_is_done_in_another_process_which_has_ended_then():
    posted = []
    assert run_in_process(heavy.add, silent, posted.append, 2, b=3) == 5
    (process,) = posted
    assert process != os.getpid()
    assert not is_there(process)


def test_work_leaves_the_processor_to_the_window():
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert run_in_process(heavy.niceness, silent, pytest.fail) > ours


def test_what_work_raises_comes_here_and_says_where():
    with pytest.raises(InputError, match="take another") as raised:
        run_in_process(heavy.refuse, silent, pytest.fail)
    assert "heavy.py" in raised.value.__notes__[0]


def test_a_process_that_is_killed_is_told():
    with pytest.raises(InputError, match=r"die was ended from outside \(status -9\)"):
        run_in_process(heavy.die, silent, pytest.fail)


def test_work_that_is_stopped_is_gone_and_has_left_nothing_half_written(tmp_path):
    posted, seen = [], []

    def progress(done, total):
        seen.append((done, total))
        if posted and (1, 2) in seen:
            raise Stopped

    with pytest.raises(Stopped):
        run_in_process(heavy.write_for_ever, progress, posted.append, tmp_path / "new")
    assert not is_there(posted[0])
    assert [*tmp_path.iterdir()] == []


def test_a_job_that_is_stopped_ends_its_process():
    posted, failed = [], []
    jobs = Jobs()
    jobs.start(
        lambda job: run_in_process(heavy.hang, job.progress, posted.append), print, failed.append
    )
    until(lambda: posted, "the process")
    jobs.stop()
    assert not is_there(posted[0])


_PARENT = """
import signal, sys, heavy
from inkpin.desktop.processes import run_in_process
if __name__ == "__main__":
    # A background job of a script inherits it as ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run_in_process(heavy.hang, lambda *_: None, lambda process: print(process, flush=True))
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.parametrize(("end", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_neither_ctrl_c_nor_the_end_of_the_window_leaves_a_process_behind(tmp_path, end, status):
    (tmp_path / "parent.py").write_text(_PARENT)
    path = os.pathsep.join(sys.path)
    with subprocess.Popen(
        [sys.executable, tmp_path / "parent.py"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    ) as parent:
        process = int(parent.stdout.readline())
        if end == signal.SIGINT:
            os.killpg(parent.pid, end)  # as a terminal does: to all of its processes
        else:
            parent.kill()
        _, said = parent.communicate(timeout=60)
    assert parent.returncode == status
    assert said == ""
    until(lambda: not is_there(process), "the end of the process")
