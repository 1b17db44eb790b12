"""The kernels of a layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import clip
from netspec.ir import Graph, Node
from netspec.ops.conv import ConvTranspose, Windowed

from .faults import fail, nearest_or_all
from .layers import Layer, chosen, find
from .probe import Network


@dataclass(frozen=True)
class Filters:
    """Kernels of a layer, those that were chosen."""

    layer: str
    numbers: tuple[int, ...]
    """The filters' numbers."""
    kernels: NDArray[np.float32]
    """(filters, channels of a filter, height, width); of one axis the height is 1, of three the depth is among the
    channels."""


def filters(net: Network, layer: str, numbers: Sequence[int] | None = None) -> Filters:
    """The kernels of a convolution's filters, each over the channels that it reads.

    A transposed convolution's kernels are given filter by filter too; of a separable one the depthwise kernels.

    Args:
        net: the network.
        layer: name of the layer.
        numbers: which filters; all by default.

    Raises:
        Error: NS801, no such layer; NS802, no such filter; NS804, the layer has no kernels.
    """
    found = find(net.graph, layer)
    node = next((n for n in net.graph.nodes if n.layer == found.node.layer and has_kernels(n)), None)
    if node is None:
        with_kernels = kernel_layers(net.graph)
        help_ = nearest_or_all(layer, with_kernels, "layers that have") if with_kernels else None
        fail("NS804", f"layer '{clip(layer)}' ({found.node.op.name}) has no kernels", help_)
    weight = next(p for _, p in node.weights if len(p.shape) > 2)
    kernels = net.parameter(weight).astype(np.float32)
    if isinstance(node.op, ConvTranspose):
        g = node.op.groups
        kernels = kernels.reshape(g, kernels.shape[0] // g, *kernels.shape[1:]).swapaxes(1, 2)
        kernels = kernels.reshape(-1, *kernels.shape[2:])
    bank = Layer(found.name, found.value, found.type._replace(shape=(len(kernels),), axes=("channels",)), node)
    picked = chosen(bank, numbers)
    return Filters(layer, picked, as_planes(kernels[list(picked)]))


def has_kernels(node: Node) -> bool:
    """Whether a node is a convolution with weights of its own."""
    return isinstance(node.op, Windowed) and any(len(p.shape) > 2 for _, p in node.weights)


def kernel_layers(graph: Graph) -> list[str]:
    """Names of the layers that have kernels."""
    return [node.layer for node in graph.nodes if has_kernels(node)]


def as_planes(kernels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Kernels of one, two or three axes as (filters, channels, height, width)."""
    if kernels.ndim == 3:
        return kernels[:, :, None, :]
    if kernels.ndim == 5:
        return kernels.reshape(kernels.shape[0], -1, *kernels.shape[3:])
    return kernels
