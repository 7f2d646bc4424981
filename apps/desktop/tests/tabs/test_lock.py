import threading
from tkinter import ttk

import pytest
from drivers import INK, PAPER, tk

from inkpin.common import InputError
from inkpin.desktop.settings import Settings
from inkpin.desktop.tabs import lock
from inkpin.screen import Button


def test_ink_appears_where_the_pointer_draws(lock_window):
    s = lock_window()

    def steps():
        yield lambda: s.pixel(60, 100) == PAPER
        s.stroke((50, 100), (100, 100), (100, 150))
        yield lambda: s.pixel(60, 100) == s.pixel(100, 140) == INK
        s.press(Button.CLEAR)
        yield lambda: s.pixel(60, 100) == PAPER

    s.run(steps())


def test_buttons_work_by_pointer_and_by_key(lock_window):
    s = lock_window()

    def steps():
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"
        yield s.focus()
        s.canvas.event_generate("<Return>")
        yield lambda: s.lines()[-1] == "State choose"
        s.canvas.event_generate("<t>")
        yield lambda: s.lines()[-1] == "State try"
        s.stroke((50, 100), (100, 100), (100, 150))
        yield lambda: s.pixel(60, 100) == INK
        s.canvas.event_generate("<Escape>")
        yield lambda: s.pixel(60, 100) == PAPER

    s.run(steps())


def test_a_factory_reset_asks_first(lock_window, monkeypatch):
    s = lock_window()
    answers = [False, True]
    monkeypatch.setattr(lock.messagebox, "askyesno", lambda *_, **__: answers.pop(0))

    def steps():
        s.button("reset").invoke()
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"
        assert "Factory reset" not in s.lines()
        s.button("reset").invoke()
        yield lambda: s.lines()[-2:] == ["Factory reset", "State choose"]

    s.run(steps())
    assert answers == []


def test_the_window_closes_with_the_question_open(lock_window, monkeypatch):
    s = lock_window()

    def ask(*_, **__):
        s.close()
        raise tk.TclError("application has been destroyed")

    monkeypatch.setattr(lock.messagebox, "askyesno", ask)
    s.root.after(50, s.button("reset").invoke)
    s.window.run()


def test_the_event_log_is_shown(lock_window, monkeypatch):
    s = lock_window()
    shown = []
    monkeypatch.setattr(lock.messagebox, "showinfo", lambda *_, **options: shown.append(options))

    def steps():
        s.button("log").invoke()
        yield lambda: shown
        assert shown[0]["detail"] == "Log 1 reboot 0 s"

    s.run(steps())


def test_what_is_tried_is_shown_beside_the_lock_and_goes_with_the_ink(lock_window, scripted):
    s = lock_window(load=lambda: scripted("77"))

    def steps():
        s.press(Button.TRY)
        s.stroke((50, 100), (100, 100), (100, 150))
        s.press(Button.ENTER)
        yield lambda: s.says("Read as 7") and s.says("bit for bit")
        s.press(Button.CLEAR)
        yield lambda: not s.says("Read as 7") and not s.says("bit for bit")

    s.run(steps())


def test_nothing_of_a_pin_is_shown_beside_the_lock(lock_window, scripted):
    s = lock_window(load=lambda: scripted("1234"))

    def steps():
        before = s.texts()
        for count in range(1, 5):
            s.stroke((50, 100), (100, 100), (100, 150))
            s.press(Button.ENTER)
            yield lambda count=count: s.lines().count("Output *") == count
            assert s.texts() == before

    s.run(steps())


def test_a_missing_model_closes_the_window_and_is_told(lock_window):
    def load():
        raise InputError("no model")

    with pytest.raises(InputError, match="no model"):
        lock_window(load=load).window.run()


def test_the_window_closes_while_the_session_is_busy(lock_window):
    s = lock_window()
    busy, gate = threading.Event(), threading.Event()

    def work(_session):
        busy.set()
        gate.wait()

    def steps():
        yield s.is_up
        s.worker.post(work)
        yield busy.is_set

    s.run(steps())
    assert not gate.is_set()
    gate.set()


def test_once_ends_with_the_script(lock_window):
    played = []

    def script(_session):
        yield 10
        played.append(1)

    lock_window(script=script, once=True).window.run()
    assert played == [1]


def test_auto_enter_is_chosen_and_stays(lock_window, scripted):
    s = lock_window(load=lambda: scripted("7777"))

    def steps():
        box = s.widget(ttk.Combobox)
        assert box.get() == "by ENTER"
        box.set("after 0.6 s")
        box.event_generate("<<ComboboxSelected>>")
        yield lambda: s.kept
        assert s.kept[-1].auto_ms == 600
        s.stroke((50, 100), (100, 100), (100, 150))
        yield lambda: "Output *" in s.lines()
        box.set("by ENTER")
        box.event_generate("<<ComboboxSelected>>")
        yield lambda: s.kept[-1].auto_ms == 0

    s.run(steps())


def test_auto_enter_is_as_it_was_chosen_last(lock_window, scripted):
    s = lock_window(load=lambda: scripted("7777"), settings=Settings(auto_ms=900))

    def steps():
        assert s.widget(ttk.Combobox).get() == "after 0.9 s"
        s.stroke((50, 100), (100, 100), (100, 150))
        yield lambda: "Output *" in s.lines()

    s.run(steps())


def test_the_first_steps_go_once_they_are_done(lock_window):
    s = lock_window(first_steps=True)

    def steps():
        assert s.says("First steps, 1 of 3")
        s.stroke((50, 100), (100, 100), (100, 150))
        yield lambda: s.says("First steps, 2 of 3")
        s.press(Button.ENTER)
        yield lambda: s.says("First steps, 3 of 3")
        assert s.kept[-1].first_steps
        s.button("Got it").invoke()
        yield lambda: not s.first_steps_are_up()
        assert not s.kept[-1].first_steps
        s.key("<F1>")
        yield s.dialog_is_up
        s.button("first steps").invoke()
        yield lambda: s.first_steps_are_up() and s.says("First steps, 1 of 3")
        s.button("Next").invoke()
        s.button("Skip all").invoke()
        yield lambda: not s.first_steps_are_up()

    s.run(steps())


def test_the_first_steps_are_for_who_has_not_seen_them(lock_window):
    s = lock_window(first_steps=True, settings=Settings(first_steps=False))
    s.run(iter([lambda: not s.first_steps_are_up()]))
