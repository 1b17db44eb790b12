"""Expressions whose few operations touch many items: each is answered at once, wherever it is written."""

from __future__ import annotations

import pytest

from netspec import limits
from netspec.analysis import analyze
from netspec.checking.expectations import check_expectations
from netspec.checking.spec import Spec
from netspec.language.elaboration.budget import Budget
from netspec.language.reading.expression_functions import count_items, describe_value
from tests.timing import Stopwatch

HEAD = "netspec: 1\ninput: [3, 8, 8]\n"
DEEP = "[[[0]*9999]*9999]*9999"
"""A list that stands for 10^12 items."""
PLACES = {
    "when": 'layers:\n  - {relu, when: "$(%s)"}\n  - relu\n',
    "repeat": 'layers:\n  - {relu, repeat: "$(%s)"}\n',
    "rows": 'layers:\n  - {relu, each: {rows: "$(%s)"}}\n',
    "init": 'layers:\n  - {conv2d: 3, kernel: 3, init: {weight: "$(%s)"}}\n',
    "connections": 'layers:\n  - {conv2d: 3, kernel: 3, connections: "$(%s)"}\n',
    "argument": 'layers:\n  - {conv2d: "$(%s)", kernel: 3}\n',
    "block": 'blocks:\n  B: {params: {a: 1}, layers: [relu]}\nlayers:\n  - {B: "$(%s)", repeat: 3}\n',
    "default": 'defaults: {conv2d: {stride: "$(%s)"}}\nlayers:\n  - {conv2d: 4, kernel: 3}\n',
    "parameter": 'params: {p: "$(%s)"}\nlayers:\n  - {conv2d: $p, kernel: 3}\n',
    "name": 'layers:\n  "a$(%s)": relu\n',
    "from": 'layers:\n  - {relu, from: "a$(%s)"}\n',
    "expect": 'layers: [relu]\nexpect: {params: "$(%s)"}\n',
    "input": None,
}
EXPRESSIONS = {
    f"{DEEP} == {DEEP}": "NS912",
    f"[{DEEP}, 1] != [{DEEP}, 2]": "NS912",
    f"max({DEEP}) == 0": "NS912",
    "len(sum([[1]*10000]*10000, [])) > 0": "NS912",
    "len(sum([[1]*9000]*2, [])) > 0": "NS913",
    "len([range(10000) for x in range(10000)]) > 0": "NS912",
    "len([range(9000)[1:] for x in range(10000)]) > 0": "NS912",
    "len([[0]*9000 + [1] for x in range(10000)]) > 0": "NS912",
    f"len([{'i and ' * 140}i for i in range(9999)]) > 0": "NS912",
    "sum([i+i+i+i+i+i+i+i for i in range(9999)])": "NS912",
    DEEP: "NS913",
    "[range(9999)]*11": "NS913",
}


def diagnose(text: str) -> list[tuple[str, str]]:
    """Codes and messages of a text, which takes less than a second."""
    stopwatch = Stopwatch()
    result = Spec("<text>", text).elaborate()
    actual = list(result.diagnostics)
    if result.graph is not None:
        actual += check_expectations(result, analyze(result.graph))
    assert stopwatch.within(1)
    return [(d.code, d.message) for d in actual]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_is_answered_at_once(expression: str, place: str) -> None:
    form = PLACES[place]
    text = f'netspec: 1\ninput: "$({expression})"\nlayers: [relu]\n' if form is None else HEAD + form % expression
    code = EXPRESSIONS[expression]
    if place in ("name", "from") and code == "NS913" and "len" not in expression:
        code = "NS403"  # a list is not a part of a text
    assert [actual for actual, _ in diagnose(text)] == [code]


