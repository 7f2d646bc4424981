"""From a small ONNX classifier to fixed-point C: read, lower, plan, emit, measure."""

from inkpin.model.converter.converted import Converted, convert

__all__ = ["Converted", "convert"]
