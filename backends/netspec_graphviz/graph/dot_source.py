"""A plan in the DOT language: for an engine to lay out, and for people to take further."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from netspec.diagnostics import clean

from ..colours import DARK, KINDS, LIGHT, Theme
from ..diagram import Box, Edge, Frame, Plan, Port
from ..graphviz_program import POINTS_PER_INCH
from ..options import Options
from ..picture.text_width import width
from ..tree import times
from .box_contents import Look, Strip, sheets

FRAME_TEXT = 12.0
FRAME_HEAD = 20.0
"""Height of the line with a frame's name."""
FRAME_MARGIN = 12.0
EDGE_TEXT = 10.0
QUICKLY = 1500
"""Ranks that all edges go down together, above which an engine is told to settle for a good layout."""


def dot_source(
    plan: Plan, looks: tuple[Look, ...], options: Options, *, written: bool = False, at_once: bool = False
) -> str:
    """The DOT text.

    Args:
        plan: boxes, frames and edges.
        looks: sizes and texts of the boxes.
        options: direction and colours.
        written: with names, texts and colours, for people. Without, boxes have their size and nothing else, so that
            no font and no text of a spec has a part in where things go.
        at_once: whether an engine is to rank the boxes of all frames at once.
    """
    theme = DARK if options.dark else LIGHT
    graphviz: Any = import_module("graphviz")
    rankdir = "LR" if options.direction == "right" else "TB"
    digraph = graphviz.Digraph(
        graphviz.escape(clean(plan.graph.name)) if written else "netspec",
        graph_attr={"rankdir": rankdir, "nodesep": "0.3", "ranksep": "0.32", "margin": "0", "pad": "0"},
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"arrowsize": "0.6"},
    )
    if at_once:
        digraph.graph_attr.update(newrank="true")
    if plan.span > QUICKLY:
        digraph.graph_attr.update(nslimit="1")
    if written:
        digraph.graph_attr.update(bgcolor=theme.paper, fontname="Helvetica", fontsize="12", fontcolor=theme.ink)
        digraph.node_attr.update(
            fixedsize="false", style="filled", fontname="Helvetica", fontsize="11", fontcolor=theme.text,
            color=theme.border,
        )
        digraph.edge_attr.update(fontname="Helvetica", fontsize="10", color=theme.line, fontcolor=theme.ink)
    writer = _Writer(graphviz, looks, theme, written)
    writer.frame(digraph, plan.root, [0])
    for edge in plan.edges:
        writer.edge(digraph, edge)
    return str(digraph.source)


class _Writer:
    def __init__(self, graphviz: Any, looks: tuple[Look, ...], theme: Theme, written: bool) -> None:
        self.graphviz = graphviz
        self.looks = looks
        self.theme = theme
        self.written = written

    def frame(self, digraph: Any, frame: Frame, counter: list[int]) -> None:
        """A block's boxes and the frames in it; frames are numbered as they come."""
        for child in frame.children:
            if isinstance(child, Box):
                digraph.node(f"n{child.number}", **self.node(child, self.looks[child.number]))
                continue
            number = counter[0]
            counter[0] += 1
            with digraph.subgraph(name=f"cluster{number}") as inner:
                inner.attr(labeljust="l", margin=f"{FRAME_MARGIN + max(sheets(child.block), default=0.0):g}")
                if self.written:
                    ground = self.theme.levels[min(child.block.depth - 1, len(self.theme.levels) - 1)]
                    inner.attr(
                        label=self.graphviz.escape(clean(frame_text(child))), style="filled", fillcolor=ground,
                        color=self.theme.frame,
                    )
                else:
                    room = width(frame_text(child), FRAME_TEXT, bold=True)
                    inner.attr(label=_room(room, FRAME_HEAD))
                self.frame(inner, child, counter)

    def node(self, box: Box, look: Look) -> dict[str, str]:
        """A box's attributes."""
        out = {
            "width": f"{(look.width + look.sheets) / POINTS_PER_INCH:.4f}",
            "height": f"{(look.height + look.sheets) / POINTS_PER_INCH:.4f}",
        }
        if self.written:
            kind = next((s.kind for s in look.strips if s.kind), None)
            lines = [self.graphviz.escape(clean(line)) for s in look.strips for line in _lines(s)]
            out["label"] = "".join(f"{line}\\l" for line in lines)
            out["fillcolor"] = KINDS[kind].colour if kind else self.theme.levels[0]
            if kind is None:
                out["fontcolor"] = self.theme.ink
            content = box.content
            out["tooltip"] = self.graphviz.escape(clean(content.name))
            if isinstance(content, Port):
                out["style"] = "filled,rounded"
            elif content.others:
                out["peripheries"] = "2"
        return out

    def edge(self, digraph: Any, edge: Edge) -> None:
        """An edge; room for its label is kept."""
        attributes = {"weight": str(edge.weight)}
        if edge.label:
            text = width(edge.label, EDGE_TEXT)
            attributes["label"] = edge.label if self.written else _room(text, EDGE_TEXT + 4)
        if edge.skips and self.written:
            attributes |= {"color": self.theme.skip, "penwidth": "1.6"}
        digraph.edge(f"n{edge.tail}", f"n{edge.head}", **attributes)


def frame_text(frame: Frame) -> str:
    """What stands at the head of a frame: name, block, and how many times."""
    block = frame.block
    use = f": {block.scope.block}" if block.scope.block else ""
    return block.label + use + (f" {times(block)}" if block.others else "")


def _lines(strip: Strip) -> list[str]:
    """The lines of a strip from top to bottom, what stands in one line with spaces between."""
    rows: dict[float, list[str]] = {}
    for line in strip.lines:
        rows.setdefault(line.y, []).append(line.text)
    return ["  ".join(texts) for _, texts in sorted(rows.items())]


def _room(w: float, h: float) -> str:
    """A label of that size with nothing in it; only numbers of ours go into it."""
    return (
        f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" FIXEDSIZE="TRUE" WIDTH="{w + 8:.0f}" '
        f'HEIGHT="{h:.0f}"><TR><TD></TD></TR></TABLE>>'
    )
