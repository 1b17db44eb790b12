"""Networks that torchvision lacks, against figures of papers, of reference code, and of timm, Keras and pytorchcv.

Rows of packages come from ``python -m tests.zoo.oracles``.
"""

from __future__ import annotations

import csv
from typing import NamedTuple

import pytest

from netspec.analysis.summary import Row

from .support import DATA, analysis, graph


class Figure(NamedTuple):
    """A row: what of a network is how much; and what was printed of it, in units of ``unit``."""

    network: str
    quantity: str
    value: int
    stated: str
    unit: str
    source: str


def figures() -> list[Figure]:
    """All rows."""
    with (DATA / "beyond_torchvision.csv").open(newline="", encoding="utf-8") as f:
        return [Figure(r["network"], r["quantity"], int(r["value"]), r["stated"], r["unit"], r["source"])
                for r in csv.DictReader(f)]


ALL = figures()


def _name(figure: Figure) -> str:
    return f"{figure.network} {figure.quantity}"


def _rows(network: str, layer: str) -> list[Row]:
    found = [r for r in analysis(network).rows if not layer or r.name == layer or r.name.startswith(f"{layer}.")]
    assert found
    return found


def _found(network: str, quantity: str) -> int:
    """The figure of a network, or of the layer after ``of``."""
    what, _, layer = quantity.partition(" of ")
    rows = _rows(network, layer)
    if what == "params":
        return sum(r.count.params for r in rows)
    if what == "params without biases":
        names = {r.name for r in rows}
        return sum(p.elements for n in graph(network).nodes for _, p in n.weights
                   if n.layer in names and len(p.shape) > 1)
    if what == "receptive field":
        value = rows[-1].value if layer else next(iter(graph(network).outputs.values()))
        (size,) = {size for f in analysis(network).receptive.of(value) or () for size in f.size}
        assert isinstance(size, int)
        return size
    assert what in ("macs", "flops")
    return sum(r.work.macs for r in rows) * (2 if what == "flops" else 1)


@pytest.mark.parametrize("figure", ALL, ids=_name)
def test_figure(figure: Figure) -> None:
    assert _found(figure.network, figure.quantity) == figure.value


@pytest.mark.parametrize("figure", [f for f in ALL if f.stated], ids=_name)
def test_as_printed(figure: Figure) -> None:
    """To one of the last digit printed: papers round, or cut."""
    last = 10.0 ** -len(figure.stated.partition(".")[2])
    assert abs(figure.value / float(figure.unit) - float(figure.stated)) <= last
