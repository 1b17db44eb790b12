"""A network to look at: its graph, its weights, and modules that give what its layers answer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netspec.diagnostics import clip
from netspec.ir import Graph, Parameter
from netspec.weights.numpy_types import Array
from netspec.weights.weight_source import SeedSource, WeightSource
from netspec_torch import build

from .cut import cut
from .faults import fail
from .layers import Plane, plane_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from netspec.weights.matching import Match


@dataclass(frozen=True, eq=False)
class Network:
    """A graph with weights. Make one with :func:`network`."""

    graph: Graph
    weights: WeightSource
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def input(self) -> tuple[str, int]:
        """Name and value of the one input. Raises Error NS805 where the network takes no single image."""
        if len(self.graph.inputs) != 1:
            fail("NS805", f"'{clip(self.graph.name)}' has {len(self.graph.inputs)} inputs: "
                 f"{', '.join(map(clip, self.graph.inputs))}; what can be looked at takes one image")
        return next(iter(self.graph.inputs.items()))

    @property
    def image(self) -> Plane:
        """The axes of the input image. Raises Error NS805 where the input is none."""
        name, value = self.input
        x = self.graph.values[value]
        found = plane_of(x)
        if found is None or not x.dtype.startswith(("float", "bfloat")):
            axes = ", ".join(a or str(i) for i, a in enumerate(x.axes))
            fail("NS805", f"input '{clip(name)}' of '{clip(self.graph.name)}' is no image: {x.dtype} ({axes})",
                 "an image is declared as [channels, height, width]")
        return found

    @property
    def image_size(self) -> tuple[int, int, int]:
        """Channels, height and width of the input image."""
        shape = self.graph.values[self.input[1]].shape
        channel, height, width = (shape[a] for a in self.image.order)
        return channel, height, width

    def parameter(self, parameter: Parameter) -> Array:
        """The values of a parameter of the graph."""
        return self.weights.values(parameter)

    def batch(self, images: NDArray[np.float32]) -> Tensor:
        """Inputs, the batch axis first, as a tensor where the network runs."""
        return torch.from_numpy(images).to(self.device)  # pyright: ignore[reportUnknownMemberType] - PyTorch's own type

    def module(self, outputs: Mapping[str, int], graph: Graph | None = None) -> Taps:
        """A module that gives values of the graph by name, in inference, with weights that do not train.

        It computes what they need and nothing else.

        Raises:
            netspec.backend.UnsupportedError: NS701, operations without a rule.
        """
        part, original = cut(self.graph if graph is None else graph, outputs)
        source = Renamed(self.weights, original) if original else self.weights
        model = build(part, weights=source, device=self.device).eval().requires_grad_(False)
        return Taps(model, tuple(outputs))


class Taps(nn.Module):
    """Gives values of a network by name, one or several."""

    def __init__(self, model: nn.Module, names: tuple[str, ...]) -> None:
        super().__init__()
        self.model = model
        self.names = names

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Values by name, each with the batch axis first, for images with the batch axis first."""
        out = self.model(x)
        return {self.names[0]: out} if isinstance(out, Tensor) else {name: out[name] for name in self.names}


@dataclass(frozen=True)
class Renamed:
    """A source of weights for parameters of which some have other names in it."""

    source: WeightSource
    original: Mapping[str, Parameter]

    def pieces(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
        """The values in order, in pieces."""
        return self.source.pieces(self.original.get(parameter.name, parameter), pool)

    def values(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Array:
        """The values as one array of the parameter's shape."""
        return self.source.values(self.original.get(parameter.name, parameter), pool)

    def fill(self, out: Array, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> None:
        """Writes the values into an array of as many elements."""
        self.source.fill(out, self.original.get(parameter.name, parameter), pool)


@dataclass(frozen=True)
class Tensors:
    """Weights as tensors by name, such as a state dict; what it has not is drawn from a seed."""

    tensors: Mapping[str, Tensor]
    seed: int = 0

    def pieces(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
        """The values, as one flat piece."""
        yield self.values(parameter, pool).reshape(-1)

    def values(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Array:
        """The values as one array of the parameter's shape."""
        found = self.tensors.get(parameter.name)
        if found is None:
            return SeedSource(self.seed).values(parameter, pool)
        found = found.detach().cpu()
        return np.asarray(found.float().numpy() if found.dtype == torch.bfloat16 else found.numpy())

    def fill(self, out: Array, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> None:
        """Writes the values into an array of as many elements."""
        out.reshape(-1)[:] = self.values(parameter, pool).reshape(-1)


def network(
    spec: Graph | str | os.PathLike[str],
    *,
    weights: nn.Module | Mapping[str, Tensor] | str | os.PathLike[str] | None = None,
    seed: int = 0,
    rename: Sequence[str] = (),
    in_order: bool = False,
    told: Callable[[Match], None] | None = None,
    device: str | torch.device = "cpu",
) -> Network:
    """A network to look at.

    Args:
        spec: a graph, or a spec as :func:`netspec.load` takes it.
        weights: a module that :func:`netspec.build` made (trained or not), its state dict, or a file of weights.
            Where there are none, they are drawn from the seed, and what is seen is an untrained network.
        seed: where weights are drawn from that are not given.
        rename: rules ``OLD=NEW`` for the names in a file.
        in_order: give what is left over in a file to what is missing, by order and shape.
        told: is told how a file's names and the parameters went together.
        device: where it runs.

    Raises:
        Error: the spec does not hold; NS706, NS708: the weights cannot be read, or do not fit the network.
    """
    from netspec.api import as_graph
    from netspec.backend.export import source

    graph = as_graph(spec)
    at = torch.device(device)
    if weights is None or isinstance(weights, (str, os.PathLike)):
        return Network(graph, source(graph, seed, weights, rename, in_order, told), at)
    tensors = dict(weights.state_dict()) if isinstance(weights, nn.Module) else dict(weights)
    for p in graph.parameters:
        found = tensors.get(p.name)
        if p.persistent and (found is None or tuple(found.shape) != p.shape):
            what = "is missing" if found is None else f"is {tuple(found.shape)}"
            fail("NS708", f"the tensors given do not fit '{clip(graph.name)}': '{clip(p.name)}' {what}; "
                 f"it must be {p.shape}")
    return Network(graph, Tensors(tensors, seed), at)
