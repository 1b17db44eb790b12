"""The ONNX graph under construction, and the interface for rules that add nodes to it."""
