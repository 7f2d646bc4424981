"""From bits to a prediction: onnxruntime, the C on this machine, the C on an emulated Xtensa."""
