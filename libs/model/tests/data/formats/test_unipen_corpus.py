import numpy as np
import pytest

from inkpin.common import InputError
from inkpin.model.data.formats.unipen_corpus import characters

INK = b"""
.WRITER_ID Ann Other
.STYLE PRINTED
.PEN_DOWN
\t10\t0
\t10\t-5
.PEN_UP
.PEN_DOWN
 20 1
 21 2
 22 3
 23 4
.PEN_UP
 24 5
.WRITER_ID bob
.PEN_DOWN
 30 7
 31 8
.PEN_UP
"""


def read(*segments, ink=INK, **more):
    texts = {
        "data/1a/x/a.dat": b".VERSION 1.0\n.INCLUDE x/x.doc\n.INCLUDE x/a.dat\n"
        + "\n".join(segments).encode(),
        "include/x/x.doc": b".COORD X Y\n",
        "include/x/a.dat": ink,
        **more,
    }
    return [*characters("data/1a/x/a.dat", texts.__getitem__)]


def strokes(where):
    (found,) = read(f'.SEGMENT CHARACTER {where} OK "5"')
    return [stroke.tolist() for stroke in found.strokes]


def test_a_segment_is_its_components_with_y_down_and_their_writer():
    four, one = read('.SEGMENT CHARACTER 0-1 ? "4"', '.SEGMENT CHARACTER 2 OK "1"')
    assert (four.label, four.writer, len(four.strokes)) == ("4", "Ann Other", 2)
    assert four.strokes[0].tolist() == [[10, 0], [10, 5]]
    assert (one.label, one.writer, one.strokes[0].tolist()) == ("1", "bob", [[30, -7], [31, -8]])


def test_only_pen_down_counts_as_a_component():
    assert strokes("2") == [[[30, -7], [31, -8]]]


def test_delineations_go_from_point_to_point():
    whole = [[20, -1], [21, -2], [22, -3], [23, -4]]
    assert strokes("1:1-1:2") == [whole[1:3]]
    assert strokes("1:2-2:0") == [whole[2:], [[30, -7]]]
    assert strokes("0:1-1:0") == [[[10, 5]], whole[:1]]
    assert strokes("1:3") == [whole[3:]]
    assert strokes("0,1:2-1:3") == [[[10, 0], [10, 5]], whole[2:]]


def test_the_quality_may_be_missing():
    assert read('.SEGMENT CHARACTER 0 "5"')[0].label == "5"


@pytest.mark.parametrize("where", ["3", "1-3", "x", "1:9-1:12", "1-"])
def test_what_names_no_ink_is_left_out(where):
    (left,) = read(f'.SEGMENT CHARACTER {where} OK "5"', '.SEGMENT CHARACTER 0 OK "7"')
    assert left.label == "7"


def test_other_segments_are_left_out():
    assert read('.SEGMENT WORD 0-1 OK "45"', '.SEGMENT CHARACTER 0 BAD ""') == []


def test_the_columns_are_those_that_the_documentation_names():
    ink = b".PEN_DOWN\n 7 1 2\n 8 3 4\n.PEN_UP\n"
    doc = b".COORD T Y X\n"
    (found,) = read('.SEGMENT CHARACTER 0 OK "1"', ink=ink, **{"include/x/x.doc": doc})
    np.testing.assert_array_equal(found.strokes[0], [[2, -1], [4, -3]])


def test_a_missing_file_and_points_that_are_none_are_refused():
    with pytest.raises(InputError, match=r"include/x/no\.dat: not in the corpus"):
        read(".INCLUDE x/no.dat")
    with pytest.raises(InputError, match=r"include/x/a.dat, line 1: points that are not of X Y"):
        read(ink=b".PEN_DOWN\n 1 a\n")


def test_files_that_include_each_other_are_refused():
    with pytest.raises(InputError, match="include each other"):
        read(".INCLUDE x/b.dat", **{"include/x/b.dat": b".INCLUDE x/b.dat\n"})
