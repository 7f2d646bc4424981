"""From an ONNX file to ops in real numbers: graph, constants, operators."""
