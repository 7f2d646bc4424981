import pytest

from inkpin.common.locks import hold


def test_one_holds_a_file_at_a_time_and_still_reads_it(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"ink")
    with path.open("rb+") as first:
        hold(first)
        assert first.read() == b"ink"
        with path.open("rb+") as second, pytest.raises(OSError):  # noqa: PT011 - which, the system says
            hold(second)
    with path.open("rb+") as third:
        hold(third)
