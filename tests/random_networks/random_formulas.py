"""Random formulas over existing tensors. They are continuous where numbers are: rounding errors do not grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netspec.shapes.types import TensorType
from netspec.text.yaml_reader import Name

from ..formula_programs import compiled
from .further_inputs import broadcasts

if TYPE_CHECKING:
    from .level import Level

OF_ONE = (
    "sin({0}) + 0.5",
    "silu({0}) - {1} / 3",
    "{0} if {i} % 2 == 0 else -{0}",
    "{0} * [0.5, -1][{i} % 2]",
    "{0} * 2",
)
"""Expressions over a value, another one, and a position."""
OF_TWO = (
    "max({0}, {1}, -0.7)",
    "{0} + ({1} if {1} > 0 else 0)",
    "min({0}, 1) * cos({1})",
    "({0} - {1}) / ({i} + 1)",
    "stop_gradient({0}) + {1} + {j} // 2",
    "sign({i} - {j}) * {0} + erf({1})",
)


def random_formula(level: Level, first: str) -> str | None:
    """Adds a random formula of a tensor; returns its name, or None if that fails."""
    r, x = level.r, level.types[first]
    others = [n for n, t in level.types.items() if t.dtype != "bool" and broadcasts(t.shape, x.shape)]
    second = r.choice(others) if others and r.random() < 0.7 else first
    if x.rank < 2 or 1 in x.shape[-2:]:  # a position along an axis of one is a number, which the flat spec leaves out
        return None
    positions = {"i": x.shape[-2], "j": x.shape[-1]}
    text = r.choice(OF_TWO)
    for _ in range(r.randint(0, 2)):
        text = r.choice([*OF_ONE, *OF_TWO]).replace("{0}", f"({text})")
    names = {"a": Name(first)} | ({"b": Name(second)} if second != first else {})
    expression = text.format("a", list(names)[-1], i="i", j="j")
    layer: dict[str, Any] = {"formula": f"$({expression})", "from": names}
    return level.put("formula", layer | {"for": positions})


def with_program(args: dict[str, Any], kinds: tuple[TensorType, ...]) -> tuple[dict[str, Any], tuple[TensorType, ...]]:
    """The arguments with a program in place of the text, and the types of all tensors that it reads."""
    rest = dict(args)
    tensors = dict(zip(rest.pop("names"), kinds, strict=True))
    program, read = compiled(rest["expression"], tensors, rest["for"])
    return {**rest, "expression": program}, read
