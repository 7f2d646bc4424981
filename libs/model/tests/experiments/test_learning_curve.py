import numpy as np
import pytest

from inkpin.model.adaptation import integer_fit, rehearsal
from inkpin.model.data.labelled import DIGITS
from inkpin.model.data.picture import bitmap_of, samples_of
from inkpin.model.experiments import learning_curve, learning_curve_command
from inkpin.model.experiments.learning_curve import Point
from inkpin.model.inference.recogniser import SHIPPED, Recogniser


@pytest.fixture(scope="module")
def samples():
    """25 of each digit by each of three writers, as if read in a mirror."""
    reference = rehearsal.load().reference
    made = []
    for number, writer in enumerate((5, 10, 7)):
        for target in range(10):
            places = np.flatnonzero(reference.targets == target)[25 * number :][:25]
            for sample in samples_of([DIGITS[target]] * 25, reference.bitmaps[places, :, ::-1]):
                sample.extra["writer"] = f"pendigits-{writer}"
                made.append(sample)
    return made


def test_nothing_is_counted_that_was_taught_and_everything_once(samples):
    counted = []
    for fold in range(5):
        training, test = learning_curve.split(samples, 20, fold)
        assert len(training) == len({id(sample) for sample in training}) == 200
        assert not {id(sample) for sample in training} & {id(sample) for sample in test}
        counted += test
    assert sorted(map(id, counted)) == sorted(map(id, samples))


def test_a_writer_gains_from_samples_of_their_own(samples, monkeypatch):
    monkeypatch.setattr(integer_fit, "STEPS", 40)  # enough to see it
    before, after = learning_curve.learning_curve(SHIPPED.read_bytes(), samples, (5,), [20])
    assert [(point.written, point.n) for point in (before, after)] == [(0, 250), (20, 250)]
    own = [sample for sample in samples if sample.writer == "pendigits-5"]
    predictions = Recogniser.load().predictions(np.stack([bitmap_of(sample) for sample in own]))
    right = [DIGITS[p.best] == s.label for s, p in zip(own, predictions, strict=True)]
    assert before.right == sum(right)
    assert after.right > 1.5 * before.right
    assert after.reference == pytest.approx(before.reference, abs=0.01)


def test_the_picture_shows_one_and_three_writers():
    pytest.importorskip("matplotlib", reason="install matplotlib")
    from inkpin.model.evaluation.charts import png
    from inkpin.model.experiments.charts import learning_curves

    points = [
        Point(writers, written, 240 + written // 10, 250, 0.98)
        for writers, sizes in (((5,), (0, 5, 10, 20)), ((5, 10, 15), (0, 10, 20, 50)))
        for written in sizes
    ]
    assert png(learning_curves(points)).startswith(b"\x89PNG")


def test_without_data_one_line_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("INKPIN_DATA", str(tmp_path))
    assert learning_curve_command.main([str(SHIPPED), str(tmp_path / "gain.png")]) == 2
    assert "run `./dev run inkpin-model fetch`" in capsys.readouterr().err
    assert learning_curve_command.main([]) == 2
