"""The rules that turn ONNX operators into ops, by family; importing them registers them."""

from inkpin.model.converter.onnx.operators import elementwise, layers, moves, quantised

__all__ = ["elementwise", "layers", "moves", "quantised"]
