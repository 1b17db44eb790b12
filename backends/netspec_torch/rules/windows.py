"""Rules for conversions between windows and channels."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.ops.windows import Fold, Unfold
from netspec.shapes.sizes import Size, is_same

from .lowered import Literal, Lowered, Site, expression, lower, numbered


def arguments(op: Unfold | Fold, padding: Sequence[Size]) -> tuple[str, dict[str, Literal]]:
    """Returns kernel, dilation, padding and stride, without arguments that have PyTorch's defaults."""
    out: list[str] = []
    holes: dict[str, Literal] = {}
    rows = (
        ("kernel_size", op.kernel, 0),
        ("dilation", op.dilation, 1),
        ("padding", padding, 0),
        ("stride", op.stride, 1),
    )
    for name, values, default in rows:
        if all(is_same(n, default) for n in values):
            continue
        text, more = (f"{{{name}}}", {name: values[0]}) if is_same(*values) else numbered(name, tuple(values))
        out.append(f"{name}={text if is_same(*values) else f'({text})'}")
        holes |= more
    return ", ".join(out), holes


@lower.rule(Unfold)
def unfold(op: Unfold, site: Site) -> Lowered:
    """``F.unfold``, preceded by ``F.pad`` if the padding differs between the ends."""
    (top, bottom), (left, right) = op.pads(site.x)
    x, holes = "{0}", dict[str, Literal]()
    padding: tuple[Size, ...] = (top, left)
    if not (is_same(top, bottom) and is_same(left, right)):
        text, holes = numbered("pad", (left, right, top, bottom))
        x, padding = f"F.pad({{0}}, ({text}))", (0, 0)
    text, more = arguments(op, padding)
    return expression(f"F.unfold({x}, {text})", **holes, **more)


@lower.rule(Fold)
def fold(op: Fold, site: Site) -> Lowered:
    """``F.fold``; if the padding differs between the ends, of the padded image, which is then cropped."""
    (top, bottom), (left, right) = op.pads()
    height, width = op.size
    if is_same(top, bottom) and is_same(left, right):
        text, holes = arguments(op, (top, left))
        return expression(f"F.fold({{0}}, ({{height}}, {{width}}), {text})", height=height, width=width, **holes)
    text, holes = arguments(op, (0, 0))
    holes |= {"height": height + top + bottom, "width": width + left + right}
    holes |= {"top": top, "below": top + height, "left": left, "beyond": left + width}
    call = f"F.fold({{0}}, ({{height}}, {{width}}), {text})"
    return expression(f"{call}[:, :, {{top}}:{{below}}, {{left}}:{{beyond}}]", **holes)
