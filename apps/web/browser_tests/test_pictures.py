"""What a phone, a tablet and a desk show; INKPIN_PICTURES=docs makes the pictures of the docs."""

import os
from pathlib import Path

import pytest
from PIL import Image

from inkpin.model.data.samples import load_samples
from inkpin.preprocess import AREA
from inkpin.screen import Button

GAP = 24  # pixels between two pictures side by side


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return Path(os.environ.get("INKPIN_PICTURES") or tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def eight(pens):
    return next(sample for sample in load_samples(pens) if sample.label == "8")


def screen(phone, path):
    """Take a picture; nothing may be cut off on the right."""
    phone.run("() => new Promise((done) => setTimeout(done, 600))")  # the door has turned
    assert phone.run("() => document.documentElement.scrollWidth <= innerWidth")
    phone.do(phone.page.screenshot(path=path))
    return Image.open(path).convert("RGB")


def side_by_side(pictures):
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) - 1)
    whole = Image.new("RGB", (width, max(picture.height for picture in pictures)), "white")
    x = 0
    for picture in pictures:
        whole.paste(picture, (x, 0))
        x += picture.width + GAP
    return whole


def write_three_of_the_pin(phone, pin):
    for sample in pin[:3]:
        phone.write(sample)
        phone.press(Button.ENTER)
    phone.write(pin[3])


def read_and_collect(phone, sample, path):
    """Return pictures of `try it` and of Collect with something on them."""
    phone.click("#try-tab")
    phone.draw(sample.strokes, "#try .stage canvas", AREA, AREA)
    phone.wait("#try .answer", "8")
    tried = screen(phone, path)
    phone.click("#collect-tab")
    phone.draw(sample.strokes, "#collect canvas", AREA, AREA)
    return tried, screen(phone, path)


def test_a_phone(phone, pin, eight, folder, tmp_path):
    here = phone(viewport={"width": 390, "height": 760}, device_scale_factor=1)
    write_three_of_the_pin(here, pin)
    pictures = [screen(here, tmp_path / "picture.png")]
    pictures += read_and_collect(here, eight, tmp_path / "picture.png")
    assert len({picture.tobytes() for picture in pictures}) == 3
    side_by_side(pictures).quantize(128).save(folder / "web-phone.png", optimize=True)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        (
            "tablet",
            {"viewport": {"width": 820, "height": 1180}, "color_scheme": "dark"},
        ),
        (
            "desk",
            {"viewport": {"width": 1280, "height": 720}, "has_touch": True},
        ),
        ("landscape", {"viewport": {"width": 760, "height": 360}}),
    ],
)
def test_another_screen(phone, pin, eight, folder, tmp_path, name, options):
    here = phone(device_scale_factor=1, **options)
    for part in (pin[:4], pin[4:8], pin[8:]):
        for sample in part:
            here.write(sample)
            here.press(Button.ENTER)
        here.press(Button.ENTER)
    here.click(".line summary")
    picture = screen(here, tmp_path / "picture.png")
    assert here.text("#lock .serial").rstrip().endswith("State open")
    picture.quantize(128).save(folder / f"web-{name}.png", optimize=True)
    read_and_collect(here, eight, tmp_path / "picture.png")
