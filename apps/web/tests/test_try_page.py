"""A page for a network of somebody's own, as convert writes it."""

import base64
import re
from pathlib import Path

import numpy as np
import onnx
from graphs import random_model

from inkpin.model import Recogniser, cli
from inkpin.model.converter import convert_command
from inkpin.model.data.samples import load_samples
from inkpin.model.inference.wasm_engine import WasmRecogniser
from inkpin.preprocess import bitmap

GESTURES = Path(__file__).parents[3] / "tests" / "gestures"


def test_its_module_reads_as_the_network_does(tmp_path, capsys, record_property):
    file = tmp_path / "new" / "gestures.html"
    assert cli.main(["convert", str(GESTURES / "gestures.onnx"), "--web", str(file)]) == 0
    assert f"wrote {file}" in capsys.readouterr().out
    text = file.read_text()
    assert "<h1>gestures</h1>" in text
    assert 'id="lock"' not in text
    (tmp_path / "module.wasm").write_bytes(
        base64.b64decode(re.search(r'id="module">(.*?)</script>', text)[1])
    )
    network = Recogniser.load(GESTURES / "gestures.onnx")
    drawings = [sample.strokes for sample in load_samples(GESTURES / "gestures.jsonl.gz")[::3]]
    engine = WasmRecogniser(tmp_path / "module.wasm", network.labels)
    expected = network.predictions(np.stack([bitmap(drawing) for drawing in drawings]))
    for ours, theirs in zip(engine.readings(drawings), expected, strict=True):
        assert np.array_equal(ours.prediction.logits, theirs.logits)
        assert ours.prediction.label == theirs.label
    record_property("gestures (a page) compared", len(drawings))


def test_c_and_page_in_one_go(tmp_path, capsys):
    words = ["--out", str(tmp_path / "c"), "--web", str(tmp_path / "page.html")]
    assert cli.main(["convert", str(GESTURES / "gestures.onnx"), *words]) == 0
    assert (tmp_path / "c" / "gestures.c").exists()
    assert (tmp_path / "page.html").exists()
    assert capsys.readouterr().out.count("wrote ") == 2


def test_a_network_that_reads_no_drawings_has_no_page(tmp_path, capsys):
    onnx.save(random_model(), tmp_path / "other.onnx")
    page = tmp_path / "page.html"
    assert cli.main(["convert", str(tmp_path / "other.onnx"), "--web", str(page)]) == 2
    assert "does not read 28x28 bits" in capsys.readouterr().err
    assert not page.exists()


def test_it_has_to_be_said_what_to_write(capsys):
    assert cli.main(["convert", str(GESTURES / "gestures.onnx")]) == 2
    assert "--out DIR for the C, --web FILE for a page" in capsys.readouterr().err


def test_without_the_pages_room_it_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(convert_command, "entry_points", lambda group: [])
    words = ["convert", str(GESTURES / "gestures.onnx"), "--web", str(tmp_path / "page.html")]
    assert cli.main(words) == 2
    assert "install the whole of inkpin" in capsys.readouterr().err
