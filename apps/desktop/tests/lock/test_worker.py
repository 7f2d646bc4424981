import threading

import pytest
from PIL import Image
from waiting import until

from inkpin.common import InputError
from inkpin.desktop.lock.session import Session
from inkpin.desktop.lock.store import memory_store
from inkpin.desktop.lock.worker import Failed, Line, Patch, ScriptEnded, TryUpdate, Worker
from inkpin.screen import Button, Touch


def nothing(_session):
    yield from ()


@pytest.fixture
def run():
    """Start workers that are stopped at the test's end."""
    workers = []

    def start(load=lambda: None, script=nothing):
        worker = Worker(lambda say: Session(memory_store(), load, say), script)
        workers.append(worker)
        worker.start()
        return worker

    yield start
    for worker in workers:
        worker.stop()


def up_to(worker, kind):
    """Return the updates up to the first of a kind."""
    updates = [worker.updates.get(timeout=60)]
    while not isinstance(updates[-1], kind):
        updates.append(worker.updates.get(timeout=60))
    return updates


def test_the_first_screen_and_the_first_line_come_before_the_network(run):
    gate = threading.Event()
    worker = run(load=gate.wait)
    line, patch = up_to(worker, Patch)
    gate.set()
    assert line == Line("State choose")
    assert (patch.x, patch.y, patch.image.size) == (0, 0, (320, 240))
    up_to(worker, ScriptEnded)


def test_patches_add_up_to_the_screen(run):
    worker = run()
    screen = Image.new("RGB", (320, 240))
    finished = []
    for touch in [(Touch.DOWN, 20, 30), (Touch.MOVE, 200, 220), (Touch.UP, 200, 220)]:
        worker.post(lambda session, touch=touch: session.touch(*touch))
    worker.post(lambda session: session.key(Button.CLEAR))
    worker.post(lambda session: session.touch(Touch.DOWN, 280, 220))
    worker.post(lambda session: finished.append(session))

    def complete():
        while not worker.updates.empty():
            update = worker.updates.get()
            if isinstance(update, Patch):
                screen.paste(update.image, (update.x, update.y))
        return finished and screen == finished[0].image()

    until(complete, "the screen")


def test_a_patch_is_no_larger_than_the_change(run):
    worker = run()
    up_to(worker, ScriptEnded)
    worker.post(lambda session: session.touch(Touch.DOWN, 280, 220))  # on TRY
    (patch,) = up_to(worker, Patch)
    assert patch.image.size == (68, 32)


def test_posting_never_waits_for_the_session(run):
    worker = run()
    up_to(worker, ScriptEnded)
    gate = threading.Event()
    worker.post(lambda _: gate.wait())
    for _ in range(1000):
        worker.post(lambda session: session.touch(Touch.MOVE, 1, 1))
    gate.set()  # had posting waited, nobody would have come here


def test_a_missing_model_ends_the_session(run):
    def load():
        raise InputError("no model")

    *_, failed = up_to(run(load=load), Failed)
    assert str(failed.error) == "no model"


def test_an_error_in_an_action_ends_the_session(run):
    worker = run()
    worker.post(lambda session: session.nonsense())
    *_, failed = up_to(worker, Failed)
    assert isinstance(failed.error, AttributeError)


def test_a_script_is_played_while_actions_go_on(run):
    log = []

    def script(_session):
        for step in range(3):
            log.append(step)
            yield 20

    worker = run(script=script)
    worker.post(lambda _: log.append("action"))
    up_to(worker, ScriptEnded)
    assert [entry for entry in log if entry != "action"] == [0, 1, 2]
    assert "action" in log


def test_a_stopped_worker_does_nothing_more(run):
    worker = run()
    up_to(worker, ScriptEnded)
    worker.stop()
    assert "session" not in {thread.name for thread in threading.enumerate()}


def test_a_reading_of_try_it_is_sent_and_taken_back(run, scripted):
    worker = run(load=lambda: scripted("7"))
    up_to(worker, ScriptEnded)
    for action in (
        lambda session: session.key(Button.TRY),
        lambda session: session.touch(Touch.DOWN, 50, 50),
        lambda session: session.touch(Touch.UP, 150, 150),
        lambda session: session.touch(Touch.DOWN, 50, 100),
        lambda session: session.touch(Touch.MOVE, 150, 100),
        lambda session: session.touch(Touch.UP, 150, 100),
        lambda session: session.key(Button.ENTER),
    ):
        worker.post(action)
    *_, reading = up_to(worker, TryUpdate)
    assert reading.tried.prediction.label == "7"
    worker.post(lambda session: session.key(Button.ENTER))
    *_, reading = up_to(worker, TryUpdate)
    assert reading.tried is None
