import pytest

from inkpin.common import installation
from inkpin.common.installation import extras_remedy, typed


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """As where a wheel is installed: no checkout around it."""
    monkeypatch.setattr(installation, "_DEV", tmp_path / "dev")


def test_in_a_checkout_commands_go_through_dev():
    assert typed("inkpin-model fetch --from DIR") == "./dev run inkpin-model fetch --from DIR"
    assert typed("inkpin-model train --keep-out") == "./dev train --keep-out"
    assert typed("./dev web --help") == "./dev web --help"
    assert extras_remedy("report") == "`./dev run` has it"
    assert extras_remedy("train", "report") == "`./dev torch` has it"
    assert extras_remedy("web") == "`./dev web` has it"


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_they_are_bare():
    assert typed("inkpin-model fetch") == "inkpin-model fetch"
    assert typed("inkpin-model train") == "inkpin-model train"


@pytest.mark.usefixtures("elsewhere")
def test_elsewhere_an_extra_is_what_it_is_made_of():
    both = extras_remedy("train", "report")
    assert both.startswith("type `python -m pip install ")
    for package in ("torch==", "optuna", "matplotlib"):
        assert package in both
    assert "inkpin" not in both
    assert "torch" not in extras_remedy("report")
