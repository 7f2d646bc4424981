"""The standard's single-node cases of the operators that the converter knows, and their verdicts.

Inputs behind the first are frozen to constants, unless the operator is elementwise and binary. A
case in floats is quantised with its own data as calibration, 8 bits throughout, and passes at 30
dB. Where the same data rounded to 8 bits before and behind exact arithmetic give less, no converter
to 8 bits could pass; such a case counts as limited. A case on integers has to give onnxruntime's
output, or the standard's where onnxruntime lacks the operator.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import numpy_helper

from inkpin.common import InputError
from inkpin.model import convert
from inkpin.model.converter.converted import Converted
from inkpin.model.converter.onnx.operators import OPERATORS
from inkpin.model.converter.options import Options
from inkpin.model.converter.quantise.ranges import observed_range, quantisation
from inkpin.model.onnx_runtime import failures, onnxruntime

ENOUGH = 30.0
BINARY = ("Add", "Sub", "Mul", "Div")
PASSED, LIMITED, REFUSED_CASE, WRONG = "passed", "limited", "refused", "wrong"


@dataclass(frozen=True)
class Case:
    """One case.

    Attributes:
        name: in the standard.
        operator: type of its node.
        model: with all inputs but the first (two) frozen.
        inputs: by name.
        output: as the standard has it.
    """

    name: str
    operator: str
    model: onnx.ModelProto
    inputs: dict[str, np.ndarray]
    output: np.ndarray


@dataclass(frozen=True)
class Verdict:
    """What became of a case.

    Attributes:
        case: the case.
        outcome: PASSED, LIMITED, REFUSED_CASE or WRONG.
        detail: why.
    """

    case: Case
    outcome: str
    detail: str


def collected() -> list[Case]:
    """Return the cases."""
    known = {op_type for op_type, one in OPERATORS.items() if one.convert}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        everything = collect_testcases(None)
    return [
        _case(one)
        for one in everything
        if len(one.model.graph.node) == 1 and one.model.graph.node[0].op_type in known
    ]


def _array(value: object) -> np.ndarray:
    return (
        numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else np.asarray(value)
    )


def _case(one: object) -> Case:
    inputs, outputs = one.data_sets[0]
    model = onnx.ModelProto()
    model.CopyFrom(one.model)
    operator = model.graph.node[0].op_type
    free = 2 if operator in BINARY else 1
    values = dict(zip((v.name for v in model.graph.input), map(_array, inputs), strict=False))
    kept = list(model.graph.input)[:free]
    for value in list(model.graph.input)[free:]:
        model.graph.initializer.append(numpy_helper.from_array(values[value.name], value.name))
    del model.graph.input[:]
    model.graph.input.extend(kept)
    feeds = {value.name: values[value.name] for value in kept}
    return Case(one.name, operator, model, feeds, _array(outputs[0]))


def judge(case: Case, *, compiled: bool) -> Verdict:
    """Return what becomes of a case.

    Args:
        case: the case.
        compiled: run the C too, and demand that it gives the integers of the reference.
    """
    floats = all(array.dtype == np.float32 for array in case.inputs.values())
    try:
        if not all(
            array.dtype in (np.float32, np.uint8, np.int8) for array in case.inputs.values()
        ):
            kinds = ", ".join(sorted({str(array.dtype) for array in case.inputs.values()}))
            return Verdict(case, REFUSED_CASE, f"input of type {kinds}")
        converted = convert(case.model, case.inputs if floats else None)
    except InputError as error:
        return Verdict(case, REFUSED_CASE, str(error).removeprefix("the model: "))
    got = _reference(converted, case)
    if compiled and not np.array_equal(converted.predict(case.inputs).ravel(), got.ravel()):
        return Verdict(case, WRONG, "the C and its reference differ")
    if got.size != case.output.size or (case.output.ndim and got.shape != case.output.shape):
        return Verdict(case, WRONG, f"shape {got.shape} instead of {case.output.shape}")
    if floats and converted.program.output_byte_offset is None:
        return _precise(case, converted, got)
    wanted = _onnxruntime(case).astype(float)
    off = np.abs(got - wanted).max(initial=0)
    return Verdict(case, WRONG if off else PASSED, f"off by {off:g} at most" if off else "equal")


def _reference(converted: Converted, case: Case) -> np.ndarray:
    program = converted.integer_program
    codes = program.encode({name: array[None] for name, array in case.inputs.items()})
    return program.decode(program.run(codes)[program.output])[0]


def _onnxruntime(case: Case) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            case.model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        return np.asarray(session.run(None, case.inputs)[0])
    except (failures.Fail, failures.NotImplemented, failures.RuntimeException):
        return case.output


def decibels(wanted: np.ndarray, got: np.ndarray) -> float:
    """Return the signal-to-noise ratio, at most 200."""
    wanted = wanted.astype(float)
    noise = np.square(got - wanted).sum()
    signal = np.square(wanted).sum()
    return 200.0 if noise <= signal * 1e-20 else float(10 * np.log10(max(signal, 1e-30) / noise))


def _precise(case: Case, converted: Converted, got: np.ndarray) -> Verdict:
    reached = decibels(case.output, got)
    if reached >= ENOUGH:
        return Verdict(case, PASSED, f"{reached:.1f} dB")
    best = _best(case, converted)
    if best < ENOUGH:
        return Verdict(
            case, LIMITED, f"{reached:.1f} dB; exact arithmetic on 8-bit inputs gives {best:.1f} dB"
        )
    return Verdict(case, WRONG, f"{reached:.1f} dB where {best:.1f} dB are possible")


def _best(case: Case, converted: Converted) -> float:
    """Return the signal-to-noise of exact arithmetic on inputs rounded to 8 bits."""
    options = Options()
    rounded = {}
    for name, array in case.inputs.items():
        code = quantisation(observed_range(array, options), options)
        rounded[name] = code.decode(code.encode(array))[None]
    exact = converted.program.run(rounded)[converted.program.output][0]
    return decibels(case.output, exact)


def verdicts(cases: list[Case], *, compiled: bool) -> Iterator[Verdict]:
    """Yield what becomes of each case."""
    for case in cases:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield judge(case, compiled=compiled)
