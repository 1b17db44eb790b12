"""Writes an ONNX file; tensors are streamed in pieces, into the file or into a separate data file."""
