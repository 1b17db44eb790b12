"""Helpers for regions: bodies in the form that rules expect, and nodes of subgraphs."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from netspec.ir import Graph
from netspec.ir.axes_as_batch import axes_as_batch
from netspec.ir.axis_order import channels_first

from ..builder.value_info import BATCH, ELEMENT, GraphValue

if TYPE_CHECKING:
    import onnx

    from ..builder.body_emitter import BodyEmitter
    from ..builder.site import Site


def rewritten(body: object) -> Graph:
    """Converts a body to the form that rules expect."""
    return axes_as_batch(channels_first(cast("Graph", body)))


def whole(site: Site) -> GraphValue | None:
    """Returns an input with the complete batch, or None."""
    return next((v for v in site.inputs if v.batched and v.shape[0] == BATCH), None)


def emit(
    inner: BodyEmitter,
    site: Site,
    kind: str,
    inputs: list[GraphValue],
    like: GraphValue,
    name: str,
    **attributes: int | list[int],
) -> GraphValue:
    """Adds a node to a subgraph; its output has the type of ``like`` and a new name."""
    out = like._replace(name=inner.names.claim(name, ""))
    inner.node(kind, inputs, [out], out.name, "", site.number, attributes)
    return out


def typed(proto: onnx.ValueInfoProto, value: GraphValue) -> None:
    """Sets name and element type of an input or output; its shape is inferred."""
    proto.name = value.name
    proto.type.tensor_type.elem_type = ELEMENT[value.dtype]
    if not value.shape:
        proto.type.tensor_type.shape.SetInParent()