@pytest.mark.parametrize(
    ("expression", "present"),
    [
        ("round(1, -1000000000) == 0", True),
        ("round(9000000000000000000, -18) == 9000000000000000000", True),
        ("round(1.26, 1) == 1.3", True),
        ("round(2.5) == 2", True),
        ("sum([[1], [2, 3]], [0]) == [0, 1, 2, 3]", True),
        ("[1, [2, true]] == [1.0, [2, 1]]", True),
        ("[[1], 2] != [[1], 3]", True),
        ("[1] == 1", False),
    ],
)
def test_values(expression: str, present: bool) -> None:
    text = HEAD + f'layers:\n  - relu\n  - {{sigmoid, when: "$({expression})"}}\n'
    graph = Spec("<text>", text).elaborate().require_graph()
    assert len(graph.nodes) == (2 if present else 1)


def test_lists_nested_by_parameters() -> None:
    names = "".join(f"  p{i + 1}: [$p{i}]\n" for i in range(200))
    (actual,) = diagnose(HEAD + f"params:\n  p0: [1]\n{names}layers: [relu]\n")
    assert actual == ("NS903", f"the lists of a value are nested deeper than {limits.NESTING}")


def test_lists_doubled_by_parameters() -> None:
    names = "".join(f"  p{i + 1}: [$p{i}, $p{i}]\n" for i in range(60))
    (actual,) = diagnose(HEAD + f"params:\n  p0: [1]\n{names}layers: [relu]\n")
    assert actual == ("NS913", f"the lists of a value have more than {limits.ITEMS:,} items in all")


EXPENSIVE = "$(sum([i*i for i in range(9000)]) >= 0)"
ALL = f"the expressions of a network take more than {limits.ALL_EXPRESSION_STEPS:,} steps together"


@pytest.mark.parametrize(
    "text",
    [
        f'layers:\n  - {{relu, repeat: 400, when: "{EXPENSIVE}"}}\n',
        "params:\n" + "".join(f'  p{i}: "{EXPENSIVE}"\n' for i in range(400)) + "layers: [relu]\n",
        'defaults: {conv2d: {stride: "$(1 + 0*sum([i*i for i in range(9000)]))"}}\n'
        "layers:\n  - {conv2d: 3, kernel: 1, repeat: 400}\n",
    ],
)
def test_all_expressions_share_one_budget(text: str) -> None:
    stopwatch = Stopwatch()
    actual = Spec("<text>", HEAD + text).elaborate().diagnostics
    assert stopwatch.within(10)
    assert [(d.code, d.message) for d in actual] == [("NS912", ALL)]


def test_expectations_share_one_budget() -> None:
    layers = "layers:\n" + "".join(f"  r{i}: relu\n" for i in range(400))
    shape = f"$([3 if {EXPENSIVE[2:-1]} else 0, 8, 8])"
    text = "expect:\n  shapes:\n" + "".join(f'    r{i}: "{shape}"\n' for i in range(400))
    result = Spec("<text>", HEAD + layers + text).elaborate()
    stopwatch = Stopwatch()
    actual = check_expectations(result, analyze(result.require_graph()))
    assert stopwatch.within(10)
    assert actual[-1].message == ALL


def test_the_zoo_is_far_below_the_limit() -> None:
    """The network of the zoo with the most expressions uses a small part of the steps."""
    charged: list[int] = []

    class Meter(Budget):
        def charge_expression(self, steps: int, location: int) -> None:
            charged.append(steps)
            super().charge_expression(steps, location)

    from netspec.checking import spec

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spec, "Budget", Meter)
        assert Spec("specs/swin_v2.yaml").elaborate("s").graph is not None
    assert 0 < max(charged) <= limits.EXPRESSION_STEPS // 5
    assert sum(charged) <= limits.ALL_EXPRESSION_STEPS // 50


def test_values_are_described_without_all_of_their_items() -> None:
    deep: list[object] = [0] * 9999
    for _ in range(5):
        deep = [deep] * 9999
    text = describe_value(deep)
    assert text.startswith("[[[[[[0, 0, 0, ")
    assert len(text) == limits.CLIP
    assert describe_value([1, [2.5, None], "a", {"b": [True]}]) == "[1, [2.5, None], 'a', {'b': [True]}]"
    assert describe_value([]) == "[]"
    assert count_items(deep, 1000) > 1000
    assert count_items([1, [2, 3], {"a": [4]}], 1000) == 7
