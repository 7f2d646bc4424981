"""C text of the calls themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch

from inkpin.model.converter.kernels.calls import (
    ArgMaxCall,
    AveragePoolCall,
    Call,
    ConvCall,
    DenseCall,
    MaxPoolCall,
    MoveCall,
    PairCall,
    SoftmaxCall,
    TableCall,
    WidenCall,
)
from inkpin.model.converter.kernels.ternary import BitCall, StreamCall, TernaryCall


@dataclass(frozen=True)
class Site:
    """Where a call stands.

    Attributes:
        i: its number.
        ins: C expressions of where its inputs lie.
        out: likewise, the output.
        working: likewise, the working memory.
        count: elements of the output.
    """

    i: int
    ins: Sequence[str]
    out: str
    working: str
    count: int


@singledispatch
def statements(call: Call, at: Site) -> list[str]:
    """Return the statements of a call, without semicolons."""
    raise NotImplementedError


@statements.register
def _(call: ConvCall, at: Site) -> list[str]:
    if call.plain:
        kernel = "ink_conv_bits" if call.bitmap else "ink_conv_bytes"
    else:
        kernel = "ink_scaled_conv"
    return [f"{kernel}(&layer{at.i}, {at.ins[0]}, {at.out}, {at.working})"]


@statements.register
def _(call: BitCall | TernaryCall, at: Site) -> list[str]:
    kind = "bits" if isinstance(call, BitCall) else "nibbles"
    working = f"(uint32_t *)({at.working})"
    return [f"ink_ternary_conv_{kind}(&layer{at.i}, {at.ins[0]}, {at.out}, {working})"]


@statements.register
def _(call: StreamCall, at: Site) -> list[str]:
    count = len(call.others)
    return [
        f"ink_ternary_conv_stream(&layer{at.i}a, layer{at.i}, {count}, {at.ins[0]}, {at.out},\n"
        f"                            (uint32_t *)({at.working}),\n"
        f"                            (uint8_t *)({at.working} + {call.words}))"
    ]


@statements.register
def _(call: DenseCall, at: Site) -> list[str]:
    return [f"ink_dense(&layer{at.i}, {at.ins[0]}, {at.out})"]


@statements.register
def _(call: MaxPoolCall, at: Site) -> list[str]:
    return [f"ink_max_pool(&layer{at.i}, {at.ins[0]}, {at.out})"]


@statements.register
def _(call: AveragePoolCall, at: Site) -> list[str]:
    return [f"ink_average_pool(&layer{at.i}, {at.ins[0]}, {at.out})"]


@statements.register
def _(call: TableCall, at: Site) -> list[str]:
    return [f"ink_table(table{at.i}, {at.ins[0]}, {at.out}, {at.count})"]


@statements.register
def _(call: PairCall, at: Site) -> list[str]:
    return [f"ink_{call.kind}(&layer{at.i}, {at.ins[0]}, {at.ins[1]}, {at.out})"]


@statements.register
def _(call: MoveCall, at: Site) -> list[str]:
    lines = [] if call.fill is None else [f"ink_fill({call.fill}, {at.out}, {at.count})"]
    first = 0
    for source, name in enumerate(at.ins):
        boxes = sum(box.source == source for box in call.boxes)
        if boxes:
            start = f"boxes{at.i}" + (f" + {first}" if first else "")
            lines.append(f"ink_move({start}, {boxes}, {name}, {at.out})")
        first += boxes
    return lines


@statements.register
def _(call: WidenCall, at: Site) -> list[str]:
    return [f"ink_widen({call.zero}, {at.ins[0]}, {at.out}, {call.count})"]


@statements.register
def _(call: SoftmaxCall, at: Site) -> list[str]:
    kernel = "ink_log_softmax" if call.logarithm else "ink_softmax"
    return [f"{kernel}(&layer{at.i}, {at.out})"]


@statements.register
def _(call: ArgMaxCall, at: Site) -> list[str]:
    layout = ", ".join(map(str, call.layout))
    return [f"ink_argmax({at.ins[0]}, {at.out}, {layout}, {int(call.last)})"]
