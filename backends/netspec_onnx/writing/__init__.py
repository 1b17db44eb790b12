"""Writing an ONNX file: tensors are streamed in pieces, into the file or into a data file beside it."""
