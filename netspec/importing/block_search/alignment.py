"""Aligns the bodies of similar levels: finds the items that correspond and checks that they are connected alike."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from ... import blocks
from ...blocks import Filled, Row, Template, align, name_by_likeness
from .block_lines import formula_parts
from .copy_runs import typed_value
from .items import BodyItem, LevelBody
from .kinds import CHANNELS, kind_of


def signature(body: LevelBody) -> Hashable:
    """Returns a key that is equal for bodies that differ in numeric arguments only."""
    numbers: dict[int, Hashable] = {value: ("input", n) for n, value in enumerate(body.inputs)}
    items: list[Hashable] = []
    for n, item in enumerate(body.items):
        reads = [numbers[value] for value in item.reads]
        items.append(
            (
                item.name if item.named else None,
                item.head,
                frozenset(reads) if item.commutes else tuple(reads),
                tuple((argument, numbers[value]) for argument, value in item.layers.items()),
                signature(item.body) if item.body is not None else None,
                item.share,
                lengths(item),
            )
        )
        numbers.update((value, (n, k)) for k, value in enumerate(item.results))
    return body.listed, len(body.inputs), tuple(items), tuple(numbers[value] for value in body.outputs)


def lengths(item: BodyItem) -> tuple[Hashable, ...]:
    """Returns the features of an item's arguments that must be equal for two items to be merged.

    These are the lengths of shapes and orders, patterns of axes (with the names of the sizes given for them), and the
    text of formulas without their numbers.
    """
    arguments = item.arguments
    out: list[Hashable] = [len(arguments[a]) for a in ("shape", "order") if isinstance(arguments.get(a), list)]
    if isinstance(arguments.get("pattern"), str):
        out += [arguments["pattern"], *sorted(arguments)]
    if item.head.operation == "formula" and isinstance(arguments.get("expression"), str):
        out += formula_parts(arguments["expression"])
    return tuple(out)


def aligned_rows(examples: Sequence[LevelBody]) -> tuple[list[Row], list[Hashable], list[tuple[int | None, ...]]]:
    """Aligns bodies of different structure.

    Returns the aligned rows, the values that the bodies return, and for each row the position of its item in each body
    (None if the body lacks it).
    """
    sequences: list[list[blocks.SequenceItem]] = [
        [aligned_item(item, n) for n, item in enumerate(body.items)] for body in examples
    ]
    if len(sequences) > 1:
        listed = examples[0].listed
        sequences = name_by_likeness(sequences, lambda a, b: likeness(original(a), original(b), listed))
    inputs = [{value: ("input", n) for n, value in enumerate(body.inputs)} for body in examples]
    rows, returned = align(sequences, inputs, [body.outputs for body in examples])
    return rows, returned, [row.positions for row in rows]


@dataclass(frozen=True, slots=True)
class Aligned(blocks.SequenceItem):
    """An item of a body in the form that :func:`netspec.blocks.align` expects."""

    item: BodyItem | None = field(default=None, compare=False)


def original(aligned: blocks.SequenceItem) -> BodyItem:
    """Returns the item that was wrapped for alignment."""
    assert isinstance(aligned, Aligned)
    assert aligned.item is not None
    return aligned.item


def aligned_item(item: BodyItem, position: int) -> Aligned:
    """Wraps an item for alignment. Only its structure is compared; numbers are compared later."""
    reads = (*item.reads, *item.layers.values())
    what = (
        item.head,
        item.has_children,
        tuple(item.layers),
        item.share,
        lengths(item),
        item.body is not None,
    )
    main = 0 if item.reads else None
    return Aligned(str(position), Filled(Template(what)), reads, tuple(item.results), main, None, item.commutes, item)


def likeness(a: BodyItem, b: BodyItem, listed: bool) -> int:
    """Returns a score of how well two items correspond, or 0 if they cannot correspond."""
    if a.head != b.head or a.share != b.share or a.layers.keys() != b.layers.keys() or len(a.reads) != len(b.reads):
        return 0
    if len(a.results) != len(b.results) or a.has_children != b.has_children or lengths(a) != lengths(b):
        return 0
    if not listed and (a.named or b.named) and a.name != b.name:
        return 0
    return 30 + 2 * len(relations(a) & relations(b)) + (10 if a.name == b.name and not listed else 0)


def relations(item: BodyItem) -> set[tuple[str, Hashable]]:
    """Describes the arguments of an item by relations: one, equal to the first, a number of channels, or a value."""
    arguments = item.copies[0] if item.copies else item.arguments
    numbers = [value for value in arguments.values() if type(value) is int]
    out: set[tuple[str, Hashable]] = set()
    for n, (name, value) in enumerate(arguments.items()):
        if name == "stride":
            continue
        if type(value) is not int:
            out.add((name, typed_value(value)))
        elif value == 1:
            out.add((name, "one"))
        elif n and value == numbers[0]:
            out.add((name, "the first"))
        else:
            out.add((name, "channels" if kind_of(item.head, name) == CHANNELS else value))
    return out
