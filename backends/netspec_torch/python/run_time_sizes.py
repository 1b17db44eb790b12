"""Sizes that are only known at run time, as local variables at the start of ``forward``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from netspec.blocks import Tree, replace_trees, walk
from netspec.blocks.trees import Node

from ..syntax.expression_trees import (
    Attribute,
    Binary,
    Expression,
    Index,
    InputDevice,
    InputSize,
    Literal,
    Name,
    RunTimeSize,
    Slice,
)
from ..syntax.literals import UniqueIdentifiers
from ..syntax.statements import Assign, Statement

OFTEN = 3
"""Minimum number of occurrences for a quotient to get a local variable."""
PARTS = {"height": "rows", "width": "columns", "depth": "frames"}
"""Names for fractions of an axis, by the name of the axis."""


def quotient(tree: Tree) -> Expression | None:
    """Returns the quotient with which an expression begins: ``(n + 6) // 7`` for ``(n + 6) // 7 * 7``; else None."""
    if isinstance(tree, Binary) and tree.rest[0][0] == "//" and isinstance(tree.rest[0][1], Literal):
        return Binary(tree.first, tree.rest[:1])
    return None


def quotients(tree: Tree) -> Iterator[Expression]:
    """Yields all quotients in an expression."""
    return (divided for part in walk(tree) if (divided := quotient(part)) is not None)


class RunTimeSizes:
    """The input sizes used in the expressions of a ``forward``.

    Args:
        trees: the expressions, in order.
        inputs: names of the inputs.
        used_names: names that variables must not have.
    """

    def __init__(self, trees: Sequence[Node], inputs: Sequence[str], used_names: Collection[str]) -> None:
        self.inputs = inputs
        places = {
            part
            for tree in trees
            for size in walk(tree)
            if isinstance(size, RunTimeSize)
            for part in walk(size)
            if isinstance(part, InputSize)
        }
        identifiers = UniqueIdentifiers({*used_names, *inputs})
        self.places: dict[InputSize, Name] = {}
        """The local variable of every size, by input and axis."""
        for place in sorted(places, key=lambda place: (place.input, place.axis or 0)):
            self.places[place] = Name(inputs[place.input] if place.axis is None else identifiers.claim(place.title))
        count = Counter(
            each for tree in trees for size in walk(tree) if isinstance(size, RunTimeSize) for each in quotients(size)
        )
        self.quotients: dict[Expression, Name] = {}
        """The local variable of every frequent quotient, inner ones first."""
        for each in sorted((each for each in count if count[each] >= OFTEN), key=lambda each: len(list(walk(each)))):
            titles = {place.title for place in walk(each) if isinstance(place, InputSize)}
            title = PARTS.get(titles.pop(), "parts") if len(titles) == 1 else "parts"
            self.quotients[each] = Name(identifiers.claim(title))

    @property
    def names(self) -> set[str]:
        """Returns the names of the local variables, and of the inputs that are sizes."""
        return {name.id for name in (*self.places.values(), *self.quotients.values())}

    def statements(self) -> Iterator[Statement]:
        """Yields the assignments; the sizes of adjacent axes of an input are unpacked together."""
        runs: list[list[InputSize]] = []
        for place in self.places:
            if place.axis is None:
                continue
            if runs and (runs[-1][0].input, (runs[-1][0].axis or 0) + len(runs[-1])) == (place.input, place.axis):
                runs[-1].append(place)
            else:
                runs.append([place])
        for run in runs:
            first = run[0].axis or 0
            end = None if run[-1].is_last else Literal(first + len(run))
            at: Expression = Slice(Literal(first), end) if len(run) > 1 else Literal(first)
            shape = Attribute(Name(self.inputs[run[0].input]), "shape")
            yield Assign(tuple(self.places[place] for place in run), Index(shape, (at,)))
        for each, name in self.quotients.items():
            assert isinstance(each, Binary)
            ((sign, by),) = each.rest
            yield Assign((name,), Binary(self.substituted(each.first), ((sign, by),)))

    def substituted(self, tree: Node) -> Node:
        """Replaces sizes and quotients in a tree by local variables."""

        def change(part: Tree) -> Tree | None:
            if isinstance(part, RunTimeSize):
                inner: Tree = replace_trees(part.expression, change)
                return inner
            if isinstance(part, InputSize):
                return self.places[part]
            if self.quotients and (start := quotient(part)) in self.quotients:
                assert isinstance(part, Binary)
                name = self.quotients[start]
                return Binary(name, replace_trees(part.rest[1:], change)) if part.rest[1:] else name
            return Attribute(Name(self.inputs[0]), "device") if isinstance(part, InputDevice) else None

        return replace_trees(tree, change)
