"""A diagram in the DOT language: for Graphviz to lay out, and for users to edit."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from netspec.diagnostics import clean

from ..colours import KINDS, Theme, theme_of
from ..diagram import Box, Diagram, Frame, Port
from ..edge_roles import Edge
from ..figure_tree import multiplier
from ..graphviz_program import POINTS_PER_INCH
from ..options import Options
from ..picture.text_width import text_width
from .box_contents import BoxContents, sheets
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
    """The DOT text.

    Args:
        diagram: boxes, frames and edges.
        contents: sizes and texts of the boxes.
        options: direction and colours.
        readable: whether to include names, texts and colours, for users. Otherwise boxes have only a size, so that the
            layout depends on no font and on no text of the spec.
        global_ranks: whether Graphviz ranks the boxes of all frames together.
    """
    theme = theme_of(options.dark)
    graphviz: Any = import_module("graphviz")
    rankdir = "LR" if options.direction == "right" else "TB"
    digraph = graphviz.Digraph(
        graphviz.escape(clean(diagram.graph.name)) if readable else "netspec",
        graph_attr={"rankdir": rankdir, "nodesep": "0.3", "ranksep": "0.32", "margin": "0", "pad": "0"},
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"arrowsize": "0.6"},
    )
    if global_ranks:
        digraph.graph_attr.update(newrank="true")
    if diagram.span > FAST_LAYOUT_SPAN:
        digraph.graph_attr.update(nslimit="1")
    if readable:
        digraph.graph_attr.update(bgcolor=theme.paper, fontname="Helvetica", fontsize="12", fontcolor=theme.ink)
        digraph.node_attr.update(
            fixedsize="false",
            style="filled",
            fontname="Helvetica",
            fontsize="11",
            fontcolor=theme.text,
            color=theme.border,
        )
        digraph.edge_attr.update(fontname="Helvetica", fontsize="10", color=theme.line, fontcolor=theme.ink)
    writer = _Writer(graphviz, contents, theme, readable)
    writer.frame(digraph, diagram.root, [0])
    for edge in diagram.edges:
        writer.edge(digraph, edge)
    return str(digraph.source)


class _Writer:
    def __init__(self, graphviz: Any, contents: tuple[BoxContents, ...], theme: Theme, readable: bool) -> None:
        self.graphviz = graphviz
        self.contents = contents
        self.theme = theme
        self.readable = readable

    def frame(self, digraph: Any, frame: Frame, counter: list[int]) -> None:
        """The boxes and frames in a frame; frames are numbered in order of appearance."""
        for child in frame.children:
            if isinstance(child, Box):
                digraph.node(f"n{child.number}", **self.node(child, self.contents[child.number]))
                continue
            number = counter[0]
            counter[0] += 1
            with digraph.subgraph(name=f"cluster{number}") as inner:
                inner.attr(labeljust="l", margin=f"{FRAME_MARGIN + max(sheets(child.block), default=0.0):g}")
                if self.readable:
                    background = self.theme.levels[min(child.block.depth - 1, len(self.theme.levels) - 1)]
                    inner.attr(
                        label=self.graphviz.escape(clean(frame_title(child))),
                        style="filled",
                        fillcolor=background,
                        color=self.theme.frame,
                    )
                else:
                    room = text_width(frame_title(child), FRAME_TEXT, bold=True)
                    inner.attr(label=_empty_label(room, FRAME_HEAD))
                self.frame(inner, child, counter)

    def node(self, box: Box, contents: BoxContents) -> dict[str, str]:
        """The attributes of a box."""
        out = {
            "width": f"{(contents.width + contents.sheets) / POINTS_PER_INCH:.4f}",
            "height": f"{(contents.height + contents.sheets) / POINTS_PER_INCH:.4f}",
        }
        if self.readable:
            kind = next((s.kind for s in contents.strips if s.kind), None)
            lines = [self.graphviz.escape(clean(line)) for s in contents.strips for line in _lines(s)]
            out["label"] = "".join(f"{line}\\l" for line in lines)
            out["fillcolor"] = KINDS[kind].colour if kind else self.theme.levels[0]
            if kind is None:
                out["fontcolor"] = self.theme.ink
            content = box.content
            out["tooltip"] = self.graphviz.escape(clean(content.name))
            if isinstance(content, Port):
                out["style"] = "filled,rounded"
            elif content.further_copies:
                out["peripheries"] = "2"
        return out

    def edge(self, digraph: Any, edge: Edge) -> None:
        """An edge, with space for its label."""
        attributes = {"weight": str(edge.weight)}
        if edge.label:
            text = text_width(edge.label, EDGE_TEXT)
            attributes["label"] = edge.label if self.readable else _empty_label(text, EDGE_TEXT + 4)
        if edge.skips and self.readable:
            attributes |= {"color": self.theme.skip, "penwidth": "1.6"}
        digraph.edge(f"n{edge.tail}", f"n{edge.head}", **attributes)


def frame_title(frame: Frame) -> str:
    """The title of a frame: name, block, and number of copies."""
    block = frame.block
    use = f": {block.scope.block}" if block.scope.block else ""
    return block.label + use + (f" {multiplier(block)}" if block.further_copies else "")


def _lines(strip: Strip) -> list[str]:
    """The lines of a strip from top to bottom; texts on the same line are separated by spaces."""
    rows: dict[float, list[str]] = {}
    for line in strip.lines:
        rows.setdefault(line.y, []).append(line.text)
    return ["  ".join(texts) for _, texts in sorted(rows.items())]


def _empty_label(w: float, h: float) -> str:
    """An empty label of a given size; it contains no text of the spec."""
    return (
        f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" FIXEDSIZE="TRUE" WIDTH="{w + 8:.0f}" '
        f'HEIGHT="{h:.0f}"><TR><TD></TD></TR></TABLE>>'
    )
