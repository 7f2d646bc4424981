"""Families that no layer does: each with what to do instead."""

from inkpin.model.converter.onnx.registry import unsupported

DYNAMIC = (
    "dynamic quantisation finds its scales while it runs: quantise statically "
    "(onnxruntime.quantization.quantize_static, or give the float model and calibration data)"
)

unsupported(
    "Loop",
    "Scan",
    hint="it works step by step over time: GRU, LSTM and RNN do so, or convolutions along time; "
    "Keras unrolls what tf2onnx makes no such operator of: GRU(..., unroll=True)",
)
unsupported("If", hint="a graph with branches: export it with fixed shapes and in inference mode")
unsupported(
    "Attention",
    "MultiHeadAttention",
    "com.microsoft.Attention",
    hint="attention multiplies values by values",
)
unsupported(
    "SVMClassifier",
    "SVMRegressor",
    hint="scikit-learn's MLPClassifier, linear models and forests are supported",
)
unsupported(
    "DynamicQuantizeLinear",
    "com.microsoft.DynamicQuantizeMatMul",
    "com.microsoft.DynamicQuantizeLSTM",
    "com.microsoft.MatMulIntegerToFloat",
    hint=DYNAMIC,
)
