"""Imports ONNX files of any origin, from operator set 7, without PyTorch and without running the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from netspec.backend import BackendError, Need
from netspec.diagnostics import Error

if TYPE_CHECKING:
    import onnx

    from netspec.importing.readers import Request

    from .source import OnnxSource


class OnnxReader:
    """Reads ``.onnx`` files."""

    sources = (".onnx",)
    needs = (Need("onnx", "ONNX", "onnx"), Need("numpy", "NumPy", "numpy"))

    def read(self, source: str, request: Request) -> OnnxSource:
        """Read a file; see :func:`netspec_onnx.reading.source.read_source`.

        Raises:
            Error: NS711, ``--args`` was given.
            ImportRefused: it is not an ONNX model, or it is malformed or larger than the limits.
            FileReadError: NS706, the file cannot be read.
        """
        if request.arguments:
            raise Error("NS711", "--args has no meaning for an ONNX file, which has no arguments")
        sizes = {name: example.shape for name, example in request.inputs.items()}
        return self._read(source, request.name or Path(source).stem, sizes=sizes, file=source)

    def read_model(
        self, model: onnx.ModelProto | bytes, example: object = None, *, name: str | None = None
    ) -> OnnxSource:
        """Imports a model in memory with all its data; raises as :meth:`read`, and TypeError with ``example``."""
        if example is not None:
            raise TypeError("an ONNX model is read without example inputs")
        return self._read(model, name)

    @staticmethod
    def _read(source: Any, name: str | None, *, sizes: Any = None, file: str | None = None) -> OnnxSource:
        from netspec.importing import ImportDiagnostic, ImportRefused

        from .load import load
        from .source import read_source

        try:
            model, folder = load(source)
            return read_source(
                model, folder, network_name(name or model.graph.name), sizes, None if file is None else Path(file)
            )
        except BackendError as error:
            raise ImportRefused([ImportDiagnostic.of(error.code, "", error.message, help=error.help)], file) from None


def network_name(name: str) -> str:
    """Converts the name of a file to the name of a network."""
    from netspec.importing.layer_names import legal_name

    return legal_name(name).replace(".", "_").strip("_-") or "network"


reader = OnnxReader()
