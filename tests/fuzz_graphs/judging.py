"""What becomes of a random graph: converted, run, and judged beside onnxruntime."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

import inkpin.model.onnx_runtime  # noqa: F401, for onnxruntime without telemetry
from fuzz_graphs.growing import grown
from inkpin.common import InputError
from inkpin.model import convert
from inkpin.model.converter.converted import Converted, compile_together
from inkpin.model.converter.cost.oracle import onnxruntime_results
from inkpin.model.converter.cost.precision import signal_to_noise
from inkpin.model.converter.options import Options
from inkpin.model.converter.quantise.ranges import int32_values, quantisation

# isort: split
from onnxruntime.quantization import (  # noqa: TID251
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)

SAMPLES = 96  # to calibrate with, and to judge by: unseen ones would judge the data
ENOUGH, HOPED_FOR = 25.0, 30.0
"""Decibels that the C needs where onnxruntime's int8 has as many as are hoped for."""

WAYS = tuple(
    (form, kind, by_channel)
    for form in (QuantFormat.QDQ, QuantFormat.QOperator)
    for kind in (QuantType.QUInt8, QuantType.QInt8)
    for by_channel in (False, True)
)
"""To quantise by onnxruntime: form, type of activations, whether weights have scales by channel."""

MOVES = ("Concat", "Flatten", "MaxPool", "Reshape", "Slice", "Squeeze", "Transpose")

FINE, REFUSED, WARNED, HARD, WRONG = "fine", "refused", "warned", "hard", "WRONG"


@dataclass(frozen=True)
class Verdict:
    """What became of a graph.

    Attributes:
        seed: of the graph.
        way: how it was quantised; "float" for not at all, in 8 bits or in 16.
        operators: types of its nodes.
        outcome: FINE; REFUSED; WARNED, under the decibels that are needed, but convert says so;
            HARD, likewise, and onnxruntime's int8, or any 8 bits, are no better; WRONG.
        ours: decibels of the C beside the float graph, None where not run.
        theirs: those of onnxruntime's int8.
        detail: why.
    """

    seed: int
    way: str
    operators: tuple[str, ...]
    outcome: str
    ours: float | None
    theirs: float | None
    detail: str


@dataclass(frozen=True)
class _Case:
    """A graph and what there is to judge it by."""

    seed: int
    way: str
    operators: tuple[str, ...]
    converted: Converted
    x: np.ndarray
    wanted: np.ndarray  # by the float graph
    given: np.ndarray  # by the graph that was converted, in onnxruntime
    theirs: float


class _Reader(CalibrationDataReader):
    def __init__(self, x: np.ndarray) -> None:
        self._samples = iter(x)

    def get_next(self) -> Mapping[str, np.ndarray] | None:
        sample = next(self._samples, None)
        return None if sample is None else {"x": sample}


def quantised(model: onnx.ModelProto, x: np.ndarray, way: int) -> onnx.ModelProto:
    """Return a model quantised by onnxruntime in one of the WAYS."""
    form, kind, by_channel = WAYS[way]
    given = onnx.ModelProto()
    given.CopyFrom(model)  # the quantiser may change what it is given
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "quantised.onnx"
        quantize_static(
            given,
            path,
            _Reader(x),
            quant_format=form,
            activation_type=kind,
            weight_type=QuantType.QInt8,
            per_channel=by_channel,
        )
        return onnx.load(path)


