"""The activations of layers for one image, and their sparsity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from netspec.diagnostics import Error

from .layer_lookup import LayerOutput, find_layer, layers_by_name
from .loaded_network import Network


@dataclass(frozen=True)
class Activation:
    """The output of a layer for one image."""

    layer: str
    values: NDArray[np.float32]
    """(filters, height, width), or the layer's own shape if it has no height and width."""
    spatial: bool
    """Whether the output has height and width."""

    @property
    def zeros(self) -> float:
        """Sparsity: the fraction of values that are exactly zero."""
        return float((self.values.size - np.count_nonzero(self.values)) / self.values.size) if self.values.size else 0.0

    @property
    def silent(self) -> int:
        """Number of filters whose values are all zero; 0 without height and width."""
        return int(np.count_nonzero(~self.values.any(axis=(1, 2)))) if self.spatial else 0


def activations(net: Network, image: NDArray[np.float32], names: Sequence[str] | None = None) -> list[Activation]:
    """Returns the outputs of layers for one image, each after its activation.

    Args:
        net: the network.
        image: the input, in the network's shape; see :func:`netspec_see.preparation`.
        names: layers or blocks; by default all layers, in the network's order.

    Raises:
        Error: NS801, there is no such layer; NS805, NS807, the image does not fit the network.
    """
    layers = [find_layer(net.graph, name) for name in names] if names is not None else observable_layers(net)
    check_image_shape(net, image)
    outputs = {str(i): layer.value for i, layer in enumerate(layers)}
    if not outputs:
        return []
    with torch.inference_mode():
        values = net.module(outputs)(net.batch(image[None]))
    return [Activation(layer.name, *_to_planes(layer, values[str(i)])) for i, layer in enumerate(layers)]


def observable_layers(net: Network) -> list[LayerOutput]:
    """Returns all layers in the network's order, each once, except those of :data:`PASS_THROUGH`."""
    seen: set[int] = set()
    out: list[LayerOutput] = []
    for name, layer in layers_by_name(net.graph).items():
        if layer.value not in seen and layer.node.layer == name and layer.type.dtype.startswith(("float", "bfloat")):
            seen.add(layer.value)
            if not (layer.node.op.identity_in_inference or layer.node.op.keeps_values):
                out.append(layer)
    return out


def check_image_shape(net: Network, image: NDArray[np.float32]) -> None:
    """Checks that an array has the shape of the network's input. Raises Error NS807 if not."""
    shape = net.graph.values[net.input[1]].shape
    if tuple(image.shape) != tuple(shape):
        raise Error("NS807", f"the given image is {tuple(image.shape)}; the network expects {tuple(shape)}")


def _to_planes(layer: LayerOutput, value: torch.Tensor) -> tuple[NDArray[np.float32], bool]:
    """Returns values without the batch axis, channels first if they have height and width, and whether they have."""
    array: NDArray[np.float32] = value[0].float().cpu().numpy()
    if layer.plane is None:
        return array, False
    return np.ascontiguousarray(array.transpose(layer.plane.order)), True
