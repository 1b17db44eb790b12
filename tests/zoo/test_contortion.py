"""What counts in the size of a spec."""

from __future__ import annotations

from pathlib import Path

from .contortion import Size, size_of

PARTS = """netspec: 1
blocks:
  Unit: {params: {n: 2}, layers: [{conv2d: $(8 * n), kernel: 3}, relu]}
  Pair: {layers: {a: Unit, b: {Unit: 4}}}
  Other: {layers: {c: relu}}
"""
SPEC = """netspec: 1
doc: $(1 + 2)
use: [parts.yaml]
params: {width: 8, wide: "$([2 * width, max(width, 4)])"}
input: [3, 8, 8]
defaults: {conv2d: {weights: {weight: {layer_norm: {axis: [1, 2, 3], affine: false}}}}}
layers:
  list: [{conv2d: $width, kernel: [3, 3]}, [relu]]
  table: {each: {columns: [c], rows: [[16], [32]]}, layers: {conv: {conv2d: $(c // 2 if c > 16 else c), kernel: 1}}}
  block: Pair
variants: {wide: {width: 16}}
"""


def test_size(tmp_path: Path) -> None:
    """Layers at every depth and those of used blocks; operators, words such as ``if``, and calls."""
    (tmp_path / "parts.yaml").write_text(PARTS, encoding="utf-8")
    (tmp_path / "net.yaml").write_text(SPEC, encoding="utf-8")
    in_spec = 1 + 1 + 3 + 2 + 1  # the norm of weights; list with its three items; table with its layer; block
    assert size_of(tmp_path / "net.yaml") == Size(in_spec + 2 + 2, 2 + 3 + 1)
