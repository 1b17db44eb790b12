"""The search for the figure that says most in a given room.

Every choice that makes a figure say less, or makes it harder to read, has a penalty (:class:`Penalties`). Choices are
tried in the order of their penalties until no better figure is possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import ceil
from typing import ClassVar

from netspec.analysis.network_figures import Analysis
from netspec.backend import BackendError

from ..lengths import inches
from ..options import Room
from .arrangement import Arrangement, arrange
from .cells import plain_text, value_runs
from .composition import MARGIN, Composition, PlacedInset, note_texts, notes_height, wrap_notes
from .contents import Contents, FigureNetwork
from .flow import Flow
from .inset import Inset
from .ladders import with_ladders
from .look import Look
from .overview import Overview, OverviewParts
from .packing import Size, packings

SIZES = ((7.5, 6.6), (7.0, 6.3), (6.5, 6.0), (6.0, 6.0))
"""Sizes of text in boxes and beside them."""
MOST_PARTS = 4
MOST_OMITTED = 8
"""Attempts to leave out the inside of further blocks."""
SCALES = (2.6, 2.4, 2.2, 2.0, 1.8, 1.6, 1.4, 1.2, 1.0)
"""Factors by which a figure for a slide is enlarged."""


class Penalties:
    """The penalties of a figure. ``docs/drawings.md`` lists them."""

    arguments: ClassVar[dict[int | None, float]] = {None: 0.0, 3: 1.5, 2: 4.0, 1: 7.0}
    """For writing at most so many arguments in a box."""
    no_names = 3.0
    no_names_in_insets = 0.7
    no_shapes = 5.0
    no_params = 1.2
    point_of_text = 2.2
    """For each point by which text in boxes is below 7.5."""
    part = 0.6
    """For each further part of the trunk."""
    segments_as_note = 2.5
    lines: ClassVar[dict[int, float]] = {1: 0.0, 2: 1.5, 3: 3.0}
    """For breaking the text of boxes into at most so many lines."""
    ladders = 0.8
    """For drawing fans as ladders."""
    folded = 1.0
    """For showing equal layers that follow each other as one box."""
    closed = 6.0
    """For closing blocks that are used once."""
    not_shown = 12.0
    """For each class of blocks of which the inside is not shown; tried only where nothing else fits."""
    height = 1 / 70
    """For each point of height."""
    enlargement = -6.0
    """For each unit of the factor by which a slide is enlarged."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a figure says, and how large."""

    look: Look
    inset_look: Look
    shapes: bool
    params: bool
    parts: int
    penalty: float


def compose(analysis: Analysis, room: Room) -> Composition:
    """The best figure that fits.

    Raises:
        BackendError: NS722, the network has too many layers outside of blocks; NS725, no figure fits.
    """
    composer = Composer(analysis)
    best = composer.best(room)
    if best is None:
        raise BackendError(
            "NS725",
            f"no figure with text of at least {room.min_text:g} pt fits into "
            f"{inches(room.width)} × {inches(room.height)}",
            _way_out(composer, room),
        )
    return best


def _way_out(composer: Composer, room: Room) -> str:
    """What would make a figure fit."""
    width = _least(room.width, lambda size: composer.best(replace(room, width=size)) is not None)
    if width is not None:
        return f"the least width that fits is {inches(width)}; smaller text may fit, too: --min-text"
    wide = replace(room, width=1.5 * room.width)
    height = _least(room.height, lambda size: composer.best(replace(wide, height=size)) is not None)
    if height is not None:
        return f"no width fits; {inches(wide.width)} × {inches(height)} does"
    return "without --width, --depth closes blocks"


def _least(size: float, fits: Callable[[float], bool]) -> float | None:
    """The least length above ``size`` that fits, to 4 %; None if three times the size does not."""
    low, high = size, size * 1.3
    while not fits(high):
        if high >= 3 * size:
            return None
        low, high = high, high * 1.3
    while high / low > 1.04:
        middle = (low + high) / 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return ceil(high / 3.6) * 3.6


