"""The graph style: a laid-out plan as a scene, with title and legend."""

from __future__ import annotations

import math

from netspec.diagnostics import clean

from ..colours import DARK, KINDS, LIGHT, Theme, is_dark, mixed, shade
from ..diagram import Edge, Frame, Plan, Port
from ..operation_text import operation_text
from ..options import Options
from ..picture.scene import Curve, Group, Point, Polygon, Rect, Scene, Shape, Stroke, Text
from ..picture.text_width import width
from ..placement import Placement, Route
from ..title_and_legend import headline, legend, said
from ..tree import Layer, times
from .box_contents import PAD, Look, Strip, sheets
from .dot_source import EDGE_TEXT, FRAME_HEAD, FRAME_TEXT, frame_text
from .legend_entries import legend_entries

MARGIN = 24.0
BAND = 5.0
"""Width of the band in the kind's colour."""
ARROW = 7.0


def graph_scene(plan: Plan, looks: tuple[Look, ...], placement: Placement, options: Options) -> Scene:
    """The picture."""
    return _Painter(plan, looks, placement, options).scene()


class _Painter:
    def __init__(self, plan: Plan, looks: tuple[Look, ...], placement: Placement, options: Options) -> None:
        self.plan = plan
        self.looks = looks
        self.placement = placement
        self.options = options
        self.theme: Theme = DARK if options.dark else LIGHT
        self.most = max((s.cost for look in looks for s in look.strips), default=0)
        self.at: Point = (MARGIN, MARGIN)

    def scene(self) -> Scene:
        """Title above, legend below, the graph between them."""
        layout = self.placement
        head, head_width, head_height = headline(self.plan.analysis, self.theme, MARGIN, MARGIN)
        inner = max(layout.width, head_width, 320.0)
        foot: list[Shape] = []
        foot_height = 0.0
        top = MARGIN + head_height + 14
        self.at = (MARGIN + (inner - layout.width) / 2, top)
        if self.options.legend:
            foot, foot_height = legend(
                legend_entries(self.plan, self.looks, self.options, self.most), self.theme, MARGIN,
                top + layout.height + 22, inner,
            )
            foot_height += 22
        scene = Scene(
            inner + 2 * MARGIN, top + layout.height + foot_height + MARGIN, self.theme.paper,
            clean(self.plan.graph.name), said(self.plan.analysis),
        )
        frames = self.frames(self.plan.root, [0])
        scene.shapes.extend(head)
        scene.shapes.extend(group for group, _ in frames)
        scene.shapes.extend(self.edges())
        scene.shapes.extend(label for _, label in frames)
        scene.shapes.extend(self.box(i) for i in range(len(self.looks)))
        scene.shapes.extend(foot)
        return scene

    def frames(self, frame: Frame, counter: list[int]) -> list[tuple[Group, Group]]:
        """Grounds and heads of the frames in a frame, outer ones first."""
        out: list[tuple[Group, Group]] = []
        for child in frame.children:
            if not isinstance(child, Frame):
                continue
            block = child.block
            left, top, right, bottom = self.placement.frames[counter[0]]
            counter[0] += 1
            x, y, w, h = left + self.at[0], top + self.at[1], right - left, bottom - top
            levels = self.theme.levels
            ground = levels[(block.depth - 1) % len(levels)]
            stroke = Stroke(self.theme.frame)
            w, h = w - max(sheets(block), default=0.0), h - max(sheets(block), default=0.0)
            behind = [Rect(x + d, y + d, w, h, ground, stroke, 8) for d in sheets(block)]
            title = ". ".join(t for t in (block.name, clean((block.scope.doc or "").replace("\n", " ").strip())) if t)
            out.append((
                Group("block", block.name, (*behind, Rect(x, y, w, h, ground, stroke, 8)), title),
                Group("block-name", block.name, self.head(child, x, y, ground)),
            ))
            out += self.frames(child, counter)
        return out

    def head(self, frame: Frame, x: float, y: float, ground: str) -> tuple[Shape, ...]:
        """A frame's name, on its own ground so that an edge that comes in there passes behind it."""
        block, base = frame.block, y + 17
        room = width(frame_text(frame), FRAME_TEXT, bold=True)
        out: list[Shape] = [Rect(x + 6, y + 4, room + 6, FRAME_HEAD - 2, ground + "e0", radius=4)]
        at = x + 10
        for text, bold, colour in (
            (block.label, True, self.theme.ink),
            (f": {block.scope.block}" if block.scope.block else "", False, self.theme.faint),
            (times(block), True, self.theme.skip),
        ):
            if text:
                at += 4 if text == times(block) else 0
                out.append(Text(at, base, clean(text), FRAME_TEXT, colour, bold))
                at += width(clean(text), FRAME_TEXT, bold)
        return tuple(out)

    def edges(self) -> list[Shape]:
        """All edges, those that skip last, so that they lie above."""
        out: list[tuple[bool, Group]] = []
        taken: dict[tuple[int, int], int] = {}
        for edge in self.plan.edges:
            key = edge.tail, edge.head
            routes = self.placement.routes.get(key, [])
            number = taken.get(key, 0)
            taken[key] = number + 1
            if number < len(routes):
                out.append((edge.skips, self.edge(edge, routes[number])))
        return [group for _, group in sorted(out, key=lambda pair: pair[0])]

    def edge(self, edge: Edge, route: Route) -> Group:
        """An edge with its arrow and label."""
        colour, thick = (self.theme.skip, 1.7) if edge.skips else (self.theme.line, 1.2)
        points = [self.moved(p) for p in route.points]
        tip = self.moved(route.tip)
        shapes: list[Shape] = [Curve(tuple(points), Stroke(colour, thick)), _arrow(points[-1], tip, colour)]
        if edge.label and route.label:
            x, y = self.moved(route.label)
            shapes.append(Text(x, y + 3.5, clean(edge.label), EDGE_TEXT, self.theme.faint, anchor="middle"))
        names = [self.plan.boxes[i].content.name for i in (edge.tail, edge.head)]
        return Group("skip" if edge.skips else "edge", "", tuple(shapes), clean(f"{names[0]} to {names[1]}"))

    def moved(self, point: Point) -> Point:
        """A point of the layout in the picture."""
        return point[0] + self.at[0], point[1] + self.at[1]

    def box(self, number: int) -> Group:
        """A box with its strips."""
        box, look = self.plan.boxes[number], self.looks[number]
        cx, cy = self.moved(self.placement.boxes[number])
        x, y = cx - (look.width + look.sheets) / 2, cy - (look.height + look.sheets) / 2
        border = Stroke(self.theme.border)
        content = box.content
        if isinstance(content, Port):
            line = Stroke(self.theme.ink, 1.3)
            pill = Rect(x, y, look.width, look.height, self.theme.closed, line, look.height / 2)
            return Group("input" if content.is_input else "output", content.name,
                         (pill, *self.strip(look.strips[0], x, y, look.width, self.theme.closed)))
        shapes: list[Shape] = [
            Rect(x + d, y + d, look.width, look.height, self.fill(look.strips[0]), border, 5) for d in sheets(content)
        ]
        top = y
        parts: list[Shape] = []
        for i, strip in enumerate(look.strips):
            fill = self.fill(strip)
            last = i == len(look.strips) - 1
            item = strip.item
            ground = _ground(x, top, look.width, strip.height, fill, i == 0, last)
            title = ""
            if isinstance(item, Layer):
                title = ". ".join(t for t in (item.name, operation_text(item.nodes[0].op), item.row.doc) if t)
            title = clean(title.replace("\n", " "))
            parts.append(Group("layer" if isinstance(item, Layer) else "closed", item.name,
                               (ground, *self.strip(strip, x, top, look.width, fill)), title))
            top += strip.height
        shapes += parts
        # The dividing lines and the border come last, over all grounds.
        shapes.append(Rect(x, y, look.width, look.height, None, border, 5))
        return Group("box", content.name, tuple(shapes))

    def fill(self, strip: Strip) -> str:
        """Colour of a strip's ground."""
        if self.options.shade_by and not isinstance(strip.item, Port):
            return shade(math.sqrt(strip.cost / self.most) if self.most else 0.0)
        if strip.kind is None:
            return self.theme.closed
        colour = KINDS[strip.kind].colour
        return mixed(colour, "#000000", 0.08) if self.options.dark else colour

    def strip(self, strip: Strip, x: float, y: float, w: float, fill: str) -> list[Shape]:
        """A strip's text, and the band that tells its kind where the ground does not."""
        out: list[Shape] = []
        if strip.shares:
            at, whole = y + 5, sum(n for _, n in strip.shares)
            for kind, n in sorted(strip.shares, key=lambda pair: list(KINDS).index(pair[0])):
                part = (strip.height - 10) * n / whole
                out.append(Rect(x + 3, at, BAND - 1, part, KINDS[kind].colour))
                at += part
        elif strip.kind is not None and self.options.shade_by:
            out.append(Rect(x + 2, y + 3, BAND, strip.height - 6, KINDS[strip.kind].colour))
        plain = strip.kind is None and not self.options.shade_by
        ink, lesser = (self.theme.ink, self.theme.faint) if plain else (self.theme.text, self.theme.detail)
        if self.options.shade_by and not isinstance(strip.item, Port):
            ink = lesser = "#ffffff" if is_dark(fill) else "#000000"
        inset = PAD + (2 if strip.shares or self.options.shade_by else 0)
        for line in strip.lines:
            left = line.side == "left"
            at = x + inset + line.x if left else x + w - PAD - line.x
            if isinstance(strip.item, Port):
                at = x + PAD + 3 + line.x
            colour = lesser if line.lesser else ink
            if line.text.startswith("× ") and line.bold:
                colour = self.theme.skip if plain else ink
            out.append(Text(at, y + line.y, clean(line.text), line.size, colour, line.bold, "start" if left else "end"))
        return out


