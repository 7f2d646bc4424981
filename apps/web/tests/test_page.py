"""The page as a file: whole by itself, small, and closed to everything else."""

import base64
import hashlib
import json
import re
import subprocess

import pytest

from inkpin import wasm
from inkpin.web import __main__ as command
from inkpin.web.build import build_module
from inkpin.web.page import page
from inkpin.web.site import site

LARGEST = 250_000


@pytest.fixture(scope="module")
def text():
    return page(build_module().read_bytes()).decode()


def script_of(text):
    return re.search(r'<script type="module">(.*?)</script>', text, re.DOTALL)[1]


def test_it_is_small_and_asks_for_nothing(text):
    assert len(text.encode()) < LARGEST
    assert re.findall(r"https?://[^\s\"'`]*", text) == []
    for asked in re.findall(r'(?:src|href)="([^"]*)"', text):
        assert asked.startswith("data:")
    assert not re.search(r"\{\{\w+\}\}", text), "a place without its part"


def test_the_module_is_in_it(text):
    held = re.search(r'id="module">(.*?)</script>', text)[1]
    assert base64.b64decode(held) == build_module().read_bytes()


def test_the_policy_allows_its_own_text_and_no_other(text):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"

    def source(held):
        return f"'sha256-{base64.b64encode(hashlib.sha256(held.encode()).digest()).decode()}'"

    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    assert rules["style-src"] == source(style)
    assert rules["script-src"].split() == [source(script_of(text)), "'wasm-unsafe-eval'"]


def test_the_modules_are_one_script(text, tmp_path):
    """No import is left, and no two modules have a name in common."""
    script = tmp_path / "page.mjs"
    script.write_text(script_of(text))
    assert not re.search(r"^(import|export) ", script.read_text(), re.MULTILINE)
    subprocess.run([wasm.node(), "--check", script], check=True)


def test_a_page_for_another_network_has_no_lock(text):
    other = page(b"", title="<gestures>", lock=False).decode()
    assert "&lt;gestures&gt;" in other
    assert 'id="lock"' in text
    assert 'id="lock' not in other
    assert 'id="try-tab"' in other


def test_out_writes_the_page_alone(tmp_path, capsys, text):
    assert command.main(["--out", str(tmp_path / "new" / "page.html")]) == 0
    assert (tmp_path / "new" / "page.html").read_text() == text
    assert f"({len(text.encode()):,} bytes)" in capsys.readouterr().out


def test_a_site_can_be_installed(tmp_path):
    assert command.main(["--site", str(tmp_path)]) == 0
    manifest = json.loads((tmp_path / "app.webmanifest").read_text())
    assert manifest["start_url"] == "./"
    index = (tmp_path / "index.html").read_text()
    assert '<link rel="manifest" href="app.webmanifest">' in index
    assert (tmp_path / "sw.js").read_text() == site(build_module().read_bytes())["sw.js"][
        1
    ].decode()


@pytest.mark.parametrize(
    "words", [["--out", "/proc/nowhere/page.html"], ["--out", "a", "--lan"], ["--port", "x"]]
)
def test_what_it_cannot_do_is_one_line(words, capsys):
    assert command.main(words) == 2
    assert capsys.readouterr().err.count("\n") == 1
