"""Try it and Collect: the page reads what the desk reads, and the twin takes what it keeps."""

from pathlib import Path

import numpy as np
import pytest

from inkpin.model import cli
from inkpin.model.collection.collection import Collection
from inkpin.model.data.formats.registry import read_samples
from inkpin.model.data.samples import load_samples, sample_of
from inkpin.model.inference.recogniser import Recogniser
from inkpin.preprocess import AREA, bitmap

COUNT = 200
GESTURES = Path(__file__).parents[3] / "tests" / "gestures"


@pytest.fixture(scope="module")
def digits(pens):
    """Drawings of the pen writers by label."""
    by_label = {}
    for sample in load_samples(pens):
        by_label.setdefault(sample.label, []).append(sample)
    return by_label


def shown(phone):
    """Return the logits that `try it` shows, its percentages, and how long its bars are."""
    return phone.run(
        """() => {
        const all = (part, value) => [...document.querySelectorAll(`.bars ${part}`)].map(value);
        return [
          all(".logit", (each) => Number(each.textContent)),
          all(".percent", (each) => each.textContent),
          all("i", (each) => parseFloat(each.style.width)),
        ];
      }"""
    )


def test_the_bars_are_the_networks(phone, digits):
    here, network = phone(), Recogniser.load()
    here.click("#try-tab")
    for label, samples in digits.items():
        strokes = samples[3].strokes
        here.draw(strokes, "#try .stage canvas", AREA, AREA)
        here.settle()
        expected = network.predict(bitmap(strokes))
        logits, percents, lengths = shown(here)
        assert logits == expected.logits.tolist()
        likely = 100 * network.confidence.probabilities(expected.logits)
        assert lengths == pytest.approx(likely.tolist(), abs=0.001)  # as the twin's
        assert percents == [f"{round(share)}%" for share in likely.tolist()]
        assert here.text("#try .answer") == (expected.label or "?"), label
        here.click("#try .clear")


def test_a_page_for_gestures_knows_their_names(phone, tmp_path):
    file = tmp_path / "gestures.html"
    assert cli.main(["convert", str(GESTURES / "gestures.onnx"), "--web", str(file)]) == 0
    here = phone(file.as_uri())
    seen = {}
    for sample in load_samples(GESTURES / "gestures.jsonl.gz"):
        seen.setdefault(sample.label, sample)
    assert len(seen) == 8
    for label, sample in seen.items():
        here.draw(sample.strokes, "#try .stage canvas", AREA, AREA)
        here.wait("#try .answer", label)
        here.click("#try .clear")


def collect(phone, digits, count, hertz=0):
    """Write what is asked for, again and again."""
    written = []
    for number in range(count):
        label = phone.text("#collect .label")
        sample = digits[label][number % len(digits[label])]
        phone.draw(sample.strokes, "#collect canvas", AREA, AREA, hertz)
        phone.click("#collect .keep")
        phone.wait("#collect .count", f"{number + 1} kept")
        written.append(sample)
    return written


def downloaded(phone, tmp_path):
    async def download():
        async with phone.page.expect_download() as coming:
            await phone.page.click("#collect .download")
        path = tmp_path / (await coming.value).suggested_filename
        await (await coming.value).save_as(path)
        return path

    return phone.do(download())


