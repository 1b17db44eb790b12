"""Rules that convert operations to ONNX nodes: a file for each family of :mod:`netspec.ops`."""
