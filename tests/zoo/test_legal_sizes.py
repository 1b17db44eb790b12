"""The least input sizes that torchvision publishes (``min_size``) are those that follow from the specs."""

from __future__ import annotations

import csv
import re

import pytest

from netspec import zoo
from netspec.analysis.legal_sizes import legal_sizes
from netspec.checking.named_inputs import name_inputs
from netspec.checking.spec import Spec

from .support import DATA
from .vision_networks import FINE_TUNED, NETWORKS

OTHERS: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    **{f"efficientnet@v2_{v}": ((33, 33), (1, 1)) for v in "sml"},  # torchvision's class runs at 1 x 1
    "maxvit@t": ((224, 224), (221, 221)),  # the crop; torchvision's class runs from 221 to 224
    "mvit@v1_b": ((224, 224), (15, 221, 221)),  # the crop; its tables are for 8 x 56 x 56 positions
    "mvit@v2_s": ((224, 224), (15, 221, 221)),
    "s3d": ((224, 224), (13, 209, 209)),  # the crop; torchvision's class runs from 13 x 209 x 209 on
    **{f"swin@{v}": ((224, 224), (4, 4)) for v in "tsb"},  # the crop; torchvision's class pads, and runs from 4 x 4 on
    **{f"swin_v2@{v}": ((256, 256), (4, 4)) for v in "tsb"},
}
"""What is published, and what follows, where they differ."""


def published() -> dict[tuple[str, str], tuple[int, ...]]:
    """The published least sizes, by builder and network of the zoo."""
    rows: dict[tuple[str, str], tuple[int, ...]] = {}
    with (DATA / "torchvision.csv").open(newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            builder = row["weights_enum"].removesuffix("_Weights").lower()
            crop = row["input_crop"]
            name = FINE_TUNED.get((builder, crop), NETWORKS[builder])
            if row["min_size"]:
                rows[builder, name] = tuple(map(int, re.findall(r"\d+", row["min_size"])))
    return rows


def least_sizes(name: str) -> tuple[int, ...]:
    """The least legal sizes of the axes of a network's input."""
    file, _, variant = name.partition("@")
    spec = Spec(str(zoo.path(file)))
    inputs = name_inputs(spec, variant or None)
    assert inputs is not None
    graph = spec.elaborate(variant or None, shapes=inputs.shapes, named=inputs.named).require_graph()
    legal = legal_sizes(graph)
    return tuple([legal[n].least or 0 for n in graph.dims])


ROWS = published()


@pytest.mark.parametrize(("builder", "name"), ROWS, ids=str)
def test_the_least_size(builder: str, name: str) -> None:
    expected = ROWS[builder, name]
    actual = least_sizes(name)
    if name in OTHERS:
        assert (expected, actual) == OTHERS[name]
    else:
        assert actual[-2:] == expected
