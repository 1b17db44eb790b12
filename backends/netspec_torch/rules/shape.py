"""Rules for operations that rearrange, select or repeat values."""

from __future__ import annotations

from netspec.ops.common.axes import one_per_axis
from netspec.ops.shape import (
    Expand,
    Flatten,
    Identity,
    Permute,
    Reshape,
    Roll,
    Select,
    Slice,
    Split,
    Squeeze,
    Unsqueeze,
)
from netspec.shapes.sizes import Size, is_named, is_same

from .lowered import Default, Expr, Literal, Lowered, Make, Site, batchless, expression, lower, numbered

batchless(Expand, Flatten, Identity, Permute, Reshape, Roll, Select, Slice, Split, Squeeze, Unsqueeze)


def call_along_last_axis(site: Site, axis: int) -> str:
    """Returns the call of a module that works along the last axis, applied to another axis."""
    if axis == site.x.rank - 1:
        return ""
    here = site.axis(axis)
    return f"{{self}}({{0}}.movedim({here}, -1)).movedim(-1, {here})"


def indexing(site: Site, cuts: dict[int, tuple[str, ...]], holes: dict[str, Literal]) -> Lowered:
    """Slices some axes of the input; ``cuts`` are texts with holes."""
    last = max(cuts)
    parts = [":"] * site.axis(0) + [":".join(cuts[a]) if a in cuts else ":" for a in range(last + 1)]
    return expression(f"{{0}}[{', '.join(parts)}]", **holes)


def slice_text(axis: int, first: int, last: int, size: int, step: int = 1) -> tuple[tuple[str, ...], dict[str, int]]:
    """Returns the text of a slice from ``first`` to before ``last``, and its holes."""
    holes: dict[str, int] = {}
    parts = ["", ""]
    if first:
        parts[0] = f"{{start{axis}}}"
        holes[f"start{axis}"] = first
    if last != size:
        parts[1] = f"{{stop{axis}}}"
        holes[f"stop{axis}"] = last
    if step != 1:
        parts.append(f"{{step{axis}}}")
        holes[f"step{axis}"] = step
    return tuple(parts), holes


def ends_of_slice(
    axis: int, start: Size | None, stop: Size | None, step: int = 1
) -> tuple[tuple[str, ...], dict[str, Size]]:
    """Returns the text of a slice with its ends as given: negative ones count from the end, and None is open."""
    holes: dict[str, Size] = {}
    parts = ["", ""]
    if start is not None and not is_same(start, 0):
        parts[0] = f"{{start{axis}}}"
        holes[f"start{axis}"] = start
    if stop is not None:
        parts[1] = f"{{stop{axis}}}"
        holes[f"stop{axis}"] = stop
    if step != 1:
        parts.append(f"{{step{axis}}}")
        holes[f"step{axis}"] = step
    return tuple(parts), holes


@lower.rule(Identity)
def identity(op: Identity, site: Site) -> Lowered:
    """The input itself; in a chain of modules, ``nn.Identity``."""
    return Lowered(Make("nn.Identity"), alone=Expr("{0}"), functional=True)


@lower.rule(Flatten)
def flatten(op: Flatten, site: Site) -> Lowered:
    """``flatten``."""
    start, end = (site.axis(a) for a in op.span(site.x))
    last = site.axis(site.x.rank - 1)
    holes: dict[str, Literal] = {"start_dim": start} | ({"end_dim": end} if end != last else {})
    alone = Expr(f"{{0}}.flatten({', '.join(f'{{{h}}}' for h in holes)})", holes)
    args = {"start_dim": Default(start, 1), "end_dim": Default(end if end != last else -1, -1)}
    return Lowered(Make("nn.Flatten", args), alone=alone, functional=True)


@lower.rule(Reshape)
def reshape(op: Reshape, site: Site) -> Lowered:
    """``reshape`` with an inferred batch axis."""
    text, holes = numbered("size", site.y.shape)
    lead = "-1, " if site.lead != "0" else ""
    return expression(f"{{0}}.reshape({lead}{text})", **holes)


