"""Maps in a row, as VGG is usually drawn: maps of one size touch, vectors are bars, and skip connections run above."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from netspec_picture.scene import Group, Point, Shape

from ..read_roles import ReadRole
from .captions import Caption, Wording
from .maps import Map
from .placed_figures import CaptionStyle, Extent, PlacedMaps
from .solid_shapes import Brush, caption_size
from .solid_sizes import BAR, Scale, is_vector

ARROW_GAP, FAN_GAP = 13.0, 15.0
BAR_GAP = 9.0
CAPTION_GAP = 1.5
TEXT_GAP = 3.5
"""Distance between adjacent captions."""
ARC = 5.0
"""Distance between the lines of nested skip connections, and between a line and a solid."""
BETWEEN_ROWS = 16.0


@dataclass(eq=False, slots=True)
class RowItem:
    """Adjacent maps and their shape, relative to the left edge of the front at half its height."""

    maps: list[Map]
    caption: Caption
    shape: str
    """``solid``, ``bar`` or ``joint``."""
    slabs: list[tuple[float, Map]] = field(default_factory=list[tuple[float, Map]])
    down: float = 0.0
    lean: Point = (0.0, 0.0)
    x: float = 0.0

    @property
    def front(self) -> float:
        """Width of the front."""
        return sum(thickness for thickness, _ in self.slabs)

    @property
    def width(self) -> float:
        """Width of the whole solid."""
        return self.front + self.lean[0]

    @property
    def height(self) -> float:
        """Height of the whole solid."""
        return self.down + self.lean[1]

    @property
    def entry(self) -> float:
        """Distance from the left edge of the front to where a line at half the height meets the solid."""
        up = self.lean[1]
        return self.lean[0] * max(0.0, 1 - self.height / 2 / up) if up else 0.0

    @property
    def exit(self) -> float:
        """Distance from the left edge of the front to where a line at half the height leaves the solid."""
        return self.width - self.entry

    @property
    def body(self) -> Extent:
        """The rectangle around the solid."""
        return Extent(self.x, -self.height / 2, self.x + self.width, self.height / 2)

    @property
    def numbers(self) -> set[int]:
        """The numbers of its maps."""
        return {m.number for m in self.maps}


def groups_of(maps: Sequence[Map], forks: Collection[int] = ()) -> list[list[Map]]:
    """Groups adjacent maps of a chain that have the same size; inputs, sums and vectors form their own groups.

    A map at a fork is the last of its group.
    """
    readers: dict[int, int] = {}
    for m in maps:
        for source in m.sources:
            readers[source] = readers.get(source, 0) + 1
    out: list[list[Map]] = []
    for m in maps:
        before = out[-1][-1] if out else None
        if (
            before is not None
            and before.sources
            and not (m.joint or before.joint or is_vector(m) or is_vector(before))
            and m.sides == before.sides
            and m.sources == (before.number,)
            and readers.get(before.number, 0) == 1
            and before.number not in forks
        ):
            out[-1].append(m)
        else:
            out.append([m])
    return out


def item_of(maps: list[Map], scale: Scale, style: CaptionStyle, wording: Wording) -> RowItem:
    """Returns the shape of adjacent maps."""
    first = maps[0]
    if first.joint:
        r = style.text * 0.62
        return RowItem(maps, (), "joint", [(2 * r, first)], 2 * r)
    caption = wording.caption(maps, style.arguments, style.names)
    if is_vector(first):
        return RowItem(maps, caption, "bar", [(BAR, first)], scale.bar(first))
    slabs = [(t, m) for m in maps for t in scale.slabs(m)]
    sides = first.sides
    down = scale.side(first.height)
    back = scale.side(sides[-1]) if len(sides) > 1 else 0.0
    return RowItem(maps, caption, "solid", slabs, down, (back * scale.lean[0], back * scale.lean[1]))


class Row:
    """One row of items, placed from left to right."""

    def __init__(self, items: list[RowItem], style: CaptionStyle, forks: Collection[int] = ()) -> None:
        self.items = items
        self.style = style
        self.forks = {i for i, item in enumerate(items) if item.numbers & set(forks)}
        """Items followed by a line that leads down to another row."""
        self.lines: dict[int, float] = {}
        """The position of that line for each of these items."""
        bars = [item for item in items if item.shape == "bar"]
        self.bar_line = max((item.down for item in bars), default=0.0) / 2
        self.captions: list[Extent] = []
        for i, item in enumerate(items):
            self._place(i, item)
        left = min((e.left for e in self._extents()), default=0.0)
        for i, item in enumerate(items):
            item.x -= left
            self.captions[i] = self.captions[i].moved(-left)
        for i in self.forks:
            self.lines[i] = self._fork_line(i) - (left if i in self.lines else 0.0)
        extents = self._extents()
        self.width = max((e.right for e in extents), default=0.0)
        self.top = min((e.top for e in extents), default=0.0)
        self.bottom = max((e.bottom for e in extents), default=0.0)
        self.arcs = self._arcs()
        self.top = min([self.top, *(y - 1.0 for *_, y in self.arcs)])

    def _extents(self) -> list[Extent]:
        return [*(item.body for item in self.items), *(c for c in self.captions if c.right > c.left)]

    def _caption_extent(self, i: int, item: RowItem) -> Extent:
        width, height = caption_size(item.caption, self.style.text)
        top = (self.bar_line if item.shape == "bar" else item.height / 2) + CAPTION_GAP
        left = item.front / 2 - width / 2
        after = self.items[i + 1] if i + 1 < len(self.items) else None
        if item.shape == "solid" and after is not None and after.shape == "bar":
            left = min(left, item.width - width)  # the connecting area begins at the right edge
        return Extent(left, top, left + width, top + height)

    def _place(self, i: int, item: RowItem) -> None:
        caption = self._caption_extent(i, item)
        x = 0.0
        if i:
            before = self.items[i - 1]
            gap = ARROW_GAP
            if item.shape == "bar":
                gap = BAR_GAP if before.shape == "bar" else FAN_GAP
            elif "joint" in (item.shape, before.shape):
                gap = ARROW_GAP - 3.0
            x = before.x + before.width + gap
            if i - 1 in self.forks:
                line = self._fork_line(i - 1)
                x = max(x, line + ARROW_GAP / 2 + 1.0, line + 2.0 - caption.left)
        body = Extent(0.0, -item.height / 2, item.width, item.height / 2)
        for other, placed in zip(self.items[:i], self.captions, strict=False):
            if caption.right > caption.left:
                if not caption.beside(placed, 0.5):
                    x = max(x, placed.right + TEXT_GAP - caption.left)
                if not caption.beside(other.body, 0.5):
                    x = max(x, other.body.right + 1.5 - caption.left)
            if placed.right > placed.left and not body.beside(placed, 0.5):
                x = max(x, placed.right + 2.0)
        item.x = x
        self.captions.append(caption.moved(x))

    def _fork_line(self, i: int) -> float:
        """Returns the position of the line that leads down after an item."""
        right = max(self.items[i].body.right + 4.0, self.captions[i].right + 2.0)
        return self.lines.setdefault(i, right)

    def _arcs(self) -> list[tuple[RowItem, RowItem, ReadRole, float]]:
        """Returns the lines above the row: source, target, role and height."""
        at = {m.number: item for item in self.items for m in item.maps}
        spans: list[tuple[int, int, ReadRole]] = []
        for j, item in enumerate(self.items):
            for source, role in list(item.maps[0].role_of.items())[1:]:
                if source in at:
                    spans.append((self.items.index(at[source]), j, role))
        spans.sort(key=lambda s: s[1] - s[0])
        out: list[tuple[RowItem, RowItem, ReadRole, float]] = []
        placed: list[tuple[int, int, float]] = []
        for i, j, role in spans:
            y = min(item.body.top for item in self.items[i : j + 1]) - ARC
            for a, b, other in placed:
                if a < j and i < b:
                    y = min(y, other - ARC)
            placed.append((i, j, y))
            out.append((self.items[i], self.items[j], role, y))
        return out

    def draw(self, brush: Brush, x: float, y: float) -> list[Shape]:
        """Returns the shapes; y is the middle of the row."""
        out: list[Shape] = []
        for before, item in pairwise(self.items):
            if item.shape == "bar" and before.shape in ("bar", "solid"):
                out.append(brush.fan(_fan(before, item, x, y)))
        for source, target, role, height in self.arcs:
            # From and to the middle of the back's upper edge.
            a, b = (x + item.x + item.front / 2 + item.lean[0] for item in (source, target))
            end = y + target.body.top
            points = ((a, y + source.body.top), (a, y + height), (b, y + height), (b, end))
            out.append(brush.arrow(points, role))
        for before, item in pairwise(self.items):
            if item.shape != "bar" or before.shape == "joint":
                is_dotted = item.maps[0].roles[:1] == ("positions",)
                ends = (x + before.x + before.exit, y), (x + item.x + item.entry, y)
                out.append(brush.arrow(ends, "positions" if is_dotted else "tensor"))
        for item, caption in zip(self.items, self.captions, strict=True):
            out.append(item_group(item, brush, x + item.x, y))
            middle = x + (caption.left + caption.right) / 2
            out += brush.caption(item.caption, middle, y + caption.top, self.style.text)
        return out


def item_group(item: RowItem, brush: Brush, x: float, middle: float) -> Group:
    """Returns the shapes of an item without its caption; x is the left edge of its front."""
    first = item.maps[0]
    shapes: list[Shape]
    if item.shape == "joint":
        shapes = brush.joint(first.joint, x + item.down / 2, middle, item.down / 2)
    elif item.shape == "bar":
        shapes = brush.bar(first, x, middle, BAR, item.down)
    else:
        slabs = [(thickness, brush.colour(m)) for thickness, m in item.slabs]
        top = middle - item.height / 2 + item.lean[1]
        shapes = brush.box(slabs, x, top, item.down, item.lean)
        shapes += brush.face(item.slabs[-1][1], x + item.front, top, item.lean[0], item.down, rise=item.lean[1])
    return Group("map", first.name, tuple(shapes), ", ".join(m.name for m in item.maps))


def _fan(before: RowItem, bar: RowItem, x: float, y: float) -> tuple[Point, ...]:
    right, left = x + before.x + before.width, x + bar.x
    top, bottom = -before.height / 2, before.height / 2 - before.lean[1]
    return ((right, y + top), (left, y - bar.down / 2), (left, y + bar.down / 2), (right, y + bottom))


def is_chain(maps: Sequence[Map]) -> bool:
    """Whether every map but the first reads the previous map, and others only over skip connections."""
    for i, m in enumerate(maps):
        if not m.sources:
            if i:
                return False
        elif m.sources[0] != i - 1 or any(role not in ("skip", "positions") for role in m.roles[1:]):
            return False
    return len(maps) > 1


def place_rows(
    maps: Sequence[Map], scale: Scale, style: CaptionStyle, wording: Wording, rows: int
) -> PlacedMaps | None:
    """Places the maps in one or two rows; None if the row cannot be divided."""
    groups = groups_of(maps)
    items = [item_of(group, scale, style, wording) for group in groups]
    if rows == 1:
        row = Row(items, style)
        return PlacedMaps(row.width, row.bottom - row.top, lambda brush, x, y: row.draw(brush, x, y - row.top))
    cut = _cut(items)
    if cut is None:
        return None
    first, second = Row(items[:cut], style), Row(items[cut:], style)
    inset = 12.0
    width = max(first.width + 8.0, second.width + inset)
    below = first.bottom - first.top + BETWEEN_ROWS - second.top

    def draw(brush: Brush, x: float, y: float) -> list[Shape]:
        top = y - first.top
        bottom = y + below
        last, start = first.items[-1], second.items[0]
        turn, lane = x + width - 1.0, y + first.bottom - first.top + BETWEEN_ROWS / 2
        points = (
            (x + last.x + last.exit, top), (turn, top), (turn, lane), (x + 1.0, lane), (x + 1.0, bottom),
            (x + inset + start.x + start.entry, bottom),
        )  # fmt: skip
        connector = brush.arrow(points)
        return [*first.draw(brush, x, top), connector, *second.draw(brush, x + inset, bottom)]

    return PlacedMaps(width, below + second.bottom, draw)


def _cut(items: Sequence[RowItem]) -> int | None:
    """Returns where to divide a row: near 45 % of the items, between solids, where no skip connection passes."""
    possible: list[int] = []
    for cut in range(1, len(items)):
        earlier = {n for item in items[:cut] for n in item.numbers}
        crossing = [source for item in items[cut:] for m in item.maps for source in m.sources if source in earlier]
        if len(crossing) == 1 and items[cut].shape == "solid" and items[cut - 1].shape == "solid":
            possible.append(cut)
    return min(possible, key=lambda cut: abs(cut / len(items) - 0.45), default=None)
