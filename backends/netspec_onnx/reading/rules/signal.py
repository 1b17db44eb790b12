"""Values at positions that a network computes."""

from __future__ import annotations

from netspec.importing.batch import BatchAxis

from ..batch import with_batch_first
from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site

MODES = {"linear": "bilinear", "cubic": "bicubic"}
"""What operator set 20 calls the modes of older ones."""


@rule("GridSample")
def grid_sample(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``grid_sample`` of an image."""
    x, grid = with_batch_first(r, inputs.need(0)), with_batch_first(r, inputs.need(1))
    if x.rank != 4:
        raise refused("operator", f"sampling over {x.rank - 2} axes has no equivalent")
    mode = str(node.attribute("mode", "bilinear"))
    arguments = {
        "mode": MODES.get(mode, mode),
        "padding_mode": node.attribute("padding_mode", "zeros"),
        "align_corners": bool(node.attribute("align_corners", 0)),
    }
    (number,) = r.emit("grid_sample", [r.number(x), r.number(grid)], arguments)
    return r.output_value(number, BatchAxis(0), x.shared and grid.shared)
