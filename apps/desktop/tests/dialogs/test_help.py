def test_help_names_every_key_and_gives_the_focus_back(lock_window):
    s = lock_window()

    def steps():
        yield s.focus()
        s.key("<F1>")
        yield s.dialog_is_up
        assert {"Return", "Backspace", "T", "F11", "Ctrl+Q"} <= set(s.texts())
        assert s.says(str(s.window.log_file.parent))
        (help_,) = s.dialogs()
        assert help_.winfo_reqheight() < 700
        help_.event_generate("<Escape>")
        yield lambda: not s.dialogs() and s.root.focus_get() is s.canvas

    s.run(steps())
