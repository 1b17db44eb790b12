"""From a graph to levels, templates and steps, with small graphs and steps as data."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from netspec.blocks import Filled
from netspec_torch.structure.body import ForwardStep
from netspec_torch.structure.forward_steps import fused, needed
from netspec_torch.structure.levels import Level, tree_of_names
from netspec_torch.structure.templates import rule_template, step_template, with_weight_of
from netspec_torch.syntax.expression_trees import ValueHole

from .support import UNIT, loads


def test_the_tree_of_names() -> None:
    def names_of(level: Level) -> list[object]:
        return [(item.name, names_of(item)) if isinstance(item, Level) else item.name for item in level.items]

    root = tree_of_names(loads(UNIT))
    assert names_of(root) == [
        ("a", ["a.conv", "a.act"]),
        ("b", ["b.conv", "b.act", "b.pool"]),
        ("branch", ["branch.x", "branch.y"]),
    ]
    assert [node.name for node in root.nodes][-2:] == ["branch.x", "branch.y"]


def step(text: str, reads: Sequence[int], result: int, *, activation: bool = False, **numbers: int) -> ForwardStep:
    """A step of one result, from the text of a rule."""
    rule = rule_template(text)
    expression = Filled(step_template(rule, (False,) * len(rule.inputs), ("layer",)), rule.values(numbers))
    return ForwardStep(expression, tuple(reads), (result,), (f"value{result}",), (4,), fuses=activation, main=reads[0])


def test_numbers_of_a_rule_are_named_without_their_digits() -> None:
    rule = rule_template("F.pad({0}, ({pad0}, {pad1}))")
    assert rule.template.holes == (ValueHole("pad", in_forward=True),) * 2
    assert rule.values({"pad1": 2, "pad0": 1}) == (1, 2)
    assert rule.inputs == (0,)


def test_a_dense_layer_with_the_weight_of_another() -> None:
    rule = with_weight_of(rule_template("{self}({0}.movedim(1, -1)).movedim(-1, 1)"))
    assert rule == rule_template("F.linear({0}.movedim(1, -1), {self}.weight).movedim(-1, 1)")


def test_useless_steps() -> None:
    steps = [step("{self}({0})", [0], 1), step("{0} + 1", [1], 2), step("{0} * 2", [0], 3)]
    assert needed(steps, [1]) == steps[:1]
    assert needed(steps, [2, 3]) == steps


@pytest.mark.parametrize(
    ("activation", "returned", "expected"),
    [
        ("F.leaky_relu({0}, {slope})", [2], ["F.leaky_relu(self(x), slope)"]),
        ("F.leaky_relu({0}, {slope})", [1, 2], ["self(x)", "F.leaky_relu(x, slope)"]),  # somebody else reads its input
        ("{0} * torch.sigmoid({0} * {slope})", [2], ["self(x)", "x * torch.sigmoid(x * slope)"]),  # would run it twice
    ],
)
def test_an_activation_around_its_layer(activation: str, returned: list[int], expected: list[str]) -> None:
    steps = [step("{self}({0}, {n})", [0], 1, n=3), step(activation, [1], 2, activation=True, slope=7)]
    out = fused(steps, returned)
    assert len(out) == len(expected)
    if len(out) == 1:
        assert (out[0].expression.values, out[0].reads, out[0].titles) == ((3, 7), (0,), ("value1",))
