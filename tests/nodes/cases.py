"""The standard's single-node cases of the operators that the converter knows, and their verdicts.

Inputs behind the first are frozen to constants, unless the operator is of two values by nature. A
case in floats is quantised with its own data as calibration, 8 bits throughout, and passes at 30
dB. Where the same data rounded to 8 bits before and behind exact arithmetic give less, no converter
to 8 bits could pass; such a case counts as limited. A case on integers has to give onnxruntime's
output, or the standard's where onnxruntime lacks the operator.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import onnx
from onnx import numpy_helper

from inkpin.common import InputError
from inkpin.model import convert
from inkpin.model.converter.converted import Converted
from inkpin.model.converter.ir import Output
from inkpin.model.converter.onnx.operators import OPERATORS
from inkpin.model.converter.options import Options
from inkpin.model.converter.quantise.ranges import observed_range, quantisation
from inkpin.model.onnx_runtime import failures, onnxruntime

ENOUGH = 30.0
BINARY = ("Add", "Sub", "Mul", "Div", "MatMul")
_BITS = {"bytes": 8, "int32": 32, "int16": 16, "bits": 1, "nibbles": 4}
PASSED, LIMITED, REFUSED_CASE, WRONG = "passed", "limited", "refused", "wrong"


@dataclass(frozen=True)
class Case:
    """One case.

    Attributes:
        name: in the standard.
        operator: type of its node.
        model: with all inputs but the first (two) frozen.
        inputs: by name.
        outputs: as the standard has them, by name.
    """

    name: str
    operator: str
    model: onnx.ModelProto
    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]


@dataclass(frozen=True)
class Verdict:
    """What became of a case.

    Attributes:
        case: the case.
        outcome: PASSED, LIMITED, REFUSED_CASE or WRONG.
        detail: why.
        kernels: that the C calls, by name.
        bits: that results of the kernels are held in.
        macs: multiply-accumulates.
        flash: bytes of constants.
        floats: whether the case is in floats.
    """

    case: Case
    outcome: str
    detail: str
    kernels: tuple[str, ...] = ()
    bits: tuple[int, ...] = ()
    macs: int = 0
    flash: int = 0
    floats: bool = False


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
    names = (value.name for value in model.graph.output)
    wanted = dict(zip(names, map(_array, outputs), strict=True))
    return Case(one.name, operator, model, feeds, wanted)


def judge(case: Case, *, compiled: bool) -> Verdict:
    """Return what becomes of a case, in 8 bits and, where there are kernels for it, in 16.

    Args:
        case: the case.
        compiled: run the C too, and demand that it gives the integers of the reference.
    """
    verdict = _judge(case, compiled=compiled, activation_bits=8)
    if verdict.outcome not in (PASSED, LIMITED) or not verdict.floats:
        return verdict
    finer = _judge(case, compiled=compiled, activation_bits=16)
    if finer.outcome == REFUSED_CASE:
        return verdict  # no value of it can have 16 bits
    return replace(
        finer if finer.outcome == WRONG else verdict,
        kernels=tuple({*verdict.kernels, *finer.kernels}),
        bits=tuple({*verdict.bits, *finer.bits}),
        flash=max(verdict.flash, finer.flash),
    )


def _judge(case: Case, *, compiled: bool, activation_bits: int) -> Verdict:
    """Return what becomes of a case in so many bits; see `judge`."""
    floats = all(array.dtype == np.float32 for array in case.inputs.values())
    try:
        if not all(
            array.dtype in (np.float32, np.uint8, np.int8) for array in case.inputs.values()
        ):
            kinds = ", ".join(sorted({str(array.dtype) for array in case.inputs.values()}))
            return Verdict(case, REFUSED_CASE, f"input of type {kinds}")
        converted = convert(
            case.model, case.inputs if floats else None, activation_bits=activation_bits
        )
    except InputError as error:
        return Verdict(case, REFUSED_CASE, str(error).removeprefix("the model: "))
    reference = _reference(converted, case)
    if compiled:
        made = converted.predict(case.inputs)
        made = made if isinstance(made, dict) else dict.fromkeys(reference, made)
        if any(not np.array_equal(made[n].ravel(), got.ravel()) for n, got in reference.items()):
            return Verdict(case, WRONG, "the C and its reference differ")
    outputs = converted.program.outputs
    judged = [_judged(case, converted, output, reference[output.name]) for output in outputs]
    worst = min(judged, key=lambda verdict: (WRONG, LIMITED, PASSED).index(verdict.outcome))
    program = converted.integer_program
    kinds = {program.types[call.output].kind for call in program.calls}
    return replace(
        worst,
        kernels=tuple({call.c_files[0].removesuffix(".c") for call in program.calls}),
        bits=tuple({_BITS[kind] for kind in kinds}),
        macs=sum(call.macs for call in program.calls),
        flash=sum(call.flash for call in program.calls),
        floats=floats,
    )


def _judged(case: Case, converted: Converted, output: Output, got: np.ndarray) -> Verdict:
    """Return what becomes of an output of a case."""
    standard = case.outputs[output.name]
    if got.size != standard.size or (standard.ndim and got.shape != standard.shape):
        return Verdict(case, WRONG, f"shape {got.shape} instead of {standard.shape}")
    floats = all(array.dtype == np.float32 for array in case.inputs.values())
    if floats and output.byte_offset is None:
        return _precise(case, converted, output, got)
    wanted = _onnxruntime(case, output.name).astype(float)
    off = np.abs(got - wanted).max(initial=0)
    return Verdict(case, WRONG if off else PASSED, f"off by {off:g} at most" if off else "equal")


def _reference(converted: Converted, case: Case) -> dict[str, np.ndarray]:
    program = converted.integer_program
    codes = program.encode({name: array[None] for name, array in case.inputs.items()})
    values = program.run(codes)
    return {each.name: program.decode(values[each.value], each)[0] for each in program.outputs}


def _onnxruntime(case: Case, name: str) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            case.model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        return np.asarray(session.run([name], case.inputs)[0])
    except (failures.Fail, failures.NotImplemented, failures.RuntimeException):
        return case.outputs[name]


def decibels(wanted: np.ndarray, got: np.ndarray) -> float:
    """Return the signal-to-noise ratio, at most 200."""
    wanted = wanted.astype(float)
    noise = np.square(got - wanted).sum()
    signal = np.square(wanted).sum()
    return 200.0 if noise <= signal * 1e-20 else float(10 * np.log10(max(signal, 1e-30) / noise))


def _precise(case: Case, converted: Converted, output: Output, got: np.ndarray) -> Verdict:
    reached = decibels(case.outputs[output.name], got)
    if reached >= ENOUGH:
        return Verdict(case, PASSED, f"{reached:.1f} dB")
    best = _best(case, converted, output)
    if best < ENOUGH:
        return Verdict(
            case, LIMITED, f"{reached:.1f} dB; exact arithmetic on 8-bit inputs gives {best:.1f} dB"
        )
    return Verdict(case, WRONG, f"{reached:.1f} dB where {best:.1f} dB are possible")


def _best(case: Case, converted: Converted, output: Output) -> float:
    """Return the signal-to-noise of exact arithmetic on inputs rounded to 8 bits."""
    options = Options()
    rounded = {}
    for name, array in case.inputs.items():
        code = quantisation(observed_range(array, options), options)
        rounded[name] = code.decode(code.encode(array))[None]
    exact = converted.program.run(rounded)[output.value][0]
    return decibels(case.outputs[output.name], exact)


def verdicts(cases: list[Case], *, compiled: bool) -> Iterator[Verdict]:
    """Yield what becomes of each case."""
    for case in cases:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield judge(case, compiled=compiled)
