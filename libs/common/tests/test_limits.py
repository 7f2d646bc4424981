"""Files that claim more than they hold, or than anyone has memory for."""

import gzip
import io
import zipfile

import numpy as np
import pytest

from inkpin.common import InputError, limits
from inkpin.common.files import opened, read_bytes

MIB = 1 << 20


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(limits, "MOST_BYTES", MIB)


def header(shape):
    """An array of float64 that is all header."""
    made = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        made, {"descr": "<f8", "fortran_order": False, "shape": shape}
    )
    return made.getvalue()


def npz(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


def test_a_packed_file_is_read_up_to_the_limit(small, tmp_path):
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(bytes(MIB)))
    assert len(read_bytes(path, "")) == MIB
    path.write_bytes(gzip.compress(bytes(MIB + 1)))
    with pytest.raises(InputError, match=r"file.gz: unpacks to more than 1.0 MiB"):
        read_bytes(path, "")
    with pytest.raises(InputError, match=r"more than 1.0 MiB"), opened(path, "") as file:
        for _ in file:
            pass


def test_a_packed_file_is_closed(tmp_path):
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(b"one\ntwo\n"))
    with opened(path, "") as file:
        assert [*file] == [b"one\n", b"two\n"]
    assert file.closed


@pytest.mark.parametrize("shape", [(99, 99, 1_000_000), (10**30,), (2**62, 4)])
def test_an_array_that_claims_more_than_its_file_holds(tmp_path, shape):
    packed, plain = npz(tmp_path / "a.npz", images=header(shape)), tmp_path / "a.npy"
    plain.write_bytes(header(shape))
    assert packed.stat().st_size < 400
    for path in (packed, plain):
        with pytest.raises(InputError, match=r"an array of [\d,.]+ GiB in \d+ bytes"):
            limits.check_arrays(path)


def test_arrays_that_unpack_to_more_than_the_limit(small, tmp_path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, images=np.zeros(MIB - 1000, np.uint8))
    limits.check_arrays(path)
    np.savez_compressed(path, images=np.zeros(MIB, np.uint8))
    with pytest.raises(InputError, match=r"unpacks to 1.0 MiB, the limit is 1.0 MiB"):
        limits.check_arrays(path)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"\x93NUMPY\1\0", b"\x93NUMPY\1\0\4\0{}  "])
def test_what_is_damaged_is_left_for_the_reader(tmp_path, content):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    limits.check_arrays(path)
    limits.check_arrays(tmp_path / "none.npz")
    limits.check_arrays(npz(tmp_path / "b.npz", images=content))


def test_a_picture_has_a_limit():
    limits.check_picture("a.png", 4096, 4096)
    with pytest.raises(InputError, match=r"a.png: 4097x4096 pixels, the limit is 16,777,216"):
        limits.check_picture("a.png", 4097, 4096)
