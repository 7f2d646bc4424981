from collections import Counter

import numpy as np

from inkpin.model.adaptation import rehearsal
from inkpin.model.data.dataset import MNIST_WRITERS
from inkpin.model.data.formats.idx import load_split


def test_every_digit_is_there_as_often_and_no_bitmap_is_in_both_parts():
    others = rehearsal.load()
    training, reference = others.training, others.reference
    assert training.bitmaps.shape == (1000, 28, 28)
    assert reference.bitmaps.shape == (2000, 28, 28)
    assert others.scribbles.shape == (300, 28, 28)
    assert training.bitmaps.dtype == reference.bitmaps.dtype == bool
    assert Counter(training.texts) == dict.fromkeys("0123456789", 100)
    assert Counter(reference.texts) == dict.fromkeys("0123456789", 200)
    seen = {bitmap.tobytes() for bitmap in training.bitmaps}
    assert not seen & {bitmap.tobytes() for bitmap in reference.bitmaps}


def test_the_first_half_is_mnists_and_no_writer_is_in_both_parts(mirror):
    mnist = load_split(mirror / "mnist", "train")
    with np.load(str(MNIST_WRITERS)) as archive:
        writers = archive["writers"]
    places = {(image > 0).tobytes(): place for place, image in enumerate(mnist.bitmaps)}
    others = rehearsal.load()
    for part, held_out in ((others.training, False), (others.reference, True)):
        half = len(part.bitmaps) // 2
        found = [places[bitmap.tobytes()] for bitmap in part.bitmaps[:half]]
        assert part.texts[:half] == mnist[np.array(found)].texts
        assert {bool(writers[place] % 10 == 0) for place in found} == {held_out}
