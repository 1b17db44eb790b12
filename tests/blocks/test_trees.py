"""Trees, templates and columns, with small trees as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from netspec.blocks import (
    ABSENT,
    Atom,
    DifferentError,
    Filled,
    Hole,
    Progression,
    Template,
    Tree,
    progression,
    replace_trees,
    typed,
    unify,
    walk,
)


@dataclass(frozen=True, slots=True)
class Layer(Tree):
    """An operation with its arguments."""

    kind: str
    arguments: tuple[Any, ...]
    children: ClassVar = ("arguments",)


@dataclass(frozen=True, slots=True, eq=False)
class Number(Atom):
    value: Any

    def key(self) -> Any:
        return typed(self.value)


SIZE, BIAS = Hole("size"), Hole("bias")
LINEAR = Template(Layer("linear", (SIZE, ("bias", BIAS))))


def test_walking_visits_trees_alone_from_the_left() -> None:
    tree = Layer("a", (Layer("b", (Number(1),)), "text", (2, Number(3))))
    assert [t.kind if isinstance(t, Layer) else t for t in walk(tree)] == ["a", "b", Number(1), Number(3)]


def test_replacing_keeps_what_does_not_change() -> None:
    left, right = Layer("left", (Number(1),)), Layer("right", (Number(2),))
    new = replace_trees(Layer("both", (left, right)), lambda t: Number(3) if t == Number(2) else None)
    assert new == Layer("both", (left, Layer("right", (Number(3),))))
    assert new.arguments[0] is left
    assert replace_trees(left, lambda _: None) is left


@pytest.mark.parametrize(("a", "b"), [(1, True), (1, 1.0), (0.0, -0.0), ((1, 2), (1, 2.0)), ("1", 1), (None, False)])
def test_values_are_compared_with_their_types(a: Any, b: Any) -> None:
    assert Number(a) != Number(b)
    assert Filled(LINEAR, (a, 0)) != Filled(LINEAR, (b, 0))


def test_not_a_number_is_equal_to_itself() -> None:
    assert Number(float("nan")) == Number(float("nan"))


def test_template() -> None:
    assert LINEAR.holes == (SIZE, BIAS)
    assert LINEAR.filled((Number(3), Number(True))) == Layer("linear", (Number(3), ("bias", Number(True))))
    assert Template(Layer("linear", (SIZE, ("bias", BIAS)))) == LINEAR
    assert Template(Layer("linear", (BIAS, ("bias", SIZE)))) != LINEAR
    assert Template((SIZE, SIZE)).filled((1, 2)) == (1, 2)


def test_unify() -> None:
    unified = unify([Filled(LINEAR, (3, True)), None, Filled(LINEAR, (4, False))])
    assert unified == Filled(LINEAR, ((3, ABSENT, 4), (True, ABSENT, False)))


@pytest.mark.parametrize("other", [Layer("conv", (SIZE, ("bias", BIAS))), Layer("linear", (SIZE,)), SIZE])
def test_trees_that_differ_in_more_than_numbers(other: Any) -> None:
    template = Template(other)
    with pytest.raises(DifferentError):
        unify([Filled(LINEAR, (3, True)), Filled(template, tuple(range(len(template.holes))))])


@pytest.mark.parametrize(("column", "expected"), [
    ((3,), Progression(3, 0)), ((3, 3, 3), Progression(3, 0)), (("a", "a"), Progression("a", 0)), ((3, 5, 7), Progression(3, 2)),
    ((7, 5), Progression(7, -2)), ((3, 5, 8), None), (("a", "b"), None), ((1, True), None), ((1, 2.0), None), ((False, True), None),
])  # fmt: skip
def test_progressions(column: tuple[Any, ...], expected: Progression | None) -> None:
    assert progression(column) == expected
