"""Operators that no value goes through: computed on constants alone, or refused with a hint."""

from inkpin.model.converter.onnx.constants import broadcast, given_shape, product, total
from inkpin.model.converter.onnx.registry import unsupported

DYNAMIC = (
    "dynamic quantisation finds its scales while it runs: quantise statically "
    "(onnxruntime.quantization.quantize_static, or give the float model and calibration data)"
)
_JUMPS = "it jumps, and 8 bits cannot tell on which side of a jump a number lies"
_DIVIDES = (
    "it divides by what it finds while it runs: batch normalisation is folded into weights and "
    "costs nothing"
)


unsupported("BitShift", "Equal", "Xor", fold=broadcast)
unsupported("CastLike", "Constant", "CumSum", "EyeLike", "IsInf", "IsNaN", "NonZero", fold=total)
unsupported("ArgMin", "ReduceMin", "ReduceProd", "ReduceSumSquare", fold=total)
unsupported("ScatterElements", "ScatterND", "Trilu", fold=total)
unsupported("ConstantOfShape", fold=given_shape)
unsupported("Einsum", fold=product)
unsupported("OneHot", fold=lambda arrays: arrays[0].size * given_shape(arrays[:2]))
unsupported("Range", fold=lambda arrays: given_shape(arrays[:2]))

unsupported("Ceil", "Floor", "Round", "Sign", fold=total, hint=_JUMPS)
unsupported("Mod", fold=broadcast, hint=_JUMPS)
unsupported("Hardmax", "TopK", "Trunc", hint=_JUMPS)
unsupported("ReduceL1", "ReduceL2", fold=total, hint=_DIVIDES)
unsupported("GroupNormalization", "InstanceNormalization", "LayerNormalization", hint=_DIVIDES)
unsupported("LpNormalization", "MeanVarianceNormalization", "Normalizer", hint=_DIVIDES)
unsupported("RMSNormalization", "SimplifiedLayerNormalization", hint=_DIVIDES)
unsupported(
    "GRU",
    "LSTM",
    "RNN",
    "Loop",
    "Scan",
    hint="it works step by step over time: take convolutions along time",
)
unsupported("If", hint="a graph with branches: export it with fixed shapes and in inference mode")
unsupported("ConvTranspose", hint="Resize by nearest neighbours and a Conv do the same work")
unsupported(
    "Attention",
    "MultiHeadAttention",
    "com.microsoft.Attention",
    hint="attention multiplies values by values",
)
unsupported(
    "TreeEnsemble",
    "TreeEnsembleClassifier",
    "SVMClassifier",
    hint="only networks of layers are; scikit-learn's MLPClassifier, LogisticRegression and linear "
    "classifiers are such",
)
unsupported(
    "DynamicQuantizeLinear",
    "com.microsoft.DynamicQuantizeMatMul",
    "com.microsoft.DynamicQuantizeLSTM",
    "com.microsoft.MatMulIntegerToFloat",
    hint=DYNAMIC,
)
