import pytest

from inkpin.common.progress import Stopped
from inkpin.device.build import Core, command


def test_the_first_build_is_followed_from_its_first_step_on_and_can_be_stopped(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("INKPIN_CACHE", str(tmp_path))
    steps = []

    def progress(*step):
        steps.append(step)
        raise Stopped

    with pytest.raises(Stopped):
        command(Core.XTENSA, progress)
    assert steps == [(0, 4)]  # before what is downloaded
    assert capsys.readouterr().err == ""
    assert [*(tmp_path / "xtensa").iterdir()] == []
