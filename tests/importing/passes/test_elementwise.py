"""Activations and formulas, with tiny networks as data."""

from __future__ import annotations

import pytest

from netspec.importing.passes.elementwise import simplify_elementwise, simplify_formulas

from ..networks import Network, add_elementwise, listing


@pytest.mark.parametrize(("rows", "lines"), [
    ("s = sigmoid x; y = multiply x s", ["silu x"]),
    ("s = sigmoid x; y = multiply s x", ["silu x"]),
    ("a = x + 3; b = relu6 a; c = b / 6; y = multiply x c", ["hard_swish x"]),
    ("a = x / 1.4142135623730951; b = erf a; c = b + 1; d = multiply x c; y = d * 0.5", ["gelu x"]),
    ("a = x ** 3; b = a * 0.044715; c = add x b; d = c * 0.7978845608; e = tanh d; f = e + 1; h = x * 0.5; "
     "y = multiply h f", ["gelu x {'approximate': 'tanh'}"]),
    ("a = softplus x; b = tanh a; y = multiply x b", ["mish x"]),
    ("a = x * 2; b = a + 6; y = b / 4", ["rescale x {'factor': 0.5, 'offset': 1.5}"]),
    ("a = x * 2; y = a / 2", []),
    ("y = max(x, 0)", ["relu x"]),
    ("a = max(x, -1); y = min(a, 2)", ["clamp x {'low': -1.0, 'high': 2.0}"]),
    ("y = x if x > 0 else 0.2 * x", ["leaky_relu x {'slope': 0.2}"]),
    # the square of a value that another layer reads, too
    ("a = x * 2; y = multiply a a", ["rescale x {'factor': 2.0}", "multiply 0 0"]),
    # nothing that has a name: one formula
    ("a = x * 1.702; b = sigmoid a; y = multiply x b", ["rescale x {'factor': 1.702}", "sigmoid 0", "multiply x 1"]),
    ("a = sqrt x; b = 1 / a; y = b - 2", ["formula x {'expression': '$((1 / (sqrt(x0))) - 2)'}"]),
])  # fmt: skip
def test_elementwise(rows: str, lines: list[str]) -> None:
    net = Network(x=(4, 5))
    add_elementwise(net, rows, (4, 5))
    network = net.output("y")
    simplify_elementwise(network)
    simplify_formulas(network)
    assert listing(network) == lines
