"""Writes a diagram in the DOT language, either for Graphviz to lay out or for users to edit."""

from __future__ import annotations

from netspec.diagnostics import clean
from netspec_picture.typefaces import text_width

from ..colours import KINDS, Theme, printed, printed_theme, theme_of
from ..diagram import Box, Diagram, Frame, Port
from ..edge_roles import Edge
from ..figure_tree import multiplier
from ..graphviz_program import POINTS_PER_INCH
from ..options import Options
from .box_contents import BoxContents, sheets
from .dot_text import Markup, attributes, escaped, quoted
from .strips import Strip

FRAME_TEXT = 12.0
FRAME_HEAD = 20.0
"""Height of the line with the name of a frame."""
FRAME_MARGIN = 12.0
EDGE_TEXT = 10.0
FAST_LAYOUT_SPAN = 1500
"""Total number of ranks spanned by the edges above which Graphviz stops optimising early."""


def dot_source(
    diagram: Diagram,
    contents: tuple[BoxContents, ...],
    options: Options,
    *,
    readable: bool = False,
    global_ranks: bool = False,
) -> str:
    """Returns the DOT source.

    Args:
        diagram: boxes, frames and edges.
        contents: sizes and texts of the boxes.
        options: direction and colours.
        readable: whether to include names, texts and colours, for users. Otherwise, boxes only have sizes, so that the
            layout depends neither on fonts nor on texts of the spec.
        global_ranks: whether Graphviz ranks the boxes of all frames together.
    """
    theme = printed_theme(theme_of(options.dark))
    name = escaped(clean(diagram.graph.name)) if readable else "netspec"
    rankdir = "LR" if options.direction == "right" else "TB"
    graph = {"rankdir": rankdir, "nodesep": "0.3", "ranksep": "0.32", "margin": "0", "pad": "0"}
    node = {"shape": "box", "fixedsize": "true", "label": ""}
    edge = {"arrowsize": "0.6"}
    if global_ranks:
        graph["newrank"] = "true"
    if diagram.span > FAST_LAYOUT_SPAN:
        graph["nslimit"] = "1"
    if readable:
        font = {"fontname": "Helvetica"}
        graph |= font | {"bgcolor": options.background or theme.paper, "fontsize": "12", "fontcolor": theme.ink}
        node |= font | {"fixedsize": "false", "style": "filled", "fontsize": "11"}
        node |= {"fontcolor": theme.text, "color": theme.border}
        edge |= font | {"fontsize": "10", "color": theme.line, "fontcolor": theme.ink}
    writer = _Writer(contents, theme, readable)
    writer.frame(diagram.root, 1)
    for e in diagram.edges:
        writer.edge(e)
    defaults = [f"\t{kind} [{attributes(x)}]" for kind, x in (("graph", graph), ("node", node), ("edge", edge))]
    return "\n".join([f"digraph {quoted(name)} {{", *defaults, *writer.lines, "}", ""])


class _Writer:
    def __init__(self, contents: tuple[BoxContents, ...], theme: Theme, readable: bool) -> None:
        self.contents = contents
        self.theme = theme
        self.readable = readable
        self.lines: list[str] = []
        self.frames = 0
        """Number of frames written so far."""

    def frame(self, frame: Frame, level: int) -> None:
        """Writes the boxes and frames in a frame."""
        indent = "\t" * level
        for child in frame.children:
            if isinstance(child, Box):
                label, values = self.node(child, self.contents[child.number])
                self.lines.append(f"{indent}n{child.number} [{label}{attributes(values)}]")
                continue
            self.lines.append(f"{indent}subgraph cluster{self.frames} {{")
            self.frames += 1
            margin = f"{FRAME_MARGIN + max(sheets(child.block), default=0.0):g}"
            self.lines.append(f"{indent}\t{attributes({'labeljust': 'l', 'margin': margin})}")
            self.lines.append(f"{indent}\t{attributes(self.frame_label(child))}")
            self.frame(child, level + 1)
            self.lines.append(f"{indent}}}")

    def frame_label(self, frame: Frame) -> dict[str, str]:
        """Returns the attributes of a frame's name, or of the space for it."""
        if not self.readable:
            return {"label": _empty_label(text_width(frame_title(frame), FRAME_TEXT, bold=True), FRAME_HEAD)}
        return {
            "label": escaped(clean(frame_title(frame))),
            "style": "filled",
            "fillcolor": self.theme.levels[min(frame.block.depth - 1, len(self.theme.levels) - 1)],
            "color": self.theme.frame,
        }

    def node(self, box: Box, contents: BoxContents) -> tuple[str, dict[str, str]]:
        """Returns the label of a box, which comes first, and its other attributes."""
        out = {
            "width": f"{(contents.width + contents.sheets) / POINTS_PER_INCH:.4f}",
            "height": f"{(contents.height + contents.sheets) / POINTS_PER_INCH:.4f}",
        }
        if not self.readable:
            return "", out
        kind = next((s.kind for s in contents.strips if s.kind), None)
        lines = [escaped(clean(line)) for s in contents.strips for line in _lines(s)]
        out["fillcolor"] = printed(KINDS[kind].colour) if kind else self.theme.levels[0]
        if kind is None:
            out["fontcolor"] = self.theme.ink
        content = box.content
        out["tooltip"] = escaped(clean(content.name))
        if isinstance(content, Port):
            out["style"] = "filled,rounded"
        elif content.further_copies:
            out["peripheries"] = "2"
        label = "".join(f"{line}\\l" for line in lines)
        return f"label={quoted(label)} ", out

    def edge(self, edge: Edge) -> None:
        """Writes an edge with space for its label."""
        label, values = "", {"weight": str(edge.weight)}
        if edge.label:
            empty = _empty_label(text_width(edge.label, EDGE_TEXT), EDGE_TEXT + 4)
            label = f"label={quoted(escaped(clean(edge.label)) if self.readable else empty)} "
        if edge.skips and self.readable:
            values |= {"color": self.theme.skip, "penwidth": "1.6"}
        if edge.role == "positions":
            values |= {"style": "dotted"} if self.readable else {}
        self.lines.append(f"\tn{edge.tail} -> n{edge.head} [{label}{attributes(values)}]")


def frame_title(frame: Frame) -> str:
    """The title of a frame: name, block, number of copies, and the letter of shared weights."""
    block = frame.block
    use = f": {block.role}" if block.role else ""
    return " ".join(filter(None, (block.label + use, multiplier(block), frame.letters)))


def _lines(strip: Strip) -> list[str]:
    """The lines of a strip from top to bottom; texts on the same line are separated by spaces."""
    rows: dict[float, list[str]] = {}
    for line in strip.lines:
        rows.setdefault(line.y, []).append(line.text)
    return ["  ".join(texts) for _, texts in sorted(rows.items())]


def _empty_label(w: float, h: float) -> Markup:
    """An empty label of a given size; it contains no text of the spec."""
    return Markup(
        f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" FIXEDSIZE="TRUE" WIDTH="{w + 8:.0f}" '
        f'HEIGHT="{h:.0f}"><TR><TD></TD></TR></TABLE>>'
    )
