"""Unix compress, packed here as that program does: what it unpacks to, and no more than that."""

from random import Random

import pytest
import unlzw3

from inkpin.common import InputError
from inkpin.model.data.formats import unix_compress
from inkpin.model.data.formats.registry import IMPORTS
from inkpin.model.data.formats.unix_compress import unpacked, unpacked_size

LIMIT = 100 << 10


def packed(data, widest=16, clears=True, clear_after=10**9):
    """Pack by the rules of the program; forget all that was given after so many codes."""
    out, codes, width = bytearray([0x1F, 0x9D, widest | 0x80 * clears]), [], 9
    widest = max(widest, 10)

    def flush(*, whole=True):
        bits = sum(code << width * place for place, code in enumerate(codes))
        count = width * (-(-len(codes) // 8) * 8 if whole else len(codes))
        out.extend(bits.to_bytes(-(-count // 8), "little"))
        codes.clear()

    given, following = {}, 256 + clears
    text = data[:1]
    since = 0
    for byte in data[1:]:
        longer = text + bytes([byte])
        if longer in given:
            text = longer
            continue
        codes.append(given.get(text, text[0]))
        text, since = longer[-1:], since + 1
        if following < 1 << widest:
            given[longer] = following
            following += 1
        if following > 1 << width and width < widest:
            flush()
            width += 1
        if clears and since == clear_after:
            codes.append(256)
            flush()
            width, given, following, since = 9, {}, 257, 0
    codes.append(given.get(text, text[0]))
    flush(whole=False)
    return bytes(out)


def texts():
    random = Random(18)
    kinds = (1, 9000), (2, 9000), (256, 5000), (20, 1), (5, 700)
    return [bytes(random.choices(range(alphabet), k=count)) for alphabet, count in kinds]


@pytest.mark.parametrize("text", texts(), ids=len)
@pytest.mark.parametrize(
    "how",
    [{}, {"widest": 9}, {"widest": 12}, {"clears": False, "widest": 11}, {"clear_after": 500}],
    ids=str,
)
def test_the_size_is_counted_without_unpacking(text, how, tmp_path):
    content = packed(text, **how)
    assert unlzw3.unlzw(content) == text
    assert unpacked_size(content, 10**9) == len(text)
    assert unpacked(content, tmp_path) == text


def test_a_file_may_unpack_to_the_limit_and_no_further(monkeypatch, tmp_path):
    monkeypatch.setattr(unix_compress, "MOST_BYTES", LIMIT)
    assert len(unpacked(packed(bytes(LIMIT)), tmp_path)) == LIMIT
    path = tmp_path / "bomb.Z"
    path.write_bytes(packed(bytes(LIMIT + 1)))
    assert path.stat().st_size < 1000
    monkeypatch.setattr(unlzw3, "unlzw", lambda content: pytest.fail("it was unpacked"))
    with pytest.raises(
        InputError, match=r"bomb.Z: unpacks to more than 100.0 KiB, the limit of .Z"
    ):
        IMPORTS["unipen"].read(path, lambda done, of: None)


@pytest.mark.parametrize("content", [b"", b"\x1f\x9d", b"\x1f\x9d\x90", b"\x1f\x9d\x90a", b"text"])
def test_what_is_damaged_is_left_for_the_reader(content):
    assert unpacked_size(content, LIMIT) == 0
