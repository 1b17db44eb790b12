"""What one position of a layer computes: the numbers under its window, the weights, and their sum, maximum or mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import torch
from numpy.typing import NDArray

from netspec.diagnostics import Error, clip
from netspec.ir import Node
from netspec.ops.common.filters import Filters
from netspec.ops.common.sliding_windows import Windowed
from netspec.ops.conv import ConvTranspose
from netspec.shapes.types import TensorType

from .activation_maps import check_image_shape
from .layer_lookup import LayerOutput, find_layer, layers_by_name, plane_of, select_filters
from .loaded_network import Network
from .see_errors import suggest_or_list


@dataclass(frozen=True)
class WindowAxis:
    """A window along one axis, as it slides over the input (with zeros between, if the layer is transposed)."""

    size: int
    stride: int
    dilation: int
    before: int
    """Positions of padding before the first element."""

    def positions(self, output: int) -> list[int]:
        """The positions that the window of an output position covers; those outside of the input are padding."""
        first = output * self.stride - self.before
        return [first + i * self.dilation for i in range(self.size)]


@dataclass(frozen=True)
class WindowView:
    """One position of one filter of a layer, and everything that its value comes from."""

    layer: str
    op: str
    filter: int
    position: tuple[int, int]
    """Row and column of the output."""
    axes: tuple[WindowAxis, WindowAxis]
    """Along the height and the width."""
    source: str
    """The layer or input that is read."""
    channels: tuple[int, ...]
    """The channels that the filter reads."""
    inputs: NDArray[np.float32]
    """(channels, height, width): all values of these channels; of a transposed layer, with zeros between them."""
    padding_mode: str
    """What the padding holds: ``zeros``, ``reflect``, ``replicate`` or ``circular``."""
    kernel: NDArray[np.float32] | None
    """(channels, height, width): the weights as they are multiplied; None for pooling."""
    bias: float | None
    output: NDArray[np.float32]
    """(height, width): the values of the filter, before the layer's activation."""
    activation: str | None
    activated: float
    """The value of the position after the activation."""
    transposed: bool
    """Whether the layer is a transposed convolution, shown as a convolution over its input with zeros between."""

    @property
    def value(self) -> float:
        """The value of the position before the activation."""
        return float(self.output[self.position])

    def under_window(self) -> NDArray[np.float32]:
        """(channels, height, width): the numbers under the window; NaN in a padding of zeros."""
        _, height, width = self.inputs.shape
        rows, columns = (axis.positions(at) for axis, at in zip(self.axes, self.position, strict=True))
        out = np.full((len(self.inputs), len(rows), len(columns)), np.nan, np.float32)
        for a, row in enumerate(_source(row, height, self.padding_mode) for row in rows):
            for b, column in enumerate(_source(column, width, self.padding_mode) for column in columns):
                if row is not None and column is not None:
                    out[:, a, b] = self.inputs[:, row, column]
        return out


