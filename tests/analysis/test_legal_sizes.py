"""Legal sizes: conditions solved, against every size tried."""

from __future__ import annotations

from random import Random

import pytest

from netspec.analysis.legal_sizes import Requirement, joint_requirements, legal_sizes, requirements, solve
from netspec.checking.spec import Spec
from netspec.shapes.dims import Dim
from netspec.shapes.named_sizes import NamedDim, NamedSizes
from netspec.shapes.sizes import Size, is_named, minimum


def legal(text: str) -> dict[str, str]:
    """The legal sizes of a spec's named dimensions, as texts."""
    graph = Spec("test.yaml", "netspec: 1\n" + text).elaborate().require_graph()
    return {name: sizes.text(name) for name, sizes in legal_sizes(graph).items()}


CONV = "{conv2d: 4, kernel: 3, padding: 1}"
SPECS = {
    "dims: {H: 32, W: 32}\ninput: [3, H, W]\nlayers: [{conv2d: 4, kernel: 7, stride: 2}]": "7 or more",
    "dims: {H: 32, W: 32}\ninput: [3, H, W]\nlayers: [{conv2d: 4, kernel: 7, stride: 2, padding: 3}]": "1 or more",
    "dims: {H: 32, W: 32}\ninput: [3, H, W]\nlayers:\n"
    "  a: {max_pool2d: 4}\n  b: {upsample: 4}\n  c: {add: [input, b]}": "multiples of 4, from 4 on",
    "dims: {H: {default: 32, multiple_of: 8, max: 100}, W: 32}\ninput: [3, H, W]\nlayers:\n"
    "  a: {max_pool2d: 4}\n  b: {upsample: 4}\n  c: {add: [input, b]}": "8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96",
    "dims: {H: 32, W: 32}\ninput: [3, H, W]\nlayers: [{crop: 5}, {max_pool2d: 2, when: $(input.height > 30)}]": "31 or more",
    "dims: {H: 32, W: 32}\ninput: [3, H, W]\nlayers: [relu, {relu, when: $(input.height != 7)}]": "1 or more, but not 7",
    "dims: {H: 32, W: 32}\ninput: [3, H, W]\nlayers:\n"
    '  a: {slice: height, stop: "$(min(input.height, 9))"}\n  b: {crop: 4}': "9 or more",
    "dims: {H: 32, W: 32}\ninput: [3, H, W]\nlayers: [{reshape: [$(input.height), -1]}]": "1 or more",
    "dims: {H: 32, W: 32}\ninput: [3, H, W]\n"
    "layers: [{slice: height, stop: $(input.height / 4)}]": "multiples of 4, from 4 on",
    'dims: {H: 32, W: 32}\ninput: [3, H, W]\nlayers: [{crop: "$([1, 2, 3][input.height // 16])"}]': "32 to 47",
    'dims: {H: 32, W: 32}\ninput: [3, H, W]\nlayers: [{reshape: "$([3, -1, 0][:input.height // 16])"}]': "32 to 47",
    "dims: {H: 32, W: 32}\ninput: [3, H, W]\n"
    'layers: [{reshape: "$([3] + [1] * (input.height // 16) + [-1])"}]': "32 to 47",
    "dims: {H: 32}\ninput: [H, 32, 3]\nlayers: [relu, global_avg_pool]": "1 or more",
}


@pytest.mark.parametrize("text", SPECS)
def test_legal_sizes_of_height(text: str) -> None:
    assert legal(text)["H"] == SPECS[text]


def test_several_inputs_and_names() -> None:
    text = "netspec: 1\ninputs: {x: [5, 4], y: [5, 4], z: [5, 4]}\nlayers:\n  s: {add: [x, y]}\n  t: {add: [s, z]}"
    named = NamedSizes([NamedDim("n", 5), NamedDim("m", 5), NamedDim("k", 5)])
    shapes = {"x": (named.size("n"), 4), "y": (named.size("m"), 4), "z": (named.size("k"), 4)}
    graph = Spec("test.yaml", text).elaborate(shapes=shapes, named=named).require_graph()
    assert {name: sizes.text() for name, sizes in legal_sizes(graph).items()} == dict.fromkeys("nmk", "5 alone")
    assert [f"{r.difference} {r.kind} 0" for r in joint_requirements(graph)] == ["m - n = 0", "k - n = 0"]


