"""C text of the constants that a call takes: weights, tables, descriptors."""

import math
from functools import singledispatch
from string import ascii_lowercase

from inkpin.model.converter.codegen.text import array, structure, structures, wrapped
from inkpin.model.converter.kernels.calls import (
    AveragePoolCall,
    Call,
    ConvCall,
    DenseCall,
    MaxPoolCall,
    MoveCall,
    PairCall,
    Rescale,
    SoftmaxCall,
    TableCall,
    WeightedCall,
)
from inkpin.model.converter.kernels.ternary import BitCall, StreamCall, TernaryCall
from inkpin.model.converter.windows import Windows


@singledispatch
def declarations(call: Call, i: int) -> str:
    """Return the definitions of the constants that call number `i` takes; "" for none."""
    return ""


def _weights(call: WeightedCall, i: int) -> str:
    text = array(f"static const uint8_t weights{i}", call.bytes.ravel())
    return text + array(f"static const int32_t bias{i}", call.c_bias)


def _rescale(to: Rescale, i: int) -> tuple[str, str]:
    """Return the arrays and the initialiser of an ink_rescale."""
    if to.multiplier is None or to.shift is None:
        text, names = "", "NULL, .shift = NULL"
    else:
        text = array(f"static const int32_t multiplier{i}", to.multiplier)
        text += array(f"static const uint8_t shift{i}", to.shift)
        names = f"multiplier{i}, .shift = shift{i}"
    fields = f"{{.multiplier = {names}, .zero = {to.zero}, .low = {to.low}, .high = {to.high}, "
    return text, fields + f".wide = {int(to.wide)}}}"


