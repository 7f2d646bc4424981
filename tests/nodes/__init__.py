"""The ONNX standard's own node tests, put to the converter."""
