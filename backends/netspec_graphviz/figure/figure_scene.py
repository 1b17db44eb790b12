"""Converts a figure to a scene of its final size."""

from __future__ import annotations

from netspec.analysis.network_figures import Analysis
from netspec.diagnostics import clean
from netspec_picture.scene import Scene

from ..title_and_legend import text_description
from .composition import MARGIN, Composition
from .painting import Painter
from .scaling import scaled
from .shades import shades_of


def figure_scene(analysis: Analysis, composition: Composition, dark: bool | None) -> Scene:
    """Returns the scene of a composed figure."""
    shades = shades_of(dark)
    classes = list(dict.fromkeys(inset.key for inset in composition.contents.insets))
    scale = composition.scale
    scene = Scene(
        (composition.width + 2 * MARGIN) * scale,
        (composition.height + 2 * MARGIN) * scale,
        shades.paper,
        clean(analysis.graph.name),
        text_description(analysis),
    )
    scene.shapes.extend(scaled(shape, scale) for shape in composition.shapes(Painter(shades, classes)))
    return scene
