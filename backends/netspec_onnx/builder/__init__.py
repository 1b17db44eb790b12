"""The ONNX graph under construction: its values and names, and what rules use to add nodes to it."""
