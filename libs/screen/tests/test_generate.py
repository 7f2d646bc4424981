from inkpin.screen.generate import HEADER, header
from inkpin.screen.layout import LOOKS, NOTICES, TEXTS, UNREADS, fill


def test_the_committed_header_is_what_would_be_written_now():
    assert HEADER.read_bytes() == header().encode(), "run python -m inkpin.screen.generate"


def test_every_text_fits_the_c_s_buffers():
    size = 40  # INK_TEXT_SIZE, with the NUL
    assert f"#define INK_TEXT_SIZE {size} " in (HEADER.parents[1] / "ink_text.h").read_text()
    texts = [
        *TEXTS.values(),
        *UNREADS.values(),
        *(text for notice in NOTICES.values() for text in notice),
    ]
    for look in LOOKS.values():
        texts += [look.title, look.serial, look.enough, *look.lines]
    assert all(len(fill(text, 65535, "1234567")) < size for text in texts)


def test_the_header_has_no_date_and_names_its_source():
    assert "Made by `python -m inkpin.screen.generate` from screen.toml" in header()
