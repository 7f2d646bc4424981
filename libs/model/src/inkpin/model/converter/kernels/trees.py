"""Decision trees, whose inputs are compared as bytes or in 16 bits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, NamedTuple

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.c_text import array, structure
from inkpin.model.converter.integer_program import CallSite, KernelCall
from inkpin.model.converter.ir import Quantisation, Trees
from inkpin.model.converter.ir.trees import reached
from inkpin.model.converter.kernels.lowering import SIDE, Lowering, lower_op, lower_short_op
from inkpin.model.converter.kernels.requantize import (
    RESCALE_FILES,
    ByteRange,
    Requantize,
    fixed_point,
)
from inkpin.model.converter.kernels.short_layers import SHORT_FILES, ShortScaling, short_limits

_MOST = 32767  # what an int16_t holds
_BYTE = 255  # what a uint8_t holds
_SMALL = ("split", "root", "share", "leaf", "base")  # of an ink_small_trees_layer


@dataclass(frozen=True, kw_only=True, eq=False)
class ForestCall(KernelCall):
    """The sum of the leaves that the trees lead to.

    Attributes:
        features: (splits,): which element is compared.
        most: (splits,): the first child is next where it is at most this.
        children: (splits, 2): as in Trees.
        roots: (trees,): likewise.
        leaves: (rows, out), integers.
        base: (out,), likewise.
    """

    aligned = True

    features: np.ndarray
    most: np.ndarray
    children: np.ndarray
    roots: np.ndarray
    leaves: np.ndarray
    base: np.ndarray

    @property
    def remark(self) -> str:
        """See KernelCall."""
        counts = (len(self.roots), len(self.features), len(self.leaves))
        return "{} trees of {} splits, {} different leaves".format(*counts)

    def sums(self, x: np.ndarray) -> np.ndarray:
        """Return what the leaves add up to, (samples, out), of codes, (samples, ...)."""
        flat = x.reshape(len(x), -1)
        rows = reached(self.children, self.roots, flat[:, self.features] <= self.most)
        return np.asarray(self.leaves[rows].sum(axis=1) + self.base)

    def table_bytes(self, code: int) -> int:
        """Return the bytes of the tables, where a code has so many."""
        splits = (6 + code) * len(self.features)
        return splits + 2 * (len(self.roots) + self.leaves.size) + 4 * len(self.base)

    def layer(self, number: int, kind: str, code: str, to: str) -> str:
        """Return the C definitions of the tables and the descriptor.

        Args:
            number: of the call.
            kind: of the descriptor.
            code: type of what is compared.
            to: the way to the output within the descriptor.
        """
        arrays = {
            "feature": ("uint16_t", self.features),
            "most": (code, self.most),
            "child": ("int16_t", self.children.ravel()),
            "root": ("int16_t", self.roots),
            "leaf": ("int16_t", self.leaves.ravel()),
            "base": ("int32_t", self.base),
        }
        descriptor = {
            **{name: f"{name}{number}" for name in arrays},
            "to": to,
            "trees": len(self.roots),
            "out": len(self.base),
        }
        layer = structure(f"static const {kind} layer{number}", descriptor)
        return _defined(arrays, number) + layer

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        arguments = f"&layer{site.number}, {site.inputs[0]}, {site.output}, {site.scratch}"
        return [f"{self.c_files[0].removesuffix('.c')}({arguments})"]


@dataclass(frozen=True, kw_only=True, eq=False)
class TreesCall(ForestCall):
    """Trees that compare bytes: ink_trees.

    Attributes:
        requantize: the way to the output.
    """

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
        return self.table_bytes(1) + self.requantize.flash * len(self.base)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        return self.requantize.apply(self.sums(values[0]), 1)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        to = self.requantize.initialiser(number)
        layer = self.layer(number, "ink_trees_layer", "uint8_t", to)
        return self.requantize.constants(number) + layer


@dataclass(frozen=True, kw_only=True, eq=False)
class ShortTreesCall(ForestCall):
    """Trees that compare values of 16 bits: ink_short_trees.

    Attributes:
        to: the way to the output.
    """

    to: ShortScaling

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_short_trees.c", *SHORT_FILES)

    @property
    def scratch(self) -> int:
        """See KernelCall."""
        return 0 if self.to.wide else 4 * len(self.base)

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return self.table_bytes(2) + self.to.flash

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        return self.to.apply(self.sums(values[0]), 1)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        to = self.to.initialiser(number)
        layer = self.layer(number, "ink_short_trees_layer", "int16_t", to)
        return self.to.constants(number) + layer


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
    # Of shares that many trees are asked for, a byte tells enough.
    forest = _in_integers(op, lowering, _BYTE if _are_shares(op.leaves) else _MOST)
    scores = op.output in lowering.int32_values
    to = Quantisation(forest.unit, 0) if scores else lowering.quantisations[op.output]
    requantize = Requantize(None, None)
    if not scores:
        factor = fixed_point(np.full(len(op.base), np.float32(forest.unit / to.scale)))
        requantize = Requantize(factor, ByteRange(to.zero_point))
    call = TreesCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        **forest.arrays,
        requantize=requantize,
    )
    lowering.add(call, to, "int32" if scores else "bytes")


@lower_short_op.register
def _(op: Trees, lowering: Lowering) -> None:
    forest = _in_integers(op, lowering, _MOST)
    if op.output in lowering.int32_values:
        code = Quantisation(forest.unit, 0)
        to = ShortScaling.to_scores(np.ones(len(op.base)))
    else:
        code = lowering.quantisations[op.output]
        factor = fixed_point(np.full(len(op.base), np.float32(forest.unit / code.scale)))
        to = ShortScaling(factor, *short_limits(-np.inf, np.inf, code), wide=False)
    call = ShortTreesCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        **forest.arrays,
        to=to,
    )
    lowering.add(call, code, to.kind)


class _Integers(NamedTuple):
    """Trees in integers: the arrays of a ForestCall by name, and what 1 of their sums is worth."""

    arrays: dict[str, np.ndarray]
    unit: float


def _in_integers(op: Trees, lowering: Lowering, most_held: int) -> _Integers:
    """Return trees in integers.

    Args:
        op: the trees.
        lowering: which knows how what they compare is held.
        most_held: what the largest leaf becomes.

    Raises:
        InputError: there are more than fit; the message names the node.
    """
    code = lowering.quantisations[op.inputs[0]]
    # Codes that stand for what is at most the threshold; none and all of them need no comparison.
    below = np.searchsorted(code.decode(code.codes), op.thresholds, side="right")
    kept, children, roots = _pruned(op, below, len(code.codes))
    leaves, which = np.unique(op.leaves, axis=0, return_inverse=True)
    rows = -1 - which.ravel()
    children, roots = (
        np.where(at < 0, rows[-1 - np.minimum(at, -1)], at) for at in (children, roots)
    )
    unit = float(np.abs(leaves).max(initial=0)) / most_held
    unit = max(unit, float(np.abs(op.base).max()) / 2**30)
    unit = unit or 1.0
    if max(len(kept), len(leaves), len(roots)) > _MOST or op.features.max(initial=0) > SIDE:
        raise InputError(f"node {op.nodes[0]!r}: more than {_MOST} splits, leaves or trees")
    arrays = {
        "features": op.features[kept],
        "most": below[kept] - 1 + code.codes[0],
        "children": children,
        "roots": roots,
        "leaves": np.rint(leaves / unit).astype(np.int64),
        "base": np.rint(op.base / unit).astype(np.int64),
    }
    return _Integers(arrays, unit)


def _are_shares(leaves: np.ndarray) -> bool:
    """Whether every leaf shares the same sum among classes."""
    sums = leaves.sum(axis=1)
    alike = bool(np.allclose(sums, sums[:1], rtol=1e-4))
    return leaves.shape[1] > 1 and bool(np.all(leaves >= 0)) and alike


def _pruned(op: Trees, below: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the splits that are ever reached, in order, and children and roots by these numbers.

    Args:
        op: the trees.
        below: how many codes each split's first child is for; none and all leave one way only.
        count: of all codes.
    """
    only = np.where(below == 0, 1, 0)
    certain = (below == 0) | (below == count)

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
