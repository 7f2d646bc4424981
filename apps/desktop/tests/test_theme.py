from types import SimpleNamespace

import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from inkpin.desktop import theme
from inkpin.desktop.settings import Settings


@pytest.mark.parametrize(
    ("screen", "inch", "scaling"),
    [
        ((1440, 900), 96, 1),
        ((3840, 2160), 192, 2),
        ((1920, 1200), 192, 1.5),  # dense, but with room for no more
        ((1024, 768), 192, 1),
        ((800, 480), 96, 1),
        ((7680, 4320), 400, 3),
    ],
)
def test_things_are_as_large_as_dots_are_small_while_the_window_fits(screen, inch, scaling):
    root = SimpleNamespace(
        winfo_screenwidth=lambda: screen[0],
        winfo_screenheight=lambda: screen[1],
        winfo_fpixels=lambda _: inch,
    )
    assert theme.scaling(root, Settings()) == scaling
    assert theme.scaling(root, Settings(size=150)) == 1.5 * scaling
