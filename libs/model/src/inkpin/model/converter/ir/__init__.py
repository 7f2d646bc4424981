"""The converter's own form of a network: few kinds of ops on named values, in real numbers.

Operators of every dialect become these ops; the passes simplify them, and each is lowered to calls
of kernels on integers.
"""

from inkpin.model.converter.ir.base import Clamped, Elementwise, Op, Weighted
from inkpin.model.converter.ir.interpolate import Interpolate
from inkpin.model.converter.ir.normalise import Normalise
from inkpin.model.converter.ir.ops import (
    Affine,
    ArgMax,
    AveragePool,
    Binary,
    Clip,
    Constant,
    Conv,
    Dense,
    Gather,
    MaxPool,
    Quantise,
    Recode,
    Softmax,
    Unary,
    Where,
)
from inkpin.model.converter.ir.products import Grid, MatMul
from inkpin.model.converter.ir.program import Input, Output, Program, Shape, size
from inkpin.model.converter.ir.quantisation import (
    InputScaling,
    Quantisation,
    QuantisedWeights,
    Range,
)
from inkpin.model.converter.ir.recurrent import GATES, Cell, Recurrent
from inkpin.model.converter.ir.trees import Trees

__all__ = [
    "GATES",
    "Affine",
    "ArgMax",
    "AveragePool",
    "Binary",
    "Cell",
    "Clamped",
    "Clip",
    "Constant",
    "Conv",
    "Dense",
    "Elementwise",
    "Gather",
    "Grid",
    "Input",
    "InputScaling",
    "Interpolate",
    "MatMul",
    "MaxPool",
    "Normalise",
    "Op",
    "Output",
    "Program",
    "Quantisation",
    "Quantise",
    "QuantisedWeights",
    "Range",
    "Recode",
    "Recurrent",
    "Shape",
    "Softmax",
    "Trees",
    "Unary",
    "Weighted",
    "Where",
    "size",
]
