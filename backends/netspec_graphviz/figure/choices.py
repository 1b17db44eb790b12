"""The choices of what a figure says, with their penalties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from .cells import Cell
from .figure_style import FigureStyle
from .penalties import MOST_PARTS, SIZES, Penalties


@dataclass(frozen=True, slots=True)
class FigureChoice:
    """What a figure shows, and its sizes."""

    style: FigureStyle
    inset_style: FigureStyle
    shapes: bool
    params: bool
    parts: int
    narrow: bool
    """Whether insets should be at most half as wide as the figure, so that two fit side by side."""
    penalty: float


class Candidate(NamedTuple):
    """A choice with two reduced ones. If one of these does not fit, the choice does not fit either."""

    choice: FigureChoice
    least: FigureChoice
    """The same choice with the smallest text, without shapes and numbers of parameters."""
    bare: FigureChoice
    """Also without names and with the fewest arguments."""


@dataclass(frozen=True, slots=True)
class Possibilities:
    """Which choices differ for some contents."""

    cells: Sequence[Cell]
    """Those of the overview and of the insets."""
    has_insets: bool
    has_fans: bool
    """Whether there are branches that can be drawn as ladders."""
    has_branches: bool
    """Whether there are cells beside a trunk, which can have rows of their own."""
    has_segments: bool
    """Whether a note can replace the segments."""

    def choices(self, sizes: Sequence[tuple[float, float]]) -> Iterator[Candidate]:
        """Yields all choices."""
        facts = ((True, True), (True, False), (False, False))
        bare: dict[tuple[bool, int, bool, int, bool], FigureChoice] = {}
        for (arguments, (outer, inner), tags, lines, ladder), parts, narrow in product(
            self._contents(), range(1, MOST_PARTS + 1), (False, True)
        ):
            if narrow and (lines == 1 or ladder or not (self.has_insets and self.has_branches)):
                continue
            penalty = (
                Penalties.arguments[arguments]
                + (0.0 if outer else Penalties.no_names)
                + (0.0 if inner else Penalties.no_names_in_insets)
                + (parts - 1) * Penalties.part
                + (0.0 if tags else Penalties.segments_as_note)
                + Penalties.lines[lines]
                + Penalties.ladders * ladder
            )
            styles = [
                (
                    FigureStyle(text, detail, arguments, outer, tags, lines, ladder),
                    FigureStyle(text, detail, arguments, inner, tags, lines, ladder),
                )
                for text, detail in sizes
            ]
            key = tags, lines, ladder, parts, narrow
            if key not in bare:
                style = FigureStyle(*sizes[-1], self._levels[-1], False, tags, lines, ladder)
                bare[key] = FigureChoice(style, style, False, False, parts, narrow, 0.0)
            least = FigureChoice(*styles[-1], False, False, parts, narrow, 0.0)
            for (style, inset_style), (shapes, params) in product(styles, facts):
                omitted = (0.0 if shapes else Penalties.no_shapes) + (0.0 if params else Penalties.no_params)
                small = (SIZES[0][0] - style.text) * Penalties.point_of_text
                choice = FigureChoice(style, inset_style, shapes, params, parts, narrow, penalty + omitted + small)
                yield Candidate(choice, least, bare[key])

    @property
    def _levels(self) -> list[int | None]:
        """The maximum numbers of arguments in a box to try, the largest first."""
        most = max(len(cell.arguments) for cell in self.cells)
        return [n for n in Penalties.arguments if n is None or n < most]

    def _contents(self) -> Iterator[tuple[int | None, tuple[bool, bool], bool, int, bool]]:
        """Yields what boxes show: arguments, names in the overview and in insets, segments, lines of text, ladders."""
        names = ((True, True), (True, False), (False, False)) if self.has_insets else ((True, True), (False, True))
        segments = (True, False) if self.has_segments else (True,)
        ladders = (False, True) if self.has_fans else (False,)
        for each in product(self._levels, names, segments, Penalties.lines, ladders):
            arguments, (outer, inner), _, lines, _ = each
            if not (lines > 1 and (inner != outer or arguments == 3) and self.has_insets):
                yield each
