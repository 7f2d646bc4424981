"""A network that learned a slip of the pen, as an improvement might have."""

import json

import onnx

from inkpin.model.data.samples import bundled_samples
from inkpin.model.inference.recogniser import SHIPPED


def planted():
    """Return a sample that the shipped network reads, and another label for it."""
    sample = bundled_samples()[0]
    return sample, "0" if sample.label != "0" else "1"


def learned(slip, label):
    """Return the bytes of the shipped network with two labels changed for one another."""
    model = onnx.load(SHIPPED)
    (entry,) = (prop for prop in model.metadata_props if prop.key == "labels")
    turned = {slip.label: label, label: slip.label}
    entry.value = json.dumps([turned.get(each, each) for each in json.loads(entry.value)])
    return model.SerializeToString()
