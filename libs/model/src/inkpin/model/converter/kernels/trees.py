"""Decision trees, whose inputs are compared as bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.c_text import array, structure
from inkpin.model.converter.integer_program import CallSite, KernelCall
from inkpin.model.converter.ir import Quantisation, Trees
from inkpin.model.converter.ir.trees import reached
from inkpin.model.converter.kernels.lowering import SIDE, Lowering, lower_op
from inkpin.model.converter.kernels.requantize import (
    RESCALE_FILES,
    ByteRange,
    Requantize,
    fixed_point,
)

_MOST = 32767  # what an int16_t holds
_BYTE = 255  # what a uint8_t holds
_SMALL = ("split", "root", "share", "leaf", "base")  # of an ink_small_trees_layer


@dataclass(frozen=True, kw_only=True, eq=False)
class TreesCall(KernelCall):
    """The sum of the leaves that the trees lead to: ink_trees.

    Attributes:
        features: (splits,): which byte is compared.
        most: (splits,): the first child is next where it is at most this.
        children: (splits, 2): as in Trees.
        roots: (trees,): likewise.
        leaves: (rows, out), integers.
        base: (out,), likewise.
        requantize: the way to the output.
    """

    aligned = True

    features: np.ndarray
    most: np.ndarray
    children: np.ndarray
    roots: np.ndarray
    leaves: np.ndarray
    base: np.ndarray
    requantize: Requantize

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_trees.c", *RESCALE_FILES)

    @property
    def scratch(self) -> int:
        """See KernelCall."""
        return 0 if self.requantize.to is None else 4 * len(self.base)

    @property
    def flash(self) -> int:
        """See KernelCall."""
        each = 4 + self.requantize.flash
        return (
            7 * len(self.features)
            + 2 * (len(self.roots) + self.leaves.size)
            + each * len(self.base)
        )

    @property
    def remark(self) -> str:
        """See KernelCall."""
        counts = (len(self.roots), len(self.features), len(self.leaves))
        return "{} trees of {} splits, {} different leaves".format(*counts)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        x = values[0].reshape(len(values[0]), -1)
        rows = reached(self.children, self.roots, x[:, self.features] <= self.most)
        return self.requantize.apply(self.leaves[rows].sum(axis=1) + self.base, 1)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        arrays = {
            "feature": ("uint16_t", self.features),
            "most": ("uint8_t", self.most),
            "child": ("int16_t", self.children.ravel()),
            "root": ("int16_t", self.roots),
            "leaf": ("int16_t", self.leaves.ravel()),
            "base": ("int32_t", self.base),
        }
        descriptor = {
            **{name: f"{name}{number}" for name in arrays},
            "to": self.requantize.initialiser(number),
            "trees": len(self.roots),
            "out": len(self.base),
        }
        layer = structure(f"static const ink_trees_layer layer{number}", descriptor)
        return _defined(arrays, number) + self.requantize.constants(number) + layer

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        arguments = f"&layer{site.number}, {site.inputs[0]}, {site.output}, {site.scratch}"
        return [f"ink_trees({arguments})"]


@dataclass(frozen=True, kw_only=True, eq=False)
class SmallTreesCall(TreesCall):
    """The same over 256 bytes at most, of sums that go out as they are: ink_small_trees."""

    WORDS: ClassVar[int] = 3
    """Of a split."""

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_small_trees.c",)

    @property
    def flash(self) -> int:
        """See KernelCall."""
        words = self.WORDS * len(self.features) + len(self.roots)
        each = 1 if self.in_bytes else 2
        return 2 * words + each * self.leaves.size + 4 * len(self.base)

    @property
    def in_bytes(self) -> bool:
        """Whether what the leaves hold are bytes."""
        low, high = self.leaves.min(initial=0), self.leaves.max(initial=0)
        return bool(low >= 0 and high <= _BYTE)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        children, roots = (self._places(at) for at in (self.children, self.roots))
        pairs = (self.features | self.most << 8).astype(np.uint16).view(np.int16)
        splits = np.column_stack([pairs, children])
        arrays = {
            "split": ("int16_t", splits.ravel()),
            "root": ("int16_t", roots),
            "share" if self.in_bytes else "leaf": (
                "uint8_t" if self.in_bytes else "int16_t",
                self.leaves.ravel(),
            ),
            "base": ("int32_t", self.base),
        }
        descriptor = {
            **{name: f"{name}{number}" if name in arrays else "NULL" for name in _SMALL},
            "trees": len(self.roots),
            "out": len(self.base),
        }
        layer = structure(f"static const ink_small_trees_layer layer{number}", descriptor)
        return _defined(arrays, number) + layer

    def _places(self, at: np.ndarray) -> np.ndarray:
        """Return where splits and leaves begin, of their numbers."""
        return np.where(at < 0, -1 - (-1 - at) * len(self.base), at * self.WORDS)

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_small_trees(&layer{site.number}, {site.inputs[0]}, {site.output})"]


def small_trees(call: TreesCall) -> SmallTreesCall | None:
    """Return a call by the kernel for small trees, if that can do it."""
    places = max(SmallTreesCall.WORDS * len(call.features), call.leaves.size)
    near = call.features.max(initial=0) <= _BYTE
    if call.requantize.to is not None or not near or places > _MOST:
        return None
    return SmallTreesCall(**{each.name: getattr(call, each.name) for each in fields(call)})


def _defined(arrays: Mapping[str, tuple[str, np.ndarray]], number: int) -> str:
    """Return the C definitions of arrays, by name; one has one element at least in C."""
    return "".join(
        array(f"static const {kind} {name}{number}", values if values.size else [0])
        for name, (kind, values) in arrays.items()
    )


@lower_op.register
def _(op: Trees, lowering: Lowering) -> None:
    code = lowering.quantisations[op.inputs[0]]
    # Bytes that stand for what is at most the threshold; none and all of them need no comparison.
    most = np.searchsorted(code.decode(np.arange(256)), op.thresholds, side="right") - 1
    kept, children, roots = _pruned(op, most)
    leaves, which = np.unique(op.leaves, axis=0, return_inverse=True)
    rows = -1 - which.ravel()
    children, roots = (
        np.where(at < 0, rows[-1 - np.minimum(at, -1)], at) for at in (children, roots)
    )
    # Of shares that many trees are asked for, a byte tells enough.
    most_held = _BYTE if _are_shares(leaves) else _MOST
    unit = float(np.abs(leaves).max(initial=0)) / most_held
    unit = max(unit, float(np.abs(op.base).max()) / 2**30)
    unit = unit or 1.0
    scores = op.output in lowering.int32_values
    to = Quantisation(unit, 0) if scores else lowering.quantisations[op.output]
    requantize = Requantize(None, None)
    if not scores:
        factor = fixed_point(np.full(len(op.base), np.float32(unit / to.scale)))
        requantize = Requantize(factor, ByteRange(to.zero_point))
    if max(len(kept), len(leaves), len(roots)) > _MOST or op.features.max(initial=0) > SIDE:
        raise InputError(f"node {op.nodes[0]!r}: more than {_MOST} splits, leaves or trees")
    call = TreesCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        features=op.features[kept],
        most=most[kept],
        children=children,
        roots=roots,
        leaves=np.rint(leaves / unit).astype(np.int64),
        base=np.rint(op.base / unit).astype(np.int64),
        requantize=requantize,
    )
    lowering.add(call, to, "int32" if scores else "bytes")


def _are_shares(leaves: np.ndarray) -> bool:
    """Whether every leaf shares the same sum among classes."""
    sums = leaves.sum(axis=1)
    alike = bool(np.allclose(sums, sums[:1], rtol=1e-4))
    return leaves.shape[1] > 1 and bool(np.all(leaves >= 0)) and alike


def _pruned(op: Trees, most: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the splits that are ever reached, in order, and children and roots by these numbers.

    Args:
        op: the trees.
        most: the largest byte of each split's first child; -1 and 255 leave one way only.
    """
    only = np.where(most < 0, 1, 0)
    certain = (most < 0) | (most >= 255)

    def led(at: int) -> int:
        while at >= 0 and certain[at]:
            at = int(op.children[at, only[at]])
        return at

    roots = [led(int(at)) for at in op.roots]
    waiting = [at for at in reversed(roots) if at >= 0]
    kept: list[int] = []
    ways: list[tuple[int, int]] = []
    while waiting:
        at = waiting.pop()
        kept.append(at)
        ways.append((led(int(op.children[at, 0])), led(int(op.children[at, 1]))))
        waiting += [way for way in reversed(ways[-1]) if way >= 0]
    number = {at: n for n, at in enumerate(kept)}

    def numbered(places: Sequence[object]) -> np.ndarray:
        flat = np.array(places, np.int64)
        return np.array([number.get(int(at), int(at)) for at in flat.ravel()], np.int64).reshape(
            flat.shape
        )

    return np.array(kept, np.int64), numbered(ways).reshape(-1, 2), numbered(roots)
