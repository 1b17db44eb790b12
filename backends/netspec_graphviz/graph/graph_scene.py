"""Draws a diagram with its layout, title and legend as a scene."""

from __future__ import annotations

from netspec.diagnostics import clean
from netspec_picture.arrows import arrow_head
from netspec_picture.scene import Curve, Group, Point, Rect, Scene, Shape, Stroke, Text
from netspec_picture.typefaces import text_width

from ..colours import theme_of
from ..diagram import Diagram, Frame
from ..edge_roles import Edge
from ..figure_tree import multiplier
from ..options import Options
from ..placement import Placement, Route
from ..title_and_legend import SKIP_DASHES, legend_shapes, text_description, title_shapes
from .box_contents import BoxContents, sheets
from .box_shapes import BoxPainter
from .dot_source import EDGE_TEXT, FRAME_HEAD, FRAME_TEXT, frame_title
from .legend_entries import legend_entries

MARGIN = 24.0
ARROW = 7.0
"""Length of an arrow head."""
DOTS = (1.5, 2.5)
"""Dash pattern of an edge that carries positions."""


def graph_scene(diagram: Diagram, contents: tuple[BoxContents, ...], placement: Placement, options: Options) -> Scene:
    """Returns the scene of a diagram.

    Args:
        diagram: boxes, frames and edges.
        contents: contents and sizes of the boxes.
        placement: the layout.
        options: colours, shading and legend.
    """
    return _GraphPainter(diagram, contents, placement, options).scene()


class _GraphPainter:
    def __init__(
        self, diagram: Diagram, contents: tuple[BoxContents, ...], placement: Placement, options: Options
    ) -> None:
        self.diagram = diagram
        self.contents = contents
        self.placement = placement
        self.options = options
        self.theme = theme_of(options.dark)
        self.greatest_cost = max((s.cost for box in contents for s in box.strips), default=0)
        self.origin: Point = (MARGIN, MARGIN)
        """Position of the layout in the picture."""

    def scene(self) -> Scene:
        """Returns the title, with the graph below it and the legend at the bottom."""
        layout = self.placement
        title, title_width, title_height = title_shapes(
            self.diagram.analysis, self.theme, MARGIN, MARGIN, self.options.title
        )
        inner = max(layout.width, title_width, 320.0)
        legend: list[Shape] = []
        legend_height = 0.0
        top = MARGIN + title_height + 14
        self.origin = (MARGIN + (inner - layout.width) / 2, top)
        if self.options.legend:
            legend, legend_height = legend_shapes(
                legend_entries(self.diagram, self.contents, self.options, self.greatest_cost),
                self.theme,
                MARGIN,
                top + layout.height + 22,
                inner,
            )
            legend_height += 22
        scene = Scene(
            inner + 2 * MARGIN,
            top + layout.height + legend_height + MARGIN,
            self.theme.paper,
            clean(self.diagram.graph.name),
            text_description(self.diagram.analysis),
        )
        frames = self.frames(self.diagram.root, [0])
        scene.shapes.extend(title)
        scene.shapes.extend(group for group, _ in frames)
        scene.shapes.extend(self.edges())
        scene.shapes.extend(label for _, label in frames)
        scene.shapes.extend(self.boxes())
        scene.shapes.extend(legend)
        return scene

    def frames(self, frame: Frame, counter: list[int]) -> list[tuple[Group, Group]]:
        """Backgrounds and titles of the frames in a frame, outer ones first."""
        out: list[tuple[Group, Group]] = []
        for child in frame.children:
            if not isinstance(child, Frame):
                continue
            block = child.block
            left, top, right, bottom = self.placement.frames[counter[0]]
            counter[0] += 1
            x, y, w, h = left + self.origin[0], top + self.origin[1], right - left, bottom - top
            levels = self.theme.levels
            background = levels[(block.depth - 1) % len(levels)]
            stroke = Stroke(self.theme.frame)
            w, h = w - max(sheets(block), default=0.0), h - max(sheets(block), default=0.0)
            behind = [Rect(x + d, y + d, w, h, background, stroke, 8) for d in sheets(block)]
            doc = clean((block.scope.doc or "").replace("\n", " ").strip())
            tooltip = ". ".join(t for t in (block.name, doc) if t)
            out.append(
                (
                    Group("block", block.name, (*behind, Rect(x, y, w, h, background, stroke, 8)), tooltip),
                    Group("block-name", block.name, self.frame_title(child, x, y, background)),
                )
            )
            out += self.frames(child, counter)
        return out

    def frame_title(self, frame: Frame, x: float, y: float, background: str) -> tuple[Shape, ...]:
        """Returns the title of a frame with a background that hides the edges behind it."""
        block, baseline = frame.block, y + 17
        room = text_width(frame_title(frame), FRAME_TEXT, bold=True)
        out: list[Shape] = [Rect(x + 6, y + 4, room + 6, FRAME_HEAD - 2, background + "e0", radius=4)]
        at = x + 10
        for text, bold, colour in (
            (block.label, True, self.theme.ink),
            (f": {block.role}" if block.role else "", False, self.theme.faint),
            (multiplier(block), True, self.theme.skip),
            (frame.letters, True, self.theme.ink),
        ):
            if text:
                at += 4 if text in (multiplier(block), frame.letters) else 0
                out.append(Text(at, baseline, clean(text), FRAME_TEXT, colour, bold))
                at += text_width(clean(text), FRAME_TEXT, bold)
        return tuple(out)

    def edges(self) -> list[Shape]:
        """All edges; skip connections last, so that they are on top."""
        out: list[tuple[bool, Group]] = []
        used: dict[tuple[int, int], int] = {}
        for edge in self.diagram.edges:
            key = edge.tail, edge.head
            routes = self.placement.routes.get(key, [])
            number = used.get(key, 0)
            used[key] = number + 1
            if number < len(routes):
                out.append((edge.skips, self.edge(edge, routes[number])))
        return [group for _, group in sorted(out, key=lambda pair: pair[0])]

    def edge(self, edge: Edge, route: Route) -> Group:
        """An edge with its arrow and label."""
        colour, thickness = (self.theme.skip, 1.7) if edge.skips else (self.theme.line, 1.2)
        dashes = DOTS if edge.role == "positions" else SKIP_DASHES if edge.skips else ()
        points = [self.position(p) for p in route.points]
        tip = self.position(route.tip)
        shapes: list[Shape] = [
            Curve(tuple(points), Stroke(colour, thickness, dashes)),
            arrow_head(points[-1], tip, colour, ARROW),
        ]
        if edge.label and route.label:
            x, y = self.position(route.label)
            shapes.append(Text(x, y + 3.5, clean(edge.label), EDGE_TEXT, self.theme.faint, anchor="middle"))
        names = [self.diagram.boxes[i].content.name for i in (edge.tail, edge.head)]
        return Group("skip" if edge.skips else "edge", "", tuple(shapes), clean(f"{names[0]} to {names[1]}"))

    def boxes(self) -> list[Shape]:
        """All boxes."""
        painter = BoxPainter(self.diagram.analysis.graph, self.options, self.greatest_cost)
        out: list[Shape] = []
        for box, contents in zip(self.diagram.boxes, self.contents, strict=True):
            cx, cy = self.position(self.placement.boxes[box.number])
            x, y = cx - (contents.width + contents.sheets) / 2, cy - (contents.height + contents.sheets) / 2
            out.append(painter.box(box, contents, x, y))
        return out

    def position(self, point: Point) -> Point:
        """Converts a point of the layout to the coordinates of the picture."""
        return point[0] + self.origin[0], point[1] + self.origin[1]
