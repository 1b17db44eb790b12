"""An ONNX file in ONNX Runtime, as a function of NumPy arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from netspec.backend import BackendError
from netspec.weights.numpy_types import Array

from .random_inputs import Inputs

_FLOATS = {"tensor(float16)": "float16", "tensor(float)": "float32", "tensor(double)": "float64"}
"""NumPy's names of input types."""


class Session:
    """A file in ONNX Runtime."""

    def __init__(self, path: Path) -> None:
        from importlib import import_module

        ort: Any = import_module("onnxruntime")  # it has no types
        options = ort.SessionOptions()
        options.log_severity_level = 4
        try:
            runtime: Any = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its classes have no common base
            raise _rejection(error) from None
        self._runtime = runtime
        self.inputs: dict[str, str] = {i.name: i.type for i in self._runtime.get_inputs()}
        first = [i.shape[0] for i in self._runtime.get_inputs() if i.shape]
        self.batch: int | None = next((n for n in first if isinstance(n, int)), None)
        """The number of examples, if it is fixed in the file."""
        types = [o.type for o in self._runtime.get_outputs()] + list(self.inputs.values())
        self.dtype = next((d for d in ("bfloat16", "float16") if f"tensor({d})" in types), "float32")

    def __call__(self, inputs: Inputs) -> list[Array]:
        """Returns the outputs for some inputs, whatever the file's element type."""
        converted = {n: x.astype(_FLOATS.get(self.inputs[n], x.dtype), copy=False) for n, x in inputs.items()}
        try:
            return [np.asarray(y) for y in self._runtime.run(None, converted)]
        except Exception as error:
            raise _rejection(error) from None


def open_session(path: Path) -> Session:
    """Opens the file in ONNX Runtime. Raises BackendError NS704 if ONNX Runtime is not installed."""
    from importlib.util import find_spec

    if find_spec("onnxruntime") is None:
        raise BackendError("NS704", "--verify needs ONNX Runtime: pip install onnxruntime")
    return Session(path)


def _rejection(error: Exception) -> BackendError:
    """Formats ONNX Runtime's message in one line."""
    message = " ".join(str(error).split())
    lacks = "NOT_IMPLEMENTED" in message
    words = "on CPUs it lacks operators in bfloat16 and float64; --dtype float32 replaces the type of the spec"
    return BackendError("NS714", f"ONNX Runtime cannot run the file: {message[:200]}", words if lacks else None)
