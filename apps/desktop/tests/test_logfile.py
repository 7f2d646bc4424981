import logging

import pytest

from inkpin.desktop.logfile import open_log


@pytest.fixture(autouse=True)
def _as_before():
    log = logging.getLogger("inkpin")
    handlers, propagate = log.handlers[:], log.propagate
    yield
    for handler in log.handlers:
        if handler not in handlers:
            handler.close()
    log.handlers, log.propagate = handlers, propagate


def test_the_file_is_made_with_its_first_line(tmp_path):
    path = tmp_path / "home" / "inkpin.log"
    open_log(path)
    assert not path.parent.exists()
    try:
        raise ValueError("what happened")
    except ValueError as error:
        logging.getLogger("inkpin").error("told to the user", exc_info=error)
    text = path.read_text()
    assert "what happened" in text
    assert "test_logfile" in text


def test_opening_again_goes_on_elsewhere(tmp_path):
    for name in ("a.log", "b.log"):
        open_log(tmp_path / name)
        logging.getLogger("inkpin").error(name)
    assert "b.log" not in (tmp_path / "a.log").read_text()
    assert "b.log" in (tmp_path / "b.log").read_text()


def test_a_log_that_cannot_be_written_is_told_in_a_line(tmp_path, capsys):
    path = tmp_path / "inkpin.log"
    path.mkdir()
    open_log(path)
    logging.getLogger("inkpin").error("lost")
    line = capsys.readouterr().err
    assert line.startswith(f"inkpin: {path} cannot be written: ")
    assert line.count("\n") == 1
