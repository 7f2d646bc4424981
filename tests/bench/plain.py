"""The baseline: every network as the plain loop nest that one would write by hand.

One loop nest a layer, weights and maps in int8_t and uint8_t, every map kept whole, a factor in
64 bits for each output; no packing, no fusion, no shared memory. It computes the same integers.
"""

from inkpin.model.converter.calls import ConvCall, DenseCall
from inkpin.model.converter.converted import Converted
from inkpin.model.converter.program import size
from inkpin.model.converter.text import array

_HEAD = """#include <stdint.h>
static int32_t scaled(int64_t sum, int32_t factor, int shift) {
    const int64_t product = sum * factor;
    if (shift == 0) return (int32_t)product;
    const int64_t half = ((int64_t)1 << (shift - 1)) - 1 + ((product >> shift) & 1);
    return (int32_t)((product + half) >> shift);
}
static uint8_t cut(int32_t value) { return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value); }
"""


def plain_c(converted: Converted) -> str | None:
    """Return a C file with `void plain_run(const uint8_t *, int32_t *)`, or None.

    Only networks of unpadded or zero-padded convolutions with their max pooling and dense layers
    are written; others have no baseline.
    """
    lowered = converted.lowered
    parts, body, values = [_HEAD], [], {lowered.sources[0].name: "in"}
    for i, call in enumerate(lowered.calls):
        if not isinstance(call, ConvCall | DenseCall):
            return None
        weights = call.weights + call.offset
        parts.append(array(f"static const int8_t w{i}", weights.ravel()))
        parts.append(array(f"static const int32_t b{i}", call.c_bias))
        factor, shift = call.to.multiplier, call.to.shift
        ones = [1] * len(call.bias)
        zeros = [0] * len(call.bias)
        parts.append(array(f"static const int32_t m{i}", ones if factor is None else factor))
        parts.append(array(f"static const uint8_t s{i}", zeros if shift is None else shift))
        last = call.output == lowered.result
        count = size(lowered.forms[call.output].shape)
        values[call.output] = "out" if last else f"v{i}"
        if not last:
            parts.append(f"static uint8_t v{i}[{count}];\n")
        source, target = values[call.inputs[0]], values[call.output]
        store = f"scaled(sum, m{i}[o], s{i}[o])"
        if not call.to.wide:
            store = f"cut({store} + {call.to.zero})"
        if isinstance(call, DenseCall):
            into = weights.shape[1]
            body.append(
                f"    for (int o = 0; o < {len(weights)}; o++) {{\n"
                f"        int32_t sum = b{i}[o];\n"
                f"        for (int k = 0; k < {into}; k++)\n"
                f"            sum += {source}[k] * w{i}[o * {into} + k];\n"
                f"        {target}[o] = {store};\n    }}\n"
            )
        else:
            body.append(_conv(call, i, source, target, store, parts))
    head = "void plain_run(const uint8_t *in, int32_t *out);\n"
    return (
        "".join(parts)
        + head
        + ("void plain_run(const uint8_t *in, int32_t *out) {\n" + "".join(body) + "}\n")
    )


def _conv(call: ConvCall, i: int, source: str, target: str, store: str, parts: list[str]) -> str:
    """Return the loops of a convolution into a whole map, and of its pooling."""
    windows = call.windows
    _, high, wide = call.maps
    out, depth, kernel_h, kernel_w = call.weights.shape
    down, across = windows.count
    share = out // call.groups
    kept = f"c{i}" if call.pool else target
    if call.pool:
        parts.append(f"static uint8_t c{i}[{out * down * across}];\n")
    text = (
        f"    for (int o = 0; o < {out}; o++) for (int y = 0; y < {down}; y++)\n"
        f"    for (int x = 0; x < {across}; x++) {{\n"
        f"        int32_t sum = b{i}[o];\n"
        f"        for (int c = 0; c < {depth}; c++) for (int i = 0; i < {kernel_h}; i++)\n"
        f"        for (int j = 0; j < {kernel_w}; j++) {{\n"
        f"            const int r = y * {windows.stride[0]} + i * {windows.dilation[0]}"
        f" - {windows.pad[0]};\n"
        f"            const int q = x * {windows.stride[1]} + j * {windows.dilation[1]}"
        f" - {windows.pad[1]};\n"
        f"            const int inside = r >= 0 && r < {high} && q >= 0 && q < {wide};\n"
        f"            const int value = inside ? "
        f"{source}[((o / {share}) * {depth} + c) * {high * wide} + r * {wide} + q] : {call.zero};\n"
        f"            sum += value * w{i}[((o * {depth} + c) * {kernel_h} + i) * {kernel_w} + j];\n"
        f"        }}\n        {kept}[(o * {down} + y) * {across} + x] = {store};\n    }}\n"
    )
    if not call.pool:
        return text
    rows, columns = call.pool.count
    return text + (
        f"    for (int o = 0; o < {out}; o++) for (int y = 0; y < {rows}; y++)\n"
        f"    for (int x = 0; x < {columns}; x++) {{\n        uint8_t best = 0;\n"
        f"        for (int i = 0; i < {call.pool.size[0]}; i++)\n"
        f"        for (int j = 0; j < {call.pool.size[1]}; j++) {{\n"
        f"            const uint8_t value = c{i}[(o * {down} + y * {call.pool.stride[0]} + i)"
        f" * {across} + x * {call.pool.stride[1]} + j];\n"
        "            best = value > best ? value : best;\n        }\n"
        f"        {target}[(o * {rows} + y) * {columns} + x] = best;\n    }}\n"
    )
