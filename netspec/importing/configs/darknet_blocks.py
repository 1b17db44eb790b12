"""The blocks of a spec imported from Darknet: a convolution with batch normalisation, and one with unshared weights."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from ...text.yaml_reader import Name


def used_blocks(layers: Mapping[str, Any], varied: Set[str], activation: str) -> dict[str, Any]:
    """Returns the blocks that layers use.

    Args:
        layers: the layers of the spec.
        varied: the parameters of ``Conv``, beyond its filters, kernel and stride, that some layers set.
        activation: the default activation of ``Conv``.
    """
    blocks: dict[str, Any] = {}
    if "'Conv'" in str(layers):
        further: dict[str, Any] = {key: 1 for key in ("groups", "dilation") if key in varied}
        usual = "$(dilation * (kernel - 1) // 2)" if "dilation" in varied else "$(kernel // 2)"
        padding: dict[str, Any] = {"padding": usual} if "padding" in varied else {}
        act = Name(activation)
        conv: dict[str, Any] = {"conv2d": "$filters", "kernel": "$kernel", "stride": "$stride"}
        conv |= {"padding": "$padding" if padding else usual} | {key: f"${key}" for key in further} | {"bias": False}
        blocks["Conv"] = {
            "params": {"filters": Name("int"), "kernel": 1, "stride": 1, **further, **padding, "act": act},
            "layers": {"conv": conv, "bn": Name("batch_norm"), "act": "$act"},
        }
    if "'Local'" in str(layers):
        size = "$((input.{} + 2 * padding - kernel) // stride + 1)"
        blocks["Local"] = {
            "doc": "A convolution with weights of its own at each position.",
            "params": {
                "filters": Name("int"),
                "kernel": 1,
                "stride": 1,
                "padding": 0,
                "h": size.format("height"),
                "w": size.format("width"),
            },
            "layers": {
                "windows": {"unfold2d": "$kernel", "stride": "$stride", "padding": "$padding"},
                "weight": {"parameter": ["$(h * w)", "$filters", "$(windows.channels)"]},
                "sums": {"einsum": "k p, p n k -> n p", "from": [Name("windows"), Name("weight")]},
                "map": {"reshape": ["$filters", "$h", "$w"]},
                "bias": {"parameter": ["$filters", "$h", "$w"], "init": Name("zeros")},
                "add": {"add": [Name("map"), Name("bias")]},
            },
        }
    return blocks
