"""Where every value of a network lies: input, output, flash, or the one arena."""

from dataclasses import dataclass

from inkpin.model.converter.codegen.plan import Buffer, lower_bound, plan
from inkpin.model.converter.kernels.calls import PairCall, SoftmaxCall, TableCall
from inkpin.model.converter.quantise.lowering import Lowered

_IN_PLACE = (TableCall, PairCall, SoftmaxCall)


@dataclass(frozen=True)
class Layout:
    """The arena of a network.

    Attributes:
        offsets: in the arena, by value.
        scratch: offset of each call's working memory; None where it has none.
        arena: bytes.
        bound: bytes that no plan can go below: what lives at once, at most.
        aligned: whether int32_t lie in the arena.
        homes: value that each value shares its place with, itself or an earlier one.
        lives: (offset, size, first call, last call) of everything in the arena, by name.
    """

    offsets: dict[str, int]
    scratch: tuple[int | None, ...]
    arena: int
    bound: int
    aligned: bool
    homes: dict[str, str]
    lives: dict[str, tuple[int, int, int, int]]


def lay_out(lowered: Lowered) -> Layout:
    """Return where the values of a network lie."""
    calls, forms = lowered.calls, lowered.forms
    last = {name: i for i, call in enumerate(calls) for name in call.inputs}
    outside = {source.name for source in lowered.inputs} | set(lowered.constants)
    homes: dict[str, str] = {name: name for name in outside}
    for i, call in enumerate(calls):
        homes[call.output] = call.output
        first = call.inputs[0] if call.inputs else ""
        if (
            isinstance(call, _IN_PLACE)
            and homes[first] not in outside
            and last[first] == i
            and call.inputs.count(first) == 1
            and forms[first].bytes == forms[call.output].bytes
        ):
            homes[call.output] = homes[first]
    ends: dict[str, tuple[int, int]] = {}
    for i, call in enumerate(calls):
        home = homes[call.output]
        start = ends.get(home, (i, i))[0]
        ends[home] = (start, max(last.get(call.output, i), i))
    inside = [name for name in ends if name not in outside and name != homes[lowered.output]]
    aligned = any(forms[name].kind == "wide" for name in inside)
    aligned = aligned or any(call.aligned for call in calls)
    step = 4 if aligned else 1
    buffers = [Buffer(-(-forms[name].bytes // step) * step, *ends[name]) for name in inside]
    working = [i for i, call in enumerate(calls) if call.scratch]
    buffers += [Buffer(-(-calls[i].scratch // step) * step, i, i) for i in working]
    places, arena = plan(buffers)
    names = inside + [f"weights of {calls[i].nodes[0]}" for i in working]
    scratch: list[int | None] = [None] * len(calls)
    for i, place in zip(working, places[len(inside) :], strict=True):
        scratch[i] = place
    return Layout(
        offsets=dict(zip(inside, places, strict=False)),
        scratch=tuple(scratch),
        arena=arena,
        bound=lower_bound(buffers),
        aligned=aligned,
        homes=homes,
        lives={
            name: (place, buffer.size, buffer.first, buffer.last)
            for name, place, buffer in zip(names, places, buffers, strict=True)
        },
    )
