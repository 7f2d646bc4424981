"""A pass over an IntegerProgram: maps are pooled before tables are looked up, in a layer if it can.

A table that never falls keeps the order of bytes: the largest of what it gives is what it gives for
the largest. So a layer can pool as it goes although a Relu or another quantisation stands in
between, and the large maps are never kept. Before that, what comes to a function of one value
becomes one table, as where every operator of x * sigmoid(x) has a scale of its own. The integers
are the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from inkpin.model.converter.integer_program import IntegerProgram, KernelCall
from inkpin.model.converter.kernels.binary import BinaryCall
from inkpin.model.converter.kernels.conv import ScaledConvCall
from inkpin.model.converter.kernels.lookup_table import TableCall
from inkpin.model.converter.kernels.pooling import MaxPoolCall

_First = TypeVar("_First", bound=KernelCall)
_Second = TypeVar("_Second", bound=KernelCall)


def pool_first(program: IntegerProgram) -> IntegerProgram:
    """Run the pass: tables become one, and pooling goes before a table and into a layer."""
    while True:
        before = program
        for rewrite in (_join_tables, _join_pairs, _pool_before_table, _pool_in_layer):
            program = rewrite(program)
        if program is before:
            return program


def _join_tables(program: IntegerProgram) -> IntegerProgram:
    for first, second in _pairs(program, TableCall, TableCall):
        functions = dict.fromkeys((*first.function.split(", "), *second.function.split(", ")))
        joined = replace(
            second,
            nodes=_nodes(first, second),
            inputs=first.inputs,
            table=second.table[first.table],
            function=", ".join(functions),
        )
        return _replaced(program, [first], second, (joined,))
    return program


def _join_pairs(program: IntegerProgram) -> IntegerProgram:
    """Make one table of a sum or product of functions of one value, for one that goes."""
    tables = {call.output: call for call in program.calls if isinstance(call, TableCall)}
    for call in program.calls:
        if not isinstance(call, BinaryCall) or call.broadcast[::2] != (1, 1):
            continue
        found = [tables.get(name) for name in call.inputs]
        roots = {
            name if table is None else table.inputs[0]
            for name, table in zip(call.inputs, found, strict=True)
        }
        gone = [
            table
            for name, table in zip(call.inputs, found, strict=True)
            if table is not None and _readers(program, name) == [call]
        ]
        if len(roots) == 1 and gone:
            joined = _table_of(call, found, roots.pop())
            return _replaced(program, gone, call, (joined,))
    return program


def _table_of(call: BinaryCall, parts: Sequence[TableCall | None], root: str) -> TableCall:
    """Return the table of a sum or product of functions, None for the value itself, of one."""
    codes = np.arange(256)
    made = replace(call, broadcast=(1, len(codes), 1)).run(
        *(codes[None] if part is None else part.table[codes][None] for part in parts)
    )
    functions = [part.function for part in parts if part is not None]
    return TableCall(
        nodes=tuple(dict.fromkeys(n for each in (*parts, call) if each for n in each.nodes)),
        inputs=(root,),
        output=call.output,
        table=made.ravel(),
        function=", ".join(dict.fromkeys((*functions, call.op_type))),
    )


def _pool_before_table(program: IntegerProgram) -> IntegerProgram:
    for table, pool in _pairs(program, TableCall, MaxPoolCall):
        if np.all(np.diff(table.table) >= 0) and not _grows(pool):
            name = f"{table.output}.pooled"
            first = replace(pool, inputs=table.inputs, output=name)
            second = replace(table, inputs=(name,), output=pool.output)
            made = _replaced(program, [table], pool, (first, second))
            held = program.types[table.inputs[0]]
            shape = program.types[pool.output].shape
            return replace(made, types={**made.types, name: replace(held, shape=shape)})
    return program


def _pool_in_layer(program: IntegerProgram) -> IntegerProgram:
    for layer, pool in _pairs(program, ScaledConvCall, MaxPoolCall):
        if layer.pool is None and layer.out_maps == pool.maps and pool.windows.apart(pool.maps):
            made = replace(layer, nodes=_nodes(layer, pool), output=pool.output, pool=pool.windows)
            return _replaced(program, [layer], pool, (made,))
    return program


def _grows(pool: MaxPoolCall) -> bool:
    """Whether there are more windows than cells."""
    return bool(np.prod(pool.windows.count) > np.prod(pool.maps[1:]))


def _nodes(first: KernelCall, second: KernelCall) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first.nodes, *second.nodes)))


def _pairs(
    program: IntegerProgram, first: type[_First], second: type[_Second]
) -> Iterator[tuple[_First, _Second]]:
    """Yield every call of one class with the only reader of its output, if of the other."""
    for call in program.calls:
        if isinstance(call, first):
            readers = _readers(program, call.output)
            if len(readers) == 1 and isinstance(readers[0], second):
                yield call, readers[0]


def _readers(program: IntegerProgram, name: str) -> list[KernelCall]:
    """Return the calls that read a value; none of one that goes out."""
    if name in program.results:
        return []
    return [call for call in program.calls if name in call.inputs]


def _replaced(
    program: IntegerProgram,
    gone: Sequence[KernelCall],
    last: KernelCall,
    new: tuple[KernelCall, ...],
) -> IntegerProgram:
    """Return the program with `new` in the place of the `last` call, and without those `gone`."""
    calls: list[KernelCall] = []
    for call in program.calls:
        calls += new if call is last else () if call in gone else (call,)
    outputs = {call.output for call in gone}
    types = {name: held for name, held in program.types.items() if name not in outputs}
    return replace(program, calls=tuple(calls), types=types)
