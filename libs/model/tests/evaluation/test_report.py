import json
import sys
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import onnx
import pytest

from inkpin import xtensa
from inkpin.common import host_compiler
from inkpin.model.cli import main
from inkpin.model.data.dataset import Dataset, Split
from inkpin.model.data.formats.idx import image_file, label_file, write_idx
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps
from inkpin.model.evaluation import reliability
from inkpin.model.evaluation.report.history import history
from inkpin.model.inference.recogniser import SHIPPED
from inkpin.model.training.options import DataOptions

pytest.importorskip("matplotlib", reason="the page takes matplotlib")


class Page(HTMLParser):
    """What a browser would make of a page, as far as it matters here."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.links, self.pictures, self.words = set(), [], {}, []
        self.text = path.read_text()
        self.feed(self.text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.add(tag)
        self.links += [found[name] for name in ("src", "href") if name in found]
        if tag == "img":
            self.pictures[found["alt"]] = found["src"]

    def handle_data(self, data):
        self.words.append(data.strip())

    def says(self, *words):
        """Return whether these pieces of text follow each other."""
        text = "\n".join(word for word in self.words if word)
        return "\n".join(words) in text


@pytest.fixture(scope="module")
def small(tmp_path_factory, pin):
    """Twenty test images that look like ones, one of them a seven; the bundled digits held out."""
    data = tmp_path_factory.mktemp("data")
    images = np.zeros((20, 28, 28), np.uint8)
    images[:, 4:24, 12:16] = 200
    labels = np.ones(20, np.uint8)
    labels[3] = 7
    for split in ("train", "test"):
        write_idx(data / "mnist" / image_file(split), images)
        write_idx(data / "mnist" / label_file(split), labels)
    training = Dataset(LabelledBitmaps(images, labels.astype(np.int64), DIGITS), pin)
    validation = Dataset(LabelledBitmaps.empty(DIGITS), pin)
    made = Split(training, validation, {"pin.jsonl": "0123"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INKPIN_DATA", str(data))
        patch.setattr(DataOptions, "load", lambda options, fold: made)
        patch.setattr(reliability, "SCRIBBLES", 20)
        yield data / "mnist"


@pytest.fixture(scope="module")
def shipped(small, tmp_path_factory):
    """The page about the shipped network."""
    return made(tmp_path_factory.mktemp("page"))


def made(tmp_path, *words):
    path = tmp_path / "report.html"
    assert main(["report", "--out", str(path), *words]) == 0
    return Page(path)


def remembering(tmp_path, **metadata):
    """Write the shipped network with more metadata; return its path."""
    model = onnx.load(SHIPPED)
    kept = {entry.key: entry.value for entry in model.metadata_props}
    onnx.helper.set_model_props(model, kept | metadata)
    path = tmp_path / "net.onnx"
    onnx.save(model, path)
    return path


def test_the_page_needs_nothing_but_itself(shipped):
    page = shipped
    assert all(link.startswith(("data:image/", "#")) for link in page.links)
    assert not page.tags & {"script", "link", "iframe", "object", "embed"}
    assert "url(" not in page.text
    assert "@import" not in page.text
    assert len(page.text) < 1_500_000
    assert {f"#{name}" for name in ("data", "layers", "provenance")} <= set(page.links)


def test_it_says_who_is_misread_and_shows_nothing_of_those_who_may_not_be(
    shipped, pin, tmp_path, monkeypatch
):
    wrong = str((int(pin[0].label) + 1) % 10)
    for writer in ("unipen-7", "ann-1"):
        people = [replace(sample, extra={"writer": writer}) for sample in (*pin, *pin)]
        people[0] = replace(people[0], label=wrong)
        held_out = Dataset(LabelledBitmaps.empty(DIGITS), people)
        split = Split(Dataset(LabelledBitmaps.empty(DIGITS), people), held_out, {})
        monkeypatch.setattr(DataOptions, "load", lambda options, fold, split=split: split)
        page = made(tmp_path)
        assert page.says(writer, f"{wrong} as {pin[0].label}", "24", "95.83 %")
        assert any("1 writer of 20 or more: mean 95.83%" in word for word in page.words)
        shown = f"{wrong} read as {pin[0].label}" in page.pictures
        assert shown == (writer == "ann-1")
        assert ("drawings of the kind pens" in page.pictures) == (writer == "ann-1")


def test_the_same_inputs_give_the_same_bytes(shipped, tmp_path):
    assert made(tmp_path).text == shipped.text


def test_its_figures_are_those_of_the_other_commands(shipped, small, tmp_path, capsys):
    host_compiler.compiler()
    page = shipped
    for words in (["evaluate", "--mnist", str(small), "--engine", "device"], ["reliability"]):
        assert main([*words, "--json"]) == 0
    evaluated, reliable = map(json.loads, capsys.readouterr().out.splitlines())
    assert evaluated["accuracy"] == 0.95
    assert page.says("95.00 %", "right on MNIST's 20 test images, the device's C")
    for name, share in reliable["refused"].items():
        assert page.says(name, f"{share:.2%}".replace("%", " %"))
    for level in reliable["levels"]:
        right = f"{level['right']:.2%}".replace("%", " %")
        assert page.says(f"{level['confidence']} %", str(level["n"]), right)
    assert main(["convert", str(SHIPPED), "--out", str(tmp_path / "c"), "--json"]) == 0
    costs = json.loads(capsys.readouterr().out)
    if costs["ram_bytes"] is not None:
        assert page.says(f"{costs['ram_bytes']:,}", "bytes of RAM of one prediction")
    assert page.says("all", "22,806", f"{costs['macs']:,}")


def test_instructions_are_counted(shipped):
    xtensa.toolchain()
    assert shipped.says("function", "from bits on", "from touch points on")


def test_mistakes_are_shown_with_what_they_were_read_as(shipped):
    page = shipped
    assert page.says("MNIST test: 1 of the 1 mistakes")
    (alt,) = [alt for alt in page.pictures if alt.startswith("7 read as")]
    assert page.pictures[alt].startswith("data:image/png;base64,")


def test_without_compilers_it_says_what_to_install(small, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    xtensa.toolchain.cache_clear()
    try:
        page = made(tmp_path)
    finally:
        xtensa.toolchain.cache_clear()
    assert "The device&#x27;s C: left out here. No C compiler found: install gcc" in page.text
    assert "Cortex-M0+: left out here. Install gcc-arm-none-eabi." in page.text
    assert "Instructions on emulated Xtensa: left out here. Not found: " in page.text
    assert page.says("not counted")


def test_without_pytorch_it_shows_the_data_alone(small, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "inkpin.model.training.sampling", None)
    monkeypatch.delattr("inkpin.model.training.sampling", raising=False)
    page = made(tmp_path)
    assert {"drawings of the kind MNIST", "drawings of the kind pens"} <= set(page.pictures)
    assert "left out here. The drawings take PyTorch: `./dev torch`" in page.text


def test_without_matplotlib_it_is_one_line(small, tmp_path, monkeypatch, capsys):
    drawing = ("charts", "report.page", "report.sections.accuracy", "report.sections.data")
    for name in drawing:
        monkeypatch.delitem(sys.modules, f"inkpin.model.evaluation.{name}", raising=False)
    monkeypatch.delattr("inkpin.model.evaluation.charts", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["report", "--out", str(tmp_path / "report.html")]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert "./dev run` has it" in said
    assert not (tmp_path / "report.html").exists()


def test_the_curves_of_a_network_that_remembers(small, tmp_path):
    epochs = [
        {"stage": stage, "epoch": i, "of": 3, "loss": 1 / i, "right": 0.9, "held out": {"pens": s}}
        for stage, s in (("floats", 0.8), ("quantised", 0.9))
        for i in (1, 2, 3)
    ]
    path = remembering(tmp_path, history=json.dumps(epochs))
    assert "curves of the training" in made(tmp_path, "--model", str(path)).pictures


def test_a_network_that_does_not_remember_says_so(small, tmp_path):
    page = made(tmp_path, "--model", str(remembering(tmp_path, history="")))
    assert "curves of the training" not in page.pictures
    assert page.says("This network does not remember its training; those trained since do.")


@pytest.mark.parametrize(
    "text", ["[]", "{}", "no JSON", '[{"stage": "floats"}]', "[1]", "3", '{"held out": NaN}']
)
def test_a_damaged_memory_is_none(text):
    assert history({"history": text}) == []


def test_it_says_whether_the_network_has_met_the_held_out(small, tmp_path):
    told = {"command": "inkpin-model train", "epochs": 7, "seed": 3, "fold": 2, "kept out": True}
    told["data"] = {"pin.jsonl": "0123"}
    path = remembering(tmp_path, provenance=json.dumps(told))
    page = made(tmp_path, "--model", str(path))
    assert "Careful" not in page.text
    assert "those of fold 2" in page.text
    assert page.says("pin.jsonl", "0123", "the same")
    command = "inkpin-model train --epochs 7 --seed 3 --fold 2 --keep-out --out net.onnx"
    assert command in page.text
    assert "Careful: nothing says" in made(tmp_path, "--model", str(path), "--fold", "1").text


def test_the_shipped_network_met_everybody_in_the_end(shipped):
    assert "Careful: the last stage" in shipped.text


def test_names_are_text_and_no_html(small, tmp_path):
    told = {"command": "<script>alert(1)</script> & more"}
    path = remembering(tmp_path, provenance=json.dumps(told))
    page = made(tmp_path, "--model", str(path))
    assert "script" not in page.tags
    assert page.says("<script>alert(1)</script> & more")


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["--model", "nowhere.onnx"], "nowhere.onnx: No such file"),
        (["--model", __file__], "not a usable ONNX model"),
        (["--fold", "9"], "argument --fold"),
        (["--out", f"{__file__}/x"], "name a place to write to"),
    ],
)
def test_unusable_arguments_are_one_line(small, capsys, words, wrong):
    assert main(["report", *words]) == 2
    assert wrong in capsys.readouterr().err.splitlines()[-1]


def test_data_of_other_labels_are_refused(small, tmp_path, monkeypatch, capsys):
    other = Dataset(LabelledBitmaps.empty(("left", "right")), [])
    monkeypatch.setattr(DataOptions, "load", lambda options, fold: Split(other, other, {}))
    assert main(["report"]) == 2
    assert "the data show left right" in capsys.readouterr().err
