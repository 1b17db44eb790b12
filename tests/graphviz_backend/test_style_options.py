"""Every option of a drawing changes it, or is rejected: none is ignored."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import netspec
from netspec.backend import BackendError
from netspec.ir import Graph
from netspec_graphviz import draw
from netspec_graphviz.options import NOT_IN_FIGURES, OF_STYLE
from netspec_picture.typefaces import FOLDER

SPEC = """
netspec: 1
name: small
input: [1, 6, 6]
blocks:
  Cell: {layers: {conv: {conv2d: 30, kernel: 3, padding: same, activation: relu}, next: {conv2d: 30, kernel: 3, padding: same}}}
layers:
  one: Cell
  two: Cell
  pool: {max_pool2d: 2}
  flat: flatten
  fc: {dense: 4}
"""
VALUES: dict[str, Any] = {
    "depth": 0, "opened": ["one"], "show": ["params"], "direction": "right", "shade_by": "params", "width_by": "params",
    "engine": "dot", "dark": True, "background": "transparent", "title": "A title", "palette": "grey",
    "font": sorted(FOLDER.glob("*Italic*"))[0], "legend": False, "form": "layers", "width": "2in", "height": "1.5in",
    "min_text": "9pt", "image": "photo.png", "maps": "maps.npz", "dpi": 300,
}  # fmt: skip
"""A value of each option that is not its default."""
STYLES: dict[str, dict[str, Any]] = {
    "graph": {},
    "figure": {"width": "page"},
    "volumes": {"style": "volumes"},
    "volumes that fit": {"style": "volumes", "width": "page"},
    "neurons": {"style": "neurons"},
}


@cache
def graph(style: str) -> Graph:
    return netspec.loads(SPEC.replace("30", "2") if style == "neurons" else SPEC)


@cache
def plain(style: str) -> tuple[str, bytes]:
    drawing = draw(graph(style), **STYLES[style])
    return drawing.svg(), drawing.png()


def is_rejected(style: str, name: str) -> bool:
    own = STYLES[style]
    if name in ("height", "min_text") and "width" not in own:
        return True
    return name not in OF_STYLE[own.get("style", "graph")] or (style == "figure" and name in NOT_IN_FIGURES)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", VALUES)
def test_every_option_has_an_effect_or_is_rejected(
    style: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (8, 8), "#ff0000").save("photo.png")
    arrays: dict[str, Any] = {
        "one.conv": np.arange(1080.0).reshape(30, 6, 6),
        "pool": np.arange(270.0).reshape(30, 3, 3),
    }
    np.savez("maps.npz", **arrays)
    options = {**STYLES[style], name: VALUES[name]}
    if is_rejected(style, name):
        with pytest.raises(BackendError) as error:
            draw(graph(style), **options).svg()
        assert error.value.code in ("NS799", "NS726", "NS721")
        return
    drawing = draw(graph(style), **options)
    if name == "dpi":
        assert drawing.png() != plain(style)[1]
    elif name != "engine":  # the program on the PATH may be the same version
        assert drawing.svg() != plain(style)[0]
