import pytest

from inkpin.common.words import counted


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 samples"), (1, "1 sample"), (1200, "1,200 samples")]
)
def test_one_is_one(count, words):
    assert counted(count, "sample") == words
