import pytest

from inkpin.common import InputError
from inkpin.model.inference.model_store import ModelStore
from inkpin.model.inference.recogniser import SHIPPED


@pytest.fixture
def networks(tmp_path):
    return ModelStore(tmp_path / "networks")


def test_the_shipped_one_is_active_at_first(networks):
    assert networks.active == SHIPPED
    assert networks.kept() == [SHIPPED]


def test_each_one_used_is_kept_and_can_be_gone_back_to(networks, tmp_path):
    model = SHIPPED.read_bytes()
    first, second = networks.use(model), networks.use(model)
    assert first.read_bytes() == model
    again = ModelStore(tmp_path / "networks")
    assert again.active == second
    assert again.kept() == [SHIPPED, first, second]
    for path in (first, SHIPPED):
        again.choose(path)
        assert networks.active == path


def test_what_was_active_before_is_known_to_a_later_program(networks, tmp_path):
    assert networks.before is None
    first = networks.use(SHIPPED.read_bytes())
    again = ModelStore(tmp_path / "networks")
    assert again.before == SHIPPED
    again.choose(SHIPPED)
    again.choose(SHIPPED)
    assert again.before == first
    first.unlink()
    assert again.before is None


def test_what_is_no_network_is_refused(networks):
    with pytest.raises(InputError, match="the new network: not a usable ONNX model"):
        networks.use(b"nonsense")
    assert networks.kept() == [SHIPPED]


def test_a_network_from_elsewhere_is_not_chosen(networks, tmp_path):
    with pytest.raises(InputError, match="none of the networks in"):
        networks.choose(tmp_path / "other.onnx")


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"x")])
def test_the_shipped_one_takes_over_from_a_damaged_one_with_a_notice(networks, harm):
    used = networks.use(SHIPPED.read_bytes())
    harm(used)
    path, recogniser, notice = networks.load()
    assert path == networks.active == SHIPPED
    assert recogniser.labels == tuple("0123456789")
    assert f"{used}, the network in use, is damaged or not there" in notice
    assert networks.load()[2] is None


def test_a_damaged_one_cannot_be_chosen(networks):
    first = networks.use(SHIPPED.read_bytes())
    second = networks.use(SHIPPED.read_bytes())
    first.write_bytes(b"nonsense")
    with pytest.raises(InputError, match="not a usable ONNX model"):
        networks.choose(first)
    assert networks.active == second
