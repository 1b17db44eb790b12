"""A network with weights, and PyTorch modules that compute any of its values."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netspec.backend.export import open_weight_source, warn
from netspec.diagnostics import Diagnostic, Error, clip
from netspec.ir import Graph, Parameter
from netspec.weights.numpy_types import Array
from netspec.weights.weight_source import SeedSource, WeightSource
from netspec_torch import build, find_device

from .layer_lookup import Plane, plane_of
from .see_errors import MAX_LISTED
from .subgraph import subgraph

if TYPE_CHECKING:
    from netspec.weights import Match

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of finished steps and the total number of steps."""


@dataclass(frozen=True, eq=False)
class Network:
    """A graph with weights. Create one with :func:`network`."""

    graph: Graph
    weights: WeightSource
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def input(self) -> tuple[str, int]:
        """Name and value of the only input. Raises Error NS805 if the network has several."""
        if len(self.graph.inputs) != 1:
            raise Error(
                "NS805",
                f"'{clip(self.graph.name)}' has {len(self.graph.inputs)} inputs: "
                f"{', '.join(map(clip, self.graph.inputs))}; netspec see needs one, an image",
            )
        return next(iter(self.graph.inputs.items()))

    @property
    def image(self) -> Plane:
        """The axes of the input image. Raises Error NS805 if the input is not an image."""
        name, value = self.input
        x = self.graph.values[value]
        plane = plane_of(x)
        if plane is None or not x.dtype.startswith(("float", "bfloat")):
            axes = ", ".join(a or str(i) for i, a in enumerate(x.axes))
            raise Error(
                "NS805",
                f"input '{clip(name)}' of '{clip(self.graph.name)}' is not an image: {x.dtype} ({axes})",
                "an image is declared as [channels, height, width]",
            )
        return plane

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
        """Inputs with the batch axis first, as a tensor on the network's device."""
        return torch.from_numpy(images).to(self.device)  # pyright: ignore[reportUnknownMemberType] - PyTorch's own type

    def module(self, outputs: Mapping[str, int], graph: Graph | None = None) -> NamedValues:
        """A module in evaluation mode, with frozen weights, that returns values of the graph by name.

        It computes only what these values depend on.

        Args:
            outputs: numbers of the values by name.
            graph: a graph with the same parameters; by default the network's own.

        Raises:
            netspec.backend.UnsupportedError: NS701, the PyTorch backend lacks an operation.
        """
        part, original = subgraph(self.graph if graph is None else graph, outputs)
        source = RenamedWeights(self.weights, original) if original else self.weights
        model = build(part, weights=source, device=self.device).eval().requires_grad_(False)
        (kind,) = part.input_types.values()
        return NamedValues(model, tuple(outputs), getattr(torch, kind.dtype))


_HALF = (torch.float16, torch.bfloat16)


