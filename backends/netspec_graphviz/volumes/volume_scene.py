"""Draws the volume style: feature maps as solids whose sides depend on their shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from netspec.analysis.network_figures import Analysis
from netspec.backend import BackendError
from netspec.diagnostics import clean, clip
from netspec.report.total_lines import sizes_text
from netspec_picture.scene import Scene, Shape

from ..figure.heading import Heading, break_title
from ..figure.scaling import scaled
from ..figure.shades import shades_of
from ..libraries import PICTURES, require_libraries
from ..options import MAX_LENGTH, Options, Room
from ..shared_weights import LEGEND as SAME_WEIGHTS
from ..title_and_legend import text_description
from .captions import Wording
from .feature_maps import feature_maps
from .insets import Insets
from .legend import legend_height, legend_row_width, legend_shapes, note_sample
from .maps import Map
from .placed_figures import PlacedMaps
from .size_choice import Chosen, Trial, choose, fits
from .solid_shapes import Brush
from .token_maps import check_has_maps
from .volume_forms import Form, forms_of

if TYPE_CHECKING:
    from .map_pictures import MapPictures

VALUES = (
    "values: mean of the channels, greater ones darker, each map with its own scale",
    "values: one channel on each plane, greater ones darker, each map with its own scale",
)
"""What the faces of maps show, of solids and of planes."""
MARGIN = 2.0
"""Margin around the figure, in points."""
PAGE = Room(6.5 * 72, 9 * 72)
"""The space for a figure without a given width."""
LARGER = (1.5, 2.2, 3.3, 5.0, 7.5, 11.0)
"""Enlargements of the page that are tried if no figure fits and no width is given."""
SCALES = (2.6, 2.2, 1.9, 1.6, 1.3, 1.0)
"""Factors by which a slide may be enlarged."""
SCALE_WEIGHT = 6.0
"""Weight of that factor in the score of a slide."""


def volume_scene(analysis: Analysis, options: Options) -> Scene:
    """Returns a picture of a network's feature maps.

    Raises:
        BackendError: NS722, there are too many maps; NS725, the figure does not fit; NS761, the network has no maps;
            NS762, the form that the options name does not suit it.
    """
    figures: list[_Figure] = []
    for figure in _figures(analysis, options):
        figures.append(figure)
        if figure.fits(options.room or PAGE):
            return figure.scene(options.room or PAGE)
    if not figures:
        raise BackendError(
            "NS762",
            f"the form {options.form} does not suit '{clip(analysis.graph.name)}'",
            "without --form, the form is chosen; --style graph draws any network",
        )
    if options.room is not None:
        raise figures[-1].too_large(options.room)
    for factor in LARGER:
        room = Room(factor * PAGE.width, factor * PAGE.height)
        for figure in figures:
            if figure.fits(room):
                return figure.scene(room)
    raise figures[-1].too_large(PAGE)


def _figures(analysis: Analysis, options: Options) -> Iterator[_Figure]:
    """Yields the figures of a network, the most detailed first: with fewer blocks open, in each suitable form."""
    pictures = _pictures(analysis, options)
    for number, maps in enumerate(feature_maps(analysis, options)):
        if pictures is not None:
            pictures.add_to(maps)
        if number == 0:  # closing more blocks leaves fewer maps, so only the first choice is checked
            check_has_maps(analysis, maps)
        brush = brush_for(maps, dark=options.dark)
        insets = Insets(analysis, maps)
        plain = forms_of(maps, brush, options.form, Wording(maps))
        explained = forms_of(maps, brush, options.form, Wording(maps, insets.letters)) if options.legend else iter(())
        for form in plain:
            with_letters = next(explained, form)
            if insets.insets and options.legend and (form.has_captions or not insets.written):
                yield _Figure(analysis, options, with_letters, brush, insets)
            yield _Figure(analysis, options, form, brush, None)


def _pictures(analysis: Analysis, options: Options) -> MapPictures | None:
    """Reads the pictures that the options name."""
    if options.image is None and options.maps is None:
        return None
    require_libraries(PICTURES)
    from .map_pictures import MapPictures

    return MapPictures(analysis.graph, options.image, options.maps)


def brush_for(maps: Sequence[Map], *, dark: bool | None) -> Brush:
    """Returns the colours of a figure with these maps."""
    operations: dict[str, list[str]] = {}
    for m in maps:
        if m.kind is not None and not m.is_block and not m.joint:
            names = operations.setdefault(m.kind, [])
            if m.operation not in names:
                names.append(m.operation)
    return Brush(shades_of(dark), list(dict.fromkeys(m.operation for m in maps if m.is_block)), operations)


class _Figure:
    def __init__(self, analysis: Analysis, options: Options, form: Form, brush: Brush, insets: Insets | None) -> None:
        self.analysis = analysis
        self.options = options
        self.form = form
        self.brush = brush
        self.insets = insets
        sizes = sizes_text(analysis.graph)
        notes = [note_sample(text) for text in insets.notes] if insets else []
        letters = sorted({letter for m in form.maps for letter in m.letters.split()})
        if letters:
            notes.append(note_sample(f"{letters[0]}{f' to {letters[-1]}' if letters[1:] else ''}: {SAME_WEIGHTS}"))
        notes += [note_sample(f"sizes at {sizes}")] if sizes else []
        if options.maps is not None:
            notes.append(note_sample(VALUES[form.name == "planes"]))
        self.samples = [*form.samples, *notes] if options.legend else []

    def scene(self, room: Room) -> Scene:
        """Draws the figure. Raises BackendError NS725 if it does not fit."""
        chosen, scale = self.best(room)
        if chosen is None:
            raise self.too_large(room)
        inner, text = room.width / scale - 2 * MARGIN, chosen.trial.style.text
        heading = self.heading(text, inner)
        below = heading.height + chosen.placed.height + legend_height(self.samples, text, inner)
        packing = None if self.insets is None else self.insets.packing(text, below, inner)
        extent = 0.0 if packing is None or self.insets is None else self.insets.extent(text, packing)
        width = max(chosen.placed.width, min(inner, legend_row_width(self.samples, text, inner)), extent, heading.width)
        scene = Scene(
            (width + 2 * MARGIN) * scale,
            (chosen.height + 2 * MARGIN) * scale,
            self.brush.shades.paper,
            clean(self.analysis.graph.name),
            text_description(self.analysis),
        )
        left = MARGIN + (width - chosen.placed.width) / 2
        top = MARGIN + heading.height
        shapes: list[Shape] = heading.shapes(MARGIN, MARGIN, self.brush.shades.ink)
        shapes += chosen.placed.draw(self.brush, left, top)
        shapes += legend_shapes(self.samples, self.brush, text, inner, MARGIN, top + chosen.placed.height)
        if packing is not None and self.insets is not None:
            shapes += self.insets.shapes(self.brush, text, packing, MARGIN + (width - extent) / 2, MARGIN)
        scene.shapes.extend(scaled(shape, scale) for shape in shapes)
        return scene

    def heading(self, text: float, width: float) -> Heading:
        """Returns the title above maps with the given font size."""
        return break_title(self.options.title, text, width)

    def best(self, room: Room) -> tuple[Chosen | None, float]:
        """Returns the best figure, and the factor by which it is enlarged."""
        best: tuple[Chosen | None, float] = None, 1.0
        score = -1e9
        for scale in SCALES if room.enlarge else (1.0,):
            inner = room.width / scale - 2 * MARGIN, room.height / scale - 2 * MARGIN
            chosen = self._choose(inner, room.min_text / scale if room.enlarge else room.min_text)
            if chosen is not None and chosen.score + SCALE_WEIGHT * scale > score:
                best, score = (chosen, scale), chosen.score + SCALE_WEIGHT * scale
        return best

    def _height(self, room: tuple[float, float]) -> Callable[[PlacedMaps, Trial], float]:
        def height(placed: PlacedMaps, trial: Trial) -> float:
            size = trial.style.text
            figure = self.heading(size, room[0]).height + placed.height + legend_height(self.samples, size, room[0])
            if self.insets is None:
                return figure
            packing = self.insets.packing(size, figure, room[0])
            return inf if packing is None else packing.height

        return height

    def fits(self, room: Room) -> bool:
        """Whether the figure fits at its smallest size."""
        inner = room.width - 2 * MARGIN, room.height - 2 * MARGIN
        return fits(self.form.place, self._height(inner), inner, room.min_text, self.form.rows)

    def _choose(self, room: tuple[float, float], min_text: float) -> Chosen | None:
        return choose(self.form.place, self._height(room), room, min_text, self.form.rows)

    def too_large(self, room: Room) -> BackendError:
        """Returns the error, which suggests the minimum width."""
        low, high = room.width, MAX_LENGTH
        if not self.fits(replace(room, width=high)):
            way_out = "--style graph draws any network"
        else:
            while high - low > 3.6:
                middle = (low + high) / 2
                low, high = (low, middle) if self.fits(replace(room, width=middle)) else (middle, high)
            way_out = f"--width {high / 72 + 0.05:.1f}in is enough; --style graph draws any network"
        size = f"{room.width / 72:.3g} × {room.height / 72:.3g} in"
        return BackendError("NS725", f"no figure with text of at least {room.min_text:g} pt fits into {size}", way_out)
