import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin.common import InputError
from inkpin.model.data.formats.kaggle import PIXELS, read_csv, write_binarised

IMAGES = np.random.default_rng(1).integers(0, 256, (12, 28, 28)).astype(np.uint8)
LABELS = np.arange(12).astype(np.uint8) % 10


def csv(images, labels=None):
    """Return the text of a file as Kaggle writes it."""
    lines = [",".join(PIXELS if labels is None else ("label", *PIXELS))]
    for place, image in enumerate(images):
        values = image.ravel().tolist()
        lines.append(",".join(map(str, values if labels is None else [labels[place], *values])))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("labels", [LABELS, None])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_files_are_read_as_they_are(tmp_path, labels, ends):
    path = tmp_path / "train.csv"
    path.write_bytes(csv(IMAGES, labels).replace("\n", ends).encode())
    images, read = read_csv(path)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images, IMAGES)
    if labels is None:
        assert read is None
    else:
        np.testing.assert_array_equal(read, labels)


def test_one_image_and_no_last_line_end(tmp_path):
    path = tmp_path / "test.csv.gz"
    path.write_bytes(gzip.compress(csv(IMAGES[:1]).rstrip().encode()))
    np.testing.assert_array_equal(read_csv(path)[0], IMAGES[:1])


@pytest.mark.parametrize("labels", [LABELS, None])
def test_binarised_is_the_same_file_with_zeros_and_ones(rng, tmp_path, labels):
    images = np.array([0, 1, 254, 255], np.uint8)[rng.integers(0, 4, (12, 28, 28))]
    path = tmp_path / "binarised.csv"
    write_binarised(path, images, labels)
    assert path.read_text() == csv((images > 0).astype(int), labels)
    read, read_labels = read_csv(path)
    np.testing.assert_array_equal(read, images > 0)
    assert labels is None or (read_labels == labels).all()


def faulty(change, labels=LABELS):
    """Return a CSV text with the columns of its third line changed."""
    lines = csv(IMAGES, labels).splitlines()
    lines[2] = ",".join(change(lines[2].split(",")))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "line 1: 1 columns"),
        ("id,value\n1,2\n", "line 1: 2 columns"),
        (csv(IMAGES).partition("\n")[2], "line 1: 784 columns"),
        (csv(IMAGES, LABELS).replace("pixel783", "pixel784"), "line 1: 785 columns"),
        (csv(IMAGES[:0]), "line 2: no images"),
        (csv(IMAGES[:0], LABELS[:0]) + "\n\n", "line 2: no images"),
        (faulty(lambda c: c[:-1]), "line 3: 784 columns where the header has 785"),
        (faulty(lambda c: [*c, "0"]), "line 3: 786 columns where the header has 785"),
        (faulty(lambda c: [*c, "0"], None), "line 3: 785 columns where the header has 784"),
        (faulty(lambda c: c[:9]), "line 3: 9 columns where the header has 785"),
        (csv(IMAGES, LABELS).rstrip().rpartition(",")[0], "line 13: 784 columns"),
        (faulty(lambda c: ["10", *c[1:]]), "line 3: label is '10', outside 0..9"),
        (faulty(lambda c: ["-1", *c[1:]]), "line 3: label is '-1', not a number in 0..9"),
        (faulty(lambda c: ["seven", *c[1:]]), "line 3: label is 'seven', not a number"),
        (faulty(lambda c: [*c[:-1], "256"]), "line 3: pixel783 is '256', outside 0..255"),
        (faulty(lambda c: [*c[:-1], "256"], None), "line 3: pixel783 is '256', outside 0..255"),
        (faulty(lambda c: [c[0], "", *c[2:]]), "line 3: pixel0 is '', not a number"),
        (faulty(lambda c: [c[0], "1.5", *c[2:]]), "line 3: pixel0 is '1.5', not a number"),
        (faulty(lambda c: [c[0], "nan", *c[2:]]), "line 3: pixel0 is 'nan', not a number"),
        (faulty(lambda c: [c[0], "9" * 5000, *c[2:]]), "line 3: pixel0 is '99999"),
        (faulty(lambda c: [c[0], "\n", *c[2:]]), "line 3: 2 columns"),
        (csv([IMAGES[0, 1:]], LABELS), "line 2: 757 columns"),
    ],
)
def test_a_bad_line_is_named_in_one_line(tmp_path, text, wrong):
    path = tmp_path / "train.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_csv(path)
    message = str(caught.value)
    assert message.startswith(f"{path}, {wrong}")
    assert message.endswith(": copy the file again as Kaggle has it")
    assert "\n" not in message
    assert len(message) < 400


FIELDS = st.text("0123456789+-.eE _\t\r\n\0#\"'x", max_size=5) | st.text(max_size=3)


@settings(max_examples=50)
@given(FIELDS, st.integers(0, 784))
def test_any_field_is_read_as_its_number_or_named(tmp_path_factory, field, place):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    row = ["1"] * 785
    row[place] = field
    path.write_text(csv([], []) + ",".join(row) + "\n", "utf-8", newline="")
    try:
        images, labels = read_csv(path)
    except InputError as error:
        message = str(error)
    else:
        row[place] = str(int(field.strip()))  # numpy, too, strips what is space to Unicode
        assert [*labels.tolist(), *images.ravel().tolist()] == list(map(int, row))
        return
    assert message.startswith(f"{path}, line ")
    assert "\n" not in message


def test_binary_rubbish_and_a_missing_file_are_named(tmp_path):
    path = tmp_path / "train.csv"
    path.write_bytes(bytes(range(256)) * 20)
    with pytest.raises(InputError, match=r"train.csv, line 1: "):
        read_csv(path)
    with pytest.raises(InputError, match=r"none\.csv: No such file"):
        read_csv(tmp_path / "none.csv")
