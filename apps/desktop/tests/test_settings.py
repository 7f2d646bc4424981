import pytest

from inkpin.common import InputError
from inkpin.desktop.settings import DARK, SIZES, Settings, load_settings, save_settings


def test_what_was_saved_is_read_again(tmp_path):
    path = tmp_path / "home" / "settings.json"
    chosen = Settings(DARK, 125, "900x700+3+4", "Review", "Ada", 20, 900)
    save_settings(path, chosen)
    assert load_settings(path) == chosen


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"theme": "pink", "size": 101}',
        '{"theme": 3, "size": true, "target": "x", "more": 1, "auto_ms": 650}',
        "\udcff",
    ],
)
def test_what_makes_no_sense_is_as_on_the_first_day(text, tmp_path):
    path = tmp_path / "settings.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert load_settings(path) == Settings()


def test_a_missing_file_is_the_first_day(tmp_path):
    assert load_settings(tmp_path / "none") == Settings()


def test_part_of_the_settings_is_enough(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"writer": "Ada", "target": 5000}')
    assert load_settings(path) == Settings(writer="Ada", target=999)


def test_sizes_end_at_both_ends():
    assert Settings().resized(1).size > 100 > Settings().resized(-1).size
    assert Settings().resized(99).size == SIZES[-1]
    assert Settings().resized(-99).size == SIZES[0]


def test_no_place_to_save_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file"):
        save_settings(tmp_path / "file" / "settings.json", Settings())
