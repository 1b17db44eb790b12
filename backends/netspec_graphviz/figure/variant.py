"""One choice of closed blocks: caches the placed parts and finds the best figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from ..options import Room
from .arrangement import Arrangement, arrange
from .cells import plain_text, value_runs
from .composition import MARGIN, Composition, PlacedInset, note_texts, notes_height, wrap_notes
from .contents import Contents, FigureNetwork
from .heading import break_title
from .inset import Inset
from .ladders import with_ladders
from .look import Look
from .overview import Overview, OverviewRows, PlacedPart
from .packing import Size, packings
from .penalties import MOST_PARTS, SIZES, Penalties, sizes_for
from .placed_graph import PlacedGraph

MAX_WORK = 800_000
"""Work limit, as a number of placed cells (cells of large graphs count more), after which no more figures are tried."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a figure shows, and its sizes."""

    look: Look
    inset_look: Look
    shapes: bool
    params: bool
    parts: int
    penalty: float

    def at_least(self, sizes: tuple[float, float]) -> Choice:
        """Returns the same choice with the given font sizes, without shapes and parameters."""
        text, detail = sizes
        return Choice(
            replace(self.look, text=text, detail=detail),
            replace(self.inset_look, text=text, detail=detail),
            shapes=False,
            params=False,
            parts=self.parts,
            penalty=0.0,
        )


