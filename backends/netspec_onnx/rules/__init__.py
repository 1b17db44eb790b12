"""How each operation becomes ONNX nodes: a file for each family of :mod:`netspec.ops`, listed by :mod:`.rule_table`."""