class Composer:
    """Finds the figures of one network; what is placed for one room is kept for the next."""

    def __init__(self, analysis: Analysis) -> None:
        network = self.network = FigureNetwork(analysis)
        closing = (False, True) if network.closes_more else (False,)
        self.variants = [
            _Variant(network, fold=fold, close_all=close_all) for close_all in closing for fold in (False, True)
        ]

    def best(self, room: Room) -> Composition | None:
        """The best figure that fits; None if none does."""
        if not room.enlarge:
            return self._best(room, 1.0, float("inf")) or self._without_details(room)
        best: Composition | None = None
        for scale in SCALES:
            gain = Penalties.enlargement * scale
            limit = best.penalty - gain if best is not None else float("inf")
            if limit <= 0:
                break
            inner = Room(room.width / scale, room.height / scale, False, room.min_text / scale)
            candidate = self._best(inner, scale, limit)
            if candidate is not None:
                best = candidate
        return best or self._without_details(room)

    def _without_details(self, room: Room) -> Composition | None:
        """The best figure that does not show the inside of some blocks: of those that are too large."""
        variant = self.variants[-1]
        omitted: frozenset[str] = frozenset()
        for _ in range(MOST_OMITTED):
            too_large = variant.largest_insets(room)
            if not too_large:
                return None
            omitted |= too_large
            variant = _Variant(self.network, fold=True, close_all=variant.close_all, omitted=omitted)
            candidate = variant.best(room, float("inf"))
            if candidate is not None:
                return candidate
        return None

    def _best(self, room: Room, scale: float, limit: float) -> Composition | None:
        best: Composition | None = None
        for variant in self.variants:
            if variant.penalty >= limit or not variant.differs():
                continue
            candidate = variant.best(room, limit)
            if candidate is not None:
                best, limit = candidate, candidate.penalty
        if best is None:
            return None
        gain = Penalties.enlargement * scale if scale != 1.0 or room.enlarge else 0.0
        return _scaled(best, scale, gain)


def _scaled(composition: Composition, scale: float, gain: float) -> Composition:
    return replace(composition, penalty=composition.penalty + gain, scale=scale)


def sizes_for(min_text: float) -> list[tuple[float, float]]:
    """Sizes of text that are at least ``min_text``, the largest first."""
    if min_text > SIZES[-1][1]:
        pairs = [(max(text, min_text), max(detail, min_text)) for text, detail in SIZES]
        return list(dict.fromkeys(pairs))
    return [*SIZES, *([(max(min_text, 5.5), max(min_text, 5.5))] if min_text < 6.0 else ())]


