"""A network in outline: scopes below a depth as one row each, with sums; copies alike as one row."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..ir import Graph, Scope
from .summary import Analysis, Row


@dataclass(slots=True)
class _Group:
    """Rows of one scope that are shown as one."""

    scope: Scope
    rows: list[Row]
    inner: list[Scope | None]
    """For each row, the scope right within this one that it stands in; None for one that stands in this itself."""
    activation: Row | None = None
    """The row of the activation that the scope as a whole has."""


def outline(analysis: Analysis, depth: int | None) -> tuple[Row, ...]:
    """The rows of a network down to a depth of scopes.

    Args:
        analysis: the network.
        depth: 0 gives one row for the network, 1 the layers and scopes right within it, and so on; None all layers.

    Returns:
        Rows in order. A scope that is cut off is one row with the sums of its layers. Scopes one after the other that
        were made from the same text with the same arguments, and have the same figures, are one row with the sums
        of all (``copies`` says of how many).
    """
    if depth is None:
        return analysis.rows
    levels: dict[Scope, tuple[Scope, ...]] = {}
    found: list[Row | _Group] = []
    for row in analysis.rows:
        path = _path(row.scope, levels)
        last = found[-1] if found else None
        if len(path) <= depth:
            if isinstance(last, _Group) and row.name == f"{last.scope.name}.activation":
                last.activation = row
            else:
                found.append(row)
            continue
        top = path[depth]
        inner = path[depth + 1] if len(path) > depth + 1 else None
        if isinstance(last, _Group) and last.scope is top:
            last.rows.append(row)
            last.inner.append(inner)
        else:
            found.append(_Group(top, [row], [inner]))
    out: list[Row] = []
    keys: list[object] = []
    for item in found:
        if isinstance(item, Row):
            out.append(item)
            keys.append(None)
            continue
        row, key = _row(analysis.graph, item), item.scope.key
        if out and key is not None and key == keys[-1] and out[-1].scope is row.scope and _alike(out[-1], row):
            out[-1] = _folded(out[-1], row)
        else:
            out.append(row)
            keys.append(key)
    return tuple(out)


def _path(scope: Scope, known: dict[Scope, tuple[Scope, ...]]) -> tuple[Scope, ...]:
    """The scopes from the network's own to this one."""
    found = known.get(scope)
    if found is None:
        chain: list[Scope] = []
        at: Scope | None = scope
        while at is not None:
            chain.append(at)
            at = at.parent
        found = known[scope] = tuple(chain[::-1])
    return found


def _row(graph: Graph, group: _Group) -> Row:
    """One row for a scope."""
    scope, rows = group.scope, group.rows
    value = scope.outputs[0][1] if scope.outputs else rows[-1].value
    op = _op(group)
    if group.activation is not None:
        value = group.activation.value
        rows = [*rows, group.activation]
        op += f" + {group.activation.op}"
    count, work = rows[0].count, rows[0].work
    for row in rows[1:]:
        count, work = count.plus(row.count), work.plus(row.work)
    return Row(
        name=scope.name or graph.name,
        op=op,
        inputs=tuple(graph.value_name(v) for v in scope.inputs.values()) or rows[0].inputs,
        output=graph.values[value],
        value=value,
        count=count,
        work=work,
        scope=scope.parent or scope,
        location=scope.trace.location if scope.trace is not None else rows[0].location,
        doc=scope.doc,
        layers=len(group.rows),
    )


def _op(group: _Group) -> str:
    """What a scope is: its block, a chain of copies, or so many layers."""
    if group.scope.block is not None:
        return group.scope.block
    inner = list(dict.fromkeys(group.inner))
    blocks = {s.block if s is not None and s.copy is not None else None for s in inner}
    if len(blocks) == 1 and (block := blocks.pop()) is not None:
        return f"{block} × {len(inner)}" if len(inner) > 1 else block
    ops = {row.op for row in group.rows}
    n = len(group.rows)
    if inner == [None] and len(ops) == 1:
        return f"{ops.pop()} × {n}" if n > 1 else ops.pop()
    return f"{n} layers"


def _alike(before: Row, row: Row) -> bool:
    """Whether a row repeats what (each of) the copies before it have."""
    n = before.copies
    return (
        before.op == row.op
        and before.output == row.output
        and all(a == n * b for a, b in zip(before.count, row.count, strict=True))
        and all(a == n * b for a, b in zip(before.work, row.work, strict=True))
    )


def _folded(before: Row, row: Row) -> Row:
    """A further copy put into the row of those before it."""
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
        count=before.count.plus(row.count),
        work=before.work.plus(row.work),
        layers=before.layers + row.layers,
        copies=before.copies + 1,
    )
