import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from inkpin.desktop import app, launch
from inkpin.desktop.lock.store import memory_store, user_store
from inkpin.desktop.main import main
from inkpin.desktop.root import open_root
from inkpin.model.adaptation.model_store import About, ModelStore
from inkpin.model.data.samples import save_samples
from inkpin.model.inference.recogniser import SHIPPED


@pytest.fixture
def home(screen, tmp_path, monkeypatch):
    folder = tmp_path / "home"
    monkeypatch.setenv("INKPIN_HOME", str(folder))
    return folder


@pytest.fixture
def dialogs(monkeypatch):
    """What dialogs say, instead of showing them."""
    said = []
    for kind in ("showerror", "showwarning"):
        monkeypatch.setattr(app.messagebox, kind, lambda _, text, **__: said.append(text))
    return said


def test_damage_is_told_in_dialogs_and_the_rest_works(home, samples, dialogs):
    file = home / "samples.jsonl"
    save_samples(file, samples("12"))
    file.write_bytes(b"{}\n" + file.read_bytes())
    networks = ModelStore(home / "networks")
    networks.use(SHIPPED.read_bytes(), About()).write_bytes(b"nonsense")
    networks.close()
    (home / "settings.json").write_text('{"tab": "Review"}')
    root = open_root()

    def close_when_told():
        if len(dialogs) < 2:
            root.after(20, close_when_told)
        else:
            root.eval(root.protocol("WM_DELETE_WINDOW"))

    root.after(20, close_when_told)
    root.after(60_000, root.destroy)
    lines = []
    app.run(root, memory_store(), file, lambda _: iter(()), lines.append)
    network, damaged = sorted(dialogs, key=lambda text: "damaged line" in text)
    assert "the lock reads with the shipped one" in network
    assert "1 damaged line of" in damaged
    assert lines == ["State choose"]
    assert networks.active == SHIPPED


def test_a_second_window_says_in_a_dialog_why_it_does_not_open(home, dialogs, capsys):
    with user_store():
        assert main([]) == 2
    (said,) = dialogs
    assert "used by another Inkpin" in said
    assert capsys.readouterr().err == f"inkpin: {said}\n"


def test_a_home_that_cannot_be_written_is_told_in_a_dialog(home, dialogs):
    home.touch()
    assert main([]) == 2
    (said,) = dialogs
    assert "no place for a PIN" in said


def test_a_screenshot_asks_nobody(home, dialogs, tmp_path):
    home.touch()
    assert main(["--screenshot", str(tmp_path / "shot.png")]) == 2
    assert dialogs == []
    assert launch.home() == home
