"""`./dev web`: builds the page and serves it."""

import argparse
import sys
from functools import partial
from io import StringIO
from pathlib import Path

from inkpin.common import UnavailableError
from inkpin.common.command import run_command
from inkpin.common.extras import extra
from inkpin.common.files import replacing
from inkpin.common.parser import Parser
from inkpin.web.build import build_module
from inkpin.web.page import page
from inkpin.web.serve import HOME, Server, lan_address
from inkpin.web.site import site

BUILT = Path("build/web/inkpin.html")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="./dev web", description="Build the lock in a browser, and serve it.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--out", type=Path, metavar="FILE", help="write the page and do no more")
    what.add_argument(
        "--site", type=Path, metavar="DIR", help="write it for a static host, as an installable app"
    )
    what.add_argument(
        "--lan", action="store_true", help="serve on the local network, for the phones in the room"
    )
    parser.add_argument("--port", type=int, default=8240, help="default: %(default)s")
    return parser


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as file:
        file.write(content)
    print(f"wrote {path} ({len(content):,} bytes)", flush=True)


def qr_code(text: str) -> str:
    """Return a text as a QR code for a terminal.

    Raises:
        UnavailableError: segno is not installed.
    """
    with extra("the QR code takes segno", "web"):
        import segno
    drawn = StringIO()
    segno.make(text, error="m").terminal(drawn, compact=True)
    return drawn.getvalue()


def _serve(module: bytes, *, lan: bool, port: int) -> None:
    address = lan_address() if lan else HOME
    with Server(site(module), "" if lan else HOME, port) as server:
        url = f"http://{address}:{server.port}/"
        print(url, flush=True)
        if lan:
            try:
                print(qr_code(url), flush=True)
            except UnavailableError as error:
                print(error, file=sys.stderr)
        print("Ctrl-C ends it", flush=True)
        server.serve_forever()


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status, see `run_command`."""
    return run_command("inkpin.web", partial(_run, arguments))


def _run(arguments: list[str] | None) -> None:
    chosen = _parser().parse_args(arguments)
    module = build_module().read_bytes()
    if chosen.site:
        for name, (_, content) in site(module).items():
            _write(chosen.site / name, content)
        return
    _write(chosen.out or BUILT, page(module))
    if not chosen.out:
        _serve(module, lan=chosen.lan, port=chosen.port)


if __name__ == "__main__":
    sys.exit(main())