def test_the_twin_takes_what_was_collected(phone, digits, tmp_path):
    here = phone()
    here.click("#collect-tab")
    written = collect(here, digits, COUNT)
    here.reload()
    here.click("#collect-tab")
    here.wait("#collect .count", f"{COUNT} kept")  # they outlive the page
    path = downloaded(here, tmp_path)
    samples = load_samples(path)
    assert [sample.label for sample in samples] == [sample.label for sample in written]
    for ours, theirs in zip(samples, written, strict=True):
        assert np.array_equal(bitmap(ours.strokes), bitmap(theirs.strokes))
        assert (ours.extra["device"], ours.extra["pointer"]) == ("web", "touch")
        for times in ours.times:
            assert (np.diff(times) >= 0).all()
    with Collection.open(tmp_path / "twin.jsonl") as twin:
        assert len(twin.extend(read_samples(path))) == COUNT
        assert twin.extend(read_samples(path)) == []  # sent twice, taken once
        assert set(twin.counts().values()) == {COUNT // 10}


def test_no_point_is_lost_while_the_page_is_busy(phone, tmp_path):
    """At 120 Hz, with a page that answers ten times a second."""
    here = phone()
    here.click("#collect-tab")
    here.run(
        "() => setInterval(() => {"
        " const end = performance.now() + 90; while (performance.now() < end); }, 100)"
    )
    line = np.stack([np.arange(20, 220), 120 + (np.arange(200) // 3) % 40], 1)
    here.draw([line], "#collect canvas", AREA, AREA, 120)
    here.click("#collect .keep")
    here.wait("#collect .count", "1 kept")
    (stroke,) = sample_of(downloaded(here, tmp_path).read_bytes()).strokes
    assert len(stroke) == len(line)


def test_a_second_finger_ends_the_stroke(phone, tmp_path):
    here = phone()
    here.click("#collect-tab")
    line = [here.place("#collect canvas", x, 120, AREA, AREA) for x in range(40, 200, 2)]
    palm = here.place("#collect canvas", 220, 220, AREA, AREA)
    half = len(line) // 2
    here.touch(
        [*([at] for at in line[:half]), *([at, palm] for at in line[half - 1 :]), [line[-1]], []]
    )
    here.click("#collect .keep")
    here.wait("#collect .count", "1 kept")
    (stroke,) = sample_of(downloaded(here, tmp_path).read_bytes()).strokes
    assert len(stroke) == half


def test_keeping_one_reads_none_of_those_before(phone, digits):
    """However many there are: only sending reads them."""
    here = phone(
        before="IDBObjectStore.prototype.getAll = IDBObjectStore.prototype.openCursor ="
        " () => { throw new Error('all were read'); };"
    )
    here.click("#collect-tab")
    written = collect(here, digits, 12)
    assert len({sample.label for sample in written[:10]}) == 10  # the fewest are asked for
    here.reload()
    here.click("#collect-tab")
    here.wait("#collect .count", "12 kept")


def test_samples_of_an_older_page_are_there(phone, digits, tmp_path):
    """Its database had no index."""
    here = phone()
    here.click("#collect-tab")
    collect(here, digits, 1)
    here.run(
        """() => new Promise((done, failed) => {
        const reading = indexedDB.open("inkpin");
        reading.onsuccess = () => {
          const database = reading.result;
          const all = database.transaction("samples").objectStore("samples").getAll();
          all.onsuccess = () => {
            database.close();
            indexedDB.deleteDatabase("inkpin").onsuccess = () => {
              const older = indexedDB.open("inkpin", 1);
              older.onupgradeneeded = () => {
                const made = older.result.createObjectStore("samples", { autoIncrement: true });
                for (const sample of all.result) made.add(sample);
              };
              older.onsuccess = () => { older.result.close(); done(true); };
            };
          };
        };
        reading.onerror = failed;
      })"""
    )
    here.reload()
    here.click("#collect-tab")
    here.wait("#collect .count", "1 kept")
    assert len(load_samples(downloaded(here, tmp_path))) == 1


def test_what_was_kept_can_be_taken_back_and_forgotten(phone, digits):
    here = phone()
    here.click("#collect-tab")
    collect(here, digits, 3)
    here.click("#collect .undo")
    here.wait("#collect .count", "2 kept")
    here.click("#collect .forget")
    here.wait("#collect .count", "0 kept")
    assert here.do(here.page.is_disabled("#collect .download"))


def test_too_little_ink_is_not_kept(phone):
    here = phone()
    here.click("#collect-tab")
    here.draw([np.array([[100, 100], [102, 100]])], "#collect canvas", AREA, AREA)
    here.click("#collect .keep")
    here.wait("#collect .said", "too little ink")
    assert here.text("#collect .count") == "0 kept in this browser"


def test_a_browser_without_room_keeps_the_drawing(phone, digits):
    here = phone(
        before="IDBObjectStore.prototype.add ="
        " () => { throw new DOMException('', 'QuotaExceededError'); };"
    )
    here.click("#collect-tab")
    label = here.text("#collect .label")
    here.draw(digits[label][0].strokes, "#collect canvas", AREA, AREA)
    here.click("#collect .keep")
    here.wait("#collect .said", "no room left")
    assert here.text("#collect .label") == label
    assert not here.do(here.page.is_disabled("#collect .keep"))
