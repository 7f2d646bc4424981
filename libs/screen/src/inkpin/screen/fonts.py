"""Fonts of the desktop's pictures: Pillow's own, and the system's for letters that it lacks."""

from functools import cache, lru_cache

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

# Names that Pillow looks up in the system's folders; each is on all machines of some kind.
_SYSTEM = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "segoeui.ttf",
    "seguisym.ttf",
    "NotoSansSymbols2-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "wqy-microhei.ttc",
    "msyh.ttc",
    "YuGothM.ttc",
    "malgun.ttf",
    "Arial Unicode.ttf",
    "Apple Symbols.ttf",
    "PingFang.ttc",
)
_NO_LETTER = "\U0010ffff"  # in no font: drawn as what stands for a missing letter


def font_for(string: str, size: float) -> Font:
    """Return the font that has most letters of a text, Pillow's own where no other has more.

    Args:
        string: the text.
        size: pixels from the top of a line to its bottom.
    """
    if string.isascii():
        return _own(size)
    return max(_fonts(size), key=lambda font: _had(font, string))


@lru_cache(64)
def _own(size: float) -> Font:
    return ImageFont.load_default(size)


@lru_cache(64)
def _fonts(size: float) -> tuple[Font, ...]:
    return (_own(size), *(ImageFont.truetype(name, size) for name in _installed()))


@cache
def _installed() -> tuple[str, ...]:
    return tuple(name for name in _SYSTEM if _is_installed(name))


def _is_installed(name: str) -> bool:
    try:
        ImageFont.truetype(name, 12)
    except OSError:
        return False
    return True


@lru_cache(4096)
def _had(font: Font, string: str) -> int:
    """Return how many letters of a text a font has."""
    missing = bytes(font.getmask(_NO_LETTER))
    return sum(bytes(font.getmask(letter)) != missing for letter in string)
