import gzip

import numpy as np
import pytest

from inkpin.common import InputError
from inkpin.model.data.formats.image_table import read_table

IMAGES = np.random.default_rng(1).integers(0, 256, (4, 28, 28)).astype(np.uint8)
TEXTS = ["A", "zwei", "é,x", "A"]
PIXELS = [f"pixel{i}" for i in range(1, 785)]


def text(header=("label", *PIXELS), texts=TEXTS):
    rows = [] if header is None else [",".join(header)]
    for label, image in zip(texts, IMAGES, strict=True):
        shown = f'"{label}"' if "," in label else label
        rows.append(",".join([shown, *map(str, image.ravel().tolist())]))
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("header", [("label", *PIXELS), (" Label ", *PIXELS), None])
@pytest.mark.parametrize("packed", [False, True])
def test_labels_are_texts_with_or_without_a_header(tmp_path, header, packed):
    path = tmp_path / ("some.csv.gz" if packed else "some.csv")
    content = text(header).encode("utf-8-sig")
    path.write_bytes(gzip.compress(content) if packed else content)
    table = read_table(path)
    assert table.texts == TEXTS
    assert table.writers == ("",) * 4
    assert table.bitmaps.dtype == np.uint8
    np.testing.assert_array_equal(table.bitmaps, IMAGES)
    np.testing.assert_array_equal(
        read_table(path, transposed=True).bitmaps, IMAGES.transpose(0, 2, 1)
    )


def test_labels_that_are_numbers_need_no_header(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text(text(None, ["24", "3", "0", "3"]))
    assert read_table(path).texts == ["24", "3", "0", "3"]


def test_label_and_writer_may_stand_anywhere(tmp_path):
    path = tmp_path / "some.csv"
    rows = [",".join([*PIXELS, "writer", "label"])]
    rows += [",".join([*map(str, image.ravel().tolist()), "ann-7", "x"]) for image in IMAGES]
    path.write_text("\r\n".join([*rows, "", ""]), newline="")
    table = read_table(path)
    assert (table.texts, table.writers) == (["x"] * 4, ("ann-7",) * 4)
    np.testing.assert_array_equal(table.bitmaps, IMAGES)


def changed(change):
    """Return a text whose third line, an image, was changed."""
    lines = text(texts=["a", "b", "c", "d"]).splitlines()
    lines[2] = ",".join(change(lines[2].split(",")))
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("", ": no images"),
        (",".join(["label", *PIXELS]), ": no images"),
        ("no,table\n1,2\n", ", line 1: no column is named label"),
        (text().replace("label", "what"), ", line 1: no column is named label"),
        (text()[:-40], ", line 5: 7"),
        (changed(lambda c: c[:-1]), ", line 3: 783 pixels"),
        (changed(lambda c: [*c, "0"]), ", line 3: 785 pixels"),
        (changed(lambda c: c[:1]), ", line 3: 0 pixels"),
        (changed(lambda c: ["", *c[1:]]), ", line 3: no label"),
        (changed(lambda c: [*c[:-1], "256"]), ", line 3: pixel 783 is '256'"),
        (changed(lambda c: [c[0], "-1", *c[2:]]), ", line 3: pixel 0 is '-1'"),
        (changed(lambda c: [c[0], "0.5", *c[2:]]), ", line 3: pixel 0 is '0.5'"),
        (changed(lambda c: [c[0], "", *c[2:]]), ", line 3: pixel 0 is ''"),
        (changed(lambda c: [c[0], "9" * 5000, *c[2:]]), ", line 3: pixel 0 is '999"),
        (text() + '"a' + "x" * 200_000, ", line 6: field larger"),
    ],
)
def test_what_is_unusable_is_named_in_one_line(tmp_path, content, wrong):
    path = tmp_path / "some.csv"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_table(path)
    message = str(caught.value)
    assert message.startswith(f"{path}{wrong}")
    assert message.endswith("give rows of a label and 784 pixels of 0 to 255")
    assert "\n" not in message
    assert len(message) < 400


def test_rubbish_and_a_missing_file_are_named(tmp_path):
    path = tmp_path / "some.csv"
    path.write_bytes(bytes(range(256)) * 20)
    with pytest.raises(InputError, match="not a text in UTF-8"):
        read_table(path)
    with pytest.raises(InputError, match=r"none\.csv: No such file"):
        read_table(tmp_path / "none.csv")
