"""Calibration data in every form that people have, and what is wrong with some of it."""

import numpy as np
import pytest
from graphs import graph
from PIL import Image

from inkpin.common import InputError
from inkpin.model import convert

W = np.random.default_rng(3).normal(size=(3, 2)).astype(np.float32)
MODEL = graph("y = MatMul (x, w)", {"w": W}, ["n", 3])
X = np.random.default_rng(4).normal(size=(20, 3)).astype(np.float32)


class Reader:
    """As onnxruntime's quantiser takes data."""

    def __init__(self):
        self.rows = iter(X)

    def get_next(self):
        row = next(self.rows, None)
        return None if row is None else {"x": row[None]}


FORMS = {
    "a mapping": lambda folder: {"x": X},
    "a mapping of another name": lambda folder: {"features": X},
    "lists": lambda folder: X.tolist(),
    "a list of samples": lambda folder: list(X),
    "a list of batches of one": lambda folder: [row[None] for row in X],
    "a generator": lambda folder: (row for row in X),
    "a generator of mappings": lambda folder: ({"x": row} for row in X),
    "a generator of batches": lambda folder: (X[i : i + 5] for i in range(0, 20, 5)),
    "onnxruntime's reader": lambda folder: Reader(),
    ".npz": lambda folder: saved(np.savez, folder / "a.npz", x=X),
    ".npz of one array of any name": lambda folder: saved(np.savez, folder / "a.npz", rows=X),
    ".npy": lambda folder: saved(np.save, folder / "a.npy", X),
}


def saved(save, path, *arrays, **named):
    save(path, *arrays, **named)
    return path


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_of_the_same_data_gives_the_same_c(form, tmp_path):
    assert convert(MODEL, form(tmp_path)).source.body == convert(MODEL, X).source.body


@pytest.mark.parametrize(
    ("shape", "mode", "element"),
    [
        (["n", 1, 5, 6], "L", "float"),
        (["n", 3, 5, 6], "RGB", "float"),
        (["n", 5, 6, 3], "RGB", "float"),
        (["n", 5, 6], "L", "float"),
        (["n", 3, 5, 6], "RGB", "int8"),
        (["n", 3, 5, 6], "RGB", "uint8"),
    ],
)
def test_a_folder_of_png_files_is_data_of_what_reads_pictures(rng, tmp_path, shape, mode, element):
    sides = (5, 6) if mode == "L" else (5, 6, 3)
    images = rng.integers(0, 256, (5, *sides)).astype(np.uint8)
    for i, image in enumerate(images):
        Image.fromarray(image).save(tmp_path / f"{i}.png")
    (tmp_path / "notes.txt").write_text("not a picture")
    samples = images.astype(np.float32) / 255 if element == "float" else images.astype(int)
    if element == "int8":
        samples = (samples - 128).astype(np.int8)
    if mode == "RGB" and shape[1] == 3:
        samples = samples.transpose(0, 3, 1, 2)
    model = graph("c = Cast <to = 1> (x) y = Tanh (c)", {}, shape, element)
    assert convert(model, tmp_path).source.body == convert(model, samples).source.body


def test_pictures_that_do_not_fit_are_named(tmp_path):
    model = graph("y = Relu (x)", {}, ["n", 1, 4, 6])
    with pytest.raises(InputError, match="no PNG file"):
        convert(model, tmp_path)
    Image.new("L", (6, 5)).save(tmp_path / "tall.png")
    with pytest.raises(InputError, match=r"tall.png: 6x5 pixels for an input of 6x4: scale it"):
        convert(model, tmp_path)
    (tmp_path / "broken.png").write_bytes(b"PNG")
    with pytest.raises(InputError, match=r"broken.png: not a PNG"):
        convert(model, tmp_path)
    with pytest.raises(InputError, match=r"one input of pictures, not for \(1, 3\)"):
        convert(MODEL, tmp_path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (X[:1], "one sample"),
        (X * 0, "all zeros"),
        (X[:1].repeat(9, 0), "all the same"),
    ],
)
def test_data_that_tell_little_are_warned_of(data, message):
    [warning] = [line for line in convert(MODEL, data).report["warnings"] if "data 'x'" in line]
    assert message in warning
    assert not any("data 'x'" in line for line in convert(MODEL, X).report["warnings"])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "no samples"),
        ([[1, 2, 3], [4, 5]], "do not fit"),
        ({"x": [[1, 2, 3], [4, 5]]}, "different lengths"),
        (3, "no int"),
        (iter([X[:2, :2]]), "do not fit"),
    ],
)
def test_what_is_no_data_is_refused_in_one_line(data, message):
    with pytest.raises(InputError, match=message) as refusal:
        convert(MODEL, data)
    assert "\n" not in str(refusal.value)


MAPS = graph("y = Relu (x)", {}, ["n", 3, 4, 5])


def test_channels_last_are_no_channels_first_to_calibrate_with_or_to_predict_of(rng):
    x = rng.random((2, 3, 4, 5)).astype(np.float32)
    converted = convert(MAPS, x)
    assert converted.predict(x).shape == (2, 3, 4, 5)
    assert np.array_equal(converted.predict(x[0]), converted.predict(x[:1]))
    for use in (lambda data: convert(MAPS, data), converted.predict):
        with pytest.raises(InputError, match="do not fit the input of shape"):
            use(x.transpose(0, 2, 3, 1))


@pytest.mark.parametrize("shape", [(2, 3, 4, 6), (7,), (0, 3, 4, 5)])
def test_data_of_a_wrong_size_are_refused_by_predict(rng, shape):
    converted = convert(MAPS, rng.random((2, 3, 4, 5)).astype(np.float32))
    with pytest.raises(InputError, match="do not fit"):
        converted.predict(np.zeros(shape, np.float32))


@pytest.mark.parametrize("name", ["my net", "2nd-net", "int", "Ünï", ""])
def test_a_name_becomes_one_of_c(name):
    converted = convert(MODEL, X, name=name)
    assert converted.predict(X).shape == (20, 2)
    assert converted.source.name.isidentifier()
    assert converted.source.name.islower()
