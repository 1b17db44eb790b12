"""Rules for layers that run along an axis, in a loop, or for the positions that choose them."""

from __future__ import annotations

from netspec.ops.region import EnterAxis, LeaveAxis, Over, Route

from .lowered import Expr, Lowered, Site, expression, lower
from .region_call import MORE_SIZES


@lower.rule(EnterAxis)
def enter_axis(op: EnterAxis, site: Site) -> Lowered:
    """Moves the axis next to the batch and merges them; a value without the axis is repeated."""
    if op.axis is None:
        return expression("{0}.repeat_interleave({size}, 0)" if site.batch[0] == "N" else "{0}", size=op.size)
    x = site.whole(0)
    if op.axis:
        return expression(f"{x}.movedim({{axis}}, 1).flatten(0, 1)", axis=op.axis + 1)
    return expression(f"{x}.flatten(0, 1)")


@lower.rule(LeaveAxis)
def leave_axis(op: LeaveAxis, site: Site) -> Lowered:
    """Splits the batch into two axes and moves the second to its position."""
    x = f"{site.whole(0)}.unflatten(0, (-1, {{size}}))"
    if op.axis:
        return expression(f"{x}.movedim(1, {{axis}})", size=op.size, axis=op.axis + 1)
    return expression(x, size=op.size)


@lower.rule(Over)
def loop(op: Over, site: Site) -> Lowered:
    """``loop`` of the library; loops without states are handled by :mod:`netspec.ir.axes_as_batch`."""
    first = next(k for k, axis in op.sources if axis is not None and k is not None)
    holes: dict[str, object] = {}
    arguments: list[str] = []
    for i, (k, _) in enumerate(op.sources):
        if k is not None:
            arguments.append(site.whole(k))
            continue
        shape = op.body.values[i].shape
        names = [f"zeros{i}_{a}" for a in range(len(shape))]
        holes |= dict(zip(names, shape, strict=True))
        arguments.append(f"{{{first}}}.new_zeros({{{first}}}.shape[0], {', '.join(f'{{{n}}}' for n in names)})")
    axes = _numbers([None if axis is None else axis + 1 for _, axis in op.sources])
    places = _numbers([None if place is None else place + 1 for place in op.places])
    states = ", ".join(f"{i}: {o}" for i, o in op.states)
    text = f"loop({{self}}, ({', '.join(arguments)}{MORE_SIZES},), {axes}, {{{states}}}, {places})"
    return Lowered(None, Expr(text, holes))


def _numbers(numbers: list[int | None]) -> str:
    return f"({', '.join(map(str, numbers))},)"


@lower.rule(Route)
def route(op: Route, site: Site) -> Lowered:
    """``route`` of the library with the modules of all copies; it expects channels last."""
    arguments = [site.whole(i) for i in range(len(site.xs))]
    if op.axis != site.x.rank - 1:
        arguments = [f"{x}.movedim({op.axis + 1}, -1)" for x in arguments]
    copies = "unstacked({self}, {count})" if op.stacked else "{self}"
    text = f"route({copies}, {', '.join(arguments)})"
    text = text if op.axis == site.x.rank - 1 else f"{text}.movedim(-1, {op.axis + 1})"
    return expression(text, **({"count": op.count} if op.stacked else {}))
