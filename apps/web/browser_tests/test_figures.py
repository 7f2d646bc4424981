"""What `./dev pace` prints is taken of a page that is used; how large it is, is no test."""

import figures


def test_every_figure_is_taken(browser, file_url):
    taken = figures.measure(browser, file_url, slower=1)
    for what, figure in taken.items():
        assert figure == "below 50 ms" or float(figure.split()[0]) > 0, what
    assert float(taken["the module's memory and other buffers"].split()[0]) < 4
