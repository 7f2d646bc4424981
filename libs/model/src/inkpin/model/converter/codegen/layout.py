"""Where every value of a network lies: input, output, flash, or the one arena."""

from dataclasses import dataclass
from typing import NamedTuple

from inkpin.model.converter.codegen.plan import Buffer, lower_bound, plan
from inkpin.model.converter.integer_program import IntegerProgram


class LiveRange(NamedTuple):
    """Bytes of the arena, and the first and last call that use them."""

    offset: int
    size: int
    first: int
    last: int


@dataclass(frozen=True)
class Layout:
    """The arena of a network.

    Attributes:
        offsets: in the arena, by value.
        scratch: offset of each call's working memory; None where it has none.
        arena: bytes.
        bound: bytes that no plan can go below: what lives at once, at most.
        aligned: whether int32_t or int16_t lie in the arena.
        aliases: value that each value shares its place with, itself or an earlier one.
        live_ranges: of everything in the arena, by name.
    """

    offsets: dict[str, int]
    scratch: tuple[int | None, ...]
    arena: int
    bound: int
    aligned: bool
    aliases: dict[str, str]
    live_ranges: dict[str, LiveRange]


def lay_out(program: IntegerProgram) -> Layout:
    """Return where the values of a network lie."""
    calls, types = program.calls, program.types
    last = {name: i for i, call in enumerate(calls) for name in call.inputs}
    last |= dict.fromkeys(program.results, len(calls))  # nothing is put over what goes out
    outside = {each.name for each in program.inputs} | set(program.constants)
    aliases = _aliases(program, last, outside)
    spans: dict[str, tuple[int, int]] = {}
    for i, call in enumerate(calls):
        value = aliases[call.output]
        start = spans.get(value, (i, i))[0]
        spans[value] = (start, max(last.get(call.output, i), i))
    going_out = {aliases[name] for name in program.results}
    inside = [name for name in spans if name not in outside | going_out]
    aligned = any(types[name].kind in ("int32", "int16") for name in inside)
    aligned = aligned or any(call.aligned for call in calls)
    grain = 4 if aligned else 1
    buffers = [Buffer(-(-types[name].nbytes // grain) * grain, *spans[name]) for name in inside]
    working = [i for i, call in enumerate(calls) if call.scratch]
    buffers += [Buffer(-(-calls[i].scratch // grain) * grain, i, i) for i in working]
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
        aliases=aliases,
        live_ranges={
            name: LiveRange(place, buffer.size, buffer.first, buffer.last)
            for name, place, buffer in zip(names, places, buffers, strict=True)
        },
    )


def _aliases(program: IntegerProgram, last: dict[str, int], outside: set[str]) -> dict[str, str]:
    """Return the value whose place each one takes: of what is computed in place, the input's.

    Args:
        program: the network.
        last: the last call that reads each value.
        outside: values that do not lie in the arena.
    """
    aliases = {name: name for name in outside}
    for i, call in enumerate(program.calls):
        aliases[call.output] = call.output
        first = call.inputs[0] if call.inputs else ""
        if (
            call.in_place
            and aliases[first] not in outside
            and last[first] == i
            and call.inputs.count(first) == 1
            and program.types[first].nbytes == program.types[call.output].nbytes
        ):
            aliases[call.output] = aliases[first]
    return aliases
