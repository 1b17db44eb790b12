"""The forms of a volume figure: rows of solids, planes, rows by size, or rows with branches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from netspec.backend import VolumeForm

from .branches import branches_of, place_branches
from .captions import Wording
from .layered_maps import place_layers
from .legend import Sample, arrow_sample, operation_samples
from .level_legend import level_samples
from .level_rows import level_rows
from .maps import Map
from .maps_by_size import place_levels
from .placed_figures import PlacedMaps
from .planes import has_planes, place_planes
from .row import is_chain, place_rows
from .size_choice import Trial
from .solid_shapes import Brush
from .solid_sizes import scale_of

MOST_PLANES = 10
"""Maximum number of maps for which planes are chosen automatically."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form: the function that places maps, the entries of the legend, and the numbers of rows to try."""

    name: str
    place: Callable[[Trial], PlacedMaps | None]
    samples: list[Sample]
    rows: tuple[int, ...] = (1,)
    maps: Sequence[Map] = ()
    has_captions: bool = True
    """Whether captions give the values of the letters in insets."""


FORMS = get_args(VolumeForm)
"""Names of the forms, in order of preference."""


def forms_of(maps: list[Map], brush: Brush, name: str | None, wording: Wording) -> Iterator[Form]:
    """Yields the forms that suit a network, the best first; if ``name`` is given, only that one."""
    builders = {"planes": _planes, "levels": _levels, "row": _row, "branches": _branches, "layers": _layers}
    for each in FORMS:
        if name in (None, each):
            form = builders[each](maps, wording, brush, name is None)
            if form is not None:
                yield replace(form, maps=maps)


def _planes(maps: list[Map], wording: Wording, brush: Brush, automatic: bool) -> Form | None:
    if not (is_chain(maps) and has_planes(maps)) or (automatic and len(maps) > MOST_PLANES):
        return None
    return Form("planes", lambda t: place_planes(maps, scale_of(maps, t.top, t.thickness, 0.75), t.style, wording), [])


def _levels(maps: list[Map], wording: Wording, brush: Brush, automatic: bool) -> Form | None:
    if automatic and not any(role != "tensor" or len(m.sources) > 1 for m in maps for role in m.roles):
        return None
    rows = level_rows(maps)
    if rows is None or (automatic and is_chain(maps) and not rows.turns):
        return None
    texts = {entry.operation: entry.text for entry in wording.legend()}
    arrows = {link.operation.operation for link in rows.links if link.operation is not None}
    visible = {m.operation for m in rows.maps}
    samples = operation_samples(wording, brush, hidden=[*(arrows - visible), "concat"])
    samples += level_samples(rows, brush, texts)
    return Form(
        "levels",
        lambda t: place_levels(rows, scale_of(maps, t.top, t.thickness, 0.62), t.style, wording),
        samples,
        has_captions=False,
    )


def _row(maps: list[Map], wording: Wording, brush: Brush, automatic: bool) -> Form | None:
    if not is_chain(maps):
        return None
    samples = [*operation_samples(wording, brush), *_skip_samples(maps, brush)]
    return Form(
        "row",
        lambda t: place_rows(maps, scale_of(maps, t.top, t.thickness, 0.5), t.style, wording, t.rows),
        samples,
        (1, 2),
    )


def _branches(maps: list[Map], wording: Wording, brush: Brush, automatic: bool) -> Form | None:
    branches = branches_of(maps)
    if branches is None:
        return None
    samples = [*operation_samples(wording, brush), *_skip_samples(maps, brush)]
    return Form(
        "branches",
        lambda t: place_branches(branches, scale_of(maps, t.top, t.thickness, 0.5), t.style, wording),
        samples,
    )


def _layers(maps: list[Map], wording: Wording, brush: Brush, automatic: bool) -> Form | None:
    samples = [*operation_samples(wording, brush), *_skip_samples(maps, brush)]
    return Form(
        "layers", lambda t: place_layers(maps, scale_of(maps, t.top, t.thickness, 0.5), t.style, wording), samples
    )


def _skip_samples(maps: list[Map], brush: Brush) -> list[Sample]:
    roles = {role for m in maps for role in m.roles}
    out: list[Sample] = []
    if "skip" in roles:
        out.append(arrow_sample("skip connection", brush, "skip"))
    if "positions" in roles:
        out.append(arrow_sample("positions of maxima", brush, "positions"))
    return out
