"""One expression for a size in all uses of a block, so that they are uses of one class.

In one use ``height // 7 * 7`` is ``height``, as that is a multiple of 7 there; in another it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from netspec.blocks import Filled, Template, Tree, replace_trees, walk

from ..syntax.expression_trees import Expression, RunTimeSize
from .body import Body, ForwardStep
from .size_expressions import value

Place = tuple[str, int, int]
"""Where a size stands: layer of the block, number of the step of that layer, number of the size in it."""


def share_expressions(root: Body) -> None:
    """Gives each size in all uses of a block the shortest expression that is right in all of them, if there is one."""
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
    """A body and all below it, each once."""
    seen: dict[Body, None] = {}
    stack = [root]
    while stack:
        body = stack.pop()
        if body not in seen:
            seen[body] = None
            stack += body.uses()
    return iter(seen)


def numbered_steps(body: Body) -> Iterator[tuple[str, int, int]]:
    """For every step its layer, its number among those of the layer, and its position."""
    count: dict[str, int] = {}
    for position, step in enumerate(body.steps):
        yield step.item, count.setdefault(step.item, 0), position
        count[step.item] += 1


def sizes_of(body: Body) -> Iterator[tuple[Place, RunTimeSize]]:
    """All sizes in the steps of a body."""
    for item, number, position in numbered_steps(body):
        for n, size in enumerate(sizes_in(body.steps[position])):
            yield (item, number, n), size


def sizes_in(step: ForwardStep) -> Iterable[RunTimeSize]:
    """All sizes in a step."""
    return (part for part in walk(step.expression.template.node) if isinstance(part, RunTimeSize))


def is_right(expression: Expression, place: Place, body: Body) -> bool:
    """Whether an expression is the size that a use has at a place; true if it has none there."""
    assert body.expressions is not None
    axes = body.expressions.axes
    known = {axis for axis, _ in axes}
    if any(part not in known for part in walk(expression) if isinstance(part, type(axes[0][0]))):
        return False
    return all(value(expression, axes) == size.size for other, size in sizes_of(body) if other == place)


def set_expression(body: Body, place: Place, expression: Expression) -> None:
    """Writes a size of a use by an expression."""
    item, number, n = place
    for other, count, position in numbered_steps(body):
        if (other, count) == (item, number):
            body.steps[position] = with_expression(body.steps[position], n, expression)


def with_expression(step: ForwardStep, n: int, expression: Expression) -> ForwardStep:
    """A step whose size of that number is written by an expression."""
    numbers = iter(range(1 << 30))

    def change(part: Tree) -> Tree | None:
        if not isinstance(part, RunTimeSize):
            return None
        return RunTimeSize(expression, part.size) if next(numbers) == n else part

    template = Template(replace_trees(step.expression.template.node, change))
    return replace(step, expression=Filled(template, step.expression.values))
