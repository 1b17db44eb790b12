"""How each operation becomes ONNX nodes: one file per family of :mod:`netspec.ops`, on top of :mod:`.base`."""
