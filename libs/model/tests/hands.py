"""Samples of a hand, and small networks that learn it."""

import json

import numpy as np
from graphs import random_model

from inkpin.model.adaptation import rehearsal
from inkpin.model.confidence import Confidence
from inkpin.model.data.picture import samples_of


def hand(per_label=10, mirrored=False):
    """Return digits of people, as samples; mirrored they are a hand that no network knows."""
    reference = rehearsal.load().reference
    places = [np.flatnonzero(reference.targets == digit)[:per_label] for digit in range(10)]
    chosen = reference[np.concatenate(places)]
    return samples_of(chosen.texts, chosen.bitmaps[:, :, ::-1] if mirrored else chosen.bitmaps)


def metadata(labels):
    table = Confidence((0, 100), (50, 90), 60)
    trained = json.dumps({"command": "inkpin-model train", "seed": 7})
    return {
        "labels": json.dumps(labels),
        "confidence": table.to_json(),
        "provenance": trained,
        "more": "kept",
    }


def network(labels, **shape):
    """Return a network of random weights, as bytes."""
    model = random_model(4, side=28, classes=len(labels), metadata=metadata(labels), **shape)
    return model.SerializeToString()
