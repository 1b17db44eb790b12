"""The arrows in the legend of rows by size."""

from __future__ import annotations

from netspec_picture.paint import Adaptive

from .legend import Sample, arrow_sample
from .level_rows import LevelRows
from .solid_shapes import Brush

UP, DOWN = Adaptive("#a96b00", "#e0a340"), Adaptive("#1d7a4f", "#5fc99a")
"""Colours of arrows to larger and to smaller maps."""


def level_samples(rows: LevelRows, brush: Brush, texts: dict[str, str]) -> list[Sample]:
    """Returns the arrows of the legend.

    Args:
        rows: the maps.
        brush: the colours.
        texts: the texts of the legend for each operation.
    """
    out: list[Sample] = []
    row = rows.row
    drawn = {link.operation.operation for link in rows.links if link.operation is not None}
    for operation in sorted(drawn):
        out.append(arrow_sample(texts[operation], brush, "tensor", brush.on_ground(UP), -1))
    kinds = {m.number: m.kind for m in rows.maps}
    plain = [link for link in rows.links if link.operation is None and link.role == "tensor"]
    if any(row[link.head] > row[link.tail] and kinds[link.head] != "pool" for link in plain):
        out.append(arrow_sample("to a smaller map", brush, "tensor", brush.on_ground(DOWN), 1))
    if any(row[link.head] < row[link.tail] and kinds[link.head] != "pool" for link in plain):
        out.append(arrow_sample("to a larger map", brush, "tensor", brush.on_ground(UP), -1))
    if any(link.role == "skip" for link in rows.links):
        out.append(arrow_sample("skip connection", brush, "skip"))
    if any(link.role == "positions" for link in rows.links):
        out.append(arrow_sample("positions of maxima", brush, "positions"))
    return out
