"""The colours as seen with each colour-vision deficiency (Machado et al. 2009, severity 1)."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import pytest

from netspec.ops import TABLE
from netspec_graphviz.colours import DARK, KINDS, LIGHT, kind_of, shade
from netspec_graphviz.figure.shades import TINTS, shades_of
from netspec_graphviz.palettes import DARKENED, PALETTES
from netspec_picture.paint import contrast, is_dark, luminance, mix

Rgb = tuple[float, float, float]
SEEN = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(colour: str) -> Rgb:
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return red, green, blue


def lab(rgb: Rgb) -> Rgb:
    """CIE L*a*b* of linear sRGB, white point D65."""
    r, g, b = rgb
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    )
    x, y, z = (t ** (1 / 3) if t > (6 / 29) ** 3 else max(t, 0) / (3 * (6 / 29) ** 2) + 4 / 29 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("eyes", SEEN)
@pytest.mark.parametrize(("palette", "least"), [("default", 11), ("okabe-ito", 9)])
def test_kinds_differ_with_every_colour_vision(palette: str, least: float, eyes: str) -> None:
    """All but the kinds that are hatched, and learned tensors, which have a dotted outline."""

    def seen(colour: str) -> Rgb:
        rgb = linear(colour)
        red, green, blue = (sum(a * b for a, b in zip(row, rgb, strict=True)) for row in SEEN[eyes])
        return lab((red, green, blue))

    chosen = PALETTES[palette]
    result = {k: seen(c) for k, c in chosen.colours.items() if k not in chosen.hatched and k != "learned"}
    near = {(a, b): math.dist(result[a], result[b]) for a, b in combinations(result, 2)}
    assert len(near) == 36
    assert min(near.values()) > least, min(near, key=near.__getitem__)


@pytest.mark.parametrize("palette", ["default", "grey"])
def test_families_that_touch_differ_in_lightness_or_by_hatching(palette: str) -> None:
    chosen = PALETTES[palette]
    lightness = {kind: lab(linear(colour))[0] for kind, colour in chosen.colours.items()}
    steps = [("attention", "recurrent"), ("conv",), ("pool", "merge"), ("dense",), ("norm", "activation")]
    for darker, lighter in pairwise(steps):
        assert all(lightness[b] - lightness[a] > 8 for a in darker for b in lighter)
    if palette == "grey":
        for step in steps:
            assert len([kind for kind in step if kind not in chosen.hatched]) == 1
    assert lightness["shape"] == pytest.approx(100, abs=0.01)


def test_text_has_contrast() -> None:
    for colour in {c for palette in PALETTES.values() for c in palette.colours.values()}:
        for ground in (colour, mix(colour, "#000000", DARKENED)):
            assert contrast(LIGHT.text, ground) > 4.5
            assert contrast(LIGHT.detail, ground) > 4.5
    for t in (LIGHT, DARK):
        for ground in (t.paper, t.closed, *t.levels):
            assert contrast(t.ink, ground) > 7
            assert contrast(t.faint, ground) > 4.5
            assert contrast(t.skip, ground) > 4.5


@pytest.mark.parametrize("dark", [False, True])
def test_text_of_figures_has_contrast(dark: bool) -> None:
    """On classes of closed blocks, on the paper and on the ground of insets."""
    shades = shades_of(dark)
    for tint in map(str, (shades.tint(c, TINTS) for c in (None, *TINTS))):
        assert contrast(shades.text, tint) > 4.5
    for ground in (shades.paper, shades.ground):
        for text in (shades.ink, shades.faint, shades.skip):
            assert contrast(text, ground) > 4.5


def test_shades_darken_steadily_and_their_text_has_contrast() -> None:
    steps = [shade(i / 20) for i in range(21)]
    light = [luminance(c) for c in steps]
    assert light == sorted(light, reverse=True)
    assert len(set(steps)) == 21
    assert all(contrast("#ffffff" if is_dark(c) else "#000000", c) > 4.5 for c in steps)


def test_every_operation_has_a_kind() -> None:
    assert {kind_of(name).name for name in TABLE} == set(KINDS)
