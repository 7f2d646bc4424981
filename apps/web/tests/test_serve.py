"""Serving: those files, to read, and nothing else."""

import http.client
import threading

import pytest

from inkpin.common import InputError
from inkpin.web import __main__ as command
from inkpin.web.serve import Server

FILES = {"index.html": ("text/html", b"the page"), "sw.js": ("text/javascript", b"worker")}


@pytest.fixture
def server():
    with Server(FILES) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(server, method, path):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def test_the_page_and_what_lies_beside_it(server):
    for path, name in (("/", "index.html"), ("/?x=1", "index.html"), ("/sw.js", "sw.js")):
        answer, content = ask(server, "GET", path)
        kind, expected = FILES[name]
        assert (answer.status, content) == (200, expected)
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer, content = ask(server, "HEAD", "/")
    assert (answer.status, content) == (200, b"")
    assert answer.headers["Content-Length"] == "8"


@pytest.mark.parametrize("path", ["/../pyproject.toml", "/etc/passwd", "/index.html/x"])
def test_no_other_path(server, path):
    assert ask(server, "GET", path)[0].status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_is_taken(server, method):
    assert ask(server, method, "/")[0].status == 501


def test_a_port_that_is_taken_is_named(server):
    with pytest.raises(InputError, match=f"port {server.port}: .*--port"):
        Server(FILES, port=server.port)


def test_a_phone_is_told_where_to_look(monkeypatch, capsys, tmp_path):
    """By an address as text and as a QR code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "lan_address", lambda: "192.0.2.7")

    def stopped(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Server, "serve_forever", stopped)
    assert command.main(["--lan", "--port", "0"]) == 130
    out = capsys.readouterr().out
    assert "http://192.0.2.7:" in out
    assert out.count("█") > 100
    assert (tmp_path / command.BUILT).exists()
