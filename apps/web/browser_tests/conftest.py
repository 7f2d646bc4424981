"""The browser, and the page as it is served."""

import threading

import pytest
from phone import Browser, Phone

from inkpin.web.build import build_module
from inkpin.web.page import page
from inkpin.web.serve import Server
from inkpin.web.site import site


def pytest_addoption(parser):
    parser.addoption("--pictures", metavar="DIR", help="write the pictures of docs/web.md there")


@pytest.fixture(scope="session")
def module():
    return build_module().read_bytes()


@pytest.fixture(scope="session")
def url(module):
    """Where the page is served."""
    with Server(site(module)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def file_url(module, tmp_path_factory):
    """The page as a file on the disk."""
    path = tmp_path_factory.mktemp("page") / "inkpin.html"
    path.write_bytes(page(module))
    return path.as_uri()


@pytest.fixture(scope="session")
def browser():
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def phone(browser, url):
    """A phone that never saw the page before, whose page has nothing to complain of."""
    phones = []

    def opened(address=url, **options):
        phones.append(Phone(browser, address, **options))
        return phones[-1]

    yield opened
    for each in phones:
        browser.do(each.context.close())
    assert [error for each in phones for error in each.errors] == []
