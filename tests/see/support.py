"""Small networks with known weights, and images for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

import netspec
import netspec_see as see
from netspec.ir import Graph

torch.set_num_threads(1)


def graph_of(layers: str, shape: str = "[3, 12, 12]", **more: str) -> Graph:
    """The graph of a spec's layers."""
    extra = "".join(f"{key}: {value}\n" for key, value in more.items())
    return netspec.loads(f"netspec: 1\nname: net\ninput: {shape}\n{extra}layers:\n{layers}")


def positive(graph: Graph) -> see.Network:
    """The network with different positive weights, so that nothing cancels and no ReLU is zero."""
    make = torch.Generator().manual_seed(0)
    weights = {p.name: torch.rand(p.shape, generator=make) + 0.5 for p in graph.parameters if p.persistent}
    return see.network(graph, weights=weights)


def seen_by_gradient(net: see.Network, value: int, position: tuple[int, ...], tries: int = 1) -> NDArray[np.bool_]:
    """The elements of the input with a non-zero gradient of one element of a value, on any of several random inputs."""
    shape = net.graph.values[net.input[1]].shape
    module = net.module({"value": value})
    out = np.zeros(shape, dtype=np.bool_)
    make = torch.Generator().manual_seed(1)
    for _ in range(tries):
        x = (torch.rand((1, *shape), generator=make) + 0.5).requires_grad_()
        (gradient,) = torch.autograd.grad(module(x)["value"][(0, *position)], x)
        out |= (gradient[0] != 0).numpy()
    return out


def picture(path: Path, size: tuple[int, int] = (12, 12), seed: int = 0, mode: str = "RGB") -> Path:
    """Writes an image of noise to a file."""
    bands = {"L": (), "RGB": (3,), "RGBA": (4,)}[mode]
    pixels = np.random.default_rng(seed).integers(0, 256, (*size[::-1], *bands), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def tensor(array: NDArray[np.float32]) -> torch.Tensor:
    """An array as a tensor."""
    return torch.from_numpy(array)  # pyright: ignore[reportUnknownMemberType] - PyTorch's own type
