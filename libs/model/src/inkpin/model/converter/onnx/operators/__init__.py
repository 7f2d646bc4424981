'''The operators, by family. Every module here is found by itself and registers what it converts.

How to add one that the ops of `ir` can compute: a function of one element that ONNX's reference
knows is one more name above `activations.function`; anything else is a function of its own, in the
module of its family. It reads the node's inputs from the builder and appends ops; the last of them
makes the node's output:

    @operator("ArgMin", fold=total)
    def argmin(build: Builder, node: Node) -> None:
        """The place of the smallest score: of the largest with the other sign."""
        negative = build.affine(node, build.value(node), gain=-1.0, suffix=".negative")
        shape = build.shape(negative)
        ...
        build.add(ArgMax, node, [negative], out, layout=layout, last=last)

- `node.attributes` has the attributes as Python values; what is absent has ONNX's default.
- `build.value` is the name of an input that is computed, `build.constant` the array of one that is
  not; `build.shape` gives a value's shape.
- `build.unary`, `clip`, `affine` and `gather` append one op each, `build.add` any other; a `suffix`
  names what lies between the input and the output.
- `raise node.refuse("why")` where an attribute or shape is not supported.
- `fold` is for operators that exporters also use on constants alone (shapes, weights): such nodes
  are computed while the graph is read, within that bound of elements.

Then: a line in tests/converter/test_operators.py, and `./dev nodes`, which puts ONNX's own
tests of the operator to its C and writes docs/nodes.md and docs/operators.md. What no op can
compute needs a kernel: see `inkpin.model.converter.kernels`.
'''

import importlib
import pkgutil

from inkpin.model.converter.onnx.registry import OPERATORS

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["OPERATORS"]
