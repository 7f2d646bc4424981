"""From an ONNX file to steps in real numbers: graph, constants, operators."""
