import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from inkpin.model.data.download import DownloadError, download

CONTENT = bytes(range(256)) * 1000


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT; the server's `ranges` and `stop_after` say how well."""

    def do_GET(self):
        start = 0
        asked = self.headers.get("Range")
        self.server.asked.append(asked)
        if self.path != "/file":
            self.send_error(404)
            return
        if asked and self.server.ranges:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(CONTENT):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start : self.server.stop_after])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.ranges, server.stop_after, server.asked = True, None, []
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_file_arrives(server, tmp_path):
    part = tmp_path / "folder" / "part"
    download(f"{server.url}/file", part)
    assert part.read_bytes() == CONTENT
    assert server.asked == [None]


def test_a_download_that_stopped_goes_on_where_it_was(server, tmp_path):
    part = tmp_path / "part"
    server.stop_after = 100_000
    with pytest.raises(DownloadError, match=r"stopped after 100000 of 256000 bytes"):
        download(f"{server.url}/file", part)
    assert part.read_bytes() == CONTENT[:100_000]
    server.stop_after = None
    download(f"{server.url}/file", part)
    assert part.read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-"]


def test_a_server_without_ranges_starts_anew(server, tmp_path):
    part = tmp_path / "part"
    part.write_bytes(b"something else")
    server.ranges = False
    download(f"{server.url}/file", part)
    assert part.read_bytes() == CONTENT


def test_a_part_that_is_whole_is_left_alone(server, tmp_path):
    part = tmp_path / "part"
    part.write_bytes(CONTENT)
    download(f"{server.url}/file", part)
    assert part.read_bytes() == CONTENT
    assert server.asked == ["bytes=256000-"]


def test_ctrl_c_keeps_what_has_come(server, tmp_path, monkeypatch):
    def interrupted(bar, count):
        raise KeyboardInterrupt

    part = tmp_path / "part"
    monkeypatch.setattr("tqdm.std.tqdm.update", interrupted)
    with pytest.raises(KeyboardInterrupt):
        download(f"{server.url}/file", part)
    monkeypatch.undo()
    assert 0 < part.stat().st_size < len(CONTENT)
    download(f"{server.url}/file", part)
    assert part.read_bytes() == CONTENT


def test_a_refusal_and_a_server_out_of_reach_are_said(server, tmp_path):
    part = tmp_path / "part"
    with pytest.raises(DownloadError, match="404 Not Found"):
        download(f"{server.url}/other", part)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(DownloadError, match="refused"):
        download(f"http://127.0.0.1:{port}/file", part)
    assert not part.exists()
