"""PyTorch: builds a network as a module, and writes it as idiomatic source code.

>>> import netspec
>>> model = netspec.build("vgg16")
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netspec.backend import BackendError, Need, Plan, Target
from netspec.ir import Graph, Node

if TYPE_CHECKING:
    import torch
    from torch import nn

    from netspec.analysis.tensor_split import TensorSplit
    from netspec.importing.readers import ExampleInputs, Request
    from netspec.importing.source import ImportSource
    from netspec.weights.weight_source import WeightSource

    from .parallel.divided_source import DividedSource
    from .parallel.planned_files import PlannedSource

__all__ = [
    "backend",
    "build",
    "divided_source",
    "export",
    "find_device",
    "loss_parallel",
    "planned_source",
    "reader",
    "source",
]


def build(
    graph: Graph,
    *,
    seed: int = 0,
    device: str | torch.device | None = None,
    weights: str | os.PathLike[str] | WeightSource | None = None,
    rename: Sequence[str] = (),
    in_order: bool = False,
    strict: bool = True,
) -> nn.Module:
    """Builds the network as a module, which can be used without netspec.

    Args:
        graph: the network.
        seed: seed of the initial weights; each weight depends on the seed and on its name, identically in every
            backend.
        device: where to create the module; on ``meta``, tensors have no values. By default, PyTorch's default device.
        weights: a weights file (safetensors or a PyTorch state dict) to load instead of initial weights.
        rename: rules ``OLD=NEW`` for the names in that file.
        in_order: whether to assign remaining tensors to the parameters without one, by order and shape.
        strict: whether every tensor of the file must match a parameter, and vice versa.

    Raises:
        netspec.SpecError: NS706, NS708: the file cannot be read, or does not fit the network.
        netspec.backend.BackendError: NS704, PyTorch is not installed; NS711, an invalid seed or device, or ``rename``,
            ``in_order`` or ``strict`` without a weights file.
        netspec.backend.UnsupportedError: NS701, operations without a rule.
    """
    from netspec.backend import require

    require(backend)
    from netspec.backend.export import open_weight_source

    from .module import build_module

    chosen = find_device(device)
    if weights is None or isinstance(weights, (str, os.PathLike)):
        weights = open_weight_source(graph, seed, weights, rename, in_order, strict)
    return build_module(graph, weights, chosen)


def find_device(device: str | torch.device | None) -> torch.device:
    """Returns the device; None is PyTorch's default device.

    Raises:
        netspec.backend.BackendError: NS711, there is no such device, or PyTorch cannot use it.
    """
    from .module import find_device

    return find_device(device)


def source(graph: Graph) -> str:
    """Returns the text of a Python file that defines the network and needs only PyTorch.

    PyTorch need not be installed to write it.

    Raises:
        netspec.backend.UnsupportedError: NS701, operations without a rule.
    """
    from .python.file import write

    return write(graph).text


def divided_source(graph: Graph) -> DividedSource:
    """Returns the source of a network with numbers of heads as attributes, so that devices can divide the heads.

    Raises:
        netspec.backend.UnsupportedError: NS701, operations without a rule.
    """
    from .parallel.divided_source import divided_source

    return divided_source(graph)


def loss_parallel(graph: Graph, plan: Plan, split: TensorSplit) -> bool:
    """Whether the loss in a plan's ``train.py`` is computed from scores that are divided by classes."""
    from .parallel.loss import loss_parallel

    return loss_parallel(graph, plan, split)


def planned_source(graph: Graph, plan: Plan, module: str = "model") -> PlannedSource:
    """Returns the texts of a plan's files; see :func:`.parallel.planned_files.planned_source`."""
    from .parallel.planned_files import planned_source

    return planned_source(graph, plan, module)


def export(graph: Graph, path: str | os.PathLike[str]) -> None:
    """Writes :func:`source` to a file.

    Raises:
        netspec.backend.UnsupportedError: NS701, operations without a rule, before anything is written.
        netspec.files.FileWriteError: NS705. The file is replaced atomically.
    """
    from netspec.files import replace_file

    text = source(graph).encode()
    with replace_file(path) as file:
        file.write(text)


class TorchBackend:
    """The backend behind ``--to torch``."""

    name = "torch"
    targets = (Target(".py", "PyTorch source", needs=()),)
    needs = (
        Need("torch", "PyTorch", "torch", use="netspec.build"),
        Need("numpy", "NumPy", "numpy", use="netspec.build"),
    )
    build = staticmethod(build)

    def unsupported(self, graph: Graph) -> list[Node]:
        """Returns the operations without a rule."""
        from .rules.lowered import lower

        return lower.unsupported(graph)

    def export(self, graph: Graph, path: Path, options: Mapping[str, Any]) -> None:
        """Writes the source with :func:`export`, or with the option ``plan``, the files of a plan.

        Raises BackendError NS711 for any other option.
        """
        unknown = [name for name in options if name != "plan"]
        if unknown:
            raise BackendError("NS711", f"'{unknown[0]}' has no meaning for PyTorch source")
        if options.get("plan") is None:
            export(graph, path)
            return
        from .parallel.planned_files import export_planned

        export_planned(graph, path, options["plan"])


class TorchReader:
    """Reads modules, and archives of ``torch.export``, for ``netspec import``."""

    sources = (":", ".pt2")
    needs = (
        Need("torch", "PyTorch", "torch", use="netspec.from_torch"),
        Need("numpy", "NumPy", "numpy", use="netspec.from_torch"),
    )

    def read(self, source: str, request: Request) -> ImportSource:
        """Read what a callable returns, or an archive; see :func:`.reading.source.read_source`."""
        from .reading.source import read_source

        return read_source(source, request)

    def read_model(self, model: Any, example: ExampleInputs | None = None, *, name: str | None = None) -> ImportSource:
        """Read a module; see :func:`netspec.from_torch`. Raises TypeError without ``example``."""
        from .reading.source import read_model

        if example is None:
            raise TypeError("a module is read with example inputs")
        return read_model(model, example.args, example.kwargs, example.dynamic_shapes, name)


backend = TorchBackend()
reader = TorchReader()