def taking_bytes(
    model: onnx.ModelProto, x: np.ndarray, rng: np.random.Generator
) -> tuple[onnx.ModelProto, np.ndarray] | None:
    """Return a quantised model that takes bytes and moves them first, and bytes for numbers.

    This is what tf2onnx makes of TensorFlow Lite's models. None where several nodes read the input.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    readers = [node for node in made.graph.node if "x" in node.input]
    if len(readers) != 1 or readers[0].op_type != "QuantizeLinear":
        return None
    first = readers[0]
    constants = {one.name: numpy_helper.to_array(one) for one in made.graph.initializer}
    scale, zero = (constants[name] for name in first.input[1:])
    limits = np.iinfo(zero.dtype)
    codes = np.rint(x / scale) + zero.astype(float)
    codes = codes.clip(limits.min, limits.max).astype(zero.dtype)
    shape = x.shape[1:]
    if rng.random() < 0.5:
        order = [0, *(int(n) for n in 1 + rng.permutation(len(shape) - 1))]
        move = helper.make_node("Transpose", ["x"], [first.output[0]], "move", perm=order)
        codes = codes.transpose(0, *(1 + np.argsort(order)))
    else:
        made.graph.initializer.append(numpy_helper.from_array(np.array(shape), "move.shape"))
        move = helper.make_node("Reshape", ["x", "move.shape"], [first.output[0]], "move")
        codes = codes.reshape(len(x), 1, -1)
    first.CopyFrom(move)
    kind = helper.np_dtype_to_tensor_dtype(zero.dtype)
    made.graph.input[0].CopyFrom(helper.make_tensor_value_info("x", kind, codes.shape[1:]))
    del made.graph.value_info[:]
    return made, codes


def requantising(
    model: onnx.ModelProto, x: np.ndarray, rng: np.random.Generator
) -> tuple[onnx.ModelProto, np.ndarray] | None:
    """Return a quantised model that rounds and cuts behind its moves, and the same numbers.

    onnxruntime's quantiser gives both sides of a move the same; other tools do not. None where
    nothing is moved.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    makers = {name: node for node in made.graph.node for name in node.output}
    constants = {one.name: numpy_helper.to_array(one) for one in made.graph.initializer}
    changed: dict[str, list[str]] = {}
    for node in made.graph.node:
        maker = makers.get(node.input[0]) if node.op_type == "QuantizeLinear" else None
        if maker is not None and maker.op_type in MOVES:
            scale, zero = (constants[name] for name in node.input[1:])
            limits = np.iinfo(zero.dtype)
            # At the end of the bytes, where tools leave a Relu, or a little beside.
            end = limits.min if rng.random() < 0.5 else int(zero) + int(rng.integers(-20, 21))
            others = (
                np.asarray(scale * rng.uniform(0.5, 1.3), scale.dtype),
                np.asarray(np.clip(end, limits.min, limits.max), zero.dtype),
            )
            names = [f"{node.output[0]}.{what}" for what in ("scale", "zero")]
            made.graph.initializer.extend(map(numpy_helper.from_array, others, names))
            changed[node.output[0]] = node.input[1:] = names
    for node in made.graph.node:
        if changed.keys() & {*node.input}:
            if node.op_type != "DequantizeLinear":
                return None
            node.input[1:] = changed[node.input[0]]
    return (made, x) if changed else None


def verdicts(seeds: range, *, compiled: int = 1) -> Iterator[Verdict]:
    """Yield what becomes of the graphs of some seeds.

    Args:
        seeds: of the graphs.
        compiled: of every so manieth the C is run too, and has to give the reference's integers.
    """
    cases = []
    for seed in seeds:
        found = _prepared(seed)
        if isinstance(found, Verdict):
            yield found
        elif found is not None:
            cases.append(found)
    run = cases[::compiled]
    compile_together([case.converted for case in run])
    for case in cases:
        yield _judged(case, compiled=case in run)