@lower.rule(Permute)
def permute(op: Permute, site: Site) -> Lowered:
    """``permute``, or ``transpose`` of two axes."""
    swapped = [a for a, b in enumerate(op.order) if a != b]
    if not swapped:
        return expression("{0}")
    if len(swapped) == 2:
        return expression("{0}.transpose({dim0}, {dim1})", dim0=site.axis(swapped[0]), dim1=site.axis(swapped[1]))
    text, holes = numbered("dim", tuple(site.axis(a) for a in op.order))
    lead = "0, " if site.lead != "0" else ""
    return expression(f"{{0}}.permute({lead}{text})", **holes)


@lower.rule(Squeeze)
def squeeze(op: Squeeze, site: Site) -> Lowered:
    """``squeeze`` of one axis or several."""
    axes = tuple(site.axis(a) for a in op.removed(site.x))
    if not axes:
        return expression("{0}")
    if len(axes) == 1:
        return expression("{0}.squeeze({dim})", dim=axes[0])
    text, holes = numbered("dim", axes)
    return expression(f"{{0}}.squeeze(({text}))", **holes)


@lower.rule(Unsqueeze)
def unsqueeze(op: Unsqueeze, site: Site) -> Lowered:
    """``unsqueeze``."""
    return expression("{0}.unsqueeze({dim})", dim=site.axis(op.axis))


@lower.rule(Split)
def split(op: Split, site: Site) -> Lowered:
    """``chunk`` into equal parts, ``split`` into given sizes."""
    sizes = op.sizes(site.x)
    dim = site.axis(op.axis)
    if len(sizes) == 1:
        return expression("{0}")
    if len(set(sizes)) == 1:
        return expression("{0}.chunk({chunks}, dim={dim})", chunks=len(sizes), dim=dim)
    text, holes = numbered("size", sizes)
    return expression(f"{{0}}.split(({text}), dim={{dim}})", **holes, dim=dim)


@lower.rule(Slice)
def slice_(op: Slice, site: Site) -> Lowered:
    """Indexing with slices."""
    cuts: dict[int, tuple[str, ...]] = {}
    holes: dict[str, Literal] = {}
    starts = one_per_axis("slice", "start", op.start, len(op.axis))
    stops = one_per_axis("slice", "stop", op.stop, len(op.axis))
    steps = one_per_axis("slice", "step", op.step, len(op.axis))
    sizes = [site.x.shape[a] for a in op.axis]
    numbers = () if any(map(is_named, (*starts, *stops, *sizes))) else op.ranges(site.x)
    for i, (a, n) in enumerate(zip(op.axis, sizes, strict=True)):
        if not numbers:
            stop = stops[i]
            parts, more = ends_of_slice(a, starts[i], None if stop is None or is_same(stop, n) else stop, steps[i])
        else:
            _, first, size, step = numbers[i]
            last = first + (size - 1) * step + 1
            parts, more = slice_text(a, first, n if last + step > n else last, n, step)
        if more:
            cuts[a] = parts
            holes |= more
    return indexing(site, cuts, holes) if cuts else expression("{0}")


@lower.rule(Select)
def select(op: Select, site: Site) -> Lowered:
    """Indexing with a number."""
    return indexing(site, {op.axis: ("{index}",)}, {"index": op.index})


@lower.rule(Roll)
def roll(op: Roll, site: Site) -> Lowered:
    """``roll``."""
    dims = tuple(site.axis(a) for a in op.axis)
    if len(dims) == 1:
        return expression("{0}.roll({shift}, {dim})", shift=op.shifts()[0], dim=dims[0])
    shifts, holes = numbered("shift", op.shifts())
    axes, more = numbered("dim", dims)
    return expression(f"{{0}}.roll(({shifts}), ({axes}))", **holes, **more)


@lower.rule(Expand)
def expand(op: Expand, site: Site) -> Lowered:
    """``expand``; new axes come right after the batch."""
    if not op.shape:
        return expression("{0}")
    text, holes = numbered("size", op.shape)
    lead = "-1, " if site.lead != "0" else ""
    return expression(f"{site.aligned(0, len(op.shape))}.expand({lead}{text})", **holes)
