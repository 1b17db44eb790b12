"""Moves reshapes around a product into the groups of its pattern: ``q (h d), k (h d) -> h q k``."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...shapes.sizes import is_same
from ..draft import Draft, DraftNetwork, Shape
from ..rewriting import Rewriting

_PLAIN = re.compile(r"[a-z](?: [a-z])*(?:, [a-z](?: [a-z])*)* -> [a-z](?: [a-z])*")
LETTERS = "abcdefgh"
"""Names of axes; products of tensors with more axes are not changed."""
RESHAPES = ("reshape", "flatten")


class Group(NamedTuple):
    """Consecutive axes of one shape that correspond to a single axis of another."""

    first: int
    """The index of the first axis."""
    end: int
    sizes: tuple[int, ...]


def simplify_einsums(network: DraftNetwork) -> None:
    """Lets ``einsum`` order, split and merge axes itself, if other layers serve no other purpose."""
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts("matmul"):
            _with_permutations(rewriting, draft)
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts("einsum"):
            if _PLAIN.fullmatch(str(draft.arguments.get("pattern"))) and len(draft.arguments) == 1:
                _fold(rewriting, draft)


def _with_permutations(rewriting: Rewriting, product: Draft) -> None:
    """Replaces a matrix product and the permutations of its factors and of its result by an ``einsum``."""
    shapes = [rewriting.shape(value) for value in product.inputs]
    fronts = [shape[:-2] for shape in shapes]
    if fronts[0] != fronts[1] or len(fronts[0]) > len(LETTERS) - 3:
        return
    *front, row, inner, column = list(LETTERS[: len(fronts[0]) + 3])
    tokens, inputs = [[*front, row, inner], [*front, inner, column]], list(product.inputs)
    for k, value in enumerate(product.inputs):
        permute = rewriting.maker(value, "permute")
        if permute is not None and rewriting.only_reader(value) is product:
            order: list[int] = permute.arguments["order"]
            tokens[k] = [tokens[k][order.index(axis)] for axis in range(len(order))]
            inputs[k] = permute.inputs[0]
    outputs, last = [*front, row, column], product
    after = rewriting.only_reader(product.outputs[0], "permute")
    if after is not None:
        moved: list[int] = after.arguments["order"]
        outputs, last = [outputs[axis] for axis in moved], after
    elif inputs == product.inputs:
        return
    names = dict(zip(dict.fromkeys([*tokens[0], *tokens[1]]), LETTERS, strict=False))
    read, written = (" ".join(names[t] for t in part) for part in tokens), " ".join(names[t] for t in outputs)
    last.calls, last.stem = product.calls, product.stem or last.stem
    rewriting.change(last, "einsum", inputs, {"pattern": f"{', '.join(read)} -> {written}"})


def _fold(rewriting: Rewriting, draft: Draft) -> None:
    read, _, written = str(draft.arguments["pattern"]).partition(" -> ")
    tokens = [part.split() for part in read.split(", ")]
    outputs, inputs, sizes = written.split(), list(draft.inputs), dict[str, int]()
    alone = {letter for part in tokens for letter in part}
    for k, value in enumerate(inputs):
        source = rewriting.maker(value, *RESHAPES)
        if source is None or rewriting.only_reader(value) is not draft:
            continue
        group = merged_axes(rewriting.shape(value), rewriting.shape(source.inputs[0]))
        if group is None:
            continue
        letters = tokens[k][group.first : group.end]
        sizes |= dict(zip(letters[:-1], group.sizes, strict=False))
        tokens[k][group.first : group.end] = [f"({' '.join(letters)})"]
        inputs[k] = source.inputs[0]
    reader = rewriting.only_reader(draft.outputs[0], *RESHAPES)
    group = merged_axes(rewriting.shape(draft.outputs[0]), rewriting.shape(reader.outputs[0])) if reader else None
    if group is not None:
        outputs[group.first : group.end] = [f"({' '.join(outputs[group.first : group.end])})"]
    elif inputs == draft.inputs:
        return
    known = {letter for part in tokens for letter in part} & alone
    pattern = f"{', '.join(map(' '.join, tokens))} -> {' '.join(outputs)}"
    arguments = {"pattern": pattern} | {letter: size for letter, size in sizes.items() if letter not in known}
    if group is None or reader is None:
        rewriting.change(draft, inputs=inputs, arguments=arguments)
        return
    reader.calls, reader.stem = draft.calls, draft.stem or reader.stem
    rewriting.change(reader, "einsum", inputs, arguments)


def merged_axes(divided: Shape, merged: Shape) -> Group | None:
    """Returns the axes of one shape that are merged to a single axis in another, if that is the only difference."""
    count = len(divided) - len(merged) + 1
    if count < 2:
        return None
    for first in range(len(merged)):
        group = divided[first : first + count]
        rest = (*divided[:first], *divided[first + count :])
        others = (*merged[:first], *merged[first + 1 :])
        if all(type(n) is int and n > 1 for n in group) and all(map(is_same, rest, others)):
            return Group(first, first + count, tuple(n for n in group if type(n) is int))
    return None
