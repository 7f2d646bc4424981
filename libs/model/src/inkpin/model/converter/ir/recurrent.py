"""The op that goes over time: a GRU, an LSTM or a plain recurrent layer in one direction."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from inkpin.model.converter.ir.base import Op
from inkpin.model.converter.ir.quantisation import Quantisation, Range

Cell = Literal["GRU", "LSTM", "RNN"]

GATES: dict[Cell, int] = {"GRU": 3, "LSTM": 4, "RNN": 1}
"""How many blocks of rows the weights of a cell have, in ONNX's order."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Recurrent(Op):
    """A state that every step of the input changes, from (steps, in) to (steps, units).

    Its inputs are the steps and, where a sequence does not begin at zero, the hidden state that it
    begins with, (units,), and an LSTM's cell state.

    Attributes:
        cell: of which kind.
        steps: of a sequence.
        weights: of the input, (gates * units, in).
        state_weights: of the hidden state, (gates * units, units).
        bias: of the gates, (gates * units,).
        state_bias: (units,), of the last gate's product with the state of a GRU that resets behind
            it; else None.
        reverse: whether time runs backwards.
        last: whether only the last step's state goes out, (units,).
        cells: whether an LSTM's cells go out instead of the hidden states.
        sequence: None, or how many samples, each of one step, are a sequence: the state is kept
            from one to the next.
    """

    cell: Cell
    steps: int
    weights: np.ndarray
    state_weights: np.ndarray
    bias: np.ndarray
    state_bias: np.ndarray | None = None
    reverse: bool = False
    last: bool = False
    cells: bool = False
    sequence: int | None = None

    @property
    def units(self) -> int:
        """Numbers of the hidden state."""
        return int(self.state_weights.shape[1])

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        unbounded = self.cells or (self.cell == "GRU" and len(inputs) > 1)
        return None if unbounded else (-1.0, 1.0)

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        x = self.sequences(values[0])
        starts = [value.reshape(len(value), -1) for value in values[1:]]
        while len(starts) < 2:
            starts.append(np.zeros((1, self.units)))
        hidden, cell = (np.broadcast_to(start, (len(x), self.units)) for start in starts)
        results = np.zeros((*x.shape[:2], self.units))
        for step in self.order(x.shape[1]):
            hidden, cell = self._next(x[:, step], hidden, cell)
            results[:, step] = cell if self.cells else hidden
        return self.given_out(results, len(values[0]))

    def sequences(self, values: np.ndarray) -> np.ndarray:
        """Return samples as (sequences, steps, in)."""
        return values.reshape(-1, self.sequence or self.steps, self.weights.shape[1])

    def order(self, steps: int) -> range:
        """Return the steps in the order in which they are taken."""
        return range(steps)[::-1] if self.reverse else range(steps)

    def given_out(self, results: np.ndarray, samples: int) -> np.ndarray:
        """Return what of all states, (sequences, steps, units), goes out, (samples, ...)."""
        if self.last and self.sequence is None:
            results = results[:, self.order(self.steps)[-1]]
        return results.reshape(samples, -1, self.units)

    def _next(
        self, x: np.ndarray, hidden: np.ndarray, cell: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        units = self.units
        sums = x @ self.weights.T + self.bias
        own = self.state_weights
        if self.cell == "RNN":
            return np.tanh(sums + hidden @ own.T), cell
        if self.cell == "LSTM":
            parts = np.split(sums + hidden @ own.T, 4, axis=1)
            into, out, forget = map(_sigmoid, parts[:3])
            cell = forget * cell + into * np.tanh(parts[3])
            return out * np.tanh(cell), cell
        update, reset = (
            _sigmoid(part)
            for part in np.split(sums[:, : 2 * units] + hidden @ own[: 2 * units].T, 2, axis=1)
        )
        if self.state_bias is None:
            fresh = np.tanh(sums[:, 2 * units :] + (reset * hidden) @ own[2 * units :].T)
        else:
            product = hidden @ own[2 * units :].T + self.state_bias
            fresh = np.tanh(sums[:, 2 * units :] + reset * product)
        return fresh + update * (hidden - fresh), cell


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * values))
