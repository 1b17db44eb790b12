"""Anti-unification of bodies: merges the uses of a block into one text with optional lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from ...blocks import ABSENT, DifferentError, Row
from ...ir import Graph
from ...shapes.types import TensorType
from .alignment import aligned_rows, signature
from .block_lines import BlockLine, BlockText, Copies, Ref, Slot, slot_tree
from .copy_runs import Pattern, fits
from .items import BodyItem, LevelBody

KINDS_OF_PATTERNS = ("same", "first", "alternate", "grow", "multiply")


def merge(bodies: Sequence[LevelBody], graph: Graph, *, optional: bool = True) -> BlockText:
    """Merges bodies into one text.

    Args:
        bodies: one for each use.
        graph: the network.
        optional: whether some bodies may lack lines that others have.

    Raises:
        DifferentError: the bodies cannot be merged.
    """
    first = bodies[0]
    shape = (first.listed, len(first.inputs), len(first.outputs))
    if any((body.listed, len(body.inputs), len(body.outputs)) != shape for body in bodies):
        raise DifferentError
    kinds: dict[Hashable, int] = {}
    structure = [kinds.setdefault(signature(body), len(kinds)) for body in bodies]
    if len(kinds) > 1 and not optional:
        raise DifferentError
    examples = [bodies[structure.index(kind)] for kind in range(len(kinds))]
    rows, returned, of_row = aligned_rows(examples)
    refs: dict[Hashable, Ref] = {("input", n): (-1, n) for n in range(len(first.inputs))}
    for n, row in enumerate(rows):
        refs.update((value, (n, k)) for k, value in enumerate(row.results))
    lines: list[BlockLine] = []
    for row, positions in zip(rows, of_row, strict=True):
        at = [positions[kind] for kind in structure]
        items = [None if p is None else body.items[p] for p, body in zip(at, bodies, strict=True)]
        lines.append(merged_line(row, items, refs, graph, optional))
    give_names(lines, first.listed)
    if len(kinds) > 1:
        check_common(lines)
    types: list[tuple[TensorType | None, ...]] = [
        tuple(body.types[n] for body in bodies) for n in range(len(first.inputs))
    ]
    out = [tuple(graph.values[body.outputs[n]] for body in bodies) for n in range(len(first.outputs))]
    return BlockText(lines, [refs[value] for value in returned], first.listed, types, out)


def merged_line(
    row: Row, items: Sequence[BodyItem | None], refs: dict[Hashable, Ref], graph: Graph, optional: bool
) -> BlockLine:
    """Builds the line of an aligned row. Raises DifferentError."""
    first = next(item for item in items if item is not None)
    count = len(first.reads)
    reads = tuple(refs[value] for value in row.reads)
    line = BlockLine(
        first.name,
        first.named,
        first.head,
        reads[:count],
        len(first.results),
        dict(zip(first.layers, reads[count:], strict=True)),
        tuple(item is not None for item in items),
    )
    if first.node is not None:
        op = first.node.op
        count = len(first.results) - len(first.weight_names)
        line.output_names = (*op.output_names(count), *first.weight_names) if len(first.results) > 1 else ()
        line.primary = op.primary
        line.is_default_input = op.is_default_input and not op.is_constant
    argument_names = dict.fromkeys(name for item in items if item is not None for name in item.arguments)
    order = {name: n for n, name in enumerate(first.node.op.arguments)} if first.node is not None else {}
    for name in sorted(argument_names, key=lambda name: order.get(name, len(order))):
        values = [ABSENT if item is None else item.argument(name, graph) for item in items]
        line.arguments[name] = slot_tree(name, values)
    line.share = first.share
    line.has_children = first.has_children
    if first.copies is not None:
        line.copies = merged_copies([None if item is None else item.copies for item in items])
    if first.body is not None:
        have = [item.body for item in items if item is not None and item.body is not None]
        line.text = spread(merge(have, graph, optional=optional), line.present)
    return line


def give_names(lines: Sequence[BlockLine], listed: bool) -> None:
    """Gives every line a unique name. Raises DifferentError if two lines have weights under the same name."""
    for line in lines:
        if line.has_children and line.copies is not None and set(line.copies.count.known) <= {1}:
            line.name, line.has_children = f"{line.name}.0", False
        elif line.copies is not None and set(line.copies.count.known) == {1}:
            (line.name,) = names_of_copies(line)
    if listed:
        for n, line in enumerate(lines):
            line.name = str(n)
        return
    named = [name for line in lines if line.named for name in names_of_copies(line)]
    if len(set(named)) < len(named):
        raise DifferentError
    used_names = {*named, "input"}
    for line in lines:
        if line.named:
            continue
        base = re.sub(r"_\d+\Z", "", line.name) if line.name in used_names else line.name
        name = next(n for n in (line.name, *(f"{base}_{k}" for k in range(1, len(lines) + 2))) if n not in used_names)
        line.name = name
        used_names.add(name)


def names_of_copies(line: BlockLine) -> list[str]:
    """Returns the name of a line, or the names of its copies if they have their own."""
    match = re.search(r"\$\(index(?: \+ (\d+))?\)", line.name)
    if match is None or line.copies is None:
        return [line.name]
    start = int(match[1] or 0)
    return [line.name.replace(match[0], str(start + n)) for n in range(max(line.copies.count.known, default=0))]


def check_common(lines: Sequence[BlockLine]) -> None:
    """Raises DifferentError if more layers are optional than common."""
    sizes = [(size_of(line), all(line.present)) for line in lines]
    if sum(size for size, always in sizes if not always) > sum(size for size, always in sizes if always):
        raise DifferentError


def size_of(line: BlockLine) -> int:
    """Returns the number of layers in a line, counting repeated copies once."""
    text = line.head.block.text if line.head.is_use else line.text
    return 1 if text is None else sum(map(size_of, text.lines))


def merged_copies(uses: Sequence[list[dict[str, Any]] | None]) -> Copies:
    """Merges the copies of a chain: one kind of pattern for each argument. Raises DifferentError."""
    known = [copies for copies in uses if copies is not None]
    count = Slot("repeat", tuple(ABSENT if copies is None else len(copies) for copies in uses))
    out = Copies(count, {}, {})
    for name in dict.fromkeys(name for copies in known for copy in copies for name in copy):
        columns = [None if copies is None else [copy.get(name, ABSENT) for copy in copies] for copies in uses]
        kind, patterns = common_pattern(columns)
        width = len(next(p.values for p in patterns if p is not None))
        out.kinds[name] = kind
        out.slots[name] = tuple(
            Slot(name, tuple(ABSENT if p is None else p.values[n] for p in patterns)) for n in range(width)
        )
    return out


def common_pattern(columns: Sequence[list[Any] | None]) -> tuple[str, list[Pattern | None]]:
    """Returns the simplest kind of pattern that all columns follow, and their patterns. Raises DifferentError."""
    for kind in KINDS_OF_PATTERNS:
        patterns = [None if column is None else fits(column, kind) for column in columns]
        if all((p is None) == (column is None) for p, column in zip(patterns, columns, strict=True)):
            return kind, patterns
    raise DifferentError


def spread(text: BlockText, present: Sequence[bool | None]) -> BlockText:
    """Widens the columns of a group's text to all uses, including those that lack the group."""
    if all(present):
        return text
    places = [n for n, has in enumerate(present) if has]

    def wide(values: Sequence[Any], missing: Any) -> tuple[Any, ...]:
        out = [missing] * len(present)
        for place, value in zip(places, values, strict=True):
            out[place] = value
        return tuple(out)

    spread_columns(text, wide)
    return text


def spread_columns(text: BlockText, wide: Callable[[Sequence[Any], Any], tuple[Any, ...]]) -> None:
    """Widens all columns of a text; ``wide`` takes the values and a filler for the missing ones."""
    for line in text.lines:
        line.present = wide(line.present, None)
        for slot in line.own_slots():
            slot.values = wide(slot.values, ABSENT)
        if line.text is not None:
            spread_columns(line.text, wide)
    text.types = [wide(types, None) for types in text.types]
