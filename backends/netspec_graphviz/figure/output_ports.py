"""Merges several outputs of a box into one port, and shortens outputs that are named after layers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from .cells import Cell
from .simplify import CellGraph, Edges

_NUMBER = re.compile(r"(?<![^.])\d+(?![^.])")
"""A numeric component of a dotted path."""


def merge_outputs(cells: list[Cell], edges: Edges) -> tuple[list[Cell], Edges]:
    """Merges outputs of a box whose names differ only in one number: ``head.0–4.objectness``. Modifies the cells.

    Outputs named after layers are shortened to the components that distinguish them.
    """
    graph = CellGraph(cells, edges)
    groups: dict[tuple[tuple[int, ...], str, int], list[tuple[int, int]]] = {}
    for i, cell in enumerate(cells):
        if cell.port != "out":
            continue
        for match in _NUMBER.finditer(cell.name):
            pattern = f"{cell.name[: match.start()]}*{cell.name[match.end() :]}"
            groups.setdefault((tuple(graph.tails(i)), pattern, match.start()), []).append((int(match[0]), i))
    gone: set[int] = set()
    for (_, pattern, _), members in groups.items():
        members.sort()
        numbers = [number for number, _ in members]
        merged = [i for _, i in members]
        if len(members) > 1 and gone.isdisjoint(merged) and all(b == a + 1 for a, b in pairwise(numbers)):
            cells[merged[0]].name = pattern.replace("*", f"{numbers[0]}–{numbers[-1]}")
            gone.update(merged[1:])
    graph = graph.without(gone)
    _shorten([cell for cell in graph.cells if cell.port == "out"])
    return graph.cells, graph.edges


def _shorten(ports: Sequence[Cell]) -> None:
    """Drops leading components of each name while it remains unique and does not become a number."""
    names = [port.name for port in ports]
    for port, name in zip(ports, names, strict=True):
        parts = name.split(".")
        for count in range(1, len(parts)):
            short = ".".join(parts[-count:])
            same = sum(other == short or other.endswith(f".{short}") for other in names)
            if same == 1 and not parts[-count][0].isdigit():
                port.name = short
                break
