"""From steps in real numbers to calls of the kernels in integers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.ir import (
    ArgMax,
    AveragePool,
    Clamped,
    Constant,
    Conv,
    Dense,
    Limit,
    MaxPool,
    Move,
    Pairwise,
    Program,
    Quantisation,
    Quantise,
    Shape,
    Softmax,
    Source,
    Step,
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
        sources: the inputs.
        constants: bytes that lie in flash, by name of the value.
        result: name of the output's value.
        raw_result: as in Program.
        kinds: operator types of the model, and how often each occurs.
        dropped: operators at the tail that were cut.
    """

    calls: tuple[Call, ...]
    forms: dict[str, Form]
    sources: tuple[Source, ...]
    constants: dict[str, np.ndarray]
    result: str
    raw_result: int | None
    kinds: dict[str, int] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()

    def encode(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the integers that the network takes, int64 (samples, ...).

        Args:
            inputs: of the graph, (samples, ...): real numbers, or bytes where it takes bytes.
        """
        codes = {}
        for source in self.sources:
            values = np.asarray(inputs[source.name])
            if source.raw is not None:
                codes[source.name] = values.astype(np.int64) + source.raw
            elif source.threshold is not None:
                codes[source.name] = (values > source.threshold).astype(np.int64)
            else:
                if source.units is not None:
                    values = source.units.scaled(values)
                code = self.forms[source.name].code
                codes[source.name] = code.encode(values).astype(np.int64)
        return codes

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the graph's output, float32, of the network's integers."""
        form = self.forms[self.result]
        if self.raw_result is not None:
            zero = form.code.zero if form.kind == "wide" else 0
            return (codes + zero - self.raw_result).astype(np.float32)
        return self.real(self.result, codes).astype(np.float32)

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
        for source in program.sources:
            kind = "bits" if self.takes_bits(source) else "bytes"
            self.forms[source.name] = Form(kind, self.codes[source.name], source.shape)
        # One of the two convolutions is enough, unless bits need ink_conv in any case.
        layers = [step for step in program.steps if isinstance(step, Conv | Dense)]
        bits = any(form.kind == "bits" for form in self.forms.values())
        self.use_plain = bits or all(map(self.plain, layers))
        rules = {
            ArgMax: self.argmax,
            AveragePool: self.average,
            Constant: self.constant,
            Conv: self.conv,
            Dense: self.dense,
            Limit: self.limit,
            MaxPool: self.max_pool,
            Move: self.move,
            Pairwise: self.pair,
            Quantise: self.quantise,
            Softmax: self.softmax,
            Unary: self.unary,
        }
        for step in program.steps:
            if isinstance(step, Quantise) and self.forms[step.inputs[0]].kind == "wide":
                # The softmax before has done it.
                self.forms[step.output] = self.forms[step.inputs[0]]
                self.calls[-1] = replace(self.calls[-1], output=step.output)
                continue
            rules[type(step)](step)
        return Lowered(
            tuple(self.calls),
            self.forms,
            program.sources,
            self.constants,
            program.result,
            program.raw_result,
            program.kinds,
            program.dropped,
        )

    def check_wide(self) -> None:
        """Refuse steps that read int32_t and cannot."""
        for step in self.program.steps:
            last = isinstance(step, Quantise) and step.output == self.program.result
            if not last and not isinstance(step, Softmax | ArgMax) and self.wide & {*step.inputs}:
                raise InputError(
                    f"node {step.nodes[0]!r} reads a softmax or argmax: these are supported as the "
                    "last step only"
                )

    def takes_bits(self, source: Source) -> bool:
        """Whether an input can be a bitmap: one channel read by plain convolutions alone."""
        if source.threshold is None:
            return False
        readers = self.program.readers(source.name)
        return (
            bool(readers)
            and source.name != self.program.result
            and all(
                isinstance(step, Conv)
                and step.maps[0] == 1
                and step.maps[2] <= _BITMAP_WIDTH
                and self.plain(step)
                for step in readers
            )
        )

    def put(self, call: Call, kind: str, code: Quantisation) -> None:
        self.calls.append(call)
        self.forms[call.output] = Form(kind, code, self.program.shapes[call.output])

    # --- layers ---

    def integer(self, step: Conv | Dense) -> IntegerWeights:
        wide = step.output in self.wide
        limit = 1.0 if wide else self.codes[step.output].scale
        if step.output not in self.integers:
            in_scale = self.codes[step.inputs[0]].scale
            power = self.values and mean_squares(step, self.values[step.inputs[0]])
            self.integers[step.output] = integer_weights(
                step, in_scale, limit, self.options, power, common=wide
            )
        return self.integers[step.output]

    def to(self, step: Conv | Dense, units: np.ndarray) -> Rescale:
        """Return the way from a layer's sums to its output."""
        if step.output in self.wide:
            if np.all(units == units[0]):
                return Rescale(None, None, wide=True)
            multiplier, shift = multipliers(units / self.score_unit(units))
            return Rescale(multiplier, shift, wide=True)
        code = self.codes[step.output]
        multiplier, shift = multipliers(np.float32(units) / np.float32(code.scale))
        return Rescale(multiplier, shift, *self.limits(step, code))

    def score_unit(self, units: np.ndarray) -> float:
        """Return what one of several channels' common scores is worth."""
        return float(units[0]) if np.all(units == units[0]) else float(units.max()) / 64

    def limits(self, step: Clamped, code: Quantisation) -> tuple[int, int, int]:
        """Return zero, low and high of a step's output."""
        low, high = (
            int(np.clip(np.rint(np.clip(limit / code.scale, -999, 999)) + code.zero, 0, 255))
            for limit in (step.low, step.high)
        )
        return code.zero, low, high

    def layer(self, step: Conv | Dense) -> tuple[dict[str, object], str, Quantisation]:
        """Return what convolutions and dense layers share: fields, and the form of the output."""
        found = self.integer(step)
        fields = {
            "nodes": step.nodes,
            "inputs": step.inputs,
            "output": step.output,
            "weights": found.weights,
            "bias": found.bias,
            "zero": self.codes[step.inputs[0]].zero,
            "offset": found.offset,
            "to": self.to(step, found.units),
        }
        if step.output in self.wide:
            return fields, "wide", Quantisation(self.score_unit(found.units), 0)
        return fields, "bytes", self.codes[step.output]

    def plain(self, step: Conv | Dense) -> bool:
        """Whether ink_conv does it: shifts only, zeros 0, small sides."""
        found = self.integer(step)
        to = self.to(step, found.units)
        shifts = to.multiplier is None or bool(np.all(to.multiplier == 1) and to.shift.max() < 31)
        bytes_fit = to.wide or (to.zero, to.low, to.high) == (0, 0, 255)
        if not (shifts and bytes_fit) or found.offset or self.codes[step.inputs[0]].zero:
            return False
        if isinstance(step, Dense):
            return size(self.program.shapes[step.inputs[0]]) == step.weights.shape[1]
        windows, pool = step.windows, step.pool
        numbers = [*step.maps[1:], *windows.size, *windows.stride, *windows.pad, *step.out_maps[1:]]
        numbers += [*pool.size, *pool.stride] if pool else []
        return windows.dilation == (1, 1) and max(numbers) <= _SMALL_SIDE and min(numbers) >= 0

    def conv(self, step: Conv) -> None:
        fields, kind, code = self.layer(step)
        windows = step.windows
        numbers = [*step.maps, *step.out_maps, *windows.size, *windows.stride, *windows.pad]
        if max(numbers) > _SIDE or min(numbers) < 0:
            raise InputError(f"node {step.nodes[0]!r}: a side longer than {_SIDE}")
        call = ConvCall(
            **fields,
            maps=step.maps,
            windows=windows,
            groups=step.groups,
            pool=step.pool,
            bitmap=self.forms[step.inputs[0]].kind == "bits",
            plain=self.use_plain and self.plain(step),
        )
        self.put(call, kind, code)

    def dense(self, step: Dense) -> None:
        fields, kind, code = self.layer(step)
        out, into = step.weights.shape
        rows = size(self.program.shapes[step.inputs[0]]) // into
        if max(rows, out, into) > _SIDE:
            raise InputError(f"node {step.nodes[0]!r}: more than {_SIDE} inputs, outputs or rows")
        if not (self.use_plain and self.plain(step)):
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

    def max_pool(self, step: MaxPool) -> None:
        source = self.matched(step, 0, self.codes[step.output])
        call = MaxPoolCall(
            nodes=step.nodes,
            inputs=(source,),
            output=step.output,
            maps=step.maps,
            windows=step.windows,
        )
        self.put(call, "bytes", self.codes[step.output])

    def average(self, step: AveragePool) -> None:
        source, code = self.codes[step.inputs[0]], self.codes[step.output]
        cells = step.cells
        if cells.min() < 1:
            raise InputError(f"node {step.nodes[0]!r}: a window without cells")
        counts = np.arange(cells.min(), cells.max() + 1)
        factor = source.scale * step.gain / code.scale
        shift = int(np.clip(23 - np.floor(np.log2(factor / counts[0])), 0, 62))
        call = AveragePoolCall(
            nodes=step.nodes,
            inputs=step.inputs,
            output=step.output,
            maps=step.maps,
            windows=step.windows,
            margin=step.margin,
            cells=cells,
            multiplier=np.rint(factor / counts * 2.0**shift).astype(np.int64),
            shift=shift,
            in_zero=source.zero,
            to=Rescale(None, None, *self.limits(step, code)),
        )
        self.put(call, "bytes", code)

    # --- single elements ---

    def table(self, step: Step, source: str, output: str, code: Quantisation, kind: str) -> None:
        """Append the table of a step that reads one value."""
        reals = self.codes[source].decode(np.arange(256)) if source in self.codes else None
        results = np.nan_to_num(step.compute(reals), nan=0.0, posinf=1e30, neginf=-1e30)
        call = TableCall(
            nodes=step.nodes,
            inputs=(source,),
            output=output,
            table=code.encode(np.clip(results, -1e30, 1e30)).astype(np.int64),
            kind=kind,
        )
        self.calls.append(call)
        self.codes[output] = code
        self.forms[output] = Form("bytes", code, self.forms[source].shape)

    def unary(self, step: Unary) -> None:
        self.table(step, step.inputs[0], step.output, self.codes[step.output], step.kind)
        self.reshape(step)

    def limit(self, step: Limit) -> None:
        self.table(step, step.inputs[0], step.output, self.codes[step.output], "limit")
        self.reshape(step)

    def quantise(self, step: Quantise) -> None:
        self.table(step, step.inputs[0], step.output, step.to, "rescale")
        self.reshape(step)

    def reshape(self, step: Step) -> None:
        shape = self.program.shapes[step.output]
        self.forms[step.output] = Form("bytes", self.codes[step.output], shape)

    def matched(self, step: Step, place: int, code: Quantisation) -> str:
        """Return an input, brought to another quantisation where it has not that one."""
        name = step.inputs[place]
        if self.codes[name] == code:
            return name
        made = f"{step.output}.in{place}"
        same = Limit(nodes=step.nodes, inputs=(name,), output=made, low=-np.inf, high=np.inf)
        self.table(same, name, made, code, "rescale")
        return made

    def pair(self, step: Pairwise) -> None:
        codes = [self.codes[name] for name in step.inputs]
        code = self.codes[step.output]
        if step.kind == "mul":
            factor = np.float32(codes[0].scale) * np.float32(codes[1].scale)
            multiplier, shifts = multipliers(np.array([factor / np.float32(code.scale)]))
            factors, shift = (int(multiplier[0]), 0), int(shifts[0])
        else:
            reals = np.array([codes[0].scale, step.sign * codes[1].scale]) / code.scale
            shift = int(np.clip(20 - np.floor(np.log2(np.abs(reals).max())), 0, 40))
            if np.abs(reals).max() >= 1 << 20:
                raise OverflowError
            whole = np.rint(reals * 2.0**shift).astype(np.int64)
            while shift and not np.any(whole & 1):
                whole, shift = whole // 2, shift - 1
            factors = (int(whole[0]), int(whole[1]))
        if max(step.repeat) > _SIDE:
            raise InputError(f"node {step.nodes[0]!r}: more than {_SIDE} elements")
        call = PairCall(
            nodes=step.nodes,
            inputs=step.inputs,
            output=step.output,
            kind=step.kind,
            repeat=step.repeat,
            factors=factors,
            shift=shift,
            zeros=(codes[0].zero, codes[1].zero),
            to=Rescale(None, None, *self.limits(step, code)),
        )
        self.put(call, "bytes", code)

    def constant(self, step: Constant) -> None:
        code = self.codes[step.output]
        self.constants[step.output] = code.encode(step.value)
        self.forms[step.output] = Form("bytes", code, self.program.shapes[step.output])

    # --- moves ---

    def move(self, step: Move) -> None:
        code = self.codes[step.output]
        inputs = tuple(self.matched(step, i, code) for i in range(len(step.inputs)))
        filled = bool(step.index.min() < 0)
        sizes = [size(self.forms[name].shape) for name in inputs]
        call = MoveCall(
            nodes=step.nodes,
            inputs=inputs,
            output=step.output,
            index=step.index,
            fill=int(code.encode(np.array(step.fill))) if filled else None,
            boxes=boxes(step.index, sizes),
        )
        self.put(call, "bytes", code)

    # --- scores ---

    def widened(self, step: Step) -> str:
        """Return the step's input as int32_t."""
        name = step.inputs[0]
        form = self.forms[name]
        if form.kind == "wide":
            return name
        made = f"{step.output}.in0"
        call = WidenCall(
            nodes=step.nodes,
            inputs=(name,),
            output=made,
            zero=form.code.zero,
            count=size(form.shape),
        )
        self.calls.append(call)
        self.forms[made] = Form("wide", Quantisation(form.code.scale, 0), form.shape)
        return made

    def softmax(self, step: Softmax) -> None:
        source = self.widened(step)
        factor = self.forms[source].code.scale / _LOG2
        multiplier, shift = multipliers(np.array([factor]))
        farthest = int(min(2.0**30 / factor, 2.0**31 - 1))
        unit, zero, highest = 2.0**-15, 0, 1 << 15
        after = self.program.readers(step.output)
        if len(after) == 1 and isinstance(after[0], Quantise) and not step.logarithm:
            # What a given rounding of the probabilities leaves of them is computed at once.
            unit, zero = after[0].to.scale, after[0].to.zero
            highest = 255 - zero
            if not 2.0**-15 <= unit <= 1:
                raise InputError(f"node {step.nodes[0]!r}: its output's scale {unit:g} is no use")
        call = SoftmaxCall(
            nodes=step.nodes,
            inputs=(source,),
            output=step.output,
            layout=step.layout,
            logarithm=step.logarithm,
            multiplier=int(multiplier[0]),
            shift=int(shift[0]),
            farthest=farthest,
            one=int(np.rint(1 / unit)),
            highest=highest,
        )
        code = Quantisation(_LOG2, 0) if step.logarithm else Quantisation(unit, zero)
        self.put(call, "wide", code)

    def argmax(self, step: ArgMax) -> None:
        source = self.widened(step)
        call = ArgMaxCall(
            nodes=step.nodes,
            inputs=(source,),
            output=step.output,
            layout=step.layout,
            last=step.last,
        )
        self.put(call, "wide", Quantisation(1.0, 0))


__all__ = ["Form", "Lowered", "lower", "rescaled"]
