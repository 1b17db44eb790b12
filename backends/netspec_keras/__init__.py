"""Imports Keras models from their files, without Keras and without running anything in them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from netspec.backend import Need

if TYPE_CHECKING:
    from netspec.importing.readers import Request

    from .read import KerasSource

__all__ = ["reader"]


class KerasReader:
    """The reader behind ``netspec import model.keras`` and ``netspec.from_keras``."""

    sources = (".keras", ".h5", ".hdf5")
    needs = (Need("h5py", "h5py", "h5py"), Need("numpy", "NumPy", "numpy"))

    def read(self, source: str, request: Request) -> KerasSource:
        """Imports a file.

        Raises:
            KerasFileError: NS830 to NS834, it is not a model of layers, is damaged, or is too large.
            FileReadError: NS706, it cannot be opened.
        """
        from netspec.diagnostics import Error
        from netspec.files import FileReadError, os_reason

        from .read import read_file

        if request.inputs or request.arguments:
            message = "--input and --args have no meaning for a Keras file, which declares its inputs"
            raise Error("NS711", message, "leave them out")
        try:
            return read_file(source)
        except FileNotFoundError:
            raise FileReadError(source, "there is no such file") from None
        except OSError as error:
            raise FileReadError(source, os_reason(error)) from None

    def read_model(self, model: Any, example: object = None, *, name: str | None = None) -> KerasSource:
        """Imports a ``keras.Model`` in memory, via a file; raises as :meth:`read`, and TypeError."""
        import atexit
        import shutil
        import tempfile

        from netspec.diagnostics import Error

        from .read import read_file

        if example is not None:
            raise TypeError("a keras.Model is read without example inputs")
        if not callable(getattr(model, "save", None)) or not hasattr(model, "layers"):
            raise TypeError(f"a keras.Model is needed; found {type(model).__name__}")
        if not getattr(model, "built", True):
            raise Error("NS833", "the model is not built", "call it once, or start it with `keras.Input`")
        folder = tempfile.mkdtemp(prefix="netspec-keras-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        path = os.path.join(folder, f"{getattr(model, 'name', 'model')}.keras".replace("/", "_"))
        model.save(path)
        source = read_file(path)
        source.network.name = name or source.network.name
        return source


reader = KerasReader()
