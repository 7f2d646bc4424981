from inkpin.common.progress import progress_bar


def test_a_bar_shows_how_far_a_task_is(capsys):
    with progress_bar("reading") as progress:
        for done in range(0, 1001, 10):
            progress(done, 1000)
    shown = capsys.readouterr().err
    assert "reading" in shown
    assert not shown.rpartition("\r")[2].strip()  # and nothing is left of it