def _ground(x: float, y: float, w: float, h: float, fill: str, first: bool, last: bool) -> Shape:
    """A strip's ground, with the box's round corners where it has some."""
    if first and last:
        return Rect(x, y, w, h, fill, radius=5)
    if not first and not last:
        return Rect(x, y, w, h, fill)
    r = 5.0
    steps = [(r * math.sin(a), r * math.cos(a)) for a in (k * math.pi / 12 for k in range(7))]
    if first:
        corners = [(x + r - c, y + r - s) for s, c in steps] + [(x + w - r + s, y + r - c) for s, c in steps]
        return Polygon((*corners, (x + w, y + h), (x, y + h)), fill)
    corners = [(x + w - r + c, y + h - r + s) for s, c in steps] + [(x + r - s, y + h - r + c) for s, c in steps]
    return Polygon(((x, y), (x + w, y), *corners), fill)


def _arrow(start: Point, tip: Point, colour: str) -> Polygon:
    """A head that points from ``start`` to ``tip``."""
    dx, dy = tip[0] - start[0], tip[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    dx, dy = dx / length, dy / length
    back = (tip[0] - dx * ARROW, tip[1] - dy * ARROW)
    dx, dy = dx * ARROW * 0.42, dy * ARROW * 0.42
    return Polygon((tip, (back[0] - dy, back[1] + dx), (back[0] + dy, back[1] - dx)), colour)
