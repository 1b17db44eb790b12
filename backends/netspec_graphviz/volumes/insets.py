"""Insets below the maps: the contents of closed blocks as graphs, with letters for what differs between uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import cached_property

from netspec.analysis.network_figures import Analysis
from netspec.backend import BackendError
from netspec_picture.scene import Shape

from ..figure.composition import PlacedInset
from ..figure.contents import Contents, FigureNetwork
from ..figure.figure_style import FigureStyle
from ..figure.inset import Inset
from ..figure.packing import Packing, packings
from ..figure.painting import Painter
from ..figure.placed_graph import PlacedGraph
from ..figure.placements import inset_arrangement
from ..figure.shades import Shades
from .maps import Map
from .solid_shapes import BLOCK_TINTS, Brush

MOST_LETTERS = 3
"""Maximum number of letters that captions explain; if there are more, insets are omitted."""
GAP = 9.0
"""Distance between the legend and the insets."""


class BlockShades(Shades):
    """The colours of insets; classes of blocks have the colours of their maps."""

    __slots__ = ()

    def tint(self, key: str | None, classes: Sequence[str]) -> str:
        """The colour of a class of closed blocks."""
        number = next((n for n, name in enumerate(classes) if name == key), None)
        return "#ffffff" if number is None else BLOCK_TINTS[number % len(BLOCK_TINTS)]


class Insets:
    """The insets of a figure.

    Args:
        analysis: the network.
        maps: its maps.
    """

    def __init__(self, analysis: Analysis, maps: Sequence[Map]) -> None:
        self.analysis = analysis
        self.maps = maps
        self._placed: dict[float, list[PlacedInset]] = {}

    @cached_property
    def contents(self) -> Contents | None:
        """The network as a graph with insets, or None if it is too large."""
        try:
            return FigureNetwork(self.analysis).contents()
        except BackendError:
            return None

    @cached_property
    def insets(self) -> list[Inset]:
        """The insets of the maps' classes, and of the classes within these."""
        if self.contents is None:
            return []
        pending = [m.operation for m in self.maps if m.is_block]
        keys: list[str] = []
        while pending:
            title = pending.pop(0)
            for inset in self.contents.insets:
                if title in (inset.title, inset.key) and inset.key not in keys:
                    keys.append(inset.key)
                    pending += [cell.block for cell in inset.cells if cell.block is not None]
        insets = [inset for inset in self.contents.insets if inset.key in keys]
        letters = {letter for inset in insets for letter in self.contents.letters_in(inset)}
        said = {c.letter for c in self.contents.columns}
        return insets if len(letters) <= MOST_LETTERS and letters <= said else []

    @cached_property
    def letters(self) -> dict[int, tuple[str, ...]]:
        """The values of the letters for each map of a block, by map number."""
        if not self.insets or self.contents is None:
            return {}
        rows = [(i, item.name) for i, cell in enumerate(self.contents.cells) for item in cell.items]
        out: dict[int, tuple[str, ...]] = {}
        for m in self.maps:
            row = next((i for i, name in rows if _same_branch(m.name, name)), None)
            if m.is_block and row is not None:
                columns = [c for c in self.contents.columns if c.letter in self.written and row in c.rows]
                out[m.number] = tuple(f"{c.letter} = {c.rows[row]}" for c in columns)
        return out

    @cached_property
    def written(self) -> set[str]:
        """The letters that occur in insets."""
        return {x for inset in self.insets for x in self.contents.letters_in(inset)} if self.contents else set()

    @property
    def notes(self) -> list[str]:
        """Notes for the legend that explain the insets."""
        texts = [text for each in self.letters.values() for text in each]
        out = ["dashed outline: in some copies only"] if any(c.optional for i in self.insets for c in i.cells) else []
        return out + (["2, 1: first copy, the others"] if any(", " in text for text in texts) else [])

    def packing(self, size: float, height: float, room: float) -> Packing | None:
        """Returns the placement of insets below a figure of the given height, or None if one is too wide."""
        placed = self.placed(size)
        if not placed or max(inset.width for inset in placed) > room:
            return None
        sizes = [(inset.width, inset.height) for inset in placed]
        # The packing treats the figure as wide as the room, so that all insets go below it.
        return min(packings((room, height), sizes, room), key=lambda packing: packing.height, default=None)

    def extent(self, size: float, packing: Packing) -> float:
        """Returns the total width of the insets."""
        return max(left + self.placed(size)[number].width for number, left, _ in packing.places)

    def placed(self, size: float) -> list[PlacedInset]:
        """Returns the insets at a font size."""
        if size not in self._placed:
            style = FigureStyle(text=size, detail=max(size * 0.9, 6.0))
            graphs = [PlacedGraph(inset_arrangement(inset, False), style, inset=True) for inset in self.insets]
            self._placed[size] = [PlacedInset(inset, graph) for inset, graph in zip(self.insets, graphs, strict=True)]
        return self._placed[size]

    def shapes(self, brush: Brush, size: float, packing: Packing, x: float, y: float) -> list[Shape]:
        """Returns the shapes of the insets; (x, y) is the upper left corner of the whole figure."""
        shades = BlockShades(**{f.name: getattr(brush.shades, f.name) for f in fields(Shades)})
        keys = [inset.key for inset in self.insets]
        classes = [*brush.classes, *(key for key in keys if key not in brush.classes)]
        painter = Painter(shades, classes)
        out: list[Shape] = []
        for number, left, top in packing.places:
            out += self.placed(size)[number].shapes(painter, x + left, y + top)
        return out


def _same_branch(a: str, b: str) -> bool:
    """Whether two dotted names are equal, or one contains the other."""
    return a == b or a.startswith(f"{b}.") or b.startswith(f"{a}.")
