"""Sizes as expressions over the sizes of inputs: the shortest that is right for all values of the names."""

from __future__ import annotations

from typing import Any

import pytest

from netspec.shapes.named_sizes import NamedDim, NamedSizes
from netspec.shapes.sizes import minimum
from netspec_torch.python.run_time_sizes import RunTimeSizes
from netspec_torch.structure.size_expressions import SizeExpressions, value
from netspec_torch.syntax.expression_trees import InputSize, RunTimeSize
from netspec_torch.syntax.printer import one_line

DIMS = [NamedDim("H", 224), NamedDim("W", 192), NamedDim("n", 128), NamedDim("P", 64, multiple_of=32)]
SIZES = NamedSizes(DIMS)
H, W, N, P = (SIZES.size(dim.name) for dim in DIMS)


def text(axes: list[tuple[str, Any]], size: Any) -> str | None:
    """The expression of a size over axes of these titles and sizes."""
    places = [(InputSize(i, 1, title), n) for i, (title, n) in enumerate(axes)]
    actual = SizeExpressions(places).find(size)
    if actual is None:
        return None
    assert value(actual, places) == size
    locals_ = RunTimeSizes([RunTimeSize(actual, size)], [f"x{i}" for i in range(len(axes))], ())
    return one_line(locals_.substituted(actual))


@pytest.mark.parametrize(("axes", "size", "expected"), [
    ([("h", H), ("w", W)], W, "w"),
    ([("n", N)], N + 1, "n + 1"),
    ([("n", N - 3)], N, "n + 3"),
    ([("h", H)], 4 * H, "h * 4"),
    ([("h", 4 * H)], H, "h // 4"),
    ([("h", H)], H // 7, "h // 7"),
    ([("h", H)], (H + 6) // 7, "(h + 6) // 7"),
    ([("h", H)], (H + 6) // 7 * 7, "7 * ((h + 6) // 7)"),
    ([("h", H)], (H - 1) // 2 + 1, "(h + 1) // 2"),
    ([("h", H)], -H % 7, "-h % 7"),
    ([("h", H)], H % 7, "h % 7"),
    ([("h", (H + 3) // 4)], (H + 27) // 28, "(h + 6) // 7"),
    ([("h", (H + 3) // 4)], (H + 3) // 8, "h // 2"),
    ([("h", (H + 28) // 32)], (H + 220) // 224, "(h + 6) // 7"),
    ([("h", (H + 28) // 32)], minimum((H + 220) // 224 - 1, 1), "min((h - 1) // 7, 1)"),
    ([("h", (H + 1) // 2)], -((H + 1) // 2) % 7, "-h % 7"),
    ([("h", H), ("w", W)], H * W, "h * w"),
    ([("h", 7 * (H // 7)), ("w", 7 * (W // 7))], (H // 7) * (W // 7), "h * w // 49"),
    ([("h", H), ("w", W)], (H // 7) * (W // 7), "h // 7 * (w // 7)"),
    ([("h", H), ("w", W)], 64 * (H // 32) * (W // 32), "64 * (h // 32) * (w // 32)"),
    ([("n", H * W)], H * W + 1, "n + 1"),
    ([("h", H), ("w", W)], H + W, "h + w"),
    ([("h", H), ("w", W)], H * W - H + 2, "h * w + 2 - h"),
    ([("h", H)], minimum(H - 1, 7), "min(h - 1, 7)"),
    ([("h", H)], minimum((H + 3) // 4 - 1, 7) // 2, "min((h - 1) // 4, 7) // 2"),
    ([("p", P)], P // 32, "p // 32"),
    ([("p", P // 16)], P, "p * 16"),
    ([("p", P)], (P + 31) // 64, "p // 64"),
    ([("w", W)], H, None),
    ([("n", H * W)], H, None),
    ([("h", H // 2)], H, None),
])  # fmt: skip
def test_the_shortest_expression(axes: list[tuple[str, Any]], size: Any, expected: str | None) -> None:
    assert text(axes, size) == expected
