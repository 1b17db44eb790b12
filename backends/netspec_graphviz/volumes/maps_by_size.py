"""Flat maps in rows by size: a U shape for U-Net and other networks whose maps shrink and grow again."""

from __future__ import annotations

from netspec.diagnostics import clean
from netspec_picture.paint import mix
from netspec_picture.scene import Group, Point, Polygon, Shape, Text
from netspec_picture.typefaces import text_width

from .captions import Wording
from .level_legend import DOWN, UP
from .level_rows import LevelRows, Link
from .level_spots import Spot, size_text, texts_of
from .maps import Map
from .placed_figures import CaptionStyle, PlacedMaps
from .solid_shapes import Brush
from .solid_sizes import Scale

GAP, LINE_GAP = 11.0, 3.0
"""Distance between the maps of a row, and between a line and a map or text."""
ROW_GAP = 13.0
LOWEST = 2.0
"""Minimum height of a map relative to the font size: a line and a size fit beside it."""
ARC = 5.0
CROSSING = "#fbdccb"
"""Colour of the part of a concatenation that comes from a skip connection."""


class Levels:
    """Maps in rows by size, placed from left to right."""

    def __init__(self, rows: LevelRows, scale: Scale, style: CaptionStyle, wording: Wording) -> None:
        self.rows = rows
        self.style = style
        self.wording = wording
        self.size = style.text
        self.gap = min(max(0.13 * scale.top, 5.5), GAP)
        with_names = style.names and any(m.is_block for m in rows.maps)
        self.spots = {m.number: self._spot(m, scale, with_names) for m in rows.maps}
        self.first = rows.first_links()
        self.ends: dict[int, float] = {}
        """Right edge of the contents of each row so far."""
        self.last: dict[int, Spot] = {}
        self.turns: dict[int, float] = {}
        """For the head of a link between rows, the position at which its line turns."""
        self.above: dict[int, float] = {}
        """The position at which a line meets the top of a map."""
        self.below: dict[int, float] = {}
        """The position at which a line meets the bottom of a map."""
        self.crossed = {above: self._crossed(above=above) for above in (True, False)}
        self._write_sizes()
        for m in rows.maps:
            self._place(self.spots[m.number])
        self._set_heights()

    def _spot(self, m: Map, scale: Scale, with_names: bool) -> Spot:
        if m.joint:
            d = self.size * 1.25
            return Spot(m, self.rows.row[m.number], [d], d, "")
        name = clean(m.label) if with_names and m.label not in self.wording.vague else ""
        if with_names and m.copies > 1:
            name = f"{name} × {m.copies}".strip()
        name = f"{name} {m.letters}".strip()
        notes = (
            tuple(map(clean, self.wording.differences(m)[: self.style.arguments])) if m.operation != "concat" else ()
        )
        return Spot(
            m,
            self.rows.row[m.number],
            scale.slabs(m) if m.picture is None else [scale.side(m.sides[-1])],
            max(scale.side(m.height), LOWEST * self.size),
            str(m.channels),
            name=name,
            notes=notes,
        )

    def _write_sizes(self) -> None:
        """Marks the maps at which sizes are written: the first and last of each row, and wherever the size changes."""
        by_row: dict[int, list[Spot]] = {}
        for spot in self.spots.values():
            if not spot.map.joint:
                by_row.setdefault(spot.row, []).append(spot)
        for spots in by_row.values():
            runs: list[list[Spot]] = []
            for spot in spots:
                link = self.rows.first_links().get(spot.map.number)
                if not runs or link is None or self.rows.row[link.tail] != spot.row:
                    runs.append([])
                runs[-1].append(spot)
            for run in runs:
                run[0].size_left = size_text(run[0].map)
                texts = [size_text(s.map) for s in run]
                if self.rows.shared and run[0].row == 0:
                    for spot, before in zip(run[1:], texts, strict=False):
                        spot.size_left = size_text(spot.map) if size_text(spot.map) != before else ""
                elif texts[-1] != texts[0]:
                    run[-1].size_right = texts[-1]

    def _place(self, spot: Spot) -> None:
        """Places a map after the others of its row, above or below its source."""
        before = self.last.get(spot.row)
        left_text = text_width(spot.size_left, self.size) + 2.0 if spot.size_left else 0.0
        x = 0.0 if before is None else self.ends[spot.row] + max(self.gap, left_text + 2.0)
        if before is not None:
            x = max(x, self._after_texts(before, spot))
        link = self.first.get(spot.map.number)
        if link is not None and self.rows.row[link.tail] != spot.row:
            x = self._place_across_rows(spot, self.spots[link.tail], x)
        elif link is not None and before is not self.spots[link.tail]:
            x = max(x, self.spots[link.tail].right + self.gap)
        spot.x = x
        right_text = text_width(spot.size_right, self.size) + 2.0 if spot.size_right else 0.0
        self.ends[spot.row] = max(self.ends.get(spot.row, 0.0), spot.right + right_text)
        self.last[spot.row] = spot

    def _after_texts(self, before: Spot, spot: Spot) -> float:
        """Returns the position after another map of the row at which the texts do not overlap."""
        out = spot.x
        for above in (True, False):
            ends = [self._span(before, t, above=above)[1] for t in texts_of(before, above)]
            widths = [text_width(t, self.size, bold=t == spot.name) for t in texts_of(spot, above)]
            if ends and widths:
                # If a line enters the map, its text is placed left of the line.
                left = max(widths) + 1.5 if spot.map.number in self.crossed[above] else max(widths) / 2
                out = max(out, max(ends) + left + 3.0 - spot.width / 2)
        return out

    def _crossed(self, *, above: bool) -> set[int]:
        """Returns the maps whose top, or bottom, is met by a line from or to another row."""
        out: set[int] = set()
        row = self.rows.row
        for link in self.rows.links:
            if row[link.tail] != row[link.head]:
                down = row[link.head] > row[link.tail]
                out.add(link.head if down == above else link.tail)
        return out

    def _place_across_rows(self, spot: Spot, source: Spot, x: float) -> float:
        """Returns the position of a map in another row than its source, and the position at which the line turns."""
        low, high = sorted((spot.row, source.row))
        between = [self.ends.get(row, 0.0) for row in range(low + 1, high)]
        line = max([source.middle, *(end + 2 * LINE_GAP for end in between if end)])
        target = self._entry(spot)
        if line == source.middle and x <= line - 2.0:
            ideal = source.middle - target
            x = max(x, min(ideal, line - 2.0)) if x <= ideal else x
            if x + 1.5 <= line <= x + spot.width - 1.5:
                self._turn(spot, source, line, straight=True)
                self._reserve(low, high, line)
                return x
        line = max(line, self.ends[source.row] + self.gap * 0.7, x + target)
        if self.last.get(source.row) is not source:
            (self.below if spot.row > source.row else self.above)[source.map.number] = source.middle
        x = max(x, line - target)
        self._turn(spot, source, line, straight=False)
        self._reserve(low, high, line)
        self.ends[source.row] = max(self.ends[source.row], line + LINE_GAP)
        return x

    def _turn(self, spot: Spot, source: Spot, line: float, *, straight: bool) -> None:
        """Records where the line to a map in another row turns and where it meets maps."""
        self.turns[spot.map.number] = line
        down = spot.row > source.row
        (self.above if down else self.below)[spot.map.number] = line
        if straight:
            (self.below if down else self.above)[source.map.number] = line

    def _entry(self, spot: Spot) -> float:
        """Returns where an arrow meets a map, from its left edge: the middle of the part that the arrow supplies."""
        parts = spot.map.parts
        whole = sum([n for n, _ in parts])
        if len(parts) > 1 and whole:
            return spot.width * (1 - parts[-1][0] / whole / 2)
        return spot.width / 2

    def _reserve(self, low: int, high: int, line: float) -> None:
        for row in range(low + 1, high):
            self.ends[row] = max(self.ends.get(row, 0.0), line + LINE_GAP)

    def _set_heights(self) -> None:
        count = 1 + max(spot.row for spot in self.spots.values())
        arcs = self._arcs()
        y = 0.0
        for row in range(count):
            spots = [s for s in self.spots.values() if s.row == row]
            head = self.size + 1.0 + ARC * len([a for a in arcs if self.spots[a.head].row == row])
            tallest = max(s.height for s in spots)
            for spot in spots:
                centred = (self.rows.shared and row == 0) or bool(spot.map.joint)
                spot.top = y + head + ((tallest - spot.height) / 2 if centred else 0.0)
            lines = max(len(texts_of(s, False)) for s in spots)
            foot = self.size * (lines + 0.2) if lines else 0.0
            y += head + tallest + foot + (ROW_GAP if row < count - 1 else 0.0)
        self.height = y
        left = min(self._left(s) for s in self.spots.values())
        for spot in self.spots.values():
            spot.x -= left
        for places in (self.turns, self.above, self.below):
            for number in places:
                places[number] -= left
        self.width = max([*(self._right(s) for s in self.spots.values()), *(x + 1.0 for x in self.turns.values())])

    def _spans(self, spot: Spot) -> list[tuple[float, float]]:
        """Returns the horizontal extents of a map and of the texts above and below it."""
        texts = [self._span(spot, spot.number, above=True)]
        texts += [self._span(spot, text, above=False) for text in (spot.name, *spot.notes) if text]
        return [(spot.x, spot.right), *texts]

    def _left(self, spot: Spot) -> float:
        size = text_width(spot.size_left, self.size) + 2.0 if spot.size_left else 0.0
        return min(spot.x - size, *(left for left, _ in self._spans(spot)))

    def _right(self, spot: Spot) -> float:
        size = text_width(spot.size_right, self.size) + 2.0 if spot.size_right else 0.0
        return max(spot.right + size, *(right for _, right in self._spans(spot)))

    def _arcs(self) -> list[Link]:
        """Returns the links within a row that must bypass other maps of the row."""
        out: list[Link] = []
        for link in self.rows.links:
            tail, head = self.spots[link.tail], self.spots[link.head]
            if tail.row == head.row and any(
                s.row == head.row and tail.right <= s.x and s.right <= head.x for s in self.spots.values()
            ):
                out.append(link)
        return out

    def draw(self, brush: Brush, x: float, y: float) -> list[Shape]:
        """Returns the shapes; (x, y) is the upper left corner."""
        out: list[Shape] = []
        arcs = self._arcs()
        for link in self.rows.links:
            points = self._points(link, arcs)
            out.append(brush.arrow([(a + x, b + y) for a, b in points], link.role, self._colour(link, brush)))
        for spot in self.spots.values():
            out.append(self._group(spot, brush, x, y))
            out += self._texts(spot, brush, x, y)
        return out

    def _colour(self, link: Link, brush: Brush) -> str | None:
        tail, head = self.rows.row[link.tail], self.rows.row[link.head]
        if tail == head or link.role != "tensor":
            return None
        return brush.on_ground(UP if head < tail else DOWN)

    def _points(self, link: Link, arcs: list[Link]) -> list[Point]:
        """Returns the points of a line, without its arrow head."""
        tail, head = self.spots[link.tail], self.spots[link.head]
        if link in arcs:
            mine = [a for a in arcs if self.spots[a.head].row == head.row]
            top = min(s.top for s in self.spots.values() if s.row == head.row)
            lane = top - self.size - 1.0 - ARC * (mine.index(link) + 0.6)
            a, b = tail.right + LINE_GAP, head.x - LINE_GAP - 1.0
            low, high = tail.top + tail.height * 0.3, head.top + min(head.height * 0.3, 5.0)
            return [(tail.right, low), (a, low), (a, lane), (b, lane), (b, high), (head.x, high)]
        if tail.row == head.row:
            low, high = max(tail.top, head.top), min(tail.top + tail.height, head.top + head.height)
            # Between low maps, the line runs above the sizes at their lower corners.
            share = 0.5 if high - low > 2.6 * self.size else 0.22
            y = low + (high - low) * share if low < high else head.top + head.height / 2
            return [(tail.right, y), (head.x, y)]
        turn = self.turns[link.head]
        down = head.row > tail.row
        end = head.top if down else head.top + head.height
        if tail.x + 1.0 <= turn <= tail.right - 1.0:
            return [(turn, tail.top + tail.height if down else tail.top), (turn, end)]
        if any(s.row == tail.row and tail.right <= s.x < turn for s in self.spots.values()):
            # Other maps are in between: the line leaves above or below, beyond the texts there.
            texts = self.size + 2.5
            y = tail.top + tail.height + texts if down else tail.top - texts
            start = tail.top + tail.height if down else tail.top
            return [(tail.middle, start), (tail.middle, y), (turn, y), (turn, end)]
        y = tail.top + tail.height / 2
        return [(tail.right, y), (turn, y), (turn, end)]

    def _group(self, spot: Spot, brush: Brush, x: float, y: float) -> Group:
        m = spot.map
        left, top = x + spot.x, y + spot.top
        if m.joint:
            r = spot.width / 2
            return Group("map", m.name, tuple(brush.joint(m.joint, left + r, top + r, r)), clean(m.name))
        shapes: list[Shape] = []
        for width, colour in self._faces(spot, brush):
            corners = ((left, top), (left + width, top), (left + width, top + spot.height), (left, top + spot.height))
            shapes.append(Polygon(corners, colour, brush.outline(brush.colour(m))))
            left += width
        shapes += brush.face(m, x + spot.x, top, spot.width, spot.height)
        return Group("map", m.name, tuple(shapes), clean(m.name))

    def _faces(self, spot: Spot, brush: Brush) -> list[tuple[float, str]]:
        """Returns the widths and colours of the parts of a map."""
        m = spot.map
        whole = sum(n for n, _ in m.parts)
        if len(m.parts) < 2 or not whole or m.picture is not None:
            return [(width, brush.colour(m)) for width in spot.slabs]
        across = {link.tail for link in self.rows.links if link.head == m.number and link.role == "skip"}
        out: list[tuple[float, str]] = []
        for n, source in m.parts:
            colour = CROSSING if source in across else mix(brush.shades.kind("conv"), "#ffffff", 0.6)
            out.append((spot.width * n / whole, colour))
        return out

    def _texts(self, spot: Spot, brush: Brush, x: float, y: float) -> list[Shape]:
        """Returns the number of channels above a map, its name below, and its size beside the lower corners."""
        ink, faint, size = brush.shades.ink, brush.shades.faint, self.size
        bottom = y + spot.top + spot.height
        out: list[Shape] = []
        if spot.number:
            left, _ = self._span(spot, spot.number, above=True)
            out.append(Text(x + left, y + spot.top - 2.0, spot.number, size, ink))
        if spot.name:
            left, _ = self._span(spot, spot.name, above=False)
            out.append(Text(x + left, bottom + size * 0.95, spot.name, size, ink, bold=True))
        for n, text in enumerate(spot.notes, 1):
            left, _ = self._span(spot, text, above=False)
            out.append(Text(x + left, bottom + size * (0.95 + (n if spot.name else n - 1)), text, size, faint))
        if spot.size_left:
            out.append(Text(x + spot.x - 2.0, bottom - 0.5, spot.size_left, size, faint, anchor="end"))
        if spot.size_right:
            out.append(Text(x + spot.right + 2.0, bottom - 0.5, spot.size_right, size, faint))
        return out

    def _span(self, spot: Spot, text: str, *, above: bool) -> tuple[float, float]:
        """Returns the extent of a text above or below a map: centred, or left of a line that meets the map there."""
        width = text_width(text, self.size, bold=not above and text == spot.name)
        line = (self.above if above else self.below).get(spot.map.number)
        left = spot.middle - width / 2
        if line is not None and left < line + 1.0 and left + width > line - 1.0:
            left = line - 1.5 - width
        return left, left + width


def place_levels(rows: LevelRows, scale: Scale, style: CaptionStyle, wording: Wording) -> PlacedMaps:
    """Places the maps in rows by size."""
    levels = Levels(rows, scale, style, wording)
    return PlacedMaps(levels.width, levels.height, levels.draw)
