import errno
import gzip
import os

import pytest

from inkpin.common import InputError
from inkpin.common.files import opened, read_bytes, replacing


@pytest.mark.parametrize("name", ["plain", "packed.gz"])
def test_what_is_written_is_read_and_the_same_content_gives_the_same_bytes(tmp_path, name):
    one, two = tmp_path / "one" / name, tmp_path / "two" / name
    for path in (one, two):
        with replacing(path) as file:
            file.write(b"ink" * 1000)
    assert read_bytes(one, "") == b"ink" * 1000
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("name", ["plain", "packed.gz"])
@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path, name, stop):
    path = tmp_path / name
    path.write_bytes(b"old")

    def interrupted():
        with replacing(path) as file:
            file.write(b"half")
            raise stop

    with pytest.raises(stop):
        interrupted()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="POSIX file modes: run it on Linux or macOS")
def test_a_private_file_and_its_folder_are_the_users_alone(tmp_path):
    path = tmp_path / "mine" / "deep" / "file"
    with replacing(path, private=True) as file:
        file.write(b"ink")
    assert path.stat().st_mode & 0o077 == path.parent.stat().st_mode & 0o077 == 0


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "below"
    with pytest.raises(InputError, match=r"below: .*: name a place to write to$"), replacing(path):
        pass


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none: No such file.*: name a file that can be read$"):
        read_bytes(tmp_path / "none", "")


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: b"no gzip",
        lambda content: content[:-8] + b"\0" * 8,
        lambda content: content[:12] + b"\xff" * 20 + content[32:],
    ],
)
def test_damaged_gzip_is_named_with_the_remedy(tmp_path, damage):
    path = tmp_path / "packed.gz"
    path.write_bytes(damage(gzip.compress(bytes(range(256)) * 9)))
    if not path.stat().st_size:
        assert read_bytes(path, "") == b""  # no gzip member is no content: the reader's matter
        return
    with pytest.raises(InputError, match=r"packed.gz: truncated or damaged gzip.*: fetch it$"):
        read_bytes(path, "fetch it")


def test_a_file_is_closed_after_use(tmp_path):
    (tmp_path / "plain").write_bytes(b"ink")
    with opened(tmp_path / "plain", "") as file:
        pass
    assert file.closed


@pytest.mark.skipif(os.name == "nt", reason="POSIX links and modes: run it on Linux or macOS")
def test_each_folder_that_is_made_for_a_private_file_is_the_users_alone(tmp_path):
    with replacing(tmp_path / "one" / "two" / "three" / "file", private=True) as file:
        file.write(b"mine")
    made = [tmp_path / "one", tmp_path / "one" / "two", tmp_path / "one" / "two" / "three"]
    assert [folder.stat().st_mode & 0o777 for folder in made] == [0o700] * 3


@pytest.mark.skipif(os.name == "nt", reason="POSIX links and modes: run it on Linux or macOS")
@pytest.mark.parametrize("private", [False, True])
def test_nothing_is_written_through_a_link_that_lies_in_wait(tmp_path, private):
    victim, path = tmp_path / "victim", tmp_path / "file"
    victim.write_bytes(b"precious")
    (tmp_path / f".file.{os.getpid()}").symlink_to(victim)
    with replacing(path, private=private) as file:
        file.write(b"new")
    assert victim.read_bytes() == b"precious"
    assert path.read_bytes() == b"new"
    assert not path.is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="POSIX links and modes: run it on Linux or macOS")
def test_a_link_that_appears_after_the_look_is_not_followed(tmp_path, monkeypatch):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / f".file.{os.getpid()}").symlink_to(victim)
    monkeypatch.setattr("pathlib.Path.unlink", lambda *_, **__: None)
    with pytest.raises(InputError), replacing(tmp_path / "file") as file:
        file.write(b"new")
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_where_the_disk_is_full_the_remedy_is_room_not_another_name(tmp_path, code):
    path = tmp_path / "network"
    path.write_bytes(b"old")
    with (
        pytest.raises(InputError, match=r"network: .*: make room there and try again$"),
        replacing(path),
    ):
        raise OSError(code, os.strerror(code))
    assert path.read_bytes() == b"old"
