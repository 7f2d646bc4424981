"""Groups of numbers over how large they are: the normalisations that find out while they run."""

from dataclasses import dataclass

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.c_text import array, structure
from inkpin.model.converter.integer_program import CallSite, KernelCall
from inkpin.model.converter.ir import Normalise, size
from inkpin.model.converter.kernels.lowering import SIDE, Lowering, lower_op
from inkpin.model.converter.kernels.requantize import RESCALE_FILES, ByteRange, rescaled

_ONE = 12  # bits behind the point of a normalised number
_LARGEST_EPSILON = 2.0**60
_GAIN_BITS, _BIAS_BITS, _MOST_SHIFT = 15, 31, 40


def square_root(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return roots of 16 bits, and by how many bits each lies above the true one.

    As ink_normalise does: of the number brought to 31 or 32 bits, rounded down.

    Args:
        numbers: 1 .. 2^62.
    """
    bits = np.frexp(numbers.astype(float))[1].astype(np.int64)
    # A float rounds up to the next power of two where an integer does not reach it.
    bits -= (numbers >> np.maximum(bits - 1, 0)) == 0
    up = (32 - bits) >> 1
    scaled = np.where(up >= 0, numbers << np.maximum(2 * up, 0), numbers >> np.maximum(-2 * up, 0))
    roots = np.floor(np.sqrt(scaled.astype(float))).astype(np.int64)
    return roots, up


@dataclass(frozen=True, kw_only=True, eq=False)
class NormaliseCall(KernelCall):
    """Groups of bytes over their size: ink_normalise; see ink_normalise_layer.

    Attributes:
        layout: (outer, count, inner).
        centred: whether the mean is taken off.
        root: whether the divisor is a root of squares.
        epsilon: is added to count^2 times the variance in bytes.
        gain: by channel, in steps of the output over 2^shift, of 2^-12 of a normalised number.
        bias: by channel, likewise of a whole one.
        span: elements behind each other of one channel.
        shift: of both.
        zero_point: of the input.
        to: the bytes that go out.
    """

    in_place = True

    layout: tuple[int, int, int]
    centred: bool
    root: bool
    epsilon: int
    gain: np.ndarray
    bias: np.ndarray
    span: int
    shift: int
    zero_point: int
    to: ByteRange

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_normalise.c", *RESCALE_FILES)

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return 6 * len(self.gain)

    @property
    def macs(self) -> int:
        """See KernelCall."""
        return 2 * size(self.layout)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        x = values[0].reshape(-1, *self.layout).astype(np.int64) - self.zero_point
        count = self.layout[1]
        total = x.sum(axis=2, keepdims=True) * self.centred
        if self.root:
            power = count * np.square(x).sum(axis=2, keepdims=True) - np.square(total)
            root, up = square_root(np.maximum(power + self.epsilon, 1))
        else:
            root, up = square_root(np.square(np.maximum(np.abs(x).sum(axis=2, keepdims=True), 1)))
        inverse = (1 << 31) // root
        # Rounded half up.
        down = 31 - _ONE - up
        parts = (x * count - total) * inverse
        steps = (parts + (np.int64(1) << (down - 1))) >> down
        flat = steps.reshape(len(steps), -1)
        channel = np.arange(flat.shape[1]) // self.span % len(self.gain)
        sums = flat * self.gain[channel] + self.bias[channel]
        return self.to.apply(rescaled(sums, 1, self.shift))

    def constants(self, number: int) -> str:
        """See KernelCall."""
        outer, count, inner = self.layout
        descriptor = {
            "gain": f"gain{number}",
            "bias": f"bias{number}",
            "epsilon": self.epsilon,
            "outer": outer,
            "count": count,
            "inner": inner,
            "span": self.span,
            "channels": len(self.gain),
            "centred": int(self.centred),
            "root": int(self.root),
            "shift": self.shift,
            "in_zero": self.zero_point,
            **self.to.fields,
        }
        return (
            array(f"static const int16_t gain{number}", self.gain)
            + array(f"static const int32_t bias{number}", self.bias)
            + structure(f"static const ink_normalise_layer layer{number}", descriptor)
        )

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_normalise(&layer{site.number}, {site.inputs[0]}, {site.output})"]


@lower_op.register
def _(op: Normalise, lowering: Lowering) -> None:
    source, to = (lowering.quantisations[name] for name in (op.inputs[0], op.output))
    count = op.layout[1]
    if max(op.layout) > SIDE:
        raise InputError(f"node {op.nodes[0]!r}: more than {SIDE} numbers in a group, or groups")
    span, gain, offset = _by_channel(op)
    if max(span, len(gain)) > SIDE:
        raise InputError(f"node {op.nodes[0]!r}: more than {SIDE} channels")
    gain, offset = gain / to.scale / (1 << _ONE), offset / to.scale
    most = max(
        float(np.abs(gain).max()) * 2.0**-_GAIN_BITS,
        float(np.abs(offset).max()) * 2.0**-_BIAS_BITS,
        2.0**-_MOST_SHIFT,
    )
    shift = int(np.floor(-np.log2(most) - 1e-9))
    if shift < 0:
        raise OverflowError("a gain of 2^15 steps or more")
    call = NormaliseCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        layout=op.layout,
        centred=op.centred,
        root=op.root,
        epsilon=int(np.rint(min(op.epsilon * (count / source.scale) ** 2, _LARGEST_EPSILON))),
        gain=_rounded(gain, shift, _GAIN_BITS),
        bias=_rounded(offset, shift, _BIAS_BITS),
        span=span,
        shift=shift,
        zero_point=source.zero_point,
        to=ByteRange.between(op.low, op.high, to),
    )
    lowering.add(call, to)


def _rounded(numbers: np.ndarray, shift: int, bits: int) -> np.ndarray:
    top = (1 << bits) - 1
    return np.rint(numbers * 2.0**shift).astype(np.int64).clip(-top, top)


def _by_channel(op: Normalise) -> tuple[int, np.ndarray, np.ndarray]:
    """Return the span of a channel, and gain and offset by channel, as few as there are."""
    count = size(op.layout)
    pairs = np.stack(np.broadcast_arrays(op.gain, op.offset, np.zeros(count))[:2], axis=1)
    changes = np.flatnonzero((pairs[1:] != pairs[:-1]).any(axis=1)) + 1
    span = int(np.gcd.reduce(np.append(changes, count)))
    pairs = pairs[::span]
    period = next(
        n
        for n in range(1, len(pairs) + 1)
        if len(pairs) % n == 0 and np.array_equal(pairs, np.tile(pairs[:n], (len(pairs) // n, 1)))
    )
    return span if period > 1 else 1, pairs[:period, 0], pairs[:period, 1]
