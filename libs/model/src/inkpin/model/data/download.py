"""One file over HTTP, in as many runs as it takes."""

import http.client
import urllib.error
import urllib.request
from pathlib import Path

from tqdm import tqdm

_SILENCE = 20  # seconds without a byte before a server counts as out of reach
_BLOCK = 1 << 16


class DownloadError(Exception):
    """Why a download did not finish, in a few words."""


def download(url: str, part: Path) -> None:
    """Bring `part` to the full length of what is at `url`; a progress bar runs on a terminal.

    What `part` holds already is asked for no more; what has come stays there when this fails or
    is interrupted. Whether the content is the right one is for the caller to check.

    Raises:
        DownloadError: the server is out of reach, refused, or stopped early.
    """
    held = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={held}-"} if held else {})
    try:
        with urllib.request.urlopen(request, timeout=_SILENCE) as response:
            _receive(response, part, held, url.rpartition("/")[2])
    except urllib.error.HTTPError as error:
        with error:
            if not (held and error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE):
                raise DownloadError(f"{error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise DownloadError(str(getattr(error, "reason", error))) from error


def _receive(response: http.client.HTTPResponse, part: Path, held: int, name: str) -> None:
    """Append the response to the part, or start anew if the server sends everything."""
    resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT
    held = held if resumed else 0
    length = response.getheader("Content-Length")
    total = held + int(length) if length and length.isdecimal() else None
    part.parent.mkdir(parents=True, exist_ok=True)
    with (
        part.open("ab" if resumed else "wb") as file,
        tqdm(desc=name, total=total, initial=held, unit="B", unit_scale=True, disable=None) as bar,
    ):
        while block := response.read(_BLOCK):
            bar.update(file.write(block))
            held += len(block)
    if total is not None and held < total:
        raise DownloadError(f"stopped after {held} of {total} bytes; the next run goes on there")