def _prepared(seed: int) -> _Case | Verdict | None:
    """Return a graph converted; None for one that onnxruntime's quantiser does not take."""
    model, operators = grown(seed)
    names = tuple(operators)
    rng = np.random.default_rng(seed)
    shape = [side.dim_value for side in model.graph.input[0].type.tensor_type.shape.dim]
    x = rng.normal(0, rng.uniform(0.5, 2), (SAMPLES, *shape)).astype(np.float32)
    output = model.graph.output[0].name
    wanted = onnxruntime_results(model, output, {"x": x})
    way = seed % (len(WAYS) + 1)
    try:
        int8 = quantised(model, x, way % len(WAYS))
    except Exception:  # the quantiser has faults of its own, of every class
        return None
    theirs = onnxruntime_results(int8, output, {"x": x})
    if isinstance(wanted, str) or isinstance(theirs, str) or not np.isfinite(wanted).all():
        return None
    form, kind, by_channel = WAYS[way % len(WAYS)]
    told = f"{form.name} {kind.name}{' by channel' if by_channel else ''}"
    bits = 16 if way == len(WAYS) and seed % 2 else 8
    told = ("float in 16 bits" if bits == 16 else "float") if way == len(WAYS) else told
    given = (model, wanted) if way == len(WAYS) else (int8, theirs)
    if way < len(WAYS) and seed % 3 < 2:
        other = taking_bytes(int8, x, rng) if seed % 3 else requantising(int8, x, rng)
        if other is not None:
            told, (int8, x) = (
                f"{told}, {'bytes' if seed % 3 else 'requantised'} behind moves",
                other,
            )
            theirs = onnxruntime_results(int8, output, {"x": x})
            if isinstance(theirs, str):
                return None
            given = int8, theirs
            if seed % 3 == 0:
                wanted = theirs  # what is cut there the float graph does not know
    try:
        converted = convert(given[0], x, name=f"g{seed}", activation_bits=bits)
    except InputError as error:
        return Verdict(seed, told, names, REFUSED, None, None, str(error))
    except Exception as error:  # any is a fault
        detail = f"{type(error).__name__}: {error}"
        return Verdict(seed, told, names, WRONG, None, None, detail)
    return _Case(seed, told, names, converted, x, wanted, given[1], _decibels(wanted, theirs))


def _judged(case: _Case, *, compiled: bool) -> Verdict:
    program = case.converted.integer_program
    got = program.decode(program.run(program.encode({"x": case.x}))[program.output])

    def verdict(outcome: str, ours: float, detail: str = "") -> Verdict:
        return Verdict(case.seed, case.way, case.operators, outcome, ours, case.theirs, detail)

    if got.size != case.wanted.size:
        return verdict(WRONG, 0.0, f"shape {got.shape} instead of {case.wanted.shape}")
    ours = _decibels(case.wanted, got)
    if compiled and not np.array_equal(case.converted.predict(case.x).ravel(), got.ravel()):
        return verdict(WRONG, ours, "the C and its reference differ")
    if case.operators[-1] in ("ArgMax", "ArgMin"):
        return verdict(FINE, ours)
    if ours >= ENOUGH:
        return verdict(FINE, ours)
    own = case.converted.program.run(case.converted.reals({"x": case.x}))
    faithful = _decibels(case.given, own[case.converted.program.output]) >= HOPED_FOR
    if case.theirs < HOPED_FOR or (faithful and _possible(case) < HOPED_FOR):
        return verdict(HARD, ours)
    doubt = case.converted.comparison and case.converted.comparison.doubt
    return verdict(WARNED, ours, doubt) if doubt else verdict(WRONG, ours, "no warning")


def _possible(case: _Case) -> float:
    """Return the decibels of exact arithmetic where every value is rounded to a byte.

    onnxruntime leaves in floats what it has no int8 for: its own figure may be out of reach.
    """
    program = case.converted.program
    values = {
        name: _rounded(array) if name not in program.prescribed else array
        for name, array in case.converted.reals({"x": case.x}).items()
    }
    wide = int32_values(program)
    for op in program.ops:
        made = op.compute(*(values[name] for name in op.inputs))
        made = made.reshape(len(made), *program.shapes[op.output])
        code = program.prescribed.get(op.output)
        if code is not None:
            made = code.decode(code.encode(made))
        elif op.output not in wide:
            made = _rounded(made)
        values[op.output] = made
    return _decibels(case.wanted, values[program.output])


def _rounded(values: np.ndarray) -> np.ndarray:
    code = quantisation((float(values.min()), float(values.max())), Options())
    return code.decode(code.encode(values))


def _decibels(wanted: np.ndarray, got: np.ndarray) -> float:
    with np.errstate(divide="ignore"):
        found = signal_to_noise(wanted.astype(float).ravel(), got.astype(float).ravel())
    return 200.0 if found is None else found
