"""One choice of closed blocks: caches the placed parts and finds the best figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from math import inf

from ..options import Room
from .cells import plain_text, value_runs
from .choices import Candidate, FigureChoice, Possibilities
from .composition import MARGIN, Composition, PlacedInset, note_texts, notes_height, wrap_notes
from .contents import Contents, FigureNetwork
from .figure_style import FigureStyle
from .heading import break_title
from .overview import Overview
from .packing import Size, packings
from .penalties import Penalties, sizes_for
from .placements import Placements


class Variant:
    """One choice of contents, with a cache of its placed parts.

    Args:
        network: the network.
        fold: whether to merge consecutive or parallel layers with the same text.
        close_all: whether to close blocks that are used only once as well.
        table: whether to write the values of letters in columns beside the overview, not in its boxes.
        omitted: classes of blocks whose contents are not shown.
    """

    def __init__(
        self,
        network: FigureNetwork,
        *,
        fold: bool,
        close_all: bool,
        table: bool = True,
        omitted: frozenset[str] = frozenset(),
    ) -> None:
        self.omitted = omitted
        self.network = network
        self.fold = fold
        self.close_all = close_all
        self.table = table
        self.penalty = (
            Penalties.folded * fold
            + Penalties.closed * close_all
            + Penalties.no_table * (not table)
            + Penalties.not_shown * len(omitted)
        )
        self._candidates: dict[tuple[tuple[float, float], ...], list[Candidate]] = {}
        self._lowest_heights: dict[tuple[int, float, float], float] = {}
        """Lower bounds of heights, by the identity of the choice, and the room."""

    @cached_property
    def contents(self) -> Contents:
        """The contents of the figure."""
        return self.network.contents(close_all=self.close_all, fold=self.fold, table=self.table, omitted=self.omitted)

    @cached_property
    def _segments(self) -> dict[str, str]:
        """For each operation, the segments that a note can replace."""
        return uniform_segments(self.contents)

    @cached_property
    def placements(self) -> Placements:
        """The placed parts."""
        return Placements(self.contents)

    def differs(self) -> bool:
        """Whether folding changes the contents."""
        return not self.fold or self.contents.folded

    def candidates(self, min_text: float) -> list[Candidate]:
        """Returns all choices in order of penalty."""
        sizes = tuple(sizes_for(min_text))
        if sizes not in self._candidates:
            self._candidates[sizes] = sorted(self._possibilities().choices(sizes), key=lambda c: c.choice.penalty)
        return self._candidates[sizes]

    def _possibilities(self) -> Possibilities:
        insets = self.contents.insets
        cells = [*self.contents.cells, *(cell for inset in insets for cell in inset.cells)]
        has_fans, has_branches = self.placements.has_fans, self.placements.has_branches
        return Possibilities(cells, bool(insets), has_fans, has_branches, bool(self._segments))

    def best(self, room: Room, limit: float) -> Composition | None:
        """Returns the best figure that fits with a penalty below a limit, or None."""
        width, height = room.width - 2 * MARGIN, room.height - 2 * MARGIN
        best: Composition | None = None
        chosen: FigureChoice | None = None
        for choice, least, bare in self.candidates(room.min_text):
            known = self.penalty + choice.penalty
            if known >= limit:
                break
            if known + self.placements.height_of_rows(choice) * Penalties.height >= limit:
                continue
            if any(known + self._lowest(each, width, height) * Penalties.height >= limit for each in (bare, least)):
                continue
            for composition in self._compositions(choice, width, height):
                if composition.penalty < limit:
                    best, chosen, limit = composition, choice, composition.penalty
        return best if best is None or chosen is None else self._with_fewer_lines(best, chosen, width, height)

    def fits(self, room: Room) -> bool:
        """Whether any figure fits."""
        width, height = room.width - 2 * MARGIN, room.height - 2 * MARGIN
        bare = {id(candidate.bare): candidate.bare for candidate in self.candidates(room.min_text)}
        return any(self._lowest(choice, width, height) < inf for choice in bare.values())

    def _lowest(self, choice: FigureChoice, width: float, height: float) -> float:
        """Returns a lower bound for the height of a figure, from its areas; infinite if it does not fit."""
        key = id(choice), width, height
        if key not in self._lowest_heights:
            self._lowest_heights[key] = inf
            composition = next(self._compositions(choice, width, height), None)
            if composition is not None:
                overview, insets = composition.overview, composition.insets
                area = overview.width * overview.height + sum(inset.width * inset.height for inset in insets)
                self._lowest_heights[key] = max([area / width, overview.height, *(inset.height for inset in insets)])
        return self._lowest_heights[key]

    def _compositions(self, choice: FigureChoice, width: float, height: float) -> Iterator[Composition]:
        """Yields the figures of a choice that fit, one for each packing of the insets."""
        if self.placements.height_of_rows(choice) > height:
            return
        insets = self.placements.insets(choice, width, height)
        overview = None if insets is None else self.placements.overview(choice, width)
        if insets is None or overview is None or overview.width > width or overview.height > height:
            return
        sizes = [(inset.width, inset.height) for inset in insets]
        if _may_fit((overview.width, overview.height), sizes, width, height):
            yield from self._packed(choice, overview, insets, width, height)

    def _packed(
        self, choice: FigureChoice, overview: Overview, insets: Sequence[PlacedInset], width: float, height: float
    ) -> Iterator[Composition]:
        """Yields the figures of these parts that fit."""
        contents = self.contents
        heading = break_title(contents.title, choice.style.text, width)
        notes = note_texts(contents, overview, choice.style, self._segments)
        sizes = [(inset.width, inset.height) for inset in insets]
        graphs = [*(part.graph for part in overview.parts), *(inset.graph for inset in insets)]
        inserted = sum(len(graph.arrangement.inserted) for graph in graphs)
        known = self.penalty + choice.penalty + inserted * Penalties.inserted
        for packing in packings((overview.width, overview.height), sizes, width, choice.style.insets):
            lines = wrap_notes(notes, choice.style.detail, packing.width)
            tall = heading.height + packing.height + notes_height(lines, choice.style)
            if packing.width > width or tall > height:
                continue
            penalty = known + tall * Penalties.height
            left_out = self._left_out(choice)
            yield Composition(contents, overview, insets, packing, lines, choice.style, penalty, left_out, heading)

    def _with_fewer_lines(self, best: Composition, choice: FigureChoice, width: float, height: float) -> Composition:
        """Reduces the number of text lines in boxes where there is room, in the overview and in each inset."""
        for number in range(-1, len(best.insets)):
            for lines in range(1, choice.style.lines):
                overview: Overview | None = best.overview
                insets = [*best.insets]
                if number < 0:
                    overview = self.placements.overview(
                        replace(choice, style=replace(choice.style, lines=lines)), width
                    )
                else:
                    style = replace(choice.inset_style, lines=lines)
                    inset = self.placements.inset(style, number, width, narrow=choice.narrow)
                    insets[number] = inset or insets[number]
                if overview is None:
                    continue
                candidates = self._packed(choice, overview, insets, width, height)
                better = min(candidates, key=lambda each: each.penalty, default=None)
                if better is not None and better.penalty <= best.penalty:
                    best = better
                    break
        return best

    def largest_insets(self, room: Room) -> frozenset[str]:
        """Returns the classes whose insets never fit, or else the class of the largest inset."""
        width, height = room.width - 2 * MARGIN, room.height - 2 * MARGIN
        text, detail = sizes_for(room.min_text)[-1]
        style = FigureStyle(text, detail, 1, False, not self._segments, 3, True)
        placed = (
            self.placements.inset(style, number, width, narrow=False) for number in range(len(self.contents.insets))
        )
        insets = [each for each in placed if each is not None]
        too_large = [each for each in insets if each.width > width or each.height > height]
        if not too_large and insets:
            too_large = [max(insets, key=lambda each: each.width * each.height)]
        return frozenset(each.inset.key for each in too_large)

    def _left_out(self, choice: FigureChoice) -> list[str]:
        titles = [self.network.uses.title(key) for key in sorted(self.omitted)]
        out: list[str] = [f"the inside of {', '.join(titles)}"] if titles else []
        if self.close_all:
            out.append("blocks that are used once are closed")
        if self.fold:
            out.append("equal layers that follow each other or stand side by side are one box")
        if choice.style.arguments is not None:
            count = choice.style.arguments
            out.append(f"at most {count} argument{'s' if count > 1 else ''} in a box")
        if not choice.style.names:
            out.append("no names of layers")
        elif not choice.inset_style.names:
            out.append("no names of layers in blocks")
        if not choice.shapes:
            out.append("no shapes")
        if not choice.params:
            out.append("no numbers of parameters")
        if not choice.style.segments:
            out.append("normalisations and activations in a note")
        return out


def _may_fit(overview: Size, insets: list[Size], width: float, height: float) -> bool:
    """Whether the total area of the frames is small enough."""
    return overview[0] * overview[1] + sum(w * h for w, h in insets) <= width * height


def uniform_segments(contents: Contents) -> dict[str, str]:
    """Returns, for each operation whose boxes all have the same segments, the text of these segments."""
    cells = [*contents.cells, *(cell for inset in contents.insets for cell in inset.cells)]
    out: dict[str, str] = {}
    plain: set[str] = set()
    for cell in cells:
        text = " and ".join(plain_text(value_runs(segment.value)) for segment in cell.segments)
        if not text:
            plain.add(cell.operation)
        elif out.setdefault(cell.operation, text) != text:
            return {}
    return {} if plain.intersection(out) or contents.shared else out