class NamedValues(nn.Module):
    """A module that returns values of a network by name, one or several; ``dtype`` is the type of its input."""

    def __init__(self, model: nn.Module, names: tuple[str, ...], dtype: torch.dtype) -> None:
        super().__init__()
        self.model = model
        self.names = names
        self.dtype = dtype

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Values by name for a batch of images, each with the batch axis first; those in half precision as float32."""
        out = self.model(x.to(self.dtype))
        values = [out] if isinstance(out, Tensor) else [out[name] for name in self.names]
        return dict(zip(self.names, [v.float() if v.dtype in _HALF else v for v in values], strict=True))


@dataclass(frozen=True)
class RenamedWeights:
    """A source of weights in which some parameters have other names."""

    source: WeightSource
    original: Mapping[str, Parameter]

    def pieces(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
        """The elements in order, in pieces."""
        return self.source.pieces(self.original.get(parameter.name, parameter), pool)

    def values(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Array:
        """The values as one array of the parameter's shape."""
        return self.source.values(self.original.get(parameter.name, parameter), pool)

    def fill(self, out: Array, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> None:
        """Writes the values into an array with the same number of elements."""
        self.source.fill(out, self.original.get(parameter.name, parameter), pool)


@dataclass(frozen=True)
class TensorWeights:
    """Weights as tensors by name, such as a state dict; missing ones are initialised from a seed."""

    tensors: Mapping[str, Tensor]
    seed: int = 0

    def pieces(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
        """The values, as one flat piece."""
        yield self.values(parameter, pool).reshape(-1)

    def values(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Array:
        """The values as one array of the parameter's shape."""
        tensor = self.tensors.get(parameter.name)
        if tensor is None:
            return SeedSource(self.seed).values(parameter, pool)
        tensor = tensor.detach().cpu()
        return np.asarray(tensor.float().numpy() if tensor.dtype == torch.bfloat16 else tensor.numpy())

    def fill(self, out: Array, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> None:
        """Writes the values into an array with the same number of elements."""
        out.reshape(-1)[:] = self.values(parameter, pool).reshape(-1)


def network(
    spec: Graph | str | os.PathLike[str],
    *,
    weights: nn.Module | Mapping[str, Tensor] | str | os.PathLike[str] | None = None,
    seed: int = 0,
    rename: Sequence[str] = (),
    in_order: bool = False,
    strict: bool = True,
    on_match: Callable[[Match], None] | None = None,
    on_warning: Callable[[Diagnostic], None] = warn,
    device: str | torch.device = "cpu",
) -> Network:
    """Loads a network with its weights.

    Args:
        spec: a graph, or a spec as :func:`netspec.load` accepts it. Named dimensions have their defaults.
        weights: a module built by :func:`netspec.build` (trained or not), its state dict, or a weight file. Without
            them, the network is initialised from the seed, that is, untrained.
        seed: seed for weights that are not given.
        rename: rules ``OLD=NEW`` for the names in a weight file.
        in_order: assign remaining tensors of a file to missing parameters by order and shape.
        strict: whether every given tensor must belong to a parameter, and every parameter must have one; otherwise
            others are ignored, and what is missing is initialised from the seed.
        on_match: called with the assignment of a file's tensors to the parameters.
        on_warning: called with what is strange about the numbers of a file, and with what is left out if ``strict`` is
            false; by default a Python warning.
        device: device on which it runs.

    Raises:
        Error: the spec is invalid; NS711, there is no such device; NS706 to NS709: the weights cannot be read, or do
            not fit the network.
    """
    from netspec.api import as_graph

    torch_device = find_device(device)
    graph = as_graph(spec).at_default
    if weights is None or isinstance(weights, (str, os.PathLike)):
        source = open_weight_source(graph, seed, weights, rename, in_order, strict, on_match, on_warning)
        return Network(graph, source, torch_device)
    tensors = dict(weights.state_dict()) if isinstance(weights, nn.Module) else dict(weights)
    left_out = _check_tensors(graph, tensors, strict)
    if left_out:
        on_warning(Diagnostic("NS710", "only a part of the given tensors fits", notes=left_out, severity="warning"))
    return Network(graph, TensorWeights(tensors, seed), torch_device)


def _check_tensors(graph: Graph, tensors: Mapping[str, Tensor], strict: bool) -> tuple[str, ...]:
    """The names that given tensors lack, and those that only they have; not more of each than a report lists.

    Raises:
        Error: NS708, there is any of it and ``strict`` is set, or a tensor has another shape.
    """
    left_out: list[str] = []
    parameters = {p.name: p for p in graph.parameters if p.persistent}
    for name, p in parameters.items():
        tensor = tensors.get(name)
        if tensor is None:
            left_out.append(f"'{clip(name)}' is missing; it must be {p.shape}")
        elif tuple(tensor.shape) != p.shape:
            message = f"'{clip(name)}' is {tuple(tensor.shape)}; it must be {p.shape}"
            raise Error("NS708", f"the given tensors do not fit '{clip(graph.name)}': {message}")
    left_out += [f"'{clip(name)}' is not a parameter of the network" for name in tensors if name not in parameters]
    if strict and left_out:
        help_ = "strict=False ignores what the network lacks, and initialises what is missing"
        raise Error("NS708", f"the given tensors do not fit '{clip(graph.name)}': {left_out[0]}", help_)
    further = len(left_out) - MAX_LISTED
    return (*left_out[:MAX_LISTED], *([f"… and {further} more"] if further > 0 else []))
