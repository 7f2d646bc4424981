import pytest
from PIL import Image

from inkpin.common import InputError
from inkpin.desktop.lock.headless import Album, replay, save_png


def test_a_replay_takes_no_time_and_no_store(scripted, samples, tmp_path, monkeypatch):
    monkeypatch.setenv("INKPIN_HOME", str(tmp_path))
    lines = []
    recogniser = scripted("25802580" + "9999" + "2580")
    session = replay(samples("2580258099992580"), lambda: recogniser, lines.append)
    assert lines[-1] == "State open"
    assert session.lock.state.name == "OPEN"
    assert list(tmp_path.iterdir()) == []


def test_the_album_has_each_kind_of_screen_once(scripted, samples, tmp_path):
    recogniser = scripted("258025802580")
    album = Album(tmp_path / "screens")
    replay(samples("258025802580"), lambda: recogniser, lambda _: None, album.look)
    names = sorted(path.name for path in album.folder.iterdir())
    assert names == ["1-choose.png", "2-writing.png", "3-repeat.png", "4-locked.png", "5-open.png"]
    images = [Image.open(album.folder / name) for name in names]
    assert {image.size for image in images} == {(320, 240)}
    assert len({image.tobytes() for image in images}) == 5


def test_a_screenshot_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"shot\.png"):
        save_png(Image.new("RGB", (320, 240)), tmp_path / "file" / "shot.png")
