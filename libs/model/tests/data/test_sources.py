import gzip
import hashlib
import io
import os
import tarfile

import pytest

from inkpin.common import InputError, limits
from inkpin.model.data.download import DownloadError
from inkpin.model.data.sources import DataFile, Folder, Npm, SourceError, Web

CONTENTS = {"one": b"first" * 100, "two": b"second" * 100}
FILES = [DataFile(name, hashlib.sha256(c).hexdigest()) for name, c in CONTENTS.items()]


def taken(source, cache):
    return {file.name: content for file, content in source.contents(FILES, cache)}


@pytest.fixture
def cache(tmp_path):
    (tmp_path / "cache" / "digits").mkdir(parents=True)
    return tmp_path / "cache" / "digits"


@pytest.mark.parametrize("place", ["", "digits"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_folder_gives_its_files(tmp_path, cache, place, suffix):
    root = tmp_path / "mirror"
    (root / place).mkdir(parents=True)
    for name, content in CONTENTS.items():
        packed = gzip.compress(content) if suffix else content
        (root / place / f"{name}{suffix}").write_bytes(packed)
    assert taken(Folder(root), cache) == CONTENTS


def test_a_folder_without_the_files_is_passed_by(tmp_path, cache):
    for root in (tmp_path, tmp_path / "none"):
        with pytest.raises(SourceError, match=r"no one\[.gz\] there"):
            taken(Folder(root), cache)


@pytest.mark.parametrize(
    ("name", "content", "wrong"),
    [
        ("one", CONTENTS["one"][:-1], "one: truncated or changed"),
        ("one.gz", gzip.compress(CONTENTS["two"], mtime=0), r"one\.gz: truncated or changed"),
        (
            "one.gz",
            gzip.compress(CONTENTS["one"], mtime=0)[:-3],
            r"one\.gz: truncated or damaged gzip",
        ),
    ],
)
def test_a_damaged_file_in_a_folder_is_named(tmp_path, cache, name, content, wrong):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=wrong + ".*: copy the file again$"):
        taken(Folder(tmp_path), cache)


@pytest.fixture
def served(monkeypatch):
    """A web of {url: content}, with the parts on disk as `download` leaves them."""
    pages = {}

    def download(url, part):
        if url not in pages:
            raise DownloadError("404 Not Found")
        part.write_bytes(pages[url])

    monkeypatch.setattr("inkpin.model.data.sources.download", download)
    return pages


@pytest.mark.parametrize(("suffix", "packed"), [("", bytes), (".gz", gzip.compress)])
def test_the_web_gives_files_and_leaves_no_parts(cache, served, suffix, packed):
    for name, content in CONTENTS.items():
        served[f"https://one.test/{name}{suffix}"] = packed(content)
    assert taken(Web(f"https://one.test/{{}}{suffix}"), cache) == CONTENTS
    assert not list(cache.iterdir())


@pytest.mark.parametrize(
    "sent",
    [b"", b"<html>", gzip.compress(b"else", mtime=0), gzip.compress(CONTENTS["one"], mtime=0)[:-5]],
)
def test_another_content_from_the_web_is_thrown_away(cache, served, sent):
    served["https://one.test/one.gz"] = sent
    with pytest.raises(SourceError, match="one: sent something else"):
        taken(Web("https://one.test/{}.gz"), cache)
    assert not list(cache.iterdir())


def test_what_unpacks_to_more_than_the_limit_is_thrown_away(cache, served, monkeypatch):
    monkeypatch.setattr(limits, "MOST_BYTES", len(CONTENTS["one"]) - 1)
    served["https://one.test/one.gz"] = gzip.compress(CONTENTS["one"])
    with pytest.raises(SourceError, match="one: sent something else"):
        taken(Web("https://one.test/{}.gz"), cache)


def test_a_failing_download_is_said_with_the_file(cache, served):
    with pytest.raises(SourceError, match="one: 404 Not Found"):
        taken(Web("https://one.test/{}"), cache)


def test_two_servers_do_not_go_on_with_each_others_parts(cache, monkeypatch):
    parts = []

    def download(url, part):
        parts.append(part.name)
        raise DownloadError("stopped")

    monkeypatch.setattr("inkpin.model.data.sources.download", download)
    for host in ("one", "two", "one"):
        with pytest.raises(SourceError):
            taken(Web(f"https://{host}.test/{{}}"), cache)
    assert parts[0] == parts[2] != parts[1]


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """Put an `npm` on the path that makes the given tarball, or fails with the given text."""
    if os.name == "nt":
        pytest.skip("the stand-in for npm is a shell script: run this test on Linux or macOS")

    def install(tarball=None, error=""):
        folder = tmp_path / "bin"
        folder.mkdir()
        (tmp_path / "packed").write_bytes(tarball or b"")
        make = f"cp '{tmp_path / 'packed'}' digits-1.0.0.tgz" if tarball else f"echo '{error}' >&2"
        script = f'#!/bin/sh\n[ "$*" = "pack digits@1.0.0" ] && {make}\n'
        (folder / "npm").write_text(script + ("" if tarball else "exit 1\n"))
        (folder / "npm").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return install


def tarball(contents):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(f"package/data/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def package(content):
    return Npm("digits@1.0.0", hashlib.sha256(content).hexdigest(), "package/data")


def test_npm_gives_the_files_of_its_tarball(cache, npm):
    content = tarball({**CONTENTS, "../escape": b"x"})
    npm(content)
    assert taken(package(content), cache) == CONTENTS
    assert not list(cache.iterdir())


def test_another_tarball_or_another_file_from_npm_is_refused(cache, npm):
    content = tarball({**CONTENTS, "two": b"changed"})
    npm(content)
    with pytest.raises(SourceError, match="tarball's SHA-256 differs"):
        taken(package(b"another"), cache)
    with pytest.raises(SourceError, match="two: another content"):
        taken(package(content), cache)


def test_what_npm_complains_about_is_said(cache, npm):
    npm(error="npm notice hello\nnpm error code E404\nnpm error 404 Not Found")
    with pytest.raises(SourceError, match=r"^npm error code E404$"):
        taken(package(b""), cache)


def test_without_npm_that_is_said(cache, monkeypatch):
    monkeypatch.setenv("PATH", str(cache))
    with pytest.raises(SourceError, match="npm is not installed"):
        taken(package(b""), cache)
