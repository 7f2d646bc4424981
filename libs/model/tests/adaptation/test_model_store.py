from datetime import UTC, datetime

import pytest

from inkpin.common import InputError, RefusedError
from inkpin.model.adaptation.model_store import About, ModelStore, Score
from inkpin.model.inference.recogniser import SHIPPED

MODEL = SHIPPED.read_bytes()


@pytest.fixture
def networks(tmp_path):
    store = ModelStore(tmp_path / "networks")
    yield store
    store.close()


def paths(store, *, deleted=False):
    return [network.path for network in store.kept(deleted=deleted)]


def names(store):
    return [network.name for network in store.kept()]


def test_the_shipped_one_is_active_at_first(networks):
    assert networks.active == SHIPPED
    assert paths(networks) == [SHIPPED]
    assert networks.undo() is None
    assert networks.redo() is None


def test_another_base_is_active_at_first_and_takes_over(tmp_path):
    base = tmp_path / "0001.onnx"  # as the first network of a store is called
    base.write_bytes(MODEL)
    store = ModelStore(tmp_path / "networks", base)
    assert (store.active, names(store)) == (base, ["0001"])
    mine = store.use(MODEL, About())
    store.note_scores({base: (Score(1, 2), Score(0, 0))})
    assert (store.active, names(store)) == (mine, ["0001", "improved 1"])
    assert store.kept()[1].about.own is None
    assert store.undo() == "using 'improved 1'"
    assert store.active == base
    store.redo()
    mine.write_bytes(b"damaged")
    path, _, notice = store.load()
    assert path == base
    assert "the lock reads with 0001.onnx" in notice
    with pytest.raises(InputError, match=r"0001.onnx takes over"):
        store.delete(base)
    store.close()


def test_each_one_used_is_kept_and_can_be_gone_back_to(networks, tmp_path):
    first, second = networks.use(MODEL, About()), networks.use(MODEL, About())
    assert first.read_bytes() == MODEL
    again = ModelStore(tmp_path / "networks")
    assert again.active == second
    assert paths(again) == [SHIPPED, first, second]
    for path in (first, SHIPPED):
        again.choose(path)
        assert networks.active == path
    again.close()


def test_a_network_has_a_name_a_date_a_writer_samples_and_scores(networks, tmp_path):
    path = networks.use(MODEL, About(writer="Ada", samples=80, own=Score(19, 20)))
    networks.note_scores({path: (Score(18, 20), Score(1990, 2000)), SHIPPED: (Score(1, 20),) * 2})
    networks.rename(path, "  my  hand ")
    again = ModelStore(tmp_path / "networks")
    shipped, mine = again.kept()
    assert (shipped.name, shipped.about.own) == ("as it came", Score(1, 20))
    assert mine.name == "my hand"
    about = mine.about
    assert (about.writer, about.samples) == ("Ada", 80)
    assert (about.own, about.others) == (Score(18, 20), Score(1990, 2000))
    assert datetime.fromisoformat(about.made) <= datetime.now(UTC)


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"name": 7, "own": {"right": "many"}}'])
def test_what_is_said_of_a_network_may_be_damaged(networks, text):
    path = networks.use(MODEL, About(name="mine"))
    path.with_suffix(".json").write_bytes(text)
    assert names(networks) == ["as it came", "improved 1"]


def test_every_change_is_undone_and_done_again_in_a_later_program_too(networks, tmp_path):
    first, second = networks.use(MODEL, About()), networks.use(MODEL, About())
    networks.rename(first, "old")
    networks.delete(first)
    assert paths(networks) == [SHIPPED, second]
    assert paths(networks, deleted=True) == [first]
    networks.close()

    again = ModelStore(tmp_path / "networks")
    assert again.undo() == "deleting 'old'"
    assert paths(again) == [SHIPPED, first, second]
    assert again.undo() == "naming 'old'"
    assert names(again)[1] == "improved 1"
    assert again.undo() == "using 'improved 2'"
    assert again.active == first
    assert again.undo() == "using 'improved 1'"
    assert again.active == SHIPPED
    assert again.undo() is None
    assert paths(again) == [SHIPPED, first, second]  # what was used is kept
    for _ in range(4):
        assert again.redo()
    assert (again.active, paths(again, deleted=True)) == (second, [first])
    again.restore(first)
    assert names(again) == ["as it came", "old", "improved 2"]
    assert again.undo() == "restoring 'old'"
    assert paths(again, deleted=True) == [first]
    again.close()


def test_what_reads_cannot_be_deleted_and_the_shipped_one_keeps_its_name(networks):
    used = networks.use(MODEL, About())
    for change, why in (
        (lambda: networks.delete(SHIPPED), "Not deleted: the network as it came takes over"),
        (
            lambda: networks.delete(used),
            "Not deleted: 'improved 1' is in use; use another one first",
        ),
        (
            lambda: networks.rename(SHIPPED, "x"),
            "Not renamed: the network as it came keeps its name",
        ),
        (lambda: networks.rename(used, "  "), "Not renamed: type a name"),
    ):
        with pytest.raises(RefusedError, match=why):
            change()
    assert names(networks) == ["as it came", "improved 1"]
    assert networks.undo() == "using 'improved 1'"


def test_a_network_that_is_gone_or_damaged_is_not_gone_back_to(networks):
    first = networks.use(MODEL, About())
    networks.choose(SHIPPED)
    content = first.read_bytes()
    for harm in (lambda: first.write_bytes(b"x"), first.unlink):
        harm()
        with pytest.raises(InputError):
            networks.undo()
        assert networks.active == SHIPPED
    first.write_bytes(content)
    assert networks.undo() == "using 'as it came'"
    assert networks.active == first


def test_what_is_no_network_is_refused(networks):
    with pytest.raises(InputError, match="the new network: not a usable ONNX model"):
        networks.use(b"nonsense", About())
    assert paths(networks) == [SHIPPED]


def test_a_network_from_elsewhere_is_not_chosen(networks, tmp_path):
    with pytest.raises(InputError, match="none of the networks in"):
        networks.choose(tmp_path / "other.onnx")


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"x")])
def test_the_shipped_one_takes_over_from_a_damaged_one_with_a_notice(networks, harm):
    used = networks.use(MODEL, About())
    harm(used)
    path, recogniser, notice = networks.load()
    assert path == networks.active == SHIPPED
    assert recogniser.labels == tuple("0123456789")
    assert f"{used}, the network in use, is damaged or not there" in notice
    assert networks.load()[2] is None


def test_a_damaged_one_cannot_be_chosen(networks):
    first = networks.use(MODEL, About())
    second = networks.use(MODEL, About())
    first.write_bytes(b"nonsense")
    with pytest.raises(InputError, match="not a usable ONNX model"):
        networks.choose(first)
    assert networks.active == second
