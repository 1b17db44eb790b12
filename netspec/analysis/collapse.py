"""The rows of a network down to a depth: deeper blocks become one row each, and equal copies become one row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

from ..ir.tree import Branch, Leaf, TreeItem
from .figures import Figures
from .network_figures import Analysis, Row


def collapse_blocks(analysis: Analysis, depth: int | None) -> tuple[Row, ...]:
    """Returns the rows of a network down to a depth of scopes.

    Args:
        analysis: the analysis of the network.
        depth: 0 gives one row for the network, 1 its layers and top-level blocks, and so on; None gives all layers.

    Returns:
        Rows in order. A block at the depth limit is one row with the sums of its layers. Consecutive blocks created
        from the same text with the same arguments, and with equal figures, are one row with the sums of all of them;
        ``copies`` is their number.
    """
    if depth is None:
        return analysis.layers
    return tuple(item_rows(analysis, _items(analysis.graph.tree, depth)))


def item_rows(analysis: Analysis, items: Iterable[TreeItem]) -> list[Row]:
    """Returns a row for each layer and block; consecutive equal copies of a block share one row."""
    rows: list[Row] = []
    last: Branch | None = None
    for item in items:
        row = item_row(analysis, item)
        if isinstance(item, Leaf):
            rows.append(row)
            last = None
            continue
        if last is not None and _same_origin(last, item) and _repeats(rows[-1], row):
            rows[-1] = join_rows(rows[-1], row)
        else:
            rows.append(row)
        last = item
    return rows


def item_row(analysis: Analysis, item: TreeItem) -> Row:
    """Returns the row of a layer, or a row for a block with the sums of its layers."""
    return analysis.layer(item.name) if isinstance(item, Leaf) else _block_row(analysis, item)


def _items(branch: Branch, depth: int) -> Iterator[TreeItem]:
    """Yields the layers down to the depth, and the branches at it."""
    if branch.depth >= depth:
        yield branch
        return
    for child in branch.children:
        for copy in child.copies:
            if isinstance(copy, Leaf):
                yield copy
            else:
                yield from _items(copy, depth)


def _block_row(analysis: Analysis, branch: Branch) -> Row:
    """Returns one row for a block."""
    graph, scope = analysis.graph, branch.scope
    rows = [analysis.layer(layer.name) for layer in branch.layers()]
    value = branch.value
    assert value is not None
    operation = _operation(branch)
    if branch.activation is not None:
        operation += f" + {branch.activation.layer.operation}"
    return Row(
        name=scope.name or graph.name,
        operation=operation,
        inputs=tuple(graph.value_name(v) for v in scope.inputs.values()) or rows[0].inputs,
        output=graph.values[value],
        value=value,
        scope=scope.parent or scope,
        location=scope.trace.location if scope.trace is not None else rows[0].location,
        doc=scope.doc,
        layer_count=len(rows),
        **_amounts(Figures.sum(rows)),
    )


def _operation(branch: Branch) -> str:
    """Describes a block: by its name, as a chain of copies (``Bottleneck × 3``), or by its number of layers."""
    if branch.scope.block is not None:
        return branch.scope.block
    inner = [copy for child in branch.children for copy in child.copies]
    blocks = {x.scope.block if isinstance(x, Branch) and x.scope.copy is not None else None for x in inner}
    if len(blocks) == 1 and (block := blocks.pop()) is not None:
        return f"{block} × {len(inner)}" if len(inner) > 1 else block
    layers = list(branch.layers())
    operations = {layer.operation for layer in layers}
    if len(operations) == 1 and all(isinstance(x, Leaf) for x in inner):
        return f"{operations.pop()} × {len(layers)}" if len(layers) > 1 else operations.pop()
    return f"{len(layers)} layers"


def _same_origin(a: Branch, b: Branch) -> bool:
    """Whether two blocks come from the same text with the same arguments, in the same scope."""
    return a.scope.key is not None and a.scope.key == b.scope.key and a.scope.parent is b.scope.parent


def _repeats(before: Row, row: Row) -> bool:
    """Whether the figures of a row equal those of each preceding copy. Tables may be stored with the first of them."""
    n = before.copies
    amounts = _amounts(row)
    return (
        before.operation == row.operation
        and before.output == row.output
        and all(amount == n * amounts[name] for name, amount in _amounts(before).items() if name != "buffers")
    )


def join_rows(before: Row, row: Row) -> Row:
    """Adds one more copy to the row of equal copies: ``layer1.1 … 2``."""
    first = before.name.split(" … ")[0]
    last = row.name[len(row.scope.name) + 1 :] if row.scope.name else row.name
    head, _, tail = last.rpartition(".")
    if head and first.endswith(f"{head}.{first.rpartition('.')[2]}"):
        last = tail
    return replace(
        before,
        name=f"{first} … {last}",
        output=row.output,
        value=row.value,
        layer_count=before.layer_count + row.layer_count,
        copies=before.copies + 1,
        **_amounts(Figures.sum((before, row))),
    )


def _amounts(figures: Figures) -> dict[str, Any]:
    """Returns the figures by name."""
    return {f.name: getattr(figures, f.name) for f in fields(Figures)}
