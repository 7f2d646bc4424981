import csv
import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin.common import InputError
from inkpin.model.data.formats.csv_images import PIXELS, read_csv, read_kaggle, write_kaggle

RNG = np.random.default_rng(1)
IMAGES = RNG.integers(0, 256, (12, 28, 28)).astype(np.uint8)
LABELS = np.arange(12).astype(np.uint8) % 10
TEXTS = [*"AzéAbcdefghi"]
NAMES = [f"pixel{place}" for place in range(1, 785)]  # as Sign-Language-MNIST has them


def kaggle(images, labels=None):
    """Return the text of a file as Kaggle writes it."""
    lines = [",".join(PIXELS if labels is None else ("label", *PIXELS))]
    for place, image in enumerate(images):
        values = image.ravel().tolist()
        lines.append(",".join(map(str, values if labels is None else [labels[place], *values])))
    return "\n".join(lines) + "\n"


def others(header=("label", *NAMES), texts=TEXTS):
    """Return the text of a file as others write it."""
    rows = [] if header is None else [",".join(header)]
    for text, image in zip(texts, IMAGES, strict=False):
        shown = f'"{text}"' if "," in text else text
        rows.append(",".join([shown, *map(str, image.ravel().tolist())]))
    return "\n".join(rows) + "\n"


def changed(text, change):
    """Return a text with the columns of its third line, an image, changed."""
    lines = text.splitlines()
    lines[2] = ",".join(change(lines[2].split(",")))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("labels", [LABELS, None])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_kaggles_files_are_read_as_they_are(tmp_path, labels, ends):
    path = tmp_path / "train.csv"
    path.write_bytes(kaggle(IMAGES, labels).replace("\n", ends).encode())
    images, read = read_kaggle(path)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images, IMAGES)
    if labels is None:
        assert read is None
    else:
        np.testing.assert_array_equal(read, labels)


def test_one_image_and_no_last_line_end(tmp_path):
    path = tmp_path / "test.csv.gz"
    path.write_bytes(gzip.compress(kaggle(IMAGES[:1]).rstrip().encode()))
    np.testing.assert_array_equal(read_kaggle(path)[0], IMAGES[:1])


@pytest.mark.parametrize("labels", [LABELS, None])
@pytest.mark.parametrize("ink", [1, 255])
def test_what_is_written_is_the_same_file_of_two_values(tmp_path, labels, ink):
    images = np.array([0, 1, 254, 255], np.uint8)[RNG.integers(0, 4, (12, 28, 28))]
    path = tmp_path / "written.csv"
    write_kaggle(path, images, labels, ink)
    assert path.read_text() == kaggle((images > 0) * ink, labels)
    read, read_labels = read_kaggle(path)
    np.testing.assert_array_equal(read, (images > 0) * ink)
    assert labels is None or (read_labels == labels).all()


@pytest.mark.parametrize("header", [("label", *NAMES), (" Label ", *NAMES), None])
@pytest.mark.parametrize("packed", [False, True])
def test_labels_are_texts_with_or_without_a_header(tmp_path, header, packed):
    path = tmp_path / ("some.csv.gz" if packed else "some.csv")
    texts = ["A", "zwei", "é,x", "A"]
    content = others(header, texts).encode("utf-8-sig")
    path.write_bytes(gzip.compress(content) if packed else content)
    table = read_csv(path)
    assert table.texts == texts
    assert table.writers == ("",) * 4
    assert table.bitmaps.dtype == np.uint8
    np.testing.assert_array_equal(table.bitmaps, IMAGES[:4])
    transposed = read_csv(path, transposed=True).bitmaps
    np.testing.assert_array_equal(transposed, IMAGES[:4].transpose(0, 2, 1))


