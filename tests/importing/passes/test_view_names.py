"""Names of views after what they make."""

from __future__ import annotations

from typing import Any

import pytest

from netspec.importing.passes.view_names import name_by_role

from ..networks import Network


@pytest.mark.parametrize(("operation", "arguments", "source", "target", "name"), [
    ("rearrange", {"pattern": "c h w -> (h w) c"}, (8, 3, 3), (9, 8), "tokens"),
    ("rearrange", {"pattern": "(y x) c -> c y x", "y": 3}, (9, 8), (8, 3, 3), "image"),
    ("rearrange", {"pattern": "n (h d) -> h n d", "h": 2}, (9, 8), (2, 9, 4), "heads"),
    ("rearrange", {"pattern": "h n d -> n (h d)"}, (2, 9, 4), (9, 8), "tokens"),
    ("rearrange", {"pattern": "a b -> b a"}, (9, 8), (8, 9), ""),
    ("reshape", {"shape": [3, 3, 8]}, (9, 8), (3, 3, 8), "image"),
    ("reshape", {"shape": [9, 2, 4]}, (9, 8), (9, 2, 4), "heads"),
    ("reshape", {"shape": [72]}, (9, 8), (72,), ""),
    ("permute", {"order": [1, 2, 0]}, (8, 3, 3), (3, 3, 8), "channels_last"),
    ("permute", {"order": [2, 0, 1]}, (3, 3, 8), (8, 3, 3), "channels_first"),
    ("permute", {"order": [1, 0, 2]}, (3, 3, 8), (3, 3, 8), ""),
    ("select", {"index": 0, "axis": 0}, (9, 8), (8,), "first"),
    ("select", {"index": 1, "axis": 0}, (9, 8), (8,), ""),
])  # fmt: skip
def test_roles(
    operation: str, arguments: dict[str, Any], source: tuple[int, ...], target: tuple[int, ...], name: str
) -> None:
    net = Network(x=source)
    net.add("y", operation, "x", target, arguments)
    network = net.output("y")
    name_by_role(network)
    assert network.drafts[0].stem == name
