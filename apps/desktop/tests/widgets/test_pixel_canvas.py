import pytest
from drivers import INK, PAPER

from inkpin.screen import Button


@pytest.mark.parametrize("size", [(700, 600), (1320, 980), (1000, 1000)])
def test_the_replica_is_as_large_as_the_window_lets_it(lock_window, size):
    s = lock_window()

    def steps():
        s.root.geometry("{}x{}".format(*size))
        yield lambda: (s.root.winfo_width(), s.root.winfo_height()) == size and s.is_whole()
        room = s.canvas.winfo_width() - 6, s.canvas.winfo_height() - 6
        assert s.zoom == min(room[0] / 320, room[1] / 240)
        yield lambda: s.pixel(5, 235) == PAPER
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"
        s.stroke((0, 0), (239, 239))
        yield lambda: s.pixel(0, 0) == s.pixel(239, 239) == INK

    s.run(steps())
