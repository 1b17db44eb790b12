"""Tiny modules, read and compared with what was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from netspec.importing.assemble import assemble
from netspec.importing.source import Comparison
from netspec.ir import Graph
from netspec_torch.reading.proof import compare
from netspec_torch.reading.read import ReadModule, read_module


class Function(nn.Module):
    """A function as a module.

    Args:
        function: of this module, and the inputs.
        parts: modules and parameters that it uses, by name.
    """

    def __init__(self, function: Callable[..., Any], **parts: Any) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            if isinstance(part, torch.Tensor) and not isinstance(part, nn.Parameter):
                self.register_buffer(name, part)
            else:
                setattr(self, name, part)

    def forward(self, *inputs: Any) -> Any:
        """What the function returns."""
        return self.function(self, *inputs)


def normal(*shape: int) -> torch.Tensor:
    """Two examples of normal numbers."""
    return torch.randn((2, *shape), generator=torch.Generator().manual_seed(0))


def read(module: nn.Module, *inputs: torch.Tensor, **options: Any) -> ReadModule:
    """What is read of a module."""
    return read_module(module, inputs, name="net", **options)


def imported(module: nn.Module, *inputs: torch.Tensor, **options: Any) -> tuple[Graph, Comparison, ReadModule]:
    """The graph of a module, and how it compares."""
    source = read(module, *inputs, **options)
    graph = assemble(source.network, source.weight_shapes)
    return graph, compare(module, graph, source, (inputs, {})), source


def operations(graph: Graph) -> str:
    """The names of its operations, with spaces between."""
    return " ".join(node.op.name for node in graph.nodes)
