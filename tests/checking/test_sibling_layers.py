"""Warnings of layers that read the layer that they stand beside, because their ``from`` was forgotten."""

from __future__ import annotations

import pytest

from netspec.checking.spec import Spec

HEADS = """netspec: 1
input: [16]
layers:
  h: {dense: 8, activation: relu}
"""


def warnings(layers: str) -> list[str]:
    spec = Spec("net.yaml", HEADS + layers)
    result = spec.elaborate()
    assert result.graph is not None, result.diagnostics
    return [f"{d.message}; {d.help}" for d in result.diagnostics]


MU = "'std' reads 'mu', a dense layer without activation that is used elsewhere; "
FORGOTTEN: dict[str, tuple[str, list[str]]] = {
    "two outputs": (
        "  mu: {dense: 2}\n  std: {dense: 3}\noutputs: [mu, std]\n",
        [MU + "`from: h` if it should read what 'mu' reads; `from: mu` if it is meant"],
    ),
    "the same arguments": (
        "  mu: {dense: 2, bias: false, from: h}\n  std: {dense: 2, bias: false}\n  noise: sigmoid\n"
        "  z: {add: [mu, noise]}\n",
        [MU + "`from: h` if it should read what 'mu' reads; `from: mu` if it is meant"],
    ),
    "queries, keys and values": (
        "  n: {reshape: [4, 2]}\n  q: {dense: 4}\n  k: {dense: 4}\n  v: {dense: 4}\n"
        "  a: {dot_product_attention: 2, from: [q, k, v]}\n",
        [
            "'k' reads 'q', a dense layer without activation that is used elsewhere; `from: n` if it should read what "
            "'q' reads; `from: q` if it is meant",
            "'v' reads 'k', a dense layer without activation that is used elsewhere; `from: q` if it should read what "
            "'k' reads; `from: k` if it is meant",
        ],
    ),
    "branches": (
        "  x: {reshape: [2, 2, 2]}\n  main: {conv2d: 2, kernel: 3, padding: 1}\n  short: {conv2d: 2, kernel: 1}\n"
        "  sum: {add: [main, short]}\n",
        [
            "'short' reads 'main', a conv2d layer without activation that is used elsewhere; `from: x` if it should "
            "read what 'main' reads; `from: main` if it is meant"
        ],
    ),
    "beside a softmax": (
        "  policy: {dense: 2, activation: softmax}\n  value: {dense: 1}\noutputs: [policy, value]\n",
        [
            "'value' reads 'policy', a softmax that is used elsewhere; `from: h` if it should read what 'policy' reads; "
            "`from: policy` if it is meant"
        ],
    ),
    "in a block in place": (
        "  b: {layers: {mu: {dense: 2}, std: {dense: 2}, z: {add: [mu, std]}}}\n",
        [MU + "`from: input` if it should read what 'mu' reads; `from: mu` if it is meant"],
    ),
}


@pytest.mark.parametrize("case", FORGOTTEN)
def test_what_is_warned_of(case: str) -> None:
    layers, expected = FORGOTTEN[case]
    assert warnings(layers) == expected


@pytest.mark.parametrize("layers", [
    "  mu: {dense: 2}\n  std: {dense: 2, from: mu}\noutputs: [mu, std]\n",
    "  mu: {dense: 2}\n  std: {dense: 2, from: h}\noutputs: [mu, std]\n",
    "  mu: {dense: 2, activation: relu}\n  std: {dense: 2}\noutputs: [mu, std]\n",
    "  mu: {dense: 2}\n  std: {dense: 2}\n",
    "  mu: {dense: 2}\n  std: {dense: 3}\n  other: {dense: 2}\n  sum: {add: [mu, other]}\n",
    "  wide: {dense: 4}\n  narrow: {dense: 2}\n  act: relu\noutputs: {h: wide, out: act}\n",
])  # fmt: skip
def test_what_may_be_meant(layers: str) -> None:
    """An activation between them, a ``from``, or layers of different sizes of which the first is read elsewhere."""
    assert warnings(layers) == []
