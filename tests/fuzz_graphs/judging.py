"""What becomes of a random graph: converted, run, and judged beside onnxruntime."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

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

FINE, REFUSED, WARNED, HARD, WRONG = "fine", "refused", "warned", "hard", "WRONG"


@dataclass(frozen=True)
class Verdict:
    """What became of a graph.

    Attributes:
        seed: of the graph.
        way: how it was quantised; "float" for not at all.
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
    wanted: np.ndarray
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
    told = "float" if way == len(WAYS) else told
    try:
        given = model if way == len(WAYS) else int8
        converted = convert(given, x, name=f"g{seed}")
    except InputError as error:
        return Verdict(seed, told, names, REFUSED, None, None, str(error))
    except Exception as error:  # any is a fault
        detail = f"{type(error).__name__}: {error}"
        return Verdict(seed, told, names, WRONG, None, None, detail)
    return _Case(seed, told, names, converted, x, wanted, _decibels(wanted, theirs))


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
    if min(case.theirs, _possible(case)) < HOPED_FOR:
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
