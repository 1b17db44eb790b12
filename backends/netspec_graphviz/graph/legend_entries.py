"""What the legend of a graph explains."""

from __future__ import annotations

from netspec.report.number_format import short_number

from ..colours import KINDS
from ..diagram import Frame, Plan, Port
from ..options import Options
from .box_contents import Look


def legend_entries(plan: Plan, looks: tuple[Look, ...], options: Options, most: int) -> list[tuple[str, str]]:
    """What the legend of a graph explains; ``most`` is the greatest cost that boxes are shaded by."""
    strips = [s for look in looks for s in look.strips]
    used = {s.kind for s in strips} | {kind for s in strips for kind, _ in s.shares}
    out = [(k.title, k.name) for k in KINDS.values() if k.name in used]
    if any(edge.skips for edge in plan.edges):
        out.append(("skip connection", "skip"))
    if _folded(plan):
        out.append(("copies alike, drawn once", "copies"))
    if options.shade_by and most:
        out.append((f"{options.shade_by}, 0 to {short_number(most)}", "shade"))
    return out


def _folded(plan: Plan) -> bool:
    """Whether something drawn stands for several."""
    items = [box.content for box in plan.boxes if not isinstance(box.content, Port)]
    return any(item.others for item in items) or _frame_folded(plan.root)


def _frame_folded(frame: Frame) -> bool:
    inner = [child for child in frame.children if isinstance(child, Frame)]
    return any(child.block.others or _frame_folded(child) for child in inner)
