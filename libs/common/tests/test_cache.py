import pytest

from inkpin.common.cache import cache_folder, key, make_once


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("INKPIN_CACHE", str(tmp_path))


def writer(text):
    return lambda folder: (folder / "file").write_text(text)


def test_a_folder_is_made_once(tmp_path):
    thing = cache_folder("things") / "thing"
    assert thing == tmp_path / "things" / "thing"
    assert make_once(thing, writer("first")) == thing
    assert make_once(thing, writer("second")) == thing
    assert (thing / "file").read_text() == "first"


def test_of_two_makers_at_once_the_quicker_stays():
    thing = cache_folder("things") / "thing"

    def slow(folder):
        make_once(thing, writer("quick"))
        writer("slow")(folder)

    assert (make_once(thing, slow) / "file").read_text() == "quick"


def test_a_failure_leaves_nothing_behind():
    def broken(folder):
        writer("half")(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_once(cache_folder("things") / "thing", broken)
    assert list(cache_folder("things").iterdir()) == []


def test_the_key_tells_parts_apart(tmp_path):
    file = tmp_path / "a.c"
    file.write_text("int a;")
    keys = {key("ab", "c"), key("a", "bc"), key("a", "b", "c"), key(file)}
    file.write_text("int b;")
    keys.add(key(file))
    assert len(keys) == 5
    assert key(file, "x") == key(file, b"x")
