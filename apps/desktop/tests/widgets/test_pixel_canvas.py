import pytest
from drivers import INK, PAPER

from inkpin.screen import Button


@pytest.mark.parametrize(("size", "scale"), [("700x600", 1), ("1320x980", 3), ("1000x1000", 2)])
def test_the_replica_follows_the_window_at_integer_scales(lock_window, size, scale):
    s = lock_window()

    def steps():
        s.root.geometry(size)
        yield lambda: s.root.winfo_width() == int(size.split("x")[0]) and s.scale == scale
        yield lambda: s.pixel(5, 235) == PAPER
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"
        s.stroke((0, 0), (239, 239))
        yield lambda: s.pixel(0, 0) == s.pixel(239, 239) == INK

    s.run(steps())