@declarations.register
def _(call: ConvCall, i: int) -> str:
    windows, pool = call.windows, call.pool
    out, depth, kernel_h, kernel_w = call.weights.shape
    pool_size, pool_stride = (pool.size, pool.stride) if pool else ((1, 1), (1, 1))
    down, across = (pool or windows).count
    shape = {"depth": depth, "out": out, "share": out // call.groups}
    sides = {"in_h": call.maps[1], "in_w": call.maps[2]}
    geometry = {
        "kernel_h": kernel_h,
        "kernel_w": kernel_w,
        "stride_h": windows.stride[0],
        "stride_w": windows.stride[1],
        "pad_top": windows.pad[0],
        "pad_left": windows.pad[1],
        "pool_h": pool_size[0],
        "pool_w": pool_size[1],
        "pool_stride_h": pool_stride[0],
        "pool_stride_w": pool_stride[1],
        "out_h": down,
        "out_w": across,
    }
    text = _weights(call, i)
    fields: dict[str, object] = {"weights": f"weights{i}", "bias": f"bias{i}"}
    if call.plain:
        if call.to.shift is None:
            fields["shift"] = "NULL"
        else:
            text += array(f"static const uint8_t shift{i}", call.to.shift)
            fields["shift"] = f"shift{i}"
        fields |= {**shape, "bits": call.bits, **sides, **geometry}
        return text + structure(f"static const ink_conv layer{i}", fields)
    arrays, to = _rescale(call.to, i)
    more = {
        "dilation_h": windows.dilation[0],
        "dilation_w": windows.dilation[1],
        "bits": call.bits,
        "zero": call.zero,
        "offset": call.offset,
    }
    fields |= {"to": to, **shape, **sides, **geometry, **more}
    return text + arrays + structure(f"static const ink_scaled_conv_layer layer{i}", fields)


@declarations.register
def _(call: BitCall, i: int) -> str:
    _, down, across = call.out_maps
    return call.arrays(str(i)) + call.descriptor(str(i), down, down * across)


@declarations.register
def _(call: TernaryCall, i: int) -> str:
    _, down, across = call.out_maps
    fields = call.fields(str(i), call.maps[1], call.places[0], down * across)
    return call.arrays(str(i)) + structure(f"static const ink_ternary_conv layer{i}", fields)


@declarations.register
def _(call: StreamCall, i: int) -> str:
    names = [f"{i}{letter}" for letter in ascii_lowercase[: len(call.parts)]]
    planes = [high * wide for _, high, wide in call.windows]
    planes.append(math.prod(call.others[-1].out_maps[1:]))
    high = call.windows[0][1]
    return (
        "".join(part.arrays(name) for part, name in zip(call.parts, names, strict=True))
        + call.first.descriptor(f"{i}a", call.fresh, planes[0])
        + structures(
            f"static const ink_ternary_conv layer{i}[]",
            [
                part.fields(name, high, call.fresh, plane)
                for part, name, plane in zip(call.others, names[1:], planes[1:], strict=True)
            ],
        )
    )


@declarations.register
def _(call: DenseCall, i: int) -> str:
    out, into = call.weights.shape
    arrays, to = _rescale(call.to, i)
    fields = {
        "weights": f"weights{i}",
        "bias": f"bias{i}",
        "to": to,
        "rows": call.rows,
        "in": into,
        "out": out,
        "bits": call.bits,
        "offset": call.offset,
    }
    return _weights(call, i) + arrays + structure(f"static const ink_dense_layer layer{i}", fields)


def _pool(maps: tuple[int, int, int], windows: Windows) -> dict[str, object]:
    return {
        "channels": maps[0],
        "in_h": maps[1],
        "in_w": maps[2],
        "out_h": windows.count[0],
        "out_w": windows.count[1],
        "window_h": windows.size[0],
        "window_w": windows.size[1],
        "stride_h": windows.stride[0],
        "stride_w": windows.stride[1],
        "pad_top": windows.pad[0],
        "pad_left": windows.pad[1],
        "dilation_h": windows.dilation[0],
        "dilation_w": windows.dilation[1],
    }


@declarations.register
def _(call: MaxPoolCall, i: int) -> str:
    return structure(f"static const ink_pool layer{i}", _pool(call.maps, call.windows))


@declarations.register
def _(call: AveragePoolCall, i: int) -> str:
    pool = ", ".join(f".{key} = {value}" for key, value in _pool(call.maps, call.windows).items())
    top, left, bottom, right = call.margin
    fields = {
        "pool": f"{{{pool}}}",
        "multiplier": f"multiplier{i}",
        "fewest": int(call.cells.min()),
        "margin_top": top,
        "margin_left": left,
        "margin_bottom": bottom,
        "margin_right": right,
        "shift": call.shift,
        "in_zero": call.in_zero,
        "zero": call.to.zero,
        "low": call.to.low,
        "high": call.to.high,
    }
    text = array(f"static const int32_t multiplier{i}", call.multiplier)
    return text + structure(f"static const ink_average_pool_layer layer{i}", fields)


@declarations.register
def _(call: TableCall, i: int) -> str:
    return array(f"static const uint8_t table{i}", call.table, "256")


@declarations.register
def _(call: PairCall, i: int) -> str:
    outer, middle, inner = call.repeat
    fields = {
        "a_multiplier": call.factors[0],
        "b_multiplier": call.factors[1],
        "outer": outer,
        "middle": middle,
        "inner": inner,
        "shift": call.shift,
        "a_zero": call.zeros[0],
        "b_zero": call.zeros[1],
        "zero": call.to.zero,
        "low": call.to.low,
        "high": call.to.high,
    }
    return structure(f"static const ink_pair layer{i}", fields)


@declarations.register
def _(call: MoveCall, i: int) -> str:
    rows = []
    for box in sorted(call.boxes, key=lambda box: box.source):
        steps = (box.count, box.from_step, box.to_step)
        lists = [f"{{{', '.join(map(str, numbers))}}}" for numbers in steps]
        parts = [str(box.start), str(box.to), *lists]
        rows.append(f"{{{', '.join(parts)}}}")
    if not rows:
        return ""
    return f"static const ink_copy_box boxes{i}[] = {{\n{wrapped(', '.join(rows))}\n}};\n"


@declarations.register
def _(call: SoftmaxCall, i: int) -> str:
    fields = {
        "multiplier": call.multiplier,
        "outer": call.layout[0],
        "count": call.layout[1],
        "inner": call.layout[2],
        "shift": call.shift,
        "farthest": call.farthest,
        "one": call.one,
        "highest": call.highest,
    }
    return structure(f"static const ink_softmax_layer layer{i}", fields)
