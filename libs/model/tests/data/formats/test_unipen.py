import numpy as np
import pytest

from inkpin.common import InputError
from inkpin.model.data.formats.unipen import load_pendigits

TEXT = """.INCLUDE        dene.doc

.LEXICON "0" "1"
.HIERARCHY      DIGIT

.SEGMENT DIGIT    0 ? "1"
.COMMENT 1 12  224
.PEN_DOWN
 0  500
 250  250
 500  0
.PEN_UP
.DT 100
.SEGMENT DIGIT    1-2 ? "4"
.COMMENT 4 3  7
.PEN_DOWN
 100  100
 101  200
.PEN_UP
.DT 150
.PEN_DOWN
 100  100
.PEN_UP
.DT 100
"""


def compressed(text):
    """Return text as Unix compress could pack it: literals of 9 bits, low bits first.

    A clear code (256) before the table is full keeps the codes at 9 bits; after it the
    stream goes on at the next multiple of eight codes.
    """
    codes = []
    for start in range(0, len(text), 200):
        codes += [*text[start : start + 200].encode(), 256]
        codes += [0] * (-len(codes) % 8)
    bits = sum(code << (9 * place) for place, code in enumerate(codes))
    return b"\x1f\x9d\x89" + bits.to_bytes(9 * len(codes) // 8, "little")


@pytest.fixture
def load(tmp_path):
    def load(content):
        path = tmp_path / "pen.tra.Z"
        path.write_bytes(content)
        return load_pendigits(path)

    return load


def test_digits_become_samples_on_a_canvas_of_240_with_y_down(load):
    one, four = load(compressed(TEXT))
    assert one.record() == {
        "word": "1",
        "drawing": [[[0, 119, 239], [0, 119, 239], [0, 100, 200]]],
        "canvas": [240, 240],
        "key_id": "pendigits-12-224",
        "writer": "pendigits-12",
    }
    assert four.label == "4"
    assert [stroke.tolist() for stroke in four.strokes] == [[[47, 191], [48, 143]], [[47, 191]]]
    assert [ms.tolist() for ms in four.times] == [[0, 100], [250]]
    assert four.writer == "pendigits-3"


@pytest.mark.parametrize(
    ("good", "bad", "number"),
    [
        (".PEN_UP", ".PEN_SIDEWAYS", 12),
        (" 250  250", " 250  2.5", 10),
        (" 250  250", " 250", 10),
        (".DT 100", ".DT soon", 13),
        (".PEN_DOWN\n", "", 8),
        (".SEGMENT DIGIT    0 ?", ".SEGMENT", 6),
        (".COMMENT 1 12", ".COMMENT 1 twelve", 7),
        ('.SEGMENT DIGIT    0 ? "1"\n', "", 6),
        (" 0  500\n 250  250\n 500  0\n", "", 8),
    ],
)
def test_a_line_that_makes_no_sense_is_named(load, tmp_path, good, bad, number):
    with pytest.raises(InputError) as caught:
        load(compressed(TEXT.replace(good, bad, 1)))
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'pen.tra.Z'}, line {number}: not UNIPEN")
    assert message.endswith(": run `./dev run inkpin-model fetch` again")
    assert "\n" not in message


@pytest.mark.parametrize(
    "content",
    [b"", b"\x1f\x9d", TEXT.encode(), compressed(TEXT)[:4], compressed("\xff")[:3] + b"\xff\xff"],
)
def test_what_is_not_compressed_is_named(load, content):
    with pytest.raises(
        InputError, match=r"pen.tra.Z: no text in Unix compress .*: run `./dev run inkpin-"
    ):
        load(content)


def test_the_real_file(mirror):
    samples = load_pendigits(mirror / "pendigits" / "pendigits-orig.tra.Z")
    assert len(samples) == 7494
    assert len({sample.writer for sample in samples}) == 30
    assert len({sample.extra["key_id"] for sample in samples}) == 7494
    counts = np.unique([sample.label for sample in samples], return_counts=True)
    # the classes of the description's three training parts, added up
    assert dict(zip(*map(np.ndarray.tolist, counts), strict=True)) == {
        "0": 780, "1": 779, "2": 780, "3": 719, "4": 780,
        "5": 720, "6": 720, "7": 778, "8": 719, "9": 719,
    }  # fmt: skip
    points = np.concatenate([stroke for sample in samples for stroke in sample.strokes])
    assert len(points) == 304_216
