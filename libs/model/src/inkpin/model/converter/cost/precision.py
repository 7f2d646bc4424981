"""What a conversion cost in precision, node by node."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from inkpin.model.converter.codegen.layout import lay_out
from inkpin.model.converter.integer_program import IntegerProgram

HURT = 20.0
"""Decibels of signal to noise below which a node is warned of."""


@dataclass(frozen=True)
class NodeReport:
    """What one call costs.

    Attributes:
        nodes: names of the ONNX nodes that it stands for.
        kernel: what it calls.
        flash: bytes of its constants.
        ram: bytes of input, output and working memory.
        macs: multiply-accumulates.
        snr_db: signal to noise of its output against the float graph; None without calibration
            data, or where nothing is lost.
    """

    nodes: tuple[str, ...]
    kernel: str
    flash: int
    ram: int
    macs: int
    snr_db: float | None


def signal_to_noise(real: np.ndarray, got: np.ndarray) -> float | None:
    """Return 10 log10 of the power of `real` over that of the difference; None if there is none."""
    noise = float(np.square(got - real).sum())
    return None if noise == 0 else round(10 * float(np.log10(np.square(real).sum() / noise)), 1)


def agreement(real: np.ndarray, got: np.ndarray) -> float:
    """Return the share of samples whose largest score is the same one.

    Where there is one score only, samples lie on the same side of the middle: of 0.5 for
    probabilities, else of 0.
    """
    real, got = (array.reshape(len(array), -1) for array in (real, got))
    if real.shape[1] > 1:
        return float(np.mean(real.argmax(axis=1) == got.argmax(axis=1)))
    middle = 0.5 if real.min() >= 0 and real.max() <= 1 else 0.0
    return float(np.mean((real > middle) == (got > middle)))


def precision(
    program: IntegerProgram,
    real: Mapping[str, np.ndarray] | None,
    inputs: Mapping[str, np.ndarray] | None,
) -> dict[str, Any]:
    """Return what a conversion cost in precision and memory.

    Args:
        program: the network in integers.
        real: every value in floats on calibration data, or None.
        inputs: those data, as the graph takes them.

    Returns:
        nodes (one NodeReport as a dictionary each), agreement (share of samples whose largest
        score is the same as the float graph's, of several outputs the least; None without data),
        warnings (lines of text), arena (what lies where: name, offset, bytes, first and last call),
        arena_bytes and arena_bound (bytes that no plan can go below).
    """
    codes = None if real is None or inputs is None else program.run(program.encode(inputs))
    layout = lay_out(program)
    nodes, warnings = [], []
    for call in program.calls:
        snr = None
        if codes is not None and real is not None and call.output in real:
            with np.errstate(divide="ignore"):
                snr = signal_to_noise(
                    real[call.output], program.real(call.output, codes[call.output])
                )
        values = {call.output, *call.inputs}
        places = {layout.aliases[name]: program.types[name].nbytes for name in values}
        ram = call.scratch + sum(n for at, n in places.items() if at not in program.constants)
        kernel = call.c_files[0].removesuffix(".c")
        nodes.append(NodeReport(call.nodes, kernel, call.flash, ram, call.macs, snr))
        if snr is not None and snr < HURT:
            warnings.append(
                f"node {call.nodes[-1]!r}: quantising leaves {snr:g} dB of signal to noise"
            )
    same = None
    if codes is not None and real is not None:
        same = min(
            agreement(real[name], program.real(name, codes[name])) for name in program.results
        )
    return {
        "nodes": [asdict(node) for node in nodes],
        "agreement": same,
        "warnings": warnings,
        "arena": [
            {"name": name, "offset": offset, "bytes": count, "first": first, "last": last}
            for name, (offset, count, first, last) in layout.live_ranges.items()
        ],
        "arena_bytes": layout.arena,
        "arena_bound": layout.bound,
    }
