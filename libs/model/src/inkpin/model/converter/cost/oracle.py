"""How far the C is from what onnxruntime makes of the original graph: no judge of our own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import onnx

from inkpin.model.converter.cost.precision import HURT, agreement, signal_to_noise

AGREEING = 0.97
"""Share of samples with the same best class below which an output is warned of."""

MOST = 300
"""Samples that are compared, evenly picked."""

_MOST_DB = 999.0  # for nothing lost at all


@dataclass(frozen=True)
class Comparison:
    """The C beside onnxruntime on the original graph.

    Attributes:
        output: name of the compared output.
        ran: what was compared, "c" or, where it could not be compiled, "reference": its integers
            computed in numpy.
        samples: how many.
        agreement: share of samples with the same best class; None where the output tells no class.
        snr_db: signal to noise of the output, at most 999; None where it is a class.
        failure: why onnxruntime gave nothing to compare with; None if it did.
    """

    output: str
    ran: Literal["c", "reference"]
    samples: int
    agreement: float | None = None
    snr_db: float | None = None
    failure: str | None = None

    def merit(self) -> tuple[bool, bool, float]:
        """Return what orders comparisons from the worst to the best."""
        snr = _MOST_DB if self.snr_db is None else self.snr_db
        return self.failure is None, self.doubt is None, snr

    @property
    def doubt(self) -> str | None:
        """What is wrong with the output, or None."""
        if self.failure is not None:
            return None
        low = self.snr_db is not None and self.snr_db < HURT
        rare = self.agreement is not None and self.agreement < AGREEING
        said = [
            *([f"{self.snr_db:g} dB of signal to noise"] if low else []),
            *([f"the same best class in {self.agreement:.1%}"] if rare else []),
        ]
        return " and ".join(said) or None


def onnxruntime_results(
    model: onnx.ModelProto, output: str, samples: Mapping[str, np.ndarray]
) -> np.ndarray | str:
    """Return a value that onnxruntime computes, (samples, ...), or why it does not.

    Args:
        model: the graph.
        output: name of the value, be it an output or within.
        samples: of every input, (samples, ...), one being what the graph takes at once.
    """
    from inkpin.model.onnx_runtime import onnxruntime  # costs half a second

    asked = onnx.ModelProto()
    asked.CopyFrom(model)
    if output not in {value.name for value in model.graph.output}:
        asked.graph.output.append(onnx.ValueInfoProto(name=output))
    for value in asked.graph.output:
        if value.type.HasField("tensor_type"):
            value.type.tensor_type.ClearField("shape")  # what it says may be of a batch of several
    options = onnxruntime.SessionOptions()
    quiet = onnxruntime.RunOptions()
    options.log_severity_level = quiet.log_severity_level = 4
    options.intra_op_num_threads = 1
    # The graph as it is written: fused kernels of bytes may saturate where the model does not.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = onnxruntime.InferenceSession(
            asked.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        count = len(next(iter(samples.values())))
        rows = [
            np.asarray(session.run([output], {n: a[i] for n, a in samples.items()}, quiet)[0])
            for i in range(count)
        ]
        return np.stack(rows)
    except Exception as error:  # its failures have no class in common
        return (str(error).strip().splitlines() or [type(error).__name__])[0]


def compare(
    output: str,
    ran: Literal["c", "reference"],
    wanted: np.ndarray | str,
    got: np.ndarray,
    *,
    zero: int = 0,
    is_class: bool = False,
) -> Comparison:
    """Return how far results are from onnxruntime's.

    Args:
        output: name of the output.
        ran: what made the results.
        wanted: onnxruntime's, (samples, ...), or why there are none.
        got: ours, likewise.
        zero: what stands for 0 in them.
        is_class: whether the output is the number of a class instead of scores.
    """
    if isinstance(wanted, str):
        return Comparison(output, ran, 0, failure=wanted)
    real, ours = (array.reshape(len(wanted), -1).astype(float) - zero for array in (wanted, got))
    if is_class:
        return Comparison(output, ran, len(real), agreement=float(np.mean(real == ours)))
    with np.errstate(divide="ignore"):
        snr = signal_to_noise(real, ours)
    classes = sum(side > 1 for side in wanted.shape[1:]) <= 1
    return Comparison(
        output,
        ran,
        len(real),
        agreement=agreement(real, ours) if classes else None,
        snr_db=_MOST_DB if snr is None else float(np.clip(snr, -_MOST_DB, _MOST_DB)),
    )
