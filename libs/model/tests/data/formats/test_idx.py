import gzip
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkpin.common import InputError
from inkpin.model.data.formats.idx import load_split, read_idx, write_idx

IMAGES = np.arange(3 * 28 * 28).astype(np.uint8).reshape(3, 28, 28)
LABELS = np.array([7, 0, 9], np.uint8)


@settings(max_examples=60)
@given(
    st.sampled_from(["u1", "i1", "i2", "i4", "f4", "f8"]).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(max_dims=4, min_side=0, max_side=5))
    ),
    st.sampled_from(["a.idx", "a.idx.gz"]),
)
def test_what_is_written_is_read(tmp_path_factory, array, name):
    path = tmp_path_factory.getbasetemp() / name
    write_idx(path, array)
    again = read_idx(path)
    assert again.dtype == array.dtype
    np.testing.assert_array_equal(again, array)


def test_the_bytes_are_those_of_the_format(tmp_path):
    write_idx(tmp_path / "a", np.array([[1, 2], [-3, 4]], np.int16))
    header = bytes([0, 0, 0x0B, 2]) + struct.pack(">II", 2, 2)
    assert (tmp_path / "a").read_bytes() == header + struct.pack(">hhhh", 1, 2, -3, 4)


@pytest.mark.parametrize("array", [np.zeros(2, np.int64), np.zeros(2, bool), np.array(1, np.uint8)])
def test_what_the_format_lacks_is_refused(tmp_path, array):
    with pytest.raises(ValueError, match="IDX holds no"):
        write_idx(tmp_path / "a", array)
    assert not list(tmp_path.iterdir())


def idx(code, shape, values):
    return struct.pack(f">HBB{len(shape)}I", 0, code, len(shape), *shape) + values


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "no IDX file"),
        (b"\0\0\x08", "no IDX file"),
        (b"\x1f\x8b\x08\x01" + b"\0" * 8, "no IDX file"),
        (idx(0x07, (1,), b"\0"), "no IDX file"),
        (b"\0\0\x08\0\0", "no IDX file"),
        (idx(0x08, (2, 2), b"")[:-1], "truncated within its header"),
        (idx(0x08, (2, 2), b"123"), "3 bytes of values where 2x2 takes 4"),
        (idx(0x08, (2, 2), b"12345"), "5 bytes of values where 2x2 takes 4"),
        (idx(0x0C, (2,), b"1234567"), "7 bytes of values where 2 takes 8"),
        (idx(0x08, (2**32 - 1,) * 8, b"1"), "1 bytes of values where"),
    ],
)
def test_a_bad_file_is_named_with_the_remedy(tmp_path, content, wrong):
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_idx(path)
    assert str(caught.value).startswith(f"{path}: {wrong}")
    assert str(caught.value).endswith(": run `./dev run inkpin-model fetch` or copy the file again")
    assert "\n" not in str(caught.value)


def test_a_truncated_gzip_is_named(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(idx(0x08, (4,), b"1234"))[:-5])
    with pytest.raises(InputError, match=r"a\.gz: truncated or damaged gzip .*inkpin-model fetch"):
        read_idx(path)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize(("split", "prefix"), [("train", "train"), ("test", "t10k")])
def test_a_split_is_loaded_compressed_or_not(tmp_path, split, prefix, suffix):
    write_idx(tmp_path / f"{prefix}-images-idx3-ubyte{suffix}", IMAGES)
    write_idx(tmp_path / f"{prefix}-labels-idx1-ubyte{suffix}", LABELS)
    digits = load_split(tmp_path, split)
    np.testing.assert_array_equal(digits.bitmaps, IMAGES)
    np.testing.assert_array_equal(digits.targets, LABELS)
    assert digits.texts == [str(label) for label in LABELS]


@pytest.mark.parametrize(
    ("images", "labels", "wrong"),
    [
        (IMAGES[:, 1:], LABELS, "train-images-idx3-ubyte: holds no 28x28 images"),
        (IMAGES.astype(np.int16), LABELS, "train-images-idx3-ubyte: holds no 28x28 images"),
        (IMAGES, LABELS[1:], "train-labels-idx1-ubyte: not one label for each of 3"),
        (IMAGES, LABELS.astype(np.int32), "train-labels-idx1-ubyte: not one label"),
        (IMAGES, LABELS + 1, "train-labels-idx1-ubyte: label 10 of image 2"),
        (IMAGES, None, "train-labels-idx1-ubyte: No such file"),
        (None, LABELS, "train-images-idx3-ubyte: No such file"),
    ],
)
def test_a_split_that_does_not_fit_together_is_named(tmp_path, images, labels, wrong):
    if images is not None:
        write_idx(tmp_path / "train-images-idx3-ubyte", images)
    if labels is not None:
        write_idx(tmp_path / "train-labels-idx1-ubyte", labels)
    with pytest.raises(InputError) as caught:
        load_split(tmp_path, "train")
    assert wrong in str(caught.value)
