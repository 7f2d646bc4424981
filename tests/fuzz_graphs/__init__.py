"""Random graphs of all operators, float and quantised, put to the converter beside onnxruntime."""
