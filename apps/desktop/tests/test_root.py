import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")

from inkpin.desktop.root import NoWindowError, open_root


def test_without_a_display_there_is_no_window(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(NoWindowError, match="display"):
        open_root()
