"""MACs that an attention needs, counted pair by pair, and the key/value cache."""

from __future__ import annotations

from itertools import product

import pytest

import netspec
from netspec.analysis.cache import Cache
from netspec.checking.expectations import check_expectations
from netspec.checking.spec import Spec
from netspec.ops.common.attention_keys import twice_excluded
from netspec.shapes.sizes import is_named

SPEC = """netspec: 1
dims: {n: 6}
inputs: {q: [n, 8], k: [n, 4], v: [n, 2]}
layers:
  a: {dot_product_attention: 4, kv_heads: 2, %s from: [q, k, v]}
"""


def pairs(n: int, m: int, causal: bool, window: int | None) -> int:
    """Pairs of a query and a key that it reads."""
    return sum(
        (not causal or j <= i) and (window is None or abs(i - j) < window) for i, j in product(range(n), range(m))
    )


def test_pairs_of_numbers() -> None:
    for n, m, causal, window in product(range(1, 7), range(1, 7), (False, True), (None, 1, 2, 3, 5, 9)):
        assert n * m - pairs(n, m, causal, window) == twice_excluded(n, m, causal, window) / 2


@pytest.mark.parametrize("window", [None, 1, 3, 8])
@pytest.mark.parametrize("causal", [False, True])
def test_formulas_are_the_counts_at_every_size(causal: bool, window: int | None) -> None:
    text = SPEC % (f"causal: {str(causal).lower()}, " + (f"window: {window}, " if window else ""))
    analysis = netspec.analyze(netspec.loads(text))
    assert analysis.formulas is not None
    needed = analysis.formulas.macs_needed
    for n in range(1, 12):
        exact = netspec.analyze(netspec.loads(text, sizes={"n": n}))
        assert exact.macs == n * n * (8 + 4)
        assert exact.macs_needed == pairs(n, n, causal, window) * (8 + 4)
        assert (needed.at({"n": n}) if is_named(needed) else needed) == exact.macs_needed


def test_attention_with_projections() -> None:
    analysis = netspec.analyze(netspec.loads("netspec: 1\ninput: [5, 8]\nlayers: [{attention: 2, causal: true}]\n"))
    assert analysis.macs - analysis.macs_needed == 10 * 2 * 8
    assert analysis.for_batch(3).macs_needed == 3 * analysis.macs_needed
    assert analysis.cache == Cache(1, 16, 64, 80, 320)


def test_a_window_and_shared_heads_bound_the_cache() -> None:
    def cache(args: str) -> Cache | None:
        return netspec.analyze(netspec.loads(SPEC % args)).cache

    assert cache("") is None
    assert cache("causal: true, ") == Cache(1, 6, 24, 36, 144)
    assert cache("causal: true, window: 2, ") == Cache(1, 6, 24, 12, 48)
    assert cache("causal: true, window: 20, ") == Cache(1, 6, 24, 36, 144)


def test_lengths_without_a_formula() -> None:
    text = "netspec: 1\ndims: {n: 6, m: 4}\ninputs: {q: [n, 8], k: [m, 8], v: [m, 8]}\n"
    text += "layers:\n  a: {dot_product_attention: 2, causal: true, from: [q, k, v]}\n"
    analysis = netspec.analyze(netspec.loads(text))
    assert analysis.macs_needed == pairs(6, 4, True, None) * 16
    assert analysis.formulas is None


def test_expect() -> None:
    result = Spec("net.yaml", SPEC % "causal: true, " + "expect: {macs_needed: 1}\n").elaborate()
    (problem,) = check_expectations(result, netspec.analyze(result.require_graph()))
    assert problem.message == "macs_needed must be 1; found 252"
