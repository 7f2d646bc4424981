"""One version, in pyproject.toml: whatever else names it says the same."""

import json
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_the_installed_project_has_it():
    assert version("inkpin") == VERSION, "install it again: ./dev does"


@pytest.mark.parametrize("command", ["inkpin.desktop.main", "inkpin.model.cli"])
def test_the_commands_say_it(command):
    done = subprocess.run(
        [sys.executable, "-m", command, "--version"], capture_output=True, text=True
    )
    name = {"inkpin.desktop.main": "inkpin", "inkpin.model.cli": "inkpin-model"}[command]
    assert (done.returncode, done.stdout) == (0, f"{name} {VERSION}\n")


def test_every_manifest_has_it():
    manifests = [
        path
        for room in ("libs", "apps")
        for name in ("library.json", "platform.json")
        for path in (ROOT / room).rglob(name)
    ]
    assert len(manifests) >= 7
    for path in manifests:
        assert json.loads(path.read_text())["version"] == VERSION, path


def test_the_changelog_has_it():
    assert f"\n## [{VERSION}]" in (ROOT / "CHANGELOG.md").read_text()
