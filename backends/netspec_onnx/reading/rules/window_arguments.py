"""Common arguments of convolutions and pools."""

from __future__ import annotations

from typing import Any

from netspec.shapes.sizes import is_named

from ..errors import refused
from ..node import OnnxNode
from ..values import SourceTensor


def window_padding(node: OnnxNode, x: SourceTensor, rank: int) -> Any:
    """Returns the ``padding`` argument: one number per axis, a pair if the ends differ, or ``same``.

    Raises:
        CannotImportError: NS842, the padding before the input depends on a dynamic size.
    """
    auto = node.attribute("auto_pad", "NOTSET") or "NOTSET"
    if auto == "SAME_UPPER":
        return "same"
    if auto == "SAME_LOWER":
        return [list(reversed(p)) for p in _same(node, x, rank)]
    pads = node.attribute("pads", [0] * 2 * rank) if auto == "NOTSET" else [0] * 2 * rank
    if len(pads) != 2 * rank:
        raise refused("malformed", f"pads has {len(pads)} numbers; {rank} axes require {2 * rank}")
    if any(p < 0 for p in pads):
        raise refused("argument", "negative pads have no equivalent")
    if pads[:rank] == pads[rank:]:
        return list(pads[:rank])
    return [[pads[k], pads[k + rank]] for k in range(rank)]


def _same(node: OnnxNode, x: SourceTensor, rank: int) -> list[list[int]]:
    """Returns the padding per axis with which the output size is the input size divided by the stride."""
    kernel = node.attribute("kernel_shape")
    strides, dilations = per_axis(node, "strides", rank), per_axis(node, "dilations", rank)
    out: list[list[int]] = []
    for n, k, s, d in zip(x.shape[2:], kernel or [1] * rank, strides, dilations, strict=True):
        if is_named(n) and s != 1:
            raise refused("argument", "auto_pad: SAME_LOWER with a stride and a named size has no equivalent")
        size = 1 if is_named(n) else n
        total = max((-(-size // s) - 1) * s + d * (k - 1) + 1 - size, 0)
        out.append([total // 2, total - total // 2])
    return out


def per_axis(node: OnnxNode, name: str, rank: int) -> list[int]:
    """Returns an attribute with one number per window axis, 1 by default."""
    numbers = node.attribute(name) or [1] * rank
    if len(numbers) != rank or any(n < 1 for n in numbers):
        raise refused("malformed", f"{name} {list(numbers)[:8]} does not fit {rank} axes")
    return list(numbers)
