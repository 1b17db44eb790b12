"""Figures that others state of the networks of the zoo, and the same figures found by the analyses.

``zoo_sources.csv`` has what papers and reference code state, with the rounding they print; ``beyond_torchvision.csv``
has what timm, Keras and pytorchcv count of their own networks (``python -m tests.zoo.oracles``).
"""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from typing import NamedTuple

from netspec.analysis.network_figures import Row

from .support import DATA, analysis, graph

QUANTITY = re.compile(
    r"(?P<what>params without biases|params|tensors|macs|flops|receptive field)"
    r"(?: of (?P<only>[\w. ]+?))?(?: without (?P<but>[\w. ]+))?(?: after (?P<after>[\w.]+))?"
)
"""``tensors`` are parameters and running statistics, as files of weights have them. ``of`` and ``without`` name
layers; ``after`` names the layer at which a receptive field starts."""


class Stated(NamedTuple):
    """A row of ``zoo_sources.csv``: of what network which quantity, as printed, in units of ``unit``."""

    network: str
    quantity: str
    stated: str
    unit: str
    agrees: str
    """``exact``; ``rounds`` or ``cut`` to the digits printed; ``differs``, for the reason in ``note``."""
    source: str
    note: str

    @property
    def name(self) -> str:
        """For the test's report."""
        return f"{self.network} {self.quantity} {self.source.partition(',')[0]}"


class Counted(NamedTuple):
    """A row of ``beyond_torchvision.csv``: what a package counts of its own network."""

    network: str
    quantity: str
    value: int
    source: str

    @property
    def name(self) -> str:
        """For the test's report."""
        return f"{self.network} {self.quantity} {self.source.partition(' ')[0]}"


def stated() -> list[Stated]:
    """All rows of papers and reference code."""
    with (DATA / "zoo_sources.csv").open(newline="", encoding="utf-8") as f:
        return [Stated(**row) for row in csv.DictReader(f)]


def counted() -> list[Counted]:
    """All rows of packages."""
    with (DATA / "beyond_torchvision.csv").open(newline="", encoding="utf-8") as f:
        return [Counted(r["network"], r["quantity"], int(r["value"]), r["source"]) for r in csv.DictReader(f)]


def in_units(value: int, unit: str) -> Decimal:
    """A count in units of ``unit``, as exact as decimals are."""
    return Decimal(value) / Decimal(unit)


def actual(network: str, quantity: str) -> int:
    """The figure of a network. Raises AssertionError for a quantity or a layer that there is not."""
    match = QUANTITY.fullmatch(quantity)
    assert match is not None, quantity
    what, only, but, after = match.group("what", "only", "but", "after")
    if what == "receptive field":
        return _field(network, only) - (_field(network, after) - 1 if after else 0)
    rows = [r for r in _rows(network, only) if not but or not _is_in(r, but)]
    if what == "params":
        return sum(r.params for r in rows)
    if what == "tensors":
        assert only is None
        assert but is None
        statistics = sum(p.elements for p in graph(network).parameters if p.buffer and p.shape)
        return sum(r.params for r in rows) + statistics
    if what == "params without biases":
        names = {r.name for r in rows}
        return sum(
            p.elements for n in graph(network).nodes for _, p in n.weights if n.layer in names and len(p.shape) > 1
        )
    return sum(r.macs for r in rows) * (2 if what == "flops" else 1)


def _is_in(row: Row, layers: str) -> bool:
    return any(row.name == layer or row.name.startswith(f"{layer}.") for layer in layers.split())


def _rows(network: str, layers: str | None) -> list[Row]:
    rows = [r for r in analysis(network).layers if layers is None or _is_in(r, layers)]
    assert rows, layers
    return rows


def _field(network: str, layer: str | None) -> int:
    rows = _rows(network, layer)
    value = rows[-1].value if layer else next(iter(graph(network).outputs.values()))
    (size,) = {size for f in analysis(network).receptive_fields.of(value) or () for size in f.size}
    assert isinstance(size, int)
    return size