def random_size(random: Random, depth: int, names: dict[str, Size]) -> Size:
    """A random size, mostly of degree 1."""
    if not depth:
        return random.choice([*names.values(), *names.values(), 1, 4])
    a, b = random_size(random, depth - 1, names), random_size(random, depth - 1, names)
    k = random.randint(2, 6)
    kind = random.choice("+-*//%<")
    if kind == "<":
        return minimum(a, random.randint(2, 40))
    return {"+": a + b, "-": a - b, "*": a * random.choice([2, 3, -1]), "/": a // k, "%": a % k}[kind]


@pytest.mark.parametrize("step", [1, 4])
def test_random_conditions_against_every_size(step: int) -> None:
    dims = [NamedDim("n", 8 * step, step), NamedDim("m", 9, 1)]
    names = NamedSizes(dims)
    sizes = {dim.name: names.size(dim.name) for dim in dims}
    solved = 0
    for seed in range(600):
        random = Random(seed)
        asked: list[Requirement] = []
        for _ in range(random.randint(1, 3)):
            d = random_size(random, random.randint(1, 3), sizes) - random.randint(-3, 12)
            if is_named(d) and "n" in d.mentions():
                asked.append(Requirement(random.choice([">=", ">=", "=", "!="]), d))
        actual = solve(asked, dims[0], names.dims)
        end = 300 * step if actual.tested is None else actual.tested
        expected = [n for n in range(step, end + 1, step) if all(r.holds({"n": n, "m": 9}) for r in asked)]
        assert [n for n in range(1, end + 1) if n in actual] == expected, (seed, asked)
        solved += actual.tested is None
    assert solved > 450


def test_what_always_holds_is_left_out() -> None:
    graph = Spec(
        "test.yaml", f"netspec: 1\ndims: {{H: 32, W: 32}}\ninput: [3, H, W]\nlayers: [{CONV}, {CONV}]"
    ).elaborate()
    assert graph.require_graph().conditions
    assert requirements(graph.require_graph().conditions) == []


def test_a_long_period_is_tried() -> None:
    names = NamedSizes([NamedDim("n", 100)])
    n = names.size("n")
    asked = [Requirement("=", d) for k in (64, 81, 125, 49) if isinstance(d := n // k * k - n + n % k, Dim)]
    asked += [Requirement(">=", d) for k in (64, 81, 125, 49) if isinstance(d := n // k * k - n + k, Dim)]
    actual = solve(asked, names.dims["n"], names.dims)
    assert actual.tested == 512
    assert 100 in actual


def test_a_monotone_condition_of_a_long_period_is_solved() -> None:
    layers = ", ".join(f"{{avg_pool1d: {3 + i % 3}, stride: {2 + i % 5}, padding: 1}}" for i in range(9))
    text = f"netspec: 1\ndims: {{n: 100_000}}\ninput: [3, n]\nlayers: [{layers}]"
    spec = Spec("test.yaml", text)
    assert legal(text.removeprefix("netspec: 1\n")) == {"n": "40455 or more"}
    assert [spec.elaborate(sizes={"n": n}).graph is None for n in (40_454, 40_455)] == [True, False]


def test_the_default_is_among_the_sizes_that_are_tried() -> None:
    names = NamedSizes([NamedDim("n", 20_000)])
    n = names.size("n")
    square = n * n - 400_000_000
    assert isinstance(square, Dim)
    actual = solve([Requirement("=", square)], names.dims["n"], names.dims)
    assert actual.text() == "20000 (tested up to 2049)"
