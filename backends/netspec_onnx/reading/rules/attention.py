"""The attention operator of operator set 23."""

from __future__ import annotations

from typing import Any

from netspec.importing.batch import BatchAxis
from netspec.shapes.sizes import is_same

from ..batch import aligned
from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor


@rule("Attention")
def attention(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``dot_product_attention``; heads are either part of the features or a separate axis."""
    q, k, v = (r.placed(inputs.need(i)) for i in range(3))
    if any(inputs.at(i) is not None for i in (4, 5, 6)):
        raise refused("argument", "a cache of keys and values, or lengths of sequences, have no equivalent")
    if any(x.batch != BatchAxis(0) for x in (q, k, v)):
        raise refused("batch", "the first axis of its inputs must be the batch")
    arguments: dict[str, Any] = {}
    if q.rank == 3:
        heads, kv_heads = int(node.attribute("q_num_heads", 1)), int(node.attribute("kv_num_heads", 1))
        arguments["heads"] = heads
        if kv_heads != heads:
            arguments["kv_heads"] = kv_heads
    elif not is_same(q.shape[1], k.shape[1]):
        raise refused("argument", "inputs with an axis of heads must have the same number of heads")
    if node.attribute("is_causal", 0):
        arguments["causal"] = True
    if node.attribute("scale") is not None:
        arguments["scale"] = node.attribute("scale")
    if node.attribute("softcap"):
        arguments["cap"] = node.attribute("softcap")
    layers: dict[str, int] = {}
    mask: SourceTensor | None = inputs.at(3)
    if mask is not None:
        (_, placed), _, _ = (
            aligned(r, [r.output_value(r.number(q), BatchAxis(0)), mask])
            if mask.rank == q.rank == 4
            else (
                (q, r.placed(mask)),
                None,
                None,
            )
        )
        layers["mask"] = r.number(placed)
    (number,) = r.emit("dot_product_attention", [r.number(x) for x in (q, k, v)], arguments, layers=layers)
    return [r.output_value(number, BatchAxis(0)), None, None, None]
