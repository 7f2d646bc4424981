import pytest
from drivers import ttk

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from inkpin.common import InputError
from inkpin.desktop.tabs import lock
from inkpin.desktop.tabs.collect import CollectTab
from inkpin.desktop.widgets.pixel_canvas import PixelCanvas
from inkpin.screen import Button


def test_return_presses_the_button_that_has_the_focus_and_not_enter(lock_window, monkeypatch):
    s = lock_window()
    asked = []
    monkeypatch.setattr(lock.messagebox, "askyesno", lambda *_, **__: asked.append(1))

    def steps():
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"
        s.button("reset").focus_force()
        yield lambda: s.root.focus_get() is s.button("reset")
        s.button("reset").event_generate("<Return>")
        yield lambda: asked == [1]
        yield s.said_before_now()
        assert s.lines()[-2] == "State try"

    s.run(steps())


@pytest.mark.parametrize("key", ["<Return>", "<space>"])
def test_a_key_answers_a_message(lock_window, key):
    s = lock_window()
    ok = ".__tk__messagebox.ok"

    def steps():
        s.root.after(1, s.window.report_error, InputError("no room: delete something"))
        yield lambda: s.root.tk.call("winfo", "exists", ok)
        s.root.tk.call("focus", "-force", ok)
        yield lambda: str(s.root.tk.call("focus")) == ok
        s.root.tk.call("event", "generate", ok, key)
        yield lambda: not s.root.tk.call("winfo", "exists", ok)

    s.run(steps())
    assert not s.window.log_file.exists() or "AttributeError" not in s.window.log_file.read_text()


def test_ctrl_a_in_a_field_chooses_its_text_and_no_samples(tab_window, samples, tmp_path):
    w = tab_window(CollectTab)

    def steps():
        yield lambda: w.workspace.collection is not None
        session = next(e for e in w.widgets(ttk.Entry) if e.winfo_class() == "TEntry")
        session.focus_force()
        yield lambda: w.root.focus_get() is session
        w.key("<Control-a>")
        assert session.selection_get() == session.get()

    w.run(steps())


def test_tab_goes_through_accept_skip_and_take_back(tab_window):
    w = tab_window(CollectTab)

    def steps():
        yield lambda: w.workspace.collection is not None and w.button("Accept").winfo_viewable()
        w.widget(PixelCanvas).focus_force()
        yield lambda: w.root.focus_get() is w.widget(PixelCanvas)
        for name in ("Accept", "Skip", "Take back"):
            w.root.update_idletasks()
            w.root.focus_get().event_generate("<Tab>")
            yield lambda name=name: w.root.focus_get() is w.button(name)

    w.run(steps())
