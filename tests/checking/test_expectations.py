"""Expected shapes may name layers, blocks, chains of copies, and single outputs of a layer."""

from __future__ import annotations

from pathlib import Path

import pytest

from netspec.analysis import analyze
from netspec.checking.expectations import check_expectations
from netspec.checking.spec import Spec

SPEC = """
netspec: 1
input: [4, 8, 8]
blocks:
  Pair: {layers: {conv: {conv2d: 4, kernel: 3, padding: 1}, pool: {max_pool2d: 2}}}
layers:
  stem: {conv2d: 4, kernel: 1, activation: glu}
  wide: {conv2d: 4, kernel: 1}
  pairs: {Pair: {}, repeat: 2}
  halves: {split: 2, axis: 0}
output: halves.1
expect: {shapes: {SHAPE}}
"""


@pytest.mark.parametrize(
    "shape",
    [
        "input: [4, 8, 8]",
        "stem: [2, 8, 8]",
        "pairs: [4, 2, 2]",
        "pairs.0: [4, 4, 4]",
        "pairs.0.conv: [4, 8, 8]",
        "halves: [2, 2, 2]",
        "halves.1: [2, 2, 2]",
    ],
)
def test_names_of_shapes(shape: str, tmp_path: Path) -> None:
    loaded = Spec("spec.yaml", SPEC.replace("SHAPE", shape), folder=tmp_path).elaborate()
    assert loaded.graph is not None, [str(d) for d in loaded.diagnostics]
    assert check_expectations(loaded, analyze(loaded.graph)) == []
    wrong = SPEC.replace("SHAPE", shape.split(":", maxsplit=1)[0] + ": [1]")
    loaded = Spec("spec.yaml", wrong, folder=tmp_path).elaborate()
    assert loaded.graph is not None
    assert [d.code for d in check_expectations(loaded, analyze(loaded.graph))] == ["NS601"]
