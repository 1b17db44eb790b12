"""Every figure that ``papers.csv`` has of a network of the zoo, recomputed, and held against what was stated."""

from __future__ import annotations

import math
import re

import pytest

from netspec.ops.conv import Conv
from netspec.ops.norm import BatchNorm

from .paper_networks import ABSENT, NOT_AS_COUNTED, Claim, claims, network, rows
from .support import analysis, graph

ALL = claims()
EXACT = [c for c in ALL if network(c) is not None and re.fullmatch(r"\d+(\.\d+)?", c.exact)]
STATED = re.compile(r"[\d,]+(\.\d+)?( million)?")
PAIRS = [c for c in ALL if network(c) is not None and c.quantity.startswith("params(1e6) / ")]
OTHER = {
    "MobileNetV2 | total | params / MAdds",
    "U-Net (any size) | final output | receptive field",
}
"""Rows with tests of their own, below."""

UNITS = {
    "count": 1.0, "px": 1.0, "%": 1.0, "millions": 1e6, "1e6": 1e6, "1e6 mult-adds": 1e6, "1e9": 1e9,
    "K (=1024, weights only)": 1024.0,
}  # fmt: skip
NO_ROUNDING = {
    "EfficientNet-B2": 0.02, "EfficientNet-B4": 0.05, "EfficientNet-B5": 0.04, "EfficientNet-B7": 0.03,
    "ConvNeXt-B 384": 0.003, "ShuffleNetV2 0.5x": 0.02, "ShuffleNetV2 1x": 0.01, "ShuffleNetV2 1.5x": 0.02,
    "ShuffleNetV2 2x": 0.02,
}  # fmt: skip
"""Papers whose figure for the work is not that of their table, and how far off it is at most."""


def test_every_row_is_tested_or_has_a_reason() -> None:
    absent = [c for c in ALL if network(c) is None]
    assert all(any(re.fullmatch(pattern, c.model) for c in absent) for pattern, _ in ABSENT)
    assert {c.name for c in ALL} == {c.name for c in (*EXACT, *PAIRS, *absent)} | OTHER


@pytest.mark.parametrize("claim", EXACT, ids=lambda c: c.name)
def test_exact(claim: Claim) -> None:
    reference = network(claim)
    assert reference is not None
    assert _value_of(claim, reference) == (float if "." in claim.exact else int)(claim.exact)


@pytest.mark.parametrize("claim", [c for c in EXACT if STATED.fullmatch(c.stated)], ids=lambda c: c.name)
def test_stated(claim: Claim) -> None:
    """What the source itself says, to one of the last digit that it prints."""
    reference = network(claim)
    assert reference is not None
    actual = _value_of(claim, reference) / UNITS[claim.unit]
    digits = claim.stated.replace(",", "").replace(" million", "e6")
    off = abs(actual - float(digits))
    if claim.agreement == "exact" and UNITS[claim.unit] == 1:
        assert off == 0
    near = off <= (1e6 if digits.endswith("e6") else _unit(digits))
    assert near == (claim.name not in NOT_AS_COUNTED)


def test_reasons_are_of_rows() -> None:
    assert {c.name for c in EXACT} >= NOT_AS_COUNTED.keys()


def _value_of(claim: Claim, reference: str) -> float:
    """The figure, from the analyses."""
    net = analysis(reference)
    layers = list(rows(claim, reference))
    assert layers
    quantity = claim.quantity
    weights = sum(
        p.elements
        for n in graph(reference).nodes
        for name, p in n.weights
        if name == "weight" and any(n.layer == r.name for r in layers) and not isinstance(n.op, BatchNorm)
    )
    if quantity.endswith("%"):
        if quantity.startswith("params"):
            all_ = sum(
                p.elements
                for n in graph(reference).nodes
                for name, p in n.weights
                if name == "weight" and not isinstance(n.op, BatchNorm)
            )
            return round(100 * weights / all_, 2)
        return round(100 * sum(r.macs for r in layers) / net.macs, 2)
    if "weights only" in claim.unit:
        return weights
    if quantity == "size":
        return next(iter(net.graph.at_default.output_types.values())).shape[-1]
    if quantity == "activations":
        return net.weighted_activations
    if quantity == "connections":
        return sum(r.connections for r in layers)
    if quantity == "trainable params":
        return sum(r.trainable_params for r in layers)
    if quantity == "units":
        return sum(math.prod(r.output.shape) for r in layers)
    if quantity.startswith("params"):
        params = sum(r.params for r in layers)
        if "BatchNorm excluded" in claim.item:
            return params - sum(r.params for r in layers if r.operation.startswith("batch_norm"))
        if "moving stats" in claim.item:
            return params + sum(p.elements for p in graph(reference).parameters if p.buffer and p.shape)
        return params
    assert "mac" in quantity.lower() or "mult-adds" in claim.unit + quantity
    return sum(r.macs for r in layers)


@pytest.mark.parametrize("claim", PAIRS, ids=lambda c: c.name)
def test_pair(claim: Claim) -> None:
    """Parameters in millions and multiply-adds, as many digits as the paper prints."""
    reference = network(claim)
    assert reference is not None
    params, work = claim.stated.split(" / ")
    total = analysis(reference)
    assert abs(total.params / 1e6 - float(params)) <= _unit(params)
    macs = total.macs / (1e9 if "1e9" in claim.quantity else 1e6)
    off = NO_ROUNDING.get(claim.model)
    if off is None:
        assert abs(macs - float(work)) <= _unit(work)
    else:
        assert abs(macs / float(work) - 1) <= off


def _unit(digits: str) -> float:
    """One of the last digit printed: papers round or cut."""
    return 10.0 ** -len(digits.partition(".")[2])


def test_mobilenet_v2() -> None:
    """Sandler et al. 2018, Table 4."""
    total = analysis("mobilenet_v2@1.0-224")
    assert f"{total.params} / {total.macs}" == next(c.exact for c in ALL if c.model == "MobileNetV2")


def test_unet_sees_an_interval_that_depends_on_the_position() -> None:
    net = analysis("unet")
    (claim,) = [c for c in ALL if c.model == "U-Net (any size)"]
    fields = net.receptive_fields.of(next(iter(net.graph.outputs.values())))
    assert fields is not None
    sizes = sorted({n for f in fields for n in f.size if isinstance(n, int)})
    assert claim.exact.startswith(" or ".join(map(str, sizes)))


def test_only_convolutions_and_dense_layers_have_macs_in_lenet() -> None:
    assert [r.name for r in analysis("lenet5").layers if r.macs] == ["c1", "c3", "c5", "f6"]
    assert isinstance(graph("lenet5").nodes[0].op, Conv)
