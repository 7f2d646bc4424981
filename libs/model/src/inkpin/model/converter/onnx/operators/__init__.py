'''The operators, by family. Every module here is found by itself and registers what it converts.

An operator that the ops of `ir` can compute is one function. It reads the node's inputs from the
builder, appends ops, and lets the last of them make the node's output:

    @operator("Neg", fold=total)
    def neg(build: Builder, node: Node) -> None:
        """The number with the other sign."""
        build.affine(node, build.value(node), gain=-1.0)

    @operator("Shrink")
    def shrink(build: Builder, node: Node) -> None:
        """Towards zero: PyTorch's Softshrink and Hardshrink."""
        build.unary(node, build.value(node), by_reference(build, node))

- `node.attributes` has the attributes as Python values; what is absent has ONNX's default.
- `build.value` is the name of an input that is computed, `build.constant` the array of one that is
  not; `build.shape` gives a value's shape.
- `build.unary`, `clip`, `affine` and `gather` append one op each, `build.add` any other; a `suffix`
  names what lies between the input and the output.
- `raise node.refuse("why")` where an attribute or shape is not supported.
- `fold` is for operators that exporters also use on constants alone (shapes, weights): they are
  computed while the graph is read, within that bound of elements.

Then: a test beside its relatives in tests/converter/test_operators.py, and `./dev run python -m
nodes`, which puts ONNX's own tests of the operator to its C and writes docs/nodes.md.
'''

import importlib
import pkgutil

from inkpin.model.converter.onnx.registry import OPERATORS

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["OPERATORS"]
