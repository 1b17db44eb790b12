"""Imports a model in memory, or a file, as a graph and a spec."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .readers import ExampleInputs, Request, find_reader

if TYPE_CHECKING:
    import onnx
    from torch import nn

    from .result import Import

__all__ = ["from_keras", "from_onnx", "from_torch"]


def from_onnx(
    model: str | os.PathLike[str] | onnx.ModelProto,
    *,
    name: str | None = None,
    opaque: bool = False,
    prove: bool = True,
) -> Import:
    """Imports an ONNX model, and verifies that the spec describes the same network.

    Args:
        model: a file, or a model in memory.
        name: name of the network; by default that of the model.
        opaque: whether operations without an equivalent become operations that the spec declares.
        prove: whether to compare outputs with those of the model in ONNX Runtime.

    Raises:
        ImportRefused: the model cannot be imported; the error contains all problems.
        BackendError: NS704, a library is not installed.
        FileError: NS706, the file cannot be read.
    """
    reader = find_reader("onnx")
    if isinstance(model, (str, os.PathLike)):
        source = reader.read(os.fspath(model), Request(name=name))
    else:
        source = reader.read_model(model, name=name)
    from .result import import_source  # needs NumPy, without which there is no reader

    return import_source(source, name=name, opaque=opaque, prove=prove)


def from_torch(
    module: nn.Module,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    *,
    dynamic_shapes: Any = None,
    name: str | None = None,
    opaque: bool = False,
    prove: bool = True,
) -> Import:
    """Imports a PyTorch module, and verifies that the spec describes the same network.

    The module is put into evaluation mode while it is exported (``torch.export``), and its code is run.

    Args:
        module: the module.
        args: example inputs, each with a batch axis.
        kwargs: further inputs by name.
        dynamic_shapes: dynamic sizes, as for ``torch.export.export``.
        name: name of the network; by default that of the module's class.
        opaque: whether operations without an equivalent become operations that the spec declares.
        prove: whether to compare outputs with those of the module.

    Raises:
        ImportRefused: the module cannot be imported; the error contains all problems.
        BackendError: NS704, PyTorch is not installed.
    """
    example = ExampleInputs(args, kwargs, dynamic_shapes)
    source = find_reader("torch").read_model(module, example, name=name)
    from .result import import_source  # needs NumPy, without which there is no reader

    return import_source(source, name=name, opaque=opaque, prove=prove)


def from_keras(model: Any, *, name: str | None = None, opaque: bool = False, prove: bool = True) -> Import:
    """Imports a Keras model, and verifies that the spec describes the same network.

    Args:
        model: a model of Keras 3: functional, sequential, or with such models as layers.
        name: name of the network; by default that of the model.
        opaque: whether layers without an equivalent become operations that the spec declares.
        prove: whether to compare outputs with those of the model.

    Raises:
        ImportRefused: the model cannot be imported; the error contains all problems.
        BackendError: NS704, Keras is not installed.
    """
    source = find_reader("keras").read_model(model, name=name)
    from .result import import_source  # needs NumPy, without which there is no reader

    return import_source(source, name=name, opaque=opaque, prove=prove)
