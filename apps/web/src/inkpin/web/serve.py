"""Serving the page: three files out of memory, read-only."""

import socket
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from inkpin.common import InputError

HOME = "127.0.0.1"


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD for the files that its server has; all else it refuses."""

    server: "Server"

    def do_GET(self) -> None:
        """Answer with a file."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Answer with what would come before a file."""
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        name = self.path.partition("?")[0].removeprefix("/") or "index.html"
        if name not in self.server.files:
            self.send_error(404)
            return
        kind, content = self.server.files[name]
        self.send_response(200)
        for header, value in {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Cache-Control": "no-cache",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }.items():
            self.send_header(header, value)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format: str, *words: object) -> None:
        """Keep quiet."""


class Server(ThreadingHTTPServer):
    """Serves files.

    Args:
        files: {name: (media type, content)}.
        address: to listen on; "" for all networks of this machine.
        port: likewise; 0 for any that is free.

    Raises:
        InputError: somebody listens there already, or nobody may.
    """

    daemon_threads = True

    def __init__(
        self, files: Mapping[str, tuple[str, bytes]], address: str = HOME, port: int = 0
    ) -> None:
        self.files = files
        try:
            super().__init__((address, port), _Handler)
        except OSError as error:
            raise InputError(f"port {port}: {error.strerror}: take another with --port") from error

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])


def lan_address() -> str:
    """Return this machine's address in the local network.

    Raises:
        InputError: it is in none.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for examples; no packet is sent
        except OSError as error:
            raise InputError(
                "this machine is in no network: connect it, or leave --lan out"
            ) from error
        return str(probe.getsockname()[0])
