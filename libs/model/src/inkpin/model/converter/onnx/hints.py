"""What to do instead of operators that are not supported."""

_BY_OPERATOR = {
    "ConvTranspose": "Resize by nearest neighbours and a Conv do the same work",
    "GRU LSTM RNN Loop Scan": "it works step by step over time: take convolutions along time",
    "If": "a graph with branches: export it with fixed shapes and in inference mode",
    "GroupNormalization InstanceNormalization LayerNormalization LpNormalization "
    "MeanVarianceNormalization Normalizer ReduceL1 ReduceL2 RMSNormalization "
    "SimplifiedLayerNormalization": "it divides by what it finds while it runs: batch "
    "normalisation is folded into weights and costs nothing",
    "Attention MultiHeadAttention com.microsoft.Attention": "attention multiplies values by values",
    "TreeEnsemble TreeEnsembleClassifier SVMClassifier": "only networks of layers are; "
    "scikit-learn's MLPClassifier, LogisticRegression and linear classifiers are such",
    "Ceil Floor Round Sign Mod Hardmax TopK Trunc": "it jumps, and 8 bits cannot tell on which "
    "side of a jump a number lies",
}
HINTS = {kind: hint for kinds, hint in _BY_OPERATOR.items() for kind in kinds.split()}
"""By operator, for the message that refuses it."""
