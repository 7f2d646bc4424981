"""The engine in Node: what it refuses; tests/parity/test_predict.py holds its answers."""

import json

import numpy as np
import pytest

from inkpin import wasm
from inkpin.common import InputError, UnavailableError
from inkpin.model import cli
from inkpin.model.data.samples import save_samples
from inkpin.model.inference.wasm_engine import WasmRecogniser
from inkpin.preprocess import SIDE


def test_evaluate_takes_it(tmp_path, pin, capsys):
    path = tmp_path / "pin.jsonl"
    save_samples(path, pin)
    outcomes = []
    for engine in ("onnx", "wasm"):
        assert cli.main(["evaluate", "--strokes", str(path), "--engine", engine, "--json"]) == 0
        outcomes.append({**json.loads(capsys.readouterr().out), "engine": ""})
    assert outcomes[0] == outcomes[1]
    assert outcomes[0]["n"] == 12


def test_without_node_it_says_what_to_install(monkeypatch):
    def nowhere():
        raise UnavailableError("not found: node")

    monkeypatch.setattr(wasm, "node", nowhere)
    with pytest.raises(UnavailableError, match="node"):
        WasmRecogniser.load()


def test_a_module_that_is_none_is_refused(tmp_path):
    (tmp_path / "module.wasm").write_bytes(b"nonsense")
    engine = WasmRecogniser(tmp_path / "module.wasm", tuple("0123456789"))
    with pytest.raises(InputError, match="CompileError"):
        engine.predictions(np.zeros((1, SIDE, SIDE)))
