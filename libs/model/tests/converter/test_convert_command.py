import json
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import onnx
import pytest
from graphs import graph, random_model

from inkpin.common import host_compiler
from inkpin.model import convert
from inkpin.model.cli import main


@pytest.fixture
def model(tmp_path):
    onnx.save(random_model(), tmp_path / "My Net-2.onnx")
    return tmp_path / "My Net-2.onnx"


def test_writes_c_that_compiles_and_says_what_it_costs(model, tmp_path, capsys):
    out = tmp_path / "new" / "folder"
    assert main(["convert", str(model), "--out", str(out), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {"flash_bytes", "ram_bytes", "macs", "ops", "dropped"} <= set(report)
    assert report["macs"] > 0
    assert report["ops"]["Conv"] == 2
    names = {path.name for path in out.iterdir()}
    assert names > {"my_net_2.h", "my_net_2.c", "my_net_2_example.c", "ink_kernels.h"}
    for source in out.glob("*.c"):
        command = [
            host_compiler.compiler(),
            "-std=c99",
            "-Wall",
            "-Werror",
            "-c",
            source,
            "-o",
            tmp_path / "x.o",
        ]
        subprocess.run(command, check=True)


def test_without_a_cross_compiler_sizes_are_null(model, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("inkpin.model.converter.cost.measure.shutil.which", lambda _: None)
    assert main(["convert", str(model), "--out", str(tmp_path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report["flash_bytes"].values()) == {None}
    assert report["ram_bytes"] is None


def test_a_refused_model_leaves_nothing_behind(tmp_path, capsys):
    model = random_model()
    model.graph.node[-1].op_type = "Hardmax"
    del model.graph.node[-1].input[1:]
    del model.graph.node[-1].attribute[:]
    onnx.save(model, tmp_path / "bad.onnx")
    out = tmp_path / "out"
    assert main(["convert", str(tmp_path / "bad.onnx"), "--out", str(out)]) == 2
    captured = capsys.readouterr()
    assert "Hardmax" in captured.err
    assert captured.err.count("\n") == 1
    assert not out.exists()


def test_a_folder_that_cannot_be_written(model, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert main(["convert", str(model), "--out", str(tmp_path / "file")]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert f"{tmp_path / 'file'} is a file, no folder" in said


def test_a_reader_that_goes_away_ends_it_quietly(model, tmp_path):
    command = [sys.executable, "-m", "inkpin.model.cli", "convert", model, "--out", tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 141


class Page(HTMLParser):
    """What stands in a page: the tags with their attributes, and the text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


def test_the_report_is_a_page_by_itself(tmp_path, capsys):
    nodes = """
        c = Conv <pads = [1, 1, 1, 1]> (x, w)
        s = MaxPool <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (c)
        a = Add (c, s)
        f = Flatten (a)
        y = Gemm <transB = 1> (f, v)
    """
    rng = np.random.default_rng(6)
    constants = {
        "w": rng.normal(size=(2, 1, 3, 3)).astype(np.float32),
        "v": rng.normal(size=(3, 2 * 8 * 8)).astype(np.float32),
    }
    model = graph(nodes, constants, [1, 1, 8, 8])
    model.graph.node[0].name = "<script src=https://elsewhere>"
    onnx.save(model, tmp_path / "net.onnx")
    np.save(tmp_path / "x.npy", rng.normal(size=(20, 1, 8, 8)).astype(np.float32))
    words = ["convert", str(tmp_path / "net.onnx"), "--calibration", str(tmp_path / "x.npy")]
    assert main([*words, "--html", str(tmp_path / "report.html")]) == 0
    assert "report.html" in capsys.readouterr().out
    found = Page((tmp_path / "report.html").read_text())
    assert {tag for tag, _ in found.tags}.isdisjoint({"script", "link", "img", "iframe"})
    assert not any({"src", "href"} & attributes.keys() for _, attributes in found.tags)
    for said in ("dB", "multiply-accumulates", "<script src", "beside onnxruntime"):
        assert said in found.text
    report = convert(model, tmp_path / "x.npy").report
    assert all(node["kernel"] in found.text for node in report["nodes"])
    boxes = [attributes for tag, attributes in found.tags if tag == "rect"]
    assert len(boxes) == 1 + len(report["nodes"]) + len(report["arena"])
    [way] = [a["d"] for tag, a in found.tags if tag == "path" and "H" in a["d"]]  # from c to a
    beside = float(way.split("H")[1].split("V")[0])
    ends = [float(box["x"]) + float(box["width"]) for box in boxes[: 1 + len(report["nodes"])]]
    assert max(ends) < beside, "the line around the boxes crosses one"
