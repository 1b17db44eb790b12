"""What the filters of layers answer to an image, and how many of their answers are zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from netspec.ops.regularise import Dropout, DropPath, SpatialDropout
from netspec.ops.shape import Flatten, Identity, Permute, Reshape, Squeeze, Unsqueeze

from .faults import fail
from .layers import Layer, find, layers
from .probe import Network

PASSING = (Dropout, SpatialDropout, DropPath, Identity, Flatten, Reshape, Permute, Squeeze, Unsqueeze)
"""Operations after which, in inference, the values are what they were before."""


@dataclass(frozen=True)
class Activation:
    """What a layer answers to an image."""

    layer: str
    values: NDArray[np.float32]
    """(filters, height, width), or the layer's own shape where it has no height and width."""
    spatial: bool
    """Whether it has height and width."""

    @property
    def zeros(self) -> float:
        """The share of its values that are exactly zero: the sparsity of the answer."""
        return float((self.values.size - np.count_nonzero(self.values)) / self.values.size) if self.values.size else 0.0

    @property
    def silent(self) -> int:
        """How many filters answer with zeros alone; 0 where it has no height and width."""
        return int(np.count_nonzero(~self.values.any(axis=(1, 2)))) if self.spatial else 0


def activations(net: Network, image: NDArray[np.float32], names: Sequence[str] | None = None) -> list[Activation]:
    """What layers answer to an image, each after its activation.

    Args:
        net: the network.
        image: the input, of the network's shape; see :func:`~netspec_see.images.preparation`.
        names: layers; all by default, in the network's order (blocks only where they are named).

    Raises:
        Error: NS801, no such layer; NS805, NS807, the network takes no such image.
    """
    wanted = [find(net.graph, name) for name in names] if names is not None else every(net)
    check(net, image)
    outputs = {str(i): layer.value for i, layer in enumerate(wanted)}
    if not outputs:
        return []
    with torch.inference_mode():
        found = net.module(outputs)(net.batch(image[None]))
    return [Activation(layer.name, *_shaped(layer, found[str(i)])) for i, layer in enumerate(wanted)]


def every(net: Network) -> list[Layer]:
    """All layers once, in the network's order, without those that pass on or rearrange what they get."""
    seen: set[int] = set()
    out: list[Layer] = []
    for name, layer in layers(net.graph).items():
        if layer.value not in seen and layer.node.layer == name and layer.type.dtype.startswith(("float", "bfloat")):
            seen.add(layer.value)
            if not isinstance(layer.node.op, PASSING):
                out.append(layer)
    return out


def check(net: Network, image: NDArray[np.float32]) -> None:
    """Nothing, where an array has the shape of the network's input. Raises Error NS807 otherwise."""
    shape = net.graph.values[net.input[1]].shape
    if tuple(image.shape) != tuple(shape):
        fail("NS807", f"the image given is {tuple(image.shape)}; the network takes {tuple(shape)}")


def _shaped(layer: Layer, value: torch.Tensor) -> tuple[NDArray[np.float32], bool]:
    found: NDArray[np.float32] = value[0].float().cpu().numpy()
    if layer.plane is None:
        return found, False
    return np.ascontiguousarray(found.transpose(layer.plane.order)), True
