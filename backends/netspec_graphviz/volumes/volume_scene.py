"""The picture of the volume style: feature maps as solids, and windows of convolutions on the maps that they read."""

from __future__ import annotations

from netspec.analysis.network_figures import Analysis
from netspec.diagnostics import clean

from ..colours import KINDS, theme_of
from ..edge_roles import Edge, classify_edges
from ..options import Options
from ..picture.scene import Point, Scene
from ..title_and_legend import legend_shapes, text_description, title_shapes
from .captioned_solids import CaptionedSolid, captioned_solid
from .feature_maps import Map, feature_maps
from .layered_placement import place_in_layers
from .solids import largest_sizes
from .u_shape import place_as_u, u_levels
from .volume_shapes import VolumePainter

MARGIN = 26.0


def volume_scene(analysis: Analysis, options: Options) -> Scene:
    """The picture of a network's feature maps, from left to right or as a U.

    Raises:
        BackendError: NS722, there are too many maps.
    """
    theme = theme_of(options.dark)
    maps = feature_maps(analysis, options)
    scale = largest_sizes([m.type for m in maps if not m.joint])
    items = [captioned_solid(m, scale) for m in maps]
    edges = [Edge(s, m.number, "", role) for m in maps for s, role in zip(m.sources, m.roles, strict=True)]
    classify_edges(len(maps), edges)
    skips = {(e.tail, e.head) for e in edges if e.skips}
    levels = u_levels(maps)
    routes: dict[tuple[int, int], tuple[Point, ...]] = {}
    if levels is not None:
        centres = place_as_u(maps, levels, [(s.half_width, s.above, s.below) for s in items])
    else:
        centres, routes = place_in_layers([(s.half_width, max(s.above, s.below)) for s in items], edges)
    left, top, right, bottom = _bounds(items, centres, routes)
    title, title_width, title_height = title_shapes(analysis, theme, MARGIN, MARGIN, options.title)
    inner = max(right - left, title_width)
    shift = (MARGIN - left + (inner - right + left) / 2, MARGIN + title_height + 10 - top)
    height = MARGIN + title_height + 10 + bottom - top
    entries = _legend_entries(maps, bool(skips)) if options.legend else []
    legend, legend_height = legend_shapes(entries, theme, MARGIN, height + 16, inner)
    scene = Scene(
        inner + 2 * MARGIN,
        height + (legend_height and 16 + legend_height) + MARGIN,
        theme.paper,
        clean(analysis.graph.name),
        text_description(analysis),
    )
    scene.shapes.extend(title)
    painter = VolumePainter(items, [_shifted(c, shift) for c in centres], theme, skips)
    shifted_routes = {key: tuple(_shifted(p, shift) for p in route) for key, route in routes.items()}
    scene.shapes.extend(painter.shapes(shifted_routes, levels))
    scene.shapes.extend(legend)
    return scene


def _bounds(
    items: list[CaptionedSolid], centres: list[Point], routes: dict[tuple[int, int], tuple[Point, ...]]
) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the solids with their captions; top and bottom also of the routes."""
    left = min((c[0] - s.half_width for c, s in zip(centres, items, strict=True)), default=0.0)
    top = min((c[1] - s.above for c, s in zip(centres, items, strict=True)), default=0.0)
    right = max((c[0] + s.half_width for c, s in zip(centres, items, strict=True)), default=0.0)
    bottom = max((c[1] + s.below for c, s in zip(centres, items, strict=True)), default=0.0)
    for route in routes.values():
        top = min(top, *(p[1] for p in route))
        bottom = max(bottom, *(p[1] for p in route))
    return left, top, right, bottom


def _legend_entries(maps: list[Map], skips: bool) -> list[tuple[str, str]]:
    """Texts and samples of the legend."""
    used = {m.kind for m in maps if not m.block and not m.joint} | {"activation" for m in maps if m.activated}
    out = [(k.title, k.name) for k in KINDS.values() if k.name in used]
    if any(m.block for m in maps):
        out.append(("block", "block"))
    if any(m.window for m in maps):
        out.append(("window", "window"))
    if skips:
        out.append(("skip connection", "skip"))
    return out


def _shifted(point: Point, by: Point) -> Point:
    return point[0] + by[0], point[1] + by[1]