class Variant:
    """One choice of contents, with a cache of its placed parts.

    Args:
        network: the network.
        fold: whether to merge consecutive or parallel layers with the same text.
        close_all: whether to close blocks that are used only once as well.
        omitted: classes of blocks whose contents are not shown.
    """

    def __init__(
        self,
        network: FigureNetwork,
        *,
        fold: bool,
        close_all: bool,
        omitted: frozenset[str] = frozenset(),
    ) -> None:
        self.omitted = omitted
        self.network = network
        self.fold = fold
        self.close_all = close_all
        self.penalty = Penalties.folded * fold + Penalties.closed * close_all + Penalties.not_shown * len(omitted)
        self._work = 0
        self._choices: dict[tuple[tuple[float, float], ...], list[tuple[Choice, Choice]]] = {}
        self._contents: Contents | None = None
        self._rows: dict[bool, OverviewRows] = {}
        self._insets: dict[bool, list[Arrangement]] = {}
        self._parts: dict[tuple[Look, int], list[PlacedPart] | None] = {}
        self._placed: dict[tuple[Look, int], PlacedInset] = {}
        self._segments: dict[str, str] | None = None

    @property
    def contents(self) -> Contents:
        """The contents of the figure."""
        if self._contents is None:
            self._contents = self.network.contents(close_all=self.close_all, fold=self.fold, omitted=self.omitted)
            self._segments = uniform_segments(self._contents)
            for ladders in (False, True):
                self._rows[ladders] = OverviewRows(self._contents, ladders)
                self._insets[ladders] = [inset_arrangement(inset, ladders) for inset in self._contents.insets]
        return self._contents

    def differs(self) -> bool:
        """Whether folding changes the contents."""
        return not self.fold or self.contents.folded

    @property
    def has_fans(self) -> bool:
        """Whether there are fans that can be drawn as ladders."""
        arrangements = [self._rows[False].arrangement, *self._insets[False]]
        return any(fan.is_ladder for arrangement in arrangements for fan in arrangement.fans)

    def choices(self, min_text: float) -> list[tuple[Choice, Choice]]:
        """Returns all choices in order of penalty, each with its version in the smallest text and without numbers."""
        sizes = tuple(sizes_for(min_text))
        if sizes not in self._choices:
            ordered = sorted(self._choices_with(sizes), key=lambda choice: choice.penalty)
            least: dict[Choice, Choice] = {}
            pairs = [(choice, choice.at_least(sizes[-1])) for choice in ordered]
            self._choices[sizes] = [(choice, least.setdefault(small, small)) for choice, small in pairs]
        return self._choices[sizes]

    def _choices_with(self, sizes: tuple[tuple[float, float], ...]) -> Iterator[Choice]:
        segments = (True, False) if self._segments else (True,)
        cells = [*self.contents.cells, *(cell for inset in self.contents.insets for cell in inset.cells)]
        most = max(len(cell.arguments) for cell in cells)
        levels = [n for n in Penalties.arguments if n is None or n < most]
        names = ((True, True), (True, False), (False, False)) if self.contents.insets else ((True, True), (False, True))
        facts = ((True, True), (True, False), (False, False))
        ladders = (False, True) if self.has_fans else (False,)
        for (text, detail), arguments, (outer, inner), (shapes, params), parts, tags, lines, ladder in product(
            sizes,
            levels,
            names,
            facts,
            range(1, MOST_PARTS + 1),
            segments,
            Penalties.lines,
            ladders,
        ):
            if lines > 1 and (inner != outer or arguments == 3) and self.contents.insets:
                continue
            look = Look(text, detail, arguments, outer, tags, lines, ladder)
            inset_look = Look(text, detail, arguments, inner, tags, lines, ladder)
            penalty = (
                self.penalty
                + Penalties.arguments[arguments]
                + (0.0 if outer else Penalties.no_names)
                + (0.0 if inner else Penalties.no_names_in_insets)
                + (0.0 if shapes else Penalties.no_shapes)
                + (0.0 if params else Penalties.no_params)
                + (SIZES[0][0] - text) * Penalties.point_of_text
                + (parts - 1) * Penalties.part
                + (0.0 if tags else Penalties.segments_as_note)
                + Penalties.lines[lines]
                + Penalties.ladders * ladder
            )
            yield Choice(look, inset_look, shapes, params, parts, penalty)

    def best(self, room: Room, limit: float) -> Composition | None:
        """Returns the best figure that fits with a penalty below a limit, or None."""
        width, height = room.width - 2 * MARGIN, room.height - 2 * MARGIN
        best: Composition | None = None
        chosen: Choice | None = None
        possible: dict[int, bool] = {}
        for choice, least in self.choices(room.min_text):
            if choice.penalty >= limit:
                break
            # What does not fit in the smallest text without numbers does not fit in larger text or with numbers.
            key = id(least)
            if key not in possible:
                possible[key] = next(self._compositions(least, width, height), None) is not None
            if not possible[key]:
                continue
            for composition in self._compositions(choice, width, height):
                if composition.penalty < limit:
                    best, chosen, limit = composition, choice, composition.penalty
        return best if best is None or chosen is None else self._with_fewer_lines(best, chosen, width, height)

    def _compositions(self, choice: Choice, width: float, height: float) -> Iterator[Composition]:
        """Yields the figures of a choice that fit, one for each packing of the insets."""
        rows = self._rows[choice.look.ladder]
        if _least_height(rows.arrangement.rows / choice.parts, choice.look) > height:
            return
        if not self._insets_fit(choice.inset_look, width, height):
            return
        parts = self._placed_parts(choice)
        if parts is None:
            return
        overview = Overview(rows, parts, choice.look, choice.shapes, choice.params)
        if overview.width > width or overview.height > height:
            return
        insets = self._placed_insets(choice.inset_look)
        sizes = [(inset.width, inset.height) for inset in insets]
        if not _may_fit((overview.width, overview.height), sizes, width, height):
            return
        yield from self._packed(choice, overview, insets, width, height)

    def _packed(
        self, choice: Choice, overview: Overview, insets: Sequence[PlacedInset], width: float, height: float
    ) -> Iterator[Composition]:
        """Yields the figures of these parts that fit."""
        contents = self.contents
        heading = break_title(contents.title, choice.look.text, width)
        notes = note_texts(contents, overview, choice.look, self._segments or {})
        sizes = [(inset.width, inset.height) for inset in insets]
        for packing in packings((overview.width, overview.height), sizes, width, choice.look.insets):
            lines = wrap_notes(notes, choice.look.detail, packing.width)
            tall = heading.height + packing.height + notes_height(lines, choice.look)
            if packing.width > width or tall > height:
                continue
            penalty = choice.penalty + tall * Penalties.height
            left_out = self._left_out(choice)
            yield Composition(contents, overview, insets, packing, lines, choice.look, penalty, left_out, heading)

    def _with_fewer_lines(self, best: Composition, choice: Choice, width: float, height: float) -> Composition:
        """Reduces the number of text lines in boxes where there is room, in the overview and in each inset."""
        for number in range(-1, len(best.insets)):
            for lines in range(1, choice.look.lines):
                overview, insets = best.overview, [*best.insets]
                if number < 0:
                    wider = replace(choice, look=replace(choice.look, lines=lines))
                    parts = self._placed_parts(wider)
                    if parts is None:
                        continue
                    overview = Overview(self._rows[choice.look.ladder], parts, wider.look, choice.shapes, choice.params)
                else:
                    insets[number] = self._placed_inset(replace(choice.inset_look, lines=lines), number)
                candidates = self._packed(choice, overview, insets, width, height)
                better = min(candidates, key=lambda each: each.penalty, default=None)
                if better is not None and better.penalty <= best.penalty:
                    best = better
                    break
        return best

    def _placed_parts(self, choice: Choice) -> list[PlacedPart] | None:
        key = choice.look, choice.parts
        if key not in self._parts:
            if not self._may_place(len(self.contents.cells)):
                return None
            arrangements = self._rows[choice.look.ladder].arrangements(choice.parts)
            placed = [PlacedPart(PlacedGraph(part, choice.look), numbers) for part, numbers in arrangements or ()]
            self._parts[key] = placed or None
        return self._parts[key]

    def _may_place(self, count: int) -> bool:
        """Adds cells to the work done; returns whether the limit permits placing them."""
        self._work += count + count * count // 100
        return self._work <= MAX_WORK

    def _placed_inset(self, look: Look, number: int) -> PlacedInset:
        key = look, number
        if key not in self._placed:
            graph = PlacedGraph(self._insets[look.ladder][number], look, inset=True)
            self._placed[key] = PlacedInset(self.contents.insets[number], graph)
        return self._placed[key]

    def _placed_insets(self, look: Look) -> list[PlacedInset]:
        return [self._placed_inset(look, number) for number in range(len(self.contents.insets))]

    def _insets_fit(self, look: Look, width: float, height: float) -> bool:
        """Whether the insets fit, each by itself and all together."""
        area = 0.0
        for number, content in enumerate(self.contents.insets):
            if _least_height(self._insets[look.ladder][number].rows, look) > height:
                return False
            if (look, number) not in self._placed and not self._may_place(len(content.cells)):
                return False
            inset = self._placed_inset(look, number)
            area += inset.width * inset.height
            if inset.width > width or inset.height > height or area > width * height:
                return False
        return True

    def largest_insets(self, room: Room) -> frozenset[str]:
        """Returns the classes whose insets never fit, or else the class of the largest inset."""
        width, height = room.width - 2 * MARGIN, room.height - 2 * MARGIN
        text, detail = sizes_for(room.min_text)[-1]
        insets = [
            self._placed_inset(Look(text, detail, 1, False, not self._segments, 3, True), number)
            for number in range(len(self.contents.insets))
        ]
        too_large = [each for each in insets if each.width > width or each.height > height]
        if not too_large and insets:
            too_large = [max(insets, key=lambda each: each.width * each.height)]
        return frozenset(each.inset.key for each in too_large)

    def _left_out(self, choice: Choice) -> list[str]:
        titles = [self.network.uses.title(key) for key in sorted(self.omitted)]
        out: list[str] = [f"the inside of {', '.join(titles)}"] if titles else []
        if self.close_all:
            out.append("blocks that are used once are closed")
        if self.fold:
            out.append("equal layers that follow each other or stand side by side are one box")
        if choice.look.arguments is not None:
            count = choice.look.arguments
            out.append(f"at most {count} argument{'s' if count > 1 else ''} in a box")
        if not choice.look.names:
            out.append("no names of layers")
        elif not choice.inset_look.names:
            out.append("no names of layers in blocks")
        if not choice.shapes:
            out.append("no shapes")
        if not choice.params:
            out.append("no numbers of parameters")
        if not choice.look.segments:
            out.append("normalisations and activations in a note")
        return out


def inset_arrangement(inset: Inset, ladders: bool) -> Arrangement:
    """Arranges an inset, with ladders instead of fans if requested and possible."""
    changed = with_ladders(inset.cells, inset.edges) if ladders else None
    return arrange(*changed[:2]) if changed is not None else arrange(inset.cells, inset.edges)


def _least_height(rows: float, look: Look) -> float:
    """Returns a lower bound for the height of a number of rows."""
    return rows * 2.0 * look.text


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
