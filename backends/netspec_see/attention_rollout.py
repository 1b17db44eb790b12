"""Attention rollout: how strongly each patch influences the result through the attention of all layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name
from torch.overrides import TorchFunctionMode

from netspec.diagnostics import Error, clip
from netspec.ir import Node
from netspec.ops.attention import Attention, DotProductAttention

from .activation_maps import check_image_shape
from .attribution import Attribution, enlarged
from .class_scores import resolve_target, score_layer
from .loaded_network import Network
from .token_grids import GivenGrid, Grid, grids


def rollout(
    net: Network, image: NDArray[np.float32], target: int | None = None, grid: GivenGrid | None = None
) -> Attribution:
    """Attention rollout (Abnar & Zuidema 2020, "Quantifying attention flow in transformers", section 3).

    The attention of a layer, averaged over its heads, and the shortcut around it have equal weight: ``A = 0.5 W + 0.5
    I``; the result is the product over the layers. It shows the row of the first token where there are tokens besides
    the patches (the class token), and otherwise the mean over all rows. It does not depend on the class.

    Args:
        net: the network.
        image: the input, in the network's shape.
        target: index of the class that is reported; by default the one with the highest score.
        grid: how the tokens are arranged.

    Raises:
        Error: NS805, NS807, the image does not fit the network; NS812, NS813, there is no such class; NS818, the given
            grid does not fit; NS819, the network has no attention, or not between the same tokens in all layers.
    """
    layers = _attention_layers(net)
    arranged = _token_grid(net, layers, grid)
    check_image_shape(net, image)
    weights = attention_weights(net, image, len(layers))
    flow = roll_out(weights)
    row = flow[0] if arranged.first else flow.mean(0)
    heat = arranged.arranged(row)[None, None]
    number, score = resolve_target(net, image, target)
    values = enlarged(heat, net.image_size[1:])
    return Attribution("rollout", number, score, values, False, grid=(arranged.rows, arranged.columns))


def roll_out(weights: Sequence[Tensor]) -> Tensor:
    """Multiplies the attention (heads, tokens, tokens) of all layers, averaged with shortcuts; first layer last."""
    out = torch.eye(weights[0].shape[-1], dtype=torch.float64)
    for each in weights:
        out = (0.5 * each.double().mean(0).cpu() + 0.5 * torch.eye(each.shape[-1], dtype=torch.float64)) @ out
    return out.float()


def _attention_layers(net: Network) -> list[Node]:
    """Returns the attention layers before the scores, in order.

    Raises Error NS819 unless rollout is defined for them.
    """
    needed = net.graph.ancestors([score_layer(net.graph).value])
    layers = [node for node in needed if isinstance(node.op, Attention | DotProductAttention)]
    name = clip(net.graph.name)
    if not layers:
        raise Error("NS819", f"attention rollout needs attention layers; '{name}' has none")
    first = net.graph.inputs_of(layers[0])[0].shape
    for node in layers:
        query, *others = net.graph.inputs_of(node)
        key = others[0] if others else query
        if query.rank > 2:
            reason = f"layer '{clip(node.layer)}' attends within each of {query.shape[0]} parts"
        elif query.shape[0] != key.shape[0] or query.shape[0] != first[0]:
            reason = f"layer '{clip(node.layer)}' attends from {query.shape[0]} to {key.shape[0]} tokens"
            reason += f", the first from {first[0]}" if query.shape[0] != first[0] else ""
        elif isinstance(node.op, DotProductAttention) and (node.op.cap is not None or node.op.sinks):
            reason = f"layer '{clip(node.layer)}' caps its scores or has sinks"
        else:
            continue
        help_ = "Grad-CAM has no such limits: --method grad-cam"
        raise Error(
            "NS819", f"attention rollout needs attention between the same tokens in all layers; {reason}", help_
        )
    return layers


def _token_grid(net: Network, layers: Sequence[Node], given_grid: GivenGrid | None) -> Grid:
    """Returns the arrangement of the last attention's tokens. Raises Error NS818, NS819."""
    layer = layers[-1]
    value = layer.inputs[0]
    grid = grids(net.graph, given_grid).get(value)
    if grid is None or len(grid.axes) == 2:
        tokens = net.graph.values[value].shape[0]
        if given_grid is not None:
            raise Error(
                "NS818", f"the {tokens} tokens of layer '{clip(layer.layer)}' cannot be arranged as {given_grid}"
            )
        message = f"the {tokens} tokens of layer '{clip(layer.layer)}' are not the patches of the image"
        raise Error("NS819", message, "--grid ROWSxCOLUMNS arranges them as an image")
    return grid


def attention_weights(net: Network, image: NDArray[np.float32], count: int) -> list[Tensor]:
    """Returns the weights of each attention for an image, (heads, tokens, tokens), in the network's order."""
    model = net.module({"scores": score_layer(net.graph).value})
    recorded = _RecordedAttention()
    with torch.inference_mode(), recorded:
        model(net.batch(image[None]))
    assert len(recorded.weights) == count, "every attention calls scaled_dot_product_attention once"
    return recorded.weights


class _RecordedAttention(TorchFunctionMode):
    """Records the weights of every call of ``scaled_dot_product_attention`` in its context."""

    def __init__(self) -> None:
        super().__init__()
        self.weights: list[Tensor] = []

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Calls the function; of an attention, also computes the weights."""
        options = dict(kwargs or {})
        if func is F.scaled_dot_product_attention:
            query, key = args[:2]
            # With the unit vectors as values, the result is the weights: of any mask, scale and grouping.
            units = torch.eye(key.shape[-2], dtype=query.dtype, device=query.device)
            self.weights.append(func(query, key, units.expand(*key.shape[:-1], -1), **options)[0].float())
        return func(*args, **options)
