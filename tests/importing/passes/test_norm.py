"""Norms, with tiny networks as data."""

from __future__ import annotations

from netspec.importing.passes.norm import simplify_norms

from ..networks import Network, add_elementwise, add_views, listing


def add_reduction(net: Network, name: str, operation: str, value: str, axis: list[int], shape: tuple[int, ...]) -> None:
    """Add a reduction that keeps its axes."""
    sizes = tuple(1 if a in axis else n for a, n in enumerate(shape))
    net.add(name, operation, value, sizes, {"axis": axis, "keepdims": True})


def test_layer_norm_with_gain_and_shift() -> None:
    net = Network(x=(4, 6))
    add_reduction(net, "m", "mean", "x", [1], (4, 6))
    add_elementwise(net, "c = subtract x m; q = c ** 2", (4, 6))
    add_reduction(net, "v", "mean", "q", [1], (4, 6))
    add_elementwise(net, "e = v + 1e-6; s = sqrt e", (4, 1))
    add_elementwise(net, "d = divide c s", (4, 6))
    net.add("g", "parameter", "", (6,), {"shape": [6]}, weights={"=ln.gamma": (6,)})
    net.add("b", "parameter", "", (6,), {"shape": [6]}, weights={"=ln.beta": (6,)})
    add_elementwise(net, "n = multiply g d; y = add n b", (4, 6))
    network = net.output("y")
    simplify_norms(network)
    assert listing(network) == ["layer_norm x {'axis': 1, 'eps': 1e-06}"]
    assert network.drafts[0].weights == {"weight": "ln.gamma", "bias": "ln.beta"}


def test_rms_norm_and_its_gain() -> None:
    net = Network(x=(4, 6))
    add_elementwise(net, "q = square x", (4, 6))
    add_reduction(net, "v", "mean", "q", [1], (4, 6))
    add_elementwise(net, "e = v + 1e-5; s = 1 / sqrt(e)", (4, 1))
    add_elementwise(net, "n = multiply x s", (4, 6))
    net.add("y", "channel_scale", "n", (4, 6), {"axis": 1}, weights={"norm.weight": (6,)})
    network = net.output("y")
    simplify_norms(network)
    assert listing(network) == ["rms_norm x {'axis': 1, 'eps': 1e-05}"]
    assert network.drafts[0].weights == {"weight": "norm.weight"}


def test_l2_normalize_over_channels() -> None:
    net = Network(x=(8, 3, 3))
    add_elementwise(net, "q = x ** 2", (8, 3, 3))
    add_reduction(net, "v", "sum", "q", [0], (8, 3, 3))
    add_elementwise(net, "s = sqrt v; c = max(s, 1e-12)", (1, 3, 3))
    net.add("e", "expand", "c", (8, 3, 3), {"shape": [8, 3, 3]})
    add_elementwise(net, "y = divide x e", (8, 3, 3))
    network = net.output("y")
    simplify_norms(network)
    assert listing(network) == ["l2_normalize x {'axis': 0}"]


def test_what_is_no_norm_stays() -> None:
    net = Network(x=(4, 6))
    add_reduction(net, "m", "mean", "x", [1], (4, 6))
    add_elementwise(net, "y = divide x m", (4, 6))
    network = net.output("y")
    simplify_norms(network)
    assert [draft.operation for draft in network.drafts] == ["mean", "divide"]


def test_a_norm_between_permutations() -> None:
    net = Network(x=(8, 5, 6))
    add_views(net, "a", "x", "120")
    net.add("b", "layer_norm", "a", (5, 6, 8), {"axis": [2], "eps": 1e-6})
    add_views(net, "c", "b", "201")
    add_views(net, "d", "c", "201")
    net.add("y", "layer_norm", "d", (6, 8, 5), {"axis": [2]})
    network = net.output("y")
    simplify_norms(network)
    assert listing(network) == [
        "layer_norm x {'axis': 0, 'eps': 1e-06}",
        "permute 0 {'order': [2, 0, 1]}",
        "layer_norm 1 {'axis': [2]}",
    ]


def test_gains_that_views_put_along_an_axis() -> None:
    net = Network(x=(6, 4, 6))
    net.add("g", "parameter", "", (6,), {"shape": [6]}, weights={"=block.gamma": (6,)})
    for name, shape in (("a", (1, 6, 1, 1)), ("b", (6, 1, 1))):
        net.add(name, "reshape", "g" if name == "a" else "a", shape, {"shape": list(shape)})
    net.add("c", "multiply", "b x", (6, 4, 6))
    net.add("h", "parameter", "", (6,), {"shape": [6]}, weights={"=block.other": (6,)})
    net.add("y", "multiply", "c h", (6, 4, 6))
    network = net.output("y")
    simplify_norms(network)
    assert listing(network) == ["channel_scale x {'axis': 0}", "parameter {'shape': [6]}", "multiply 0 1"]
    assert network.drafts[0].weights == {"weight": "block.gamma"}
