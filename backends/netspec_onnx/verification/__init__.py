"""Running an ONNX file and comparing its outputs with the spec and with PyTorch's module."""
