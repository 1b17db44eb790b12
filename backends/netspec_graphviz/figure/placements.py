"""The overview and the insets of a figure, placed for the sizes and the room that are tried."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property

from .arrangement import Arrangement
from .choices import FigureChoice
from .composition import PlacedInset
from .contents import Contents
from .figure_style import FigureStyle
from .inset import Inset
from .ladders import with_ladders
from .overview import Overview, OverviewRows, PlacedPart
from .placed_graph import PlacedGraph
from .single_file import Filing, filed

MAX_WORK = 800_000
"""Work limit, as a number of placed cells (cells of large graphs count more), after which no more figures are tried."""


class Placements:
    """The placed parts of a figure with certain contents. Each part is placed once per style."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self._work = 0
        self._parts: dict[tuple[FigureStyle, int, Filing], list[PlacedPart] | None] = {}
        self._insets: dict[tuple[FigureStyle, int, Filing], PlacedInset] = {}
        self.rows = cache(self._rows)
        self.arrangement = cache(self._arrangement)

    def _rows(self, ladder: bool, filing: Filing = Filing.TRUNK) -> OverviewRows:
        """Returns the rows of the overview."""
        return OverviewRows(self.contents, ladder and filing is Filing.TRUNK, filing)

    def _arrangement(self, number: int, ladder: bool, filing: Filing = Filing.TRUNK) -> Arrangement:
        """Returns the arrangement of an inset."""
        return inset_arrangement(self.contents.insets[number], ladder, filing)

    @cached_property
    def _by_size(self) -> list[int]:
        """The insets, those with the most cells first: they are the first not to fit."""
        insets = self.contents.insets
        return sorted(range(len(insets)), key=lambda number: -len(insets[number].cells))

    @property
    def has_fans(self) -> bool:
        """Whether there are fans that can be drawn as ladders."""
        return any(fan.is_ladder for arrangement in self._every(False) for fan in arrangement.fans)

    @property
    def has_branches(self) -> bool:
        """Whether there are cells beside the trunk that can have rows of their own."""
        return any(len(each.trunk) < len(each.cells) for each in self._every(False))

    def _every(self, ladder: bool) -> list[Arrangement]:
        numbers = range(len(self.contents.insets))
        return [self.rows(ladder).arrangement, *(self.arrangement(number, ladder) for number in numbers)]

    def height_of_rows(self, choice: FigureChoice) -> float:
        """Returns a lower bound for the height of a figure, from its numbers of rows."""
        overview, *insets = [each.rows for each in self._every(choice.style.ladder)]
        return 2.0 * max(overview / choice.parts * choice.style.text, max(insets, default=0) * choice.inset_style.text)

    def overview(self, choice: FigureChoice, width: float) -> Overview | None:
        """Returns the overview in the widest arrangement that fits, or the narrowest; None if it cannot be cut."""
        overview: Overview | None = None
        for filing in _filings(self.rows(choice.style.ladder).arrangement):
            parts = self._placed_parts(choice, filing)
            if parts is None:
                continue
            rows = self.rows(choice.style.ladder, filing)
            overview = Overview(rows, parts, choice.style, choice.shapes, choice.params)
            if overview.width <= width:
                break
        return overview

    def _placed_parts(self, choice: FigureChoice, filing: Filing) -> list[PlacedPart] | None:
        key = choice.style, choice.parts, filing
        if key not in self._parts:
            if not self._may_place(len(self.contents.cells)):
                return None
            arrangements = self.rows(choice.style.ladder, filing).arrangements(choice.parts)
            placed = [PlacedPart(PlacedGraph(part, choice.style), numbers) for part, numbers in arrangements or ()]
            self._parts[key] = placed or None
        return self._parts[key]

    def _may_place(self, count: int) -> bool:
        """Adds cells to the work done; returns whether the limit permits placing them."""
        self._work += count + count * count // 100
        return self._work <= MAX_WORK

    def insets(self, choice: FigureChoice, width: float, height: float) -> list[PlacedInset] | None:
        """Returns the insets, or None if one of them is too large, or all together."""
        out: dict[int, PlacedInset] = {}
        area = 0.0
        for number in self._by_size:
            inset = self.inset(choice.inset_style, number, width, narrow=choice.narrow)
            if inset is None or inset.width > width or inset.height > height:
                return None
            area += inset.width * inset.height
            if area > width * height:
                return None
            out[number] = inset
        return [out[number] for number in sorted(out)]

    def inset(self, style: FigureStyle, number: int, width: float, *, narrow: bool) -> PlacedInset | None:
        """Returns an inset in the widest arrangement that fits into a width, or into half of it if narrow.

        If none is narrow enough, returns the widest that fits, or the narrowest; None if the work limit is reached.
        """
        placed: list[PlacedInset] = []
        for filing in _filings(self.arrangement(number, style.ladder)):
            inset = self._placed_inset(style, number, filing)
            if inset is None:
                return None
            if inset.width <= ((width - style.insets) / 2 if narrow else width):
                return inset
            placed.append(inset)
        return next((inset for inset in placed if inset.width <= width), placed[-1])

    def _placed_inset(self, style: FigureStyle, number: int, filing: Filing) -> PlacedInset | None:
        key = style, number, filing
        if key not in self._insets:
            inset = self.contents.insets[number]
            if not self._may_place(len(inset.cells)):
                return None
            graph = PlacedGraph(self.arrangement(number, style.ladder, filing), style, inset=True)
            self._insets[key] = PlacedInset(inset, graph)
        return self._insets[key]


def _filings(arrangement: Arrangement) -> Sequence[Filing]:
    """Returns the ways to arrange a graph that differ."""
    return [*Filing] if len(arrangement.trunk) < len(arrangement.cells) else [Filing.TRUNK]


def inset_arrangement(inset: Inset, ladders: bool, filing: Filing = Filing.TRUNK) -> Arrangement:
    """Arranges an inset, with ladders instead of fans if requested and possible."""
    changed = with_ladders(inset.cells, inset.edges) if ladders and filing is Filing.TRUNK else None
    cells, edges = changed[:2] if changed is not None else (inset.cells, inset.edges)
    return filed(cells, edges, filing)
