"""A whole document: its graph, or its problems; what only shows when the collaborators work together."""

from __future__ import annotations

import pytest

from netspec import limits
from netspec.diagnostics import LocatedError
from netspec.language.elaboration import Elaboration, elaborate, input_shape
from netspec.language.elaboration.budget import Budget

from .support import document_of

IMAGE = "netspec: 1\ninput: [3, 8, 8]\n"


def result(text: str, **options: object) -> Elaboration:
    """The elaboration of a document without parameters."""
    return elaborate(document_of(IMAGE + text), {}, **options)  # type: ignore[arg-type]  # any option


def codes(text: str) -> list[str]:
    """The codes of its problems."""
    return [d.code for d in result(text).diagnostics]


def test_a_graph_or_problems() -> None:
    good = result("layers: {a: relu, b: {conv2d: 4, kernel: 3}}")
    assert good.graph is not None
    assert (good.diagnostics, good.hidden) == ((), 0)
    assert [n.name for n in good.graph.nodes] == ["a", "b"]
    bad = result("layers: {a: {relu, from: nowhere}, b: relu}")
    assert bad.graph is None
    assert [d.code for d in bad.diagnostics] == ["NS301"]


def test_shapes_of_inputs_can_be_replaced() -> None:
    graph = result("layers: {a: {conv2d: 4, kernel: 3}}", shapes={"input": (3, 32, 32)}).graph
    assert graph is not None
    assert graph.values[-1].shape == (4, 30, 30)


def test_the_budget_is_the_callers() -> None:
    budget = Budget()
    result("layers: {a: relu, b: [relu, abs]}", budget=budget)
    layer = 1 + limits.NODE_STEPS + 2  # with an input and an output
    assert budget.steps == limits.NETWORK_STEPS + 1 + 3 * layer + (1 + limits.SCOPE_STEPS + 1)
    (d,) = result("layers: {a: {relu, repeat: 999_999}}", budget=budget).diagnostics
    assert d.code == "NS909"


@pytest.mark.parametrize(
    "text",
    [
        "layers: {a: {conv2d: 3, kernel: 99}, b: {relu, from: a}, c: {add: [a, b]}}",
        "layers: {a: {conv2d: 9, kernel: 99}, b: {layers: [relu, {conv2d: $(input.channels), kernel: 1}]}}",
        "layers: {a: {conv2d: 9, kernel: 99}, b: {conv2d: 3, kernel: 1, share: a}}",
        "layers: {w: {conv2d: 3, kernel: 1}, a: {conv2d: 9, kernel: 99}, b: {conv2d: 3, kernel: 1, from: a, share: w}}",
        "blocks: {B: {layers: {a: {conv2d: 9, kernel: 99}, b: relu}}}\nlayers: {a: B, b: {relu, from: a.b}}",
    ],
)
def test_nothing_follows_from_a_layer_that_failed(text: str) -> None:
    assert len(codes(text)) == 1


def test_all_independent_problems_are_reported() -> None:
    assert codes("layers: {a: {relu, from: x}, b: {relu, from: y}, c: {conv2d: 3, kernel: 9, from: input}}") == [
        "NS301",
        "NS301",
        "NS510",
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("layers: {a: relu, b: {relu, from: input}}", "NS310"),
        ("layers: {a: relu}\noutputs: {x: a, y: nowhere}", "NS301"),
        ("blocks: {B: {layers: {b: B}}}\nlayers: {a: B}", "NS307"),
        ("layers: {a: {relu, share: a}}", "NS302"),
        ("layers: {a: relu, b: {conv2d: 3, kernel: 1, share: a}}", "NS309"),
        ("layers: {a: {relu, freeze: 3}}", "NS203"),
        ("layers: []", "NS308"),
    ],
)
def test_problems(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("[3, 8, 8]", (3, 8, 8)),
        ("[4.0]", (4,)),
        ("[$n]", (5,)),
        ("$(list)", (1, 2)),
    ],
)
def test_input_shapes(shape: str, expected: tuple[int, ...]) -> None:
    form = document_of(f"netspec: 1\nparams: {{n: 1, list: [1]}}\ninput: {shape}\nlayers: [relu]\n").inputs[0]
    assert input_shape(form, {"n": 5, "list": [1, 2]}) == expected


@pytest.mark.parametrize(("shape", "code"), [
    ("[]", "NS222"), ("[0]", "NS222"), ("[1.5]", "NS222"), ("[true]", "NS222"), ("[H]", "NS223"),
    ("[1099511627776]", "NS915"),
])  # fmt: skip
def test_input_shapes_that_are_none(shape: str, code: str) -> None:
    form = document_of(f"netspec: 1\ninput: {shape}\nlayers: [relu]\n").inputs[0]
    with pytest.raises(LocatedError) as caught:
        input_shape(form, {})
    assert caught.value.code == code
