"""The kernels of a convolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import Error, clip
from netspec.ir import Graph, Node

from .layer_lookup import LayerOutput, find_layer, select_filters
from .loaded_network import Network
from .see_errors import suggest_or_list


@dataclass(frozen=True)
class Filters:
    """Kernels of the selected filters of a layer."""

    layer: str
    numbers: tuple[int, ...]
    """The indices of the filters."""
    kernels: NDArray[np.float32]
    """(filters, channels of a filter, height, width). A 1-D convolution has height 1; the depth of a 3-D convolution is
    merged into the channels."""


def filters(net: Network, layer: str, numbers: Sequence[int] | None = None) -> Filters:
    """The kernels of a convolution's filters, each over the channels that it reads.

    The kernels of a transposed convolution are also returned filter by filter; for a separable convolution these are
    the depthwise kernels.

    Args:
        net: the network.
        layer: name of the layer.
        numbers: indices of the filters; all by default.

    Raises:
        Error: NS801, there is no such layer; NS802, no such filter; NS804, the layer has no kernels.
    """
    output = find_layer(net.graph, layer)
    node = next((n for n in net.graph.layer(output.node.name).nodes if has_kernels(n)), None)
    if node is None:
        with_kernels = kernel_layers(net.graph)
        help_ = suggest_or_list(layer, with_kernels, "layers with kernels") if with_kernels else None
        raise Error("NS804", f"layer '{clip(layer)}' ({output.node.op.name}) has no kernels", help_)
    weight = next(p for _, p in node.weights if len(p.shape) > 2)
    kernels = net.parameter(weight).astype(np.float32)
    filters = node.op.filter_axes()
    if filters is not None and filters.weight == 1:
        groups = filters.groups
        kernels = kernels.reshape(groups, kernels.shape[0] // groups, *kernels.shape[1:]).swapaxes(1, 2)
        kernels = kernels.reshape(-1, *kernels.shape[2:])
    bank = LayerOutput(output.name, output.value, output.type._replace(shape=(len(kernels),), axes=("channels",)), node)
    selected = select_filters(bank, numbers)
    return Filters(layer, selected, as_planes(kernels[list(selected)]))


def has_kernels(node: Node) -> bool:
    """Whether a node is a convolution with weights of its own."""
    return node.op.window_rank > 0 and any(len(p.shape) > 2 for _, p in node.weights)


def kernel_layers(graph: Graph) -> list[str]:
    """Names of the layers with kernels."""
    return [node.layer for node in graph.nodes if has_kernels(node)]


def as_planes(kernels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Kernels of a 1-D, 2-D or 3-D convolution as (filters, channels, height, width)."""
    if kernels.ndim == 3:
        return kernels[:, :, None, :]
    if kernels.ndim == 5:
        return kernels.reshape(kernels.shape[0], -1, *kernels.shape[3:])
    return kernels