class _Variant:
    """One choice of contents with everything that is placed for it."""

    def __init__(
        self, network: FigureNetwork, *, fold: bool, close_all: bool, omitted: frozenset[str] = frozenset()
    ) -> None:
        self.omitted = omitted
        self.network = network
        self.fold = fold
        self.close_all = close_all
        self.penalty = Penalties.folded * fold + Penalties.closed * close_all + Penalties.not_shown * len(omitted)
        self._contents: Contents | None = None
        self._parts: dict[bool, OverviewParts] = {}
        self._insets: dict[bool, list[Arrangement]] = {}
        self._flows: dict[tuple[Look, int], list[tuple[Flow, list[int]]] | None] = {}
        self._placed: dict[tuple[Look, int], PlacedInset] = {}
        self._segments: dict[str, str] | None = None

    @property
    def contents(self) -> Contents:
        """What the figure shows."""
        if self._contents is None:
            self._contents = self.network.contents(close_all=self.close_all, fold=self.fold, omitted=self.omitted)
            self._segments = uniform_segments(self._contents)
            for ladders in (False, True):
                self._parts[ladders] = OverviewParts(self._contents, ladders)
                self._insets[ladders] = [inset_arrangement(inset, ladders) for inset in self._contents.insets]
        return self._contents

    def differs(self) -> bool:
        """Whether the contents differ from those without folding."""
        return not self.fold or self.contents.folded

    @property
    def has_fans(self) -> bool:
        """Whether there are fans that can be drawn as ladders."""
        arrangements = [self._parts[False].arrangement, *self._insets[False]]
        return any(fan.is_ladder for arrangement in arrangements for fan in arrangement.fans)

    def choices(self, room: Room) -> list[Choice]:
        """All choices, in the order of their penalties."""
        return sorted(self._choices(room), key=lambda choice: choice.penalty)

    def _choices(self, room: Room) -> Iterator[Choice]:
        segments = (True, False) if self._segments else (True,)
        cells = [*self.contents.cells, *(cell for inset in self.contents.insets for cell in inset.cells)]
        most = max(len(cell.arguments) for cell in cells)
        levels = [n for n in Penalties.arguments if n is None or n < most]
        names = ((True, True), (True, False), (False, False)) if self.contents.insets else ((True, True), (False, True))
        facts = ((True, True), (True, False), (False, False))
        ladders = (False, True) if self.has_fans else (False,)
        for (text, detail), arguments, (outer, inner), (shapes, params), parts, tags, lines, ladder in product(
            sizes_for(room.min_text),
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
        """The best figure that fits with a penalty below a limit."""
        contents = self.contents
        width, height = room.width - 2 * MARGIN, room.height - 2 * MARGIN
        best: Composition | None = None
        too_wide: set[Look] = set()
        for choice in self.choices(room):
            if choice.penalty >= limit:
                break
            if choice.look in too_wide or not self._insets_fit(choice.inset_look, width, height):
                continue
            flows = self._placed_flows(choice)
            if flows is None:
                continue
            overview = Overview(self._parts[choice.look.ladder], flows, choice.look, choice.shapes, choice.params)
            if overview.width > width and choice.parts == 1 and not choice.shapes:
                too_wide.add(choice.look)
            if overview.width > width or overview.height > height:
                continue
            insets = self._placed_insets(choice.inset_look)
            sizes = [(inset.width, inset.height) for inset in insets]
            if not _may_fit((overview.width, overview.height), sizes, width, height):
                continue
            notes = note_texts(contents, overview, choice.look, self._segments or {})
            for packing in packings((overview.width, overview.height), sizes, width):
                lines = wrap_notes(notes, choice.look.detail, packing.width)
                tall = packing.height + notes_height(lines, choice.look)
                if packing.width > width or tall > height:
                    continue
                penalty = choice.penalty + tall * Penalties.height
                if penalty < limit:
                    limit = penalty
                    left_out = self._left_out(choice)
                    best = Composition(contents, overview, insets, packing, lines, choice.look, penalty, left_out)
        return best

    def _placed_flows(self, choice: Choice) -> list[tuple[Flow, list[int]]] | None:
        key = choice.look, choice.parts
        if key not in self._flows:
            arrangements = self._parts[choice.look.ladder].arrangements(choice.parts)
            placed = [(Flow(s, choice.look), numbers) for s, numbers in arrangements or ()]
            self._flows[key] = placed or None
        return self._flows[key]

    def _placed_inset(self, look: Look, number: int) -> PlacedInset:
        key = look, number
        if key not in self._placed:
            flow = Flow(self._insets[look.ladder][number], look, inset=True)
            self._placed[key] = PlacedInset(self.contents.insets[number], flow)
        return self._placed[key]

    def _placed_insets(self, look: Look) -> list[PlacedInset]:
        return [self._placed_inset(look, number) for number in range(len(self.contents.insets))]

    def _insets_fit(self, look: Look, width: float, height: float) -> bool:
        """Whether each inset is small enough, and all together."""
        area = 0.0
        for number in range(len(self.contents.insets)):
            inset = self._placed_inset(look, number)
            area += inset.width * inset.height
            if inset.width > width or inset.height > height or area > width * height:
                return False
        return True

    def largest_insets(self, room: Room) -> frozenset[str]:
        """The classes whose insets do not fit however little they say, or else that of the largest inset."""
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
            out.append("equal layers that follow each other are one box")
        if choice.look.arguments is not None:
            out.append(f"at most {choice.look.arguments} arguments in a box")
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
    """The arrangement of an inset, with ladders in place of fans if asked for and possible."""
    changed = with_ladders(inset.cells, inset.edges) if ladders else None
    return arrange(*changed[:2]) if changed is not None else arrange(inset.cells, inset.edges)


def _may_fit(overview: Size, insets: list[Size], width: float, height: float) -> bool:
    """Whether the frames are small enough together."""
    return overview[0] * overview[1] + sum(w * h for w, h in insets) <= width * height


def uniform_segments(contents: Contents) -> dict[str, str]:
    """For each operation with segments, what they say, if they are the same in all of its boxes; else nothing."""
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
