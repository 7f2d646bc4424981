"""From ops in real numbers to calls of the kernels in integers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.ir import (
    ArgMax,
    AveragePool,
    Binary,
    Clamped,
    Clip,
    Constant,
    Conv,
    Dense,
    Gather,
    Input,
    MaxPool,
    Op,
    Program,
    Quantisation,
    Quantise,
    Shape,
    Softmax,
    Unary,
    size,
)
from inkpin.model.converter.kernels.boxes import boxes
from inkpin.model.converter.kernels.calls import (
    ArgMaxCall,
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
    WidenCall,
    multipliers,
    rescaled,
)
from inkpin.model.converter.options import Options
from inkpin.model.converter.quantise.ranges import quantisations, wide_values
from inkpin.model.converter.quantise.weights import IntegerWeights, integer_weights, mean_squares
from inkpin.model.converter.windows import Windows

_BITMAP_WIDTH = 32
_SLACK = 2  # bytes behind nibbles that may be read
_SIDE = 65535
_SMALL_SIDE = 255
_LOG2 = np.log(2.0) / 4096  # what a distance of ink_power is worth


@dataclass(frozen=True)
class Form:
    """How a value is held.

    Attributes:
        kind: "bytes", "wide" (int32_t), "bits" (words of rows) or "nibbles".
        code: scale, and of bytes the zero.
        shape: as in the graph.
    """

    kind: str
    code: Quantisation
    shape: Shape

    @property
    def bytes(self) -> int:
        """Size in bytes."""
        if self.kind == "bits":
            return 4 * self.shape[-2]
        if self.kind == "nibbles":
            return -(-size(self.shape) // 2) + _SLACK
        return size(self.shape) * (4 if self.kind == "wide" else 1)


@dataclass(frozen=True)
class Lowered:
    """A network in integers.

    Attributes:
        calls: in order.
        forms: of every value, by name.
        inputs: of the network.
        constants: bytes that lie in flash, by name of the value.
        output: name of the output's value.
        output_byte_offset: as in Program.
        op_counts: how often each operator type occurs in the model.
        dropped: operators at the tail that were cut.
    """

    calls: tuple[Call, ...]
    forms: dict[str, Form]
    inputs: tuple[Input, ...]
    constants: dict[str, np.ndarray]
    output: str
    output_byte_offset: int | None
    op_counts: dict[str, int] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()

    def encode(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the integers that the network takes, int64 (samples, ...).

        Args:
            inputs: of the graph, (samples, ...): real numbers, or bytes where it takes bytes.
        """
        codes = {}
        for source in self.inputs:
            values = np.asarray(inputs[source.name])
            if source.byte_offset is not None:
                codes[source.name] = values.astype(np.int64) + source.byte_offset
            elif source.threshold is not None:
                codes[source.name] = (values > source.threshold).astype(np.int64)
            else:
                if source.scaling is not None:
                    values = source.scaling.scaled(values)
                code = self.forms[source.name].code
                codes[source.name] = code.encode(values).astype(np.int64)
        return codes

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the graph's output, float32, of the network's integers."""
        form = self.forms[self.output]
        if self.output_byte_offset is not None:
            zero = form.code.zero_point if form.kind == "wide" else 0
            return (codes + zero - self.output_byte_offset).astype(np.float32)
        return self.real(self.output, codes).astype(np.float32)

    def real(self, name: str, codes: np.ndarray) -> np.ndarray:
        """Return what the integers of a value stand for, float64."""
        form = self.forms[name]
        return codes * form.code.scale if form.kind == "wide" else form.code.decode(codes)

    def run(self, codes: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return every value in integers, (samples, ...), by name: the reference of the C."""
        values = {name: array[None].astype(np.int64) for name, array in self.constants.items()}
        values.update(codes)
        for call in self.calls:
            results = call.run(*(values[name] for name in call.inputs))
            values[call.output] = results.reshape(len(results), *self.forms[call.output].shape)
        return values


