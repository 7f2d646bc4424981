from inkpin.screen import Button


def test_the_steps_of_what_was_tried_are_played(lock_window, scripted):
    s = lock_window(load=lambda: scripted("7"))

    def steps():
        yield s.focus()
        s.key("<s>")
        assert not s.dialogs()
        s.press(Button.TRY)
        s.stroke((50, 100), (100, 100), (100, 150))
        yield lambda: s.says("So far a 7")  # a reading of the ink under way comes in between
        s.press(Button.ENTER)
        yield lambda: "disabled" not in s.button("Step").state()
        s.key("<s>")
        yield s.dialog_is_up
        (lesson,) = s.dialogs()
        assert s.root.grab_current() is lesson
        assert s.button("Hold")  # it plays by itself
        lesson.event_generate("<space>")
        assert s.button("Play")
        for _ in range(6):
            lesson.event_generate("<Right>")
        assert s.says("reads 7")
        assert s.button("Again")
        lesson.event_generate("<Escape>")
        yield lambda: not s.dialogs()

    s.run(steps())
