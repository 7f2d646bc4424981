"""Samples of a hand."""

import numpy as np

from inkpin.model.adaptation import rehearsal
from inkpin.model.data.picture import samples_of


def hand(per_label=10, mirrored=False):
    """Return digits of people, as samples; mirrored they are a hand that no network knows."""
    reference = rehearsal.load().reference
    places = [np.flatnonzero(reference.targets == digit)[:per_label] for digit in range(10)]
    chosen = reference[np.concatenate(places)]
    return samples_of(chosen.texts, chosen.bitmaps[:, :, ::-1] if mirrored else chosen.bitmaps)