def lower(program: Program, values: Mapping[str, np.ndarray] | None, options: Options) -> Lowered:
    """Return a network in integers.

    Args:
        program: in real numbers, simplified.
        values: all of them on calibration data, or None without such data.
        options: of the quantisation.

    Raises:
        InputError: calibration data are needed, or numbers that do not fit.
    """
    try:
        return _Lowering(program, values, options).run()
    except OverflowError as error:
        raise InputError("its numbers are too far apart in size for fixed point") from error


class _Lowering:
    def __init__(
        self, program: Program, values: Mapping[str, np.ndarray] | None, options: Options
    ) -> None:
        self.program, self.values, self.options = program, values, options
        self.wide = wide_values(program)
        self.check_wide()
        self.codes = quantisations(program, values, options)
        self.integers: dict[str, IntegerWeights] = {}
        self.calls: list[Call] = []
        self.constants: dict[str, np.ndarray] = {}
        self.forms: dict[str, Form] = {}

    def run(self) -> Lowered:
        program = self.program
        for source in program.inputs:
            kind = "bits" if self.takes_bits(source) else "bytes"
            self.forms[source.name] = Form(kind, self.codes[source.name], source.shape)
        # One of the two convolutions is enough, unless bits need ink_conv in any case.
        layers = [op for op in program.ops if isinstance(op, Conv | Dense)]
        bits = any(form.kind == "bits" for form in self.forms.values())
        self.use_plain = bits or all(map(self.plain, layers))
        rules = {
            ArgMax: self.argmax,
            AveragePool: self.average,
            Constant: self.constant,
            Conv: self.conv,
            Dense: self.dense,
            Clip: self.limit,
            MaxPool: self.max_pool,
            Gather: self.move,
            Binary: self.pair,
            Quantise: self.quantise,
            Softmax: self.softmax,
            Unary: self.unary,
        }
        for op in program.ops:
            if isinstance(op, Quantise) and self.forms[op.inputs[0]].kind == "wide":
                # The softmax before has done it.
                self.forms[op.output] = self.forms[op.inputs[0]]
                self.calls[-1] = replace(self.calls[-1], output=op.output)
                continue
            rules[type(op)](op)
        return Lowered(
            tuple(self.calls),
            self.forms,
            program.inputs,
            self.constants,
            program.output,
            program.output_byte_offset,
            program.op_counts,
            program.dropped,
        )

    def check_wide(self) -> None:
        """Refuse ops that read int32_t and cannot."""
        for op in self.program.ops:
            last = isinstance(op, Quantise) and op.output == self.program.output
            if not last and not isinstance(op, Softmax | ArgMax) and self.wide & {*op.inputs}:
                raise InputError(
                    f"node {op.nodes[0]!r} reads a softmax or argmax: these are supported as the "
                    "last operator only"
                )

    def takes_bits(self, source: Input) -> bool:
        """Whether an input can be a bitmap: one channel read by plain convolutions alone."""
        if source.threshold is None:
            return False
        readers = self.program.readers(source.name)
        return (
            bool(readers)
            and source.name != self.program.output
            and all(
                isinstance(op, Conv)
                and op.maps[0] == 1
                and op.maps[2] <= _BITMAP_WIDTH
                and self.plain(op)
                for op in readers
            )
        )

    def put(self, call: Call, kind: str, code: Quantisation) -> None:
        self.calls.append(call)
        self.forms[call.output] = Form(kind, code, self.program.shapes[call.output])

    # --- layers ---

    def integer(self, op: Conv | Dense) -> IntegerWeights:
        wide = op.output in self.wide
        limit = 1.0 if wide else self.codes[op.output].scale
        if op.output not in self.integers:
            in_scale = self.codes[op.inputs[0]].scale
            power = self.values and mean_squares(op, self.values[op.inputs[0]])
            self.integers[op.output] = integer_weights(
                op, in_scale, limit, self.options, power, common=wide
            )
        return self.integers[op.output]

    def to(self, op: Conv | Dense, units: np.ndarray) -> Rescale:
        """Return the way from a layer's sums to its output."""
        if op.output in self.wide:
            if np.all(units == units[0]):
                return Rescale(None, None, wide=True)
            multiplier, shift = multipliers(units / self.score_unit(units))
            return Rescale(multiplier, shift, wide=True)
        code = self.codes[op.output]
        multiplier, shift = multipliers(np.float32(units) / np.float32(code.scale))
        return Rescale(multiplier, shift, *self.limits(op, code))

    def score_unit(self, units: np.ndarray) -> float:
        """Return what one of several channels' common scores is worth."""
        return float(units[0]) if np.all(units == units[0]) else float(units.max()) / 64

    def limits(self, op: Clamped, code: Quantisation) -> tuple[int, int, int]:
        """Return zero, low and high of an op's output."""
        low, high = (
            int(np.clip(np.rint(np.clip(limit / code.scale, -999, 999)) + code.zero_point, 0, 255))
            for limit in (op.low, op.high)
        )
        return code.zero_point, low, high

    def layer(self, op: Conv | Dense) -> tuple[dict[str, object], str, Quantisation]:
        """Return what convolutions and dense layers share: fields, and the form of the output."""
        found = self.integer(op)
        fields = {
            "nodes": op.nodes,
            "inputs": op.inputs,
            "output": op.output,
            "weights": found.weights,
            "bias": found.bias,
            "zero": self.codes[op.inputs[0]].zero_point,
            "offset": found.offset,
            "to": self.to(op, found.units),
        }
        if op.output in self.wide:
            return fields, "wide", Quantisation(self.score_unit(found.units), 0)
        return fields, "bytes", self.codes[op.output]

    def plain(self, op: Conv | Dense) -> bool:
        """Whether ink_conv does it: shifts only, zeros 0, small sides."""
        found = self.integer(op)
        to = self.to(op, found.units)
        shifts = to.multiplier is None or bool(np.all(to.multiplier == 1) and to.shift.max() < 31)
        bytes_fit = to.wide or (to.zero, to.low, to.high) == (0, 0, 255)
        if not (shifts and bytes_fit) or found.offset or self.codes[op.inputs[0]].zero_point:
            return False
        if isinstance(op, Dense):
            return size(self.program.shapes[op.inputs[0]]) == op.weights.shape[1]
        windows, pool = op.windows, op.pool
        numbers = [*op.maps[1:], *windows.size, *windows.stride, *windows.pad, *op.out_maps[1:]]
        numbers += [*pool.size, *pool.stride] if pool else []
        return windows.dilation == (1, 1) and max(numbers) <= _SMALL_SIDE and min(numbers) >= 0

    def conv(self, op: Conv) -> None:
        fields, kind, code = self.layer(op)
        windows = op.windows
        numbers = [*op.maps, *op.out_maps, *windows.size, *windows.stride, *windows.pad]
        if max(numbers) > _SIDE or min(numbers) < 0:
            raise InputError(f"node {op.nodes[0]!r}: a side longer than {_SIDE}")
        call = ConvCall(
            **fields,
            maps=op.maps,
            windows=windows,
            groups=op.groups,
            pool=op.pool,
            bitmap=self.forms[op.inputs[0]].kind == "bits",
            plain=self.use_plain and self.plain(op),
        )
        self.put(call, kind, code)

    def dense(self, op: Dense) -> None:
        fields, kind, code = self.layer(op)
        out, into = op.weights.shape
        rows = size(self.program.shapes[op.inputs[0]]) // into
        if max(rows, out, into) > _SIDE:
            raise InputError(f"node {op.nodes[0]!r}: more than {_SIDE} inputs, outputs or rows")
        if not (self.use_plain and self.plain(op)):
            self.put(DenseCall(**fields, rows=rows), kind, code)
            return
        # A convolution that covers its input; the longer its rows, the faster it is.
        width = max(w for w in range(1, _SMALL_SIDE + 1) if into % w == 0)
        fields["weights"] = fields["weights"].reshape(out, into // width, 1, width)
        call = ConvCall(
            **fields,
            maps=(into // width, 1, width),
            windows=Windows((1, width), (1, 1), (0, 0), (1, 1), (1, 1)),
            groups=1,
            pool=None,
            plain=True,
        )
        self.put(call, kind, code)

    # --- pooling ---

    def max_pool(self, op: MaxPool) -> None:
        source = self.matched(op, 0, self.codes[op.output])
        call = MaxPoolCall(
            nodes=op.nodes,
            inputs=(source,),
            output=op.output,
            maps=op.maps,
            windows=op.windows,
        )
        self.put(call, "bytes", self.codes[op.output])

    def average(self, op: AveragePool) -> None:
        source, code = self.codes[op.inputs[0]], self.codes[op.output]
        cells = op.cells
        if cells.min() < 1:
            raise InputError(f"node {op.nodes[0]!r}: a window without cells")
        counts = np.arange(cells.min(), cells.max() + 1)
        factor = source.scale * op.gain / code.scale
        shift = int(np.clip(23 - np.floor(np.log2(factor / counts[0])), 0, 62))
        call = AveragePoolCall(
            nodes=op.nodes,
            inputs=op.inputs,
            output=op.output,
            maps=op.maps,
            windows=op.windows,
            margin=op.margin,
            cells=cells,
            multiplier=np.rint(factor / counts * 2.0**shift).astype(np.int64),
            shift=shift,
            in_zero=source.zero_point,
            to=Rescale(None, None, *self.limits(op, code)),
        )
        self.put(call, "bytes", code)

    # --- single elements ---

    def table(self, op: Op, source: str, output: str, code: Quantisation, kind: str) -> None:
        """Append the table of an op that reads one value."""
        reals = self.codes[source].decode(np.arange(256)) if source in self.codes else None
        results = np.nan_to_num(op.compute(reals), nan=0.0, posinf=1e30, neginf=-1e30)
        call = TableCall(
            nodes=op.nodes,
            inputs=(source,),
            output=output,
            table=code.encode(np.clip(results, -1e30, 1e30)).astype(np.int64),
            kind=kind,
        )
        self.calls.append(call)
        self.codes[output] = code
        self.forms[output] = Form("bytes", code, self.forms[source].shape)

    def unary(self, op: Unary) -> None:
        self.table(op, op.inputs[0], op.output, self.codes[op.output], op.op_type)
        self.reshape(op)

    def limit(self, op: Clip) -> None:
        self.table(op, op.inputs[0], op.output, self.codes[op.output], "limit")
        self.reshape(op)

    def quantise(self, op: Quantise) -> None:
        self.table(op, op.inputs[0], op.output, op.to, "rescale")
        self.reshape(op)

    def reshape(self, op: Op) -> None:
        shape = self.program.shapes[op.output]
        self.forms[op.output] = Form("bytes", self.codes[op.output], shape)

    def matched(self, op: Op, place: int, code: Quantisation) -> str:
        """Return an input, brought to another quantisation where it has not that one."""
        name = op.inputs[place]
        if self.codes[name] == code:
            return name
        made = f"{op.output}.in{place}"
        same = Clip(nodes=op.nodes, inputs=(name,), output=made, low=-np.inf, high=np.inf)
        self.table(same, name, made, code, "rescale")
        return made

    def pair(self, op: Binary) -> None:
        codes = [self.codes[name] for name in op.inputs]
        code = self.codes[op.output]
        if op.op_type == "mul":
            factor = np.float32(codes[0].scale) * np.float32(codes[1].scale)
            multiplier, shifts = multipliers(np.array([factor / np.float32(code.scale)]))
            factors, shift = (int(multiplier[0]), 0), int(shifts[0])
        else:
            reals = np.array([codes[0].scale, op.sign * codes[1].scale]) / code.scale
            shift = int(np.clip(20 - np.floor(np.log2(np.abs(reals).max())), 0, 40))
            if np.abs(reals).max() >= 1 << 20:
                raise OverflowError
            whole = np.rint(reals * 2.0**shift).astype(np.int64)
            while shift and not np.any(whole & 1):
                whole, shift = whole // 2, shift - 1
            factors = (int(whole[0]), int(whole[1]))
        if max(op.broadcast) > _SIDE:
            raise InputError(f"node {op.nodes[0]!r}: more than {_SIDE} elements")
        call = PairCall(
            nodes=op.nodes,
            inputs=op.inputs,
            output=op.output,
            kind=op.op_type,
            repeat=op.broadcast,
            factors=factors,
            shift=shift,
            zeros=(codes[0].zero_point, codes[1].zero_point),
            to=Rescale(None, None, *self.limits(op, code)),
        )
        self.put(call, "bytes", code)

    def constant(self, op: Constant) -> None:
        code = self.codes[op.output]
        self.constants[op.output] = code.encode(op.value)
        self.forms[op.output] = Form("bytes", code, self.program.shapes[op.output])

    # --- moves ---

    def move(self, op: Gather) -> None:
        code = self.codes[op.output]
        inputs = tuple(self.matched(op, i, code) for i in range(len(op.inputs)))
        filled = bool(op.index.min() < 0)
        sizes = [size(self.forms[name].shape) for name in inputs]
        call = MoveCall(
            nodes=op.nodes,
            inputs=inputs,
            output=op.output,
            index=op.index,
            fill=int(code.encode(np.array(op.fill))) if filled else None,
            boxes=boxes(op.index, sizes),
        )
        self.put(call, "bytes", code)

    # --- scores ---

    def widened(self, op: Op) -> str:
        """Return the op's input as int32_t."""
        name = op.inputs[0]
        form = self.forms[name]
        if form.kind == "wide":
            return name
        made = f"{op.output}.in0"
        call = WidenCall(
            nodes=op.nodes,
            inputs=(name,),
            output=made,
            zero=form.code.zero_point,
            count=size(form.shape),
        )
        self.calls.append(call)
        self.forms[made] = Form("wide", Quantisation(form.code.scale, 0), form.shape)
        return made

    def softmax(self, op: Softmax) -> None:
        source = self.widened(op)
        factor = self.forms[source].code.scale / _LOG2
        multiplier, shift = multipliers(np.array([factor]))
        farthest = int(min(2.0**30 / factor, 2.0**31 - 1))
        unit, zero, highest = 2.0**-15, 0, 1 << 15
        after = self.program.readers(op.output)
        if len(after) == 1 and isinstance(after[0], Quantise) and not op.logarithm:
            # What a given rounding of the probabilities leaves of them is computed at once.
            unit, zero = after[0].to.scale, after[0].to.zero_point
            highest = 255 - zero
            if not 2.0**-15 <= unit <= 1:
                raise InputError(f"node {op.nodes[0]!r}: its output's scale {unit:g} is no use")
        call = SoftmaxCall(
            nodes=op.nodes,
            inputs=(source,),
            output=op.output,
            layout=op.layout,
            logarithm=op.logarithm,
            multiplier=int(multiplier[0]),
            shift=int(shift[0]),
            farthest=farthest,
            one=int(np.rint(1 / unit)),
            highest=highest,
        )
        code = Quantisation(_LOG2, 0) if op.logarithm else Quantisation(unit, zero)
        self.put(call, "wide", code)

    def argmax(self, op: ArgMax) -> None:
        source = self.widened(op)
        call = ArgMaxCall(
            nodes=op.nodes,
            inputs=(source,),
            output=op.output,
            layout=op.layout,
            last=op.last,
        )
        self.put(call, "wide", Quantisation(1.0, 0))


__all__ = ["Form", "Lowered", "lower", "rescaled"]
