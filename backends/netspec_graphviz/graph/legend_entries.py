"""The entries of a graph's legend."""

from __future__ import annotations

from netspec.report.number_format import short_number

from ..colours import KINDS
from ..diagram import Diagram, Frame, Port
from ..options import Options
from ..shared_weights import LEGEND
from .box_contents import BoxContents


def legend_entries(
    diagram: Diagram, contents: tuple[BoxContents, ...], options: Options, greatest_cost: int
) -> list[tuple[str, str]]:
    """Texts and samples of the legend; see :func:`~netspec_graphviz.title_and_legend.legend_shapes`."""
    strips = [s for box in contents for s in box.strips]
    used = {s.kind for s in strips} | {kind for s in strips for kind, _ in s.shares}
    out = [(k.title, k.name) for k in KINDS.values() if k.name in used]
    if any(edge.skips for edge in diagram.edges):
        out.append(("skip connection", "skip"))
    if any(edge.role == "positions" for edge in diagram.edges):
        out.append(("positions of maxima", "positions"))
    if diagram.letters:
        first, *others = diagram.letters
        out.append((f"{first}{f' to {others[-1]}' if others else ''}: {LEGEND}", "letter"))
    if _has_copies(diagram):
        # Shapes are those of one copy, costs those of all copies; the legend must say so.
        out.append(("equal copies, drawn once: shapes of one, costs of all", "copies"))
    if options.shade_by and greatest_cost:
        out.append((f"{options.shade_by}, 0 to {short_number(greatest_cost)}", "shade"))
    return out


def _has_copies(diagram: Diagram) -> bool:
    """Whether a box or a frame represents several copies."""
    items = [box.content for box in diagram.boxes if not isinstance(box.content, Port)]
    return any(item.further_copies for item in items) or _frame_has_copies(diagram.root)


def _frame_has_copies(frame: Frame) -> bool:
    inner = [child for child in frame.children if isinstance(child, Frame)]
    return any(child.block.further_copies or _frame_has_copies(child) for child in inner)