def window(
    net: Network,
    layer: str,
    image: NDArray[np.float32],
    position: tuple[int, int] | None = None,
    filter_: int = 0,
) -> WindowView:
    """What one position of a layer computes.

    Args:
        net: the network.
        layer: name of a convolution, transposed convolution or pooling with height and width.
        image: the input, in the network's shape; see :func:`netspec_see.preparation`.
        position: row and column of the output; by default the middle.
        filter_: index of the filter.

    Raises:
        Error: NS801, there is no such layer; NS802, no such filter; NS807, the image does not fit; NS817, the layer has
            no such window, or no such position.
    """
    layer_output = find_layer(net.graph, layer)
    node = next(n for n in net.graph.layer(layer_output.node.name).nodes if n.name == n.layer)
    plane, op = plane_of(node.outputs[0]), node.op
    source_plane = plane_of(net.graph.values[node.inputs[0]]) if node.inputs else None
    if plane is None or source_plane is None or not isinstance(op, Windowed) or not _has_single_window(node):
        _no_window(net, layer, node)
    select_filters(LayerOutput(layer, node.first_value, node.outputs[0], node), [filter_])
    check_image_shape(net, image)
    values = _values(net, image, {"input": node.inputs[0], "output": node.first_value, "result": layer_output.value})
    output = values["output"].transpose(plane.order)[filter_]
    height, width = output.shape
    row, column = position if position is not None else (height // 2, width // 2)
    if not (0 <= row < height and 0 <= column < width):
        positions = f"rows 0 to {height - 1} and columns 0 to {width - 1}"
        raise Error("NS817", f"layer '{clip(layer)}' has {positions}; found row {clip(row)}, column {clip(column)}")
    inputs = values["input"].transpose(source_plane.order)
    channels, kernel = _weights(net, node, filter_, len(inputs))
    axes = _window_axes(op, net.graph.values[node.inputs[0]])
    if isinstance(op, ConvTranspose):
        inputs = _with_zeros_between(inputs, op.stride)
        kernel = None if kernel is None else kernel[:, ::-1, ::-1]
    bias = next((p for name, p in node.weights if name == "bias"), None)
    activation = net.graph.layer(node.layer).activation
    return WindowView(
        layer,
        op.name,
        filter_,
        (row, column),
        (axes[0], axes[1]),
        net.graph.value_name(node.inputs[0]),
        channels,
        np.ascontiguousarray(inputs[list(channels)]),
        getattr(op, "padding_mode", "zeros"),
        kernel,
        None if bias is None else float(net.parameter(bias)[filter_]),
        np.ascontiguousarray(output),
        activation.op.name if activation is not None else None,
        float(values["result"].transpose(plane.order)[filter_, row, column]),
        isinstance(op, ConvTranspose),
    )


def _window_axes(op: Windowed, x: TensorType) -> list[WindowAxis]:
    """The windows of an operation along height and width; of a transposed convolution, over its input with zeros."""
    if isinstance(op, ConvTranspose):
        return [
            WindowAxis(w.size, 1, w.dilation, w.extent - 1 - cropped)
            for w, (cropped, _, _) in zip(op.windows(), op.cropping(), strict=True)
        ]
    return [WindowAxis(w.size, w.stride, w.dilation, before) for _, w, (before, _) in op.sliding(x)]


def _has_single_window(node: Node) -> bool:
    """Whether one window of weights, or none, makes each value: no connection table, no second stage."""
    weights = [name for name, p in node.weights if len(p.shape) > 1]
    return node.op.window_rank == 2 and len(weights) <= 1 and getattr(node.op, "connections", None) is None


def _no_window(net: Network, layer: str, node: Node) -> NoReturn:
    """Fails for a layer without a window, and names those that have one."""
    known = [
        name
        for name, other in layers_by_name(net.graph).items()
        if isinstance(other.node.op, Windowed) and _has_single_window(other.node) and other.plane is not None
    ]
    help_ = suggest_or_list(layer, known, "layers with windows") if known else None
    raise Error("NS817", f"layer '{clip(layer)}' ({node.op.name}) has no single window over height and width", help_)


def _weights(
    net: Network, node: Node, filter_: int, channels: int
) -> tuple[tuple[int, ...], NDArray[np.float32] | None]:
    """The channels that a filter reads, and its weights (channels, height, width); pooling has none."""
    op = node.op
    weight = next((p for _, p in node.weights if len(p.shape) > 2), None)
    if weight is None or not isinstance(op, Filters):
        return (filter_,), None
    kernels = net.parameter(weight).astype(np.float32)
    filters, groups = op.groups_of(channels)
    per, group = channels // groups, filter_ // (filters // groups)
    read = tuple(range(group * per, (group + 1) * per))
    if isinstance(op, ConvTranspose):
        return read, kernels[list(read), filter_ % (filters // groups)]
    return read, kernels[filter_]


def _values(net: Network, image: NDArray[np.float32], names: Mapping[str, int]) -> dict[str, NDArray[np.float32]]:
    """Values of the network for an image, without the batch axis."""
    inputs = set(net.graph.inputs.values())
    computed = {name: value for name, value in names.items() if value not in inputs}
    with torch.inference_mode():
        results = net.module(computed)(net.batch(image[None]))
    return {name: results[name][0].float().cpu().numpy() if name in computed else image for name in names}


def _with_zeros_between(inputs: NDArray[np.float32], stride: Sequence[int]) -> NDArray[np.float32]:
    """The values of each channel with ``stride - 1`` zeros between neighbours, along height and width."""
    channels, height, width = inputs.shape
    down, across = stride
    out = np.zeros((channels, (height - 1) * down + 1, (width - 1) * across + 1), np.float32)
    out[:, ::down, ::across] = inputs
    return out


def _source(at: int, n: int, mode: str) -> int | None:
    """The element that a position shows, which may be in the padding; None in a padding of zeros."""
    if 0 <= at < n:
        return at
    if mode == "zeros":
        return None
    if mode == "replicate":
        return min(max(at, 0), n - 1)
    return at % n if mode == "circular" else (-at if at < 0 else 2 * (n - 1) - at)
