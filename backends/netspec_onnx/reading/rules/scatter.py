"""Elements put at positions that a network computes."""

from __future__ import annotations

from netspec.shapes.sizes import is_same

from ..batch import item_axis, off_axes
from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor


@rule("ScatterElements")
def scatter_elements(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``scatter_add`` onto zeros, and the mask of ``top_k``."""
    x, index, updates = inputs.need(0), r.placed(inputs.need(1)), r.placed(inputs.need(2))
    axis = int(node.attribute("axis", 0))
    onto_zeros = x.is_known and x.known is not None and not bool(x.known.any())
    whole = all(a == axis % x.rank or is_same(n, x.shape[a]) for a, n in enumerate(updates.shape))
    if node.attribute("reduction", "none") == "add" and onto_zeros and whole:
        return _added(r, x, index, updates, axis)
    mask = _mask_of_top_k(r, r.placed(x), index, updates, axis)
    if mask is None:
        raise refused("operator", "elements that replace others, or are added to them, have no equivalent")
    return mask


def _added(r: Site, zeros: SourceTensor, index: SourceTensor, updates: SourceTensor, axis: int) -> SourceTensor:
    """Returns the sums of the updates at the positions that the index names."""
    axis %= zeros.rank
    index, updates = off_axes(r, index, [axis]), off_axes(r, updates, [axis])
    if index.batch != updates.batch:
        raise refused("batch", "its inputs have the batch on different axes")
    arguments = {"axis": item_axis(updates, axis), "size": zeros.shape[axis]}
    (number,) = r.emit("scatter_add", [r.number(updates)], arguments, layers={"index": r.number(index)})
    return r.output_value(number, updates.batch, updates.shared and index.shared)


def _mask_of_top_k(
    r: Site, x: SourceTensor, index: SourceTensor, updates: SourceTensor, axis: int
) -> SourceTensor | None:
    """Returns the third output of ``top_k``, if true is written at its indices and false elsewhere; else None."""
    makers = r.network.producers()
    top, no, yes = (makers.get(r.number(v)) for v in (index, x, updates))
    if top is None or top.operation != "top_k" or r.number(index) != top.outputs[1]:
        return None
    never = no is not None and no.arguments.get("expression") == "$(x0 < x1)" and no.inputs[0] == no.inputs[1]
    always = yes is not None and yes.arguments.get("expression") == "$(x0 == x1)" and yes.inputs[0] == yes.inputs[1]
    like = r.network.shapes[top.inputs[0]]
    if not (never and always) or x.item_shape != like or top.arguments["axis"] != item_axis(index, axis):
        return None
    return r.output_value(top.outputs[2], index.batch, index.shared)