def test_labels_that_are_numbers_need_no_header(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text(others(None, ["24", "3", "0", "3"]))
    assert read_csv(path).texts == ["24", "3", "0", "3"]


def test_label_and_writer_may_stand_anywhere(tmp_path):
    path = tmp_path / "some.csv"
    rows = [",".join([*NAMES, "writer", "label"])]
    rows += [",".join([*map(str, image.ravel().tolist()), "ann-7", "x"]) for image in IMAGES]
    path.write_text("\r\n".join([*rows, "", ""]), newline="")
    table = read_csv(path)
    assert (table.texts, table.writers) == (["x"] * 12, ("ann-7",) * 12)
    np.testing.assert_array_equal(table.bitmaps, IMAGES)


def refusal(read, path):
    """Return the one line in which a file is refused, without its path."""
    with pytest.raises(InputError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert len(message) < 400
    return message.removeprefix(str(path))


DIGITS = kaggle(IMAGES, LABELS)
UNLABELLED = kaggle(IMAGES)
LETTERS = others()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", ": no images"),
        ("id,value\n1,2\n", ", line 1: 2 columns"),
        (UNLABELLED.partition("\n")[2], ", line 1: 784 columns"),
        (DIGITS.partition("\n")[2], ", line 1: 785 columns"),
        (DIGITS.replace("pixel783", "pixel784"), ", line 1: 785 columns"),
        (kaggle(IMAGES[:0]), ": no images"),
        (kaggle(IMAGES[:0], LABELS[:0]) + "\n\n", ": no images"),
        (changed(UNLABELLED, lambda c: [*c, "0"]), ", line 3: 785 pixels, not 784"),
        (changed(DIGITS, lambda c: c[:9]), ", line 3: 8 pixels, not 784"),
        (DIGITS.rstrip().rpartition(",")[0], ", line 13: 783 pixels"),
        (changed(DIGITS, lambda c: ["10", *c[1:]]), ", line 3: label is '10', not 0 to 9"),
        (changed(DIGITS, lambda c: ["-1", *c[1:]]), ", line 3: label is '-1', not 0 to 9"),
        (changed(DIGITS, lambda c: ["seven", *c[1:]]), ", line 3: label is 'seven', not 0 to 9"),
        (changed(UNLABELLED, lambda c: [*c[:-1], "256"]), ", line 3: pixel 783 is '256', not 0"),
        (changed(DIGITS, lambda c: [c[0], "nan", *c[2:]]), ", line 3: pixel 0 is 'nan', not 0"),
        (changed(DIGITS, lambda c: [c[0], "\n", *c[2:]]), ", line 3: 1 pixels"),
        (kaggle([IMAGES[0, 1:]], LABELS), ", line 2: 756 pixels"),
    ],
)
def test_what_is_not_as_kaggle_has_it_is_named(tmp_path, text, wrong):
    path = tmp_path / "train.csv"
    path.write_text(text)
    message = refusal(read_kaggle, path)
    assert message.startswith(wrong)
    assert message.endswith(": copy the file again as Kaggle has it")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", ": no images"),
        (",".join(["label", *NAMES]), ": no images"),
        ("no,table\n1,2\n", ", line 1: no column is named label"),
        (LETTERS.replace("label", "what"), ", line 1: no column is named label"),
        (UNLABELLED, ", line 1: no column is named label"),
        (LETTERS[:-40], ", line 13: 7"),
        (changed(LETTERS, lambda c: c[:-1]), ", line 3: 783 pixels"),
        (changed(LETTERS, lambda c: [*c, "0"]), ", line 3: 785 pixels"),
        (changed(LETTERS, lambda c: c[:1]), ", line 3: 0 pixels"),
        (changed(LETTERS, lambda c: ["", *c[1:]]), ", line 3: no label"),
        (changed(LETTERS, lambda c: [*c[:-1], "256"]), ", line 3: pixel 783 is '256'"),
        (changed(LETTERS, lambda c: [c[0], "-1", *c[2:]]), ", line 3: pixel 0 is '-1'"),
        (changed(LETTERS, lambda c: [c[0], "0.5", *c[2:]]), ", line 3: pixel 0 is '0.5'"),
        (changed(LETTERS, lambda c: [c[0], "", *c[2:]]), ", line 3: pixel 0 is ''"),
        (changed(LETTERS, lambda c: [c[0], "9" * 5000, *c[2:]]), ", line 3: pixel 0 is '999"),
        (LETTERS + '"a' + "x" * 200_000, ", line 14: field larger"),
    ],
)
def test_what_is_no_image_with_a_label_is_named(tmp_path, text, wrong):
    path = tmp_path / "some.csv"
    path.write_text(text)
    message = refusal(read_csv, path)
    assert message.startswith(wrong)
    assert message.endswith("give rows of a label and 784 pixels of 0 to 255")


def test_lines_that_are_not_plain_are_read_among_thousands_that_are(tmp_path, rng):
    path = tmp_path / "many.csv"
    images = rng.integers(0, 256, (2500, 28, 28)).astype(np.uint8)
    labels = rng.integers(0, 10, 2500).astype(np.uint8)
    lines = kaggle(images, labels).splitlines()
    path.write_text("\n".join(lines))
    read = read_kaggle(path)
    np.testing.assert_array_equal(read[0], images)
    np.testing.assert_array_equal(read[1], labels)
    lines[1300] = lines[1300].replace(",", ", ")
    lines[2300] = f'"{lines[2300][0]}"{lines[2300][1:]}'
    lines.insert(1400, "")
    path.write_text("\n".join(lines))
    read = read_kaggle(path)
    np.testing.assert_array_equal(read[0], images)
    np.testing.assert_array_equal(read[1], labels)
    lines[2400] = lines[2400].replace(",", ",999,", 1).rpartition(",")[0]
    path.write_text("\n".join(lines))
    with pytest.raises(InputError, match="line 2401: pixel 0 is '999'"):
        read_kaggle(path)


FIELDS = st.text("0123456789+-.eE _\t\r\n\0#\"'x", max_size=5) | st.text(max_size=3)


@settings(deadline=None, max_examples=50)
@given(FIELDS, st.integers(0, 784))
def test_any_field_is_read_as_its_number_or_named(tmp_path_factory, field, place):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    row = ["1"] * 785
    row[place] = field
    path.write_text(kaggle([], []) + ",".join(row) + "\n", "utf-8", newline="")
    try:
        images, labels = read_kaggle(path)
    except InputError as error:
        message = str(error)
    else:
        ((text,),) = csv.reader([field])
        row[place] = str(int(text))
        assert [*labels.tolist(), *images.ravel().tolist()] == list(map(int, row))
        return
    assert message.startswith(f"{path}, line ")
    assert "\n" not in message


@pytest.mark.parametrize("read", [read_csv, read_kaggle])
def test_rubbish_and_a_missing_file_are_named(tmp_path, read):
    path = tmp_path / "train.csv"
    path.write_bytes(bytes(range(256)) * 20)
    assert refusal(read, path).startswith(": not a text in UTF-8")
    assert refusal(read, tmp_path / "none.csv").startswith(": No such file")
    path.with_suffix(".csv.gz").write_bytes(gzip.compress(DIGITS.encode())[:-9])
    assert refusal(read, path.with_suffix(".csv.gz")).startswith(": truncated or damaged gzip")
