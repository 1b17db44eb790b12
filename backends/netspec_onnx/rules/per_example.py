"""Layers whose weights differ between the examples of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import onnx

from netspec.shapes.sizes import product

from ..builder.common_nodes import add_reshape, add_transpose, repeat_over_batch
from ..builder.site import Site
from ..builder.value_info import BATCH, ELEMENT, Attribute, GraphValue


def shared_weight(site: Site, weight: GraphValue | None, name: str) -> GraphValue | None:
    """Returns the weight without a batch axis of 1."""
    if weight is None or not weight.batched or weight.shape[0] == BATCH:
        return weight
    axes = site.integers(f"{name}_batch", [0])
    return site.add_node("Squeeze", [weight, axes], weight.item_shape, batched=False, name=f"{name}_shared")


def differs(weight: GraphValue | None) -> bool:
    """Whether a weight differs between examples."""
    return weight is not None and weight.batched and weight.shape[0] == BATCH


def convolve_each(
    site: Site,
    kind: str,
    x: GraphValue,
    weight: GraphValue,
    bias: GraphValue | None,
    attributes: Mapping[str, Attribute],
) -> GraphValue:
    """``Conv`` or ``ConvTranspose`` with a weight, bias or both per example.

    A convolution of size 1 is a ``MatMul``; for a fixed batch, the examples are groups; otherwise a ``Scan`` over the
    batch.
    """
    y = site.node.outputs[0]
    item_shape = y.shape
    if not differs(weight):
        out = site.add(kind, x, weight, name="products", item_shape=item_shape, extra=attributes)
    elif kind == "Conv" and _is_pointwise(weight, attributes):
        rows = add_reshape(site, weight, weight.item_shape[:2], "rows")
        columns = add_reshape(site, x, (x.item_shape[0], product(x.item_shape[1:])), "columns")
        count = columns.item_shape[1]
        products = site.add("MatMul", rows, columns, name="products", item_shape=(item_shape[0], count))
        out = add_reshape(site, products, item_shape, "positions")
    elif site.batch is not None:
        out = _in_groups(site, kind, x, weight, attributes)
    else:
        out = _scanned(site, kind, repeat_over_batch(site, x, weight), weight, attributes)
    if bias is None:
        return site.result("Identity", out)
    rank = len(item_shape) - 1
    axes = site.integers("bias_axes", [len(bias.shape) + a for a in range(rank)])
    shape = (*bias.item_shape, *(1,) * rank)
    return site.result("Add", out, site.add("Unsqueeze", bias, axes, name="bias", item_shape=shape))


def _is_pointwise(weight: GraphValue, attributes: Mapping[str, Attribute]) -> bool:
    ones = all(n == 1 for n in (*weight.item_shape[2:], *_numbers(attributes["strides"])))
    return ones and attributes["group"] == 1 and not any(_numbers(attributes.get("pads", ())))


def _numbers(value: Attribute) -> Sequence[int | float | str]:
    return value if isinstance(value, (list, tuple)) else ()


def _in_groups(
    site: Site, kind: str, x: GraphValue, weight: GraphValue, attributes: Mapping[str, Attribute]
) -> GraphValue:
    """Runs the examples as groups of one convolution."""
    n = site.batch
    assert n is not None
    x = repeat_over_batch(site, x, weight)
    c, *positions = x.item_shape
    rows, *rest = weight.item_shape
    joined = site.add_node(
        "Reshape", [x, site.integers("joined_to", [1, n * c, *positions])], (1, n * c, *positions), batched=True,
        name="joined",
    )  # fmt: skip
    filters = site.add_node(
        "Reshape", [weight, site.integers("filters_to", [n * rows, *rest])], (n * rows, *rest), batched=False,
        name="filters",
    )  # fmt: skip
    out, *sizes = site.node.outputs[0].shape
    group = attributes["group"]
    assert isinstance(group, int)
    result = site.add(
        kind, joined, filters, name="groups", item_shape=(n * out, *sizes), extra={**attributes, "group": n * group}
    )
    target = site.integers("apart_to", [n, out, *sizes])
    return site.add_node("Reshape", [result, target], (BATCH, out, *sizes), batched=True, name="apart")


def _scanned(
    site: Site, kind: str, x: GraphValue, weight: GraphValue, attributes: Mapping[str, Attribute]
) -> GraphValue:
    """Runs one convolution per example in a ``Scan``."""
    names = {name: site.claim(name) for name in ("x_i", "weight_i", "axes_i", "lone_i", "out_i", "y_i")}
    body = onnx.GraphProto(name=site.claim("each"))
    for name, value in (("x_i", x), ("weight_i", weight)):
        item = body.input.add(name=names[name])
        item.type.tensor_type.elem_type = ELEMENT[value.dtype]
    axes = onnx.helper.make_tensor(names["axes_i"], onnx.TensorProto.INT64, [1], [0])
    body.initializer.append(axes)
    body.node.extend(
        [
            onnx.helper.make_node("Unsqueeze", [names["x_i"], names["axes_i"]], [names["lone_i"]]),
            onnx.helper.make_node(
                kind,
                [names["lone_i"], names["weight_i"]],
                [names["out_i"]],
                **attributes,  # type: ignore[arg-type]  # as onnx takes them
            ),
            onnx.helper.make_node("Squeeze", [names["out_i"], names["axes_i"]], [names["y_i"]]),
        ]
    )
    body.output.add(name=names["y_i"]).type.tensor_type.elem_type = ELEMENT[x.dtype]
    return site.add(
        "Scan", x, weight, name="each_example", item_shape=site.node.outputs[0].shape, body=body, num_scan_inputs=2
    )


def dense_each(site: Site, x: GraphValue, weight: GraphValue, bias: GraphValue | None, units: int) -> GraphValue:
    """``MatMul`` along the last axis with a weight, bias or both per example; the axis is not moved back."""
    lone = x.rank == 1
    if lone:
        axes = site.integers("row_axis", [1])
        x = site.add("Unsqueeze", x, axes, name="row", item_shape=(1, *x.item_shape))
    columns = add_transpose(site, weight, (1, 0), "weight")
    columns = _between(site, columns, x.rank - 2, "weight")
    out = site.add("MatMul", x, columns, name="products", item_shape=(*x.item_shape[:-1], units))
    if bias is not None:
        out = site.add("Add", out, _between(site, bias, x.rank - 1, "bias"), name="sum")
    if lone:
        axes = site.integers("row_axis", [1])
        out = site.add("Squeeze", out, axes, name="flat", item_shape=(units,))
    return out


def _between(site: Site, value: GraphValue, count: int, name: str) -> GraphValue:
    """Inserts axes of 1 between the batch axis and the others, if there is a batch axis."""
    if not value.batched or count == 0:
        return value
    axes = site.integers(f"{name}_between", list(range(1, count + 1)))
    return site.add("Unsqueeze", value, axes, name=f"{name}_apart", item_shape=(*(1,) * count, *value.item_shape))
