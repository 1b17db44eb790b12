"""Finds one expression for a size in all uses of a block, so that they can share a class.

If ``height`` is a multiple of 7 in one use, ``height // 7 * 7`` is simplified to ``height`` there, but not in another
use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from netspec.blocks import Filled, Template, Tree, replace_trees, walk

from ..syntax.expression_trees import Expression, RunTimeSize
from .body import Body, ForwardStep
from .size_expressions import value

Place = tuple[str, int, int]
"""The location of a size: layer of the block, index of the step within the layer, index of the size within the step."""


def share_expressions(root: Body) -> None:
    """Replaces each size by the shortest expression that is correct in all uses of its block, if there is one."""
    uses: dict[str, list[Body]] = {}
    for body in every_body(root):
        if body.block is not None and body.expressions is not None:
            uses.setdefault(body.block, []).append(body)
    for bodies in uses.values():
        by_place: dict[Place, dict[Expression, None]] = {}
        for body in bodies:
            for place, size in sizes_of(body):
                by_place.setdefault(place, {})[size.expression] = None
        for place, expressions in by_place.items():
            if len(expressions) > 1:
                common = [each for each in expressions if all(is_right(each, place, body) for body in bodies)]
                if common:
                    best = min(common, key=lambda each: sum(1 for _ in walk(each)))
                    for body in bodies:
                        set_expression(body, place, best)


def every_body(root: Body) -> Iterator[Body]:
    """Yields a body and all nested bodies, each once."""
    seen: dict[Body, None] = {}
    stack = [root]
    while stack:
        body = stack.pop()
        if body not in seen:
            seen[body] = None
            stack += body.uses()
    return iter(seen)


def numbered_steps(body: Body) -> Iterator[tuple[str, int, int]]:
    """Yields for every step its layer, its index within the layer, and its position."""
    count: dict[str, int] = {}
    for position, step in enumerate(body.steps):
        yield step.item, count.setdefault(step.item, 0), position
        count[step.item] += 1


def sizes_of(body: Body) -> Iterator[tuple[Place, RunTimeSize]]:
    """Yields all sizes in the steps of a body."""
    for item, number, position in numbered_steps(body):
        for n, size in enumerate(sizes_in(body.steps[position])):
            yield (item, number, n), size


def sizes_in(step: ForwardStep) -> Iterable[RunTimeSize]:
    """Yields all sizes in a step."""
    return (part for part in walk(step.expression.template.node) if isinstance(part, RunTimeSize))


def is_right(expression: Expression, place: Place, body: Body) -> bool:
    """Whether an expression equals the size at a location in a use; also true if there is no size."""
    assert body.expressions is not None
    axes = body.expressions.axes
    known = {axis for axis, _ in axes}
    if any(part not in known for part in walk(expression) if isinstance(part, type(axes[0][0]))):
        return False
    return all(value(expression, axes) == size.size for other, size in sizes_of(body) if other == place)


def set_expression(body: Body, place: Place, expression: Expression) -> None:
    """Sets the expression of a size in a use."""
    item, number, n = place
    for other, count, position in numbered_steps(body):
        if (other, count) == (item, number):
            body.steps[position] = with_expression(body.steps[position], n, expression)


def with_expression(step: ForwardStep, n: int, expression: Expression) -> ForwardStep:
    """Returns a step with another expression for its n-th size."""
    numbers = iter(range(1 << 30))

    def change(part: Tree) -> Tree | None:
        if not isinstance(part, RunTimeSize):
            return None
        return RunTimeSize(expression, part.size) if next(numbers) == n else part

    template = Template(replace_trees(step.expression.template.node, change))
    return replace(step, expression=Filled(template, step.expression.values))
