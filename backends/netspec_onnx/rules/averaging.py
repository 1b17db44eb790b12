"""Interpolation with ``antialias``: a product with a matrix along each axis, as PyTorch computes it.

ONNX Runtime 1.32 has the attribute ``antialias`` of ``Resize``, but its values are others than PyTorch's and PIL's.
"""

from __future__ import annotations

from netspec.shapes.sizes import is_named

from ..builder.helpers import add_column, add_range
from ..builder.site import Site
from ..builder.value_info import ELEMENT, GraphValue


def averaging_matrix(site: Site, n: int, m: int, scale: float | None, mode: str, name: str) -> GraphValue:
    """The weights (m, n) of n input positions for m output positions.

    Args:
        site: where the nodes are added.
        n: size of the input.
        m: size of the output.
        scale: the ratio of the output's size to the input's, if it is given.
        mode: ``bilinear`` or ``bicubic``.
        name: of the axis, for names of nodes.
    """
    like = GraphValue("", "float32", ())

    def node(kind: str, *inputs: GraphValue, shape: tuple[int, ...]) -> GraphValue:
        return site.add_node(kind, inputs, shape, batched=False, name=f"{name}_{kind.lower()}", dtype=inputs[-1].dtype)

    def number(what: str, value: float) -> GraphValue:
        return site.constant(f"{name}_{what}", value, like)

    def floats(value: GraphValue) -> GraphValue:
        return site.add_node(
            "Cast", [value], value.shape, batched=False, name=f"{name}_float", dtype="float32", to=ELEMENT["float32"]
        )

    half, one, zero = number("half", 0.5), number("one", 1.0), number("zero", 0.0)
    if scale is not None:
        step = number("step", 1 / scale)
    elif is_named(n) or is_named(m):
        step = node(
            "Div", floats(site.integers(f"{name}_before", n)), floats(site.integers(f"{name}_after", m)), shape=()
        )
    else:
        step = number("step", n / m)
    reach = node("Max", step, one, shape=())
    out = add_column(site, floats(add_range(site, m, f"{name}_out")), f"{name}_column")
    centre = node("Mul", node("Add", out, half, shape=(m, 1)), step, shape=(m, 1))
    at = node("Add", floats(add_range(site, n, f"{name}_in")), half, shape=(n,))
    shape = (m, n)
    d = node("Abs", node("Div", node("Sub", at, centre, shape=shape), reach, shape=shape), shape=shape)
    if mode == "bilinear":
        weights = node("Max", node("Sub", one, d, shape=shape), zero, shape=shape)
    else:  # Keys 1981 with a = -1/2
        square = node("Mul", d, d, shape=shape)
        inner = node("Sub", node("Mul", number("i3", 1.5), d, shape=shape), number("i2", 2.5), shape=shape)
        inner = node("Add", node("Mul", inner, square, shape=shape), one, shape=shape)
        outer = node("Add", node("Mul", number("o3", -0.5), d, shape=shape), number("o2", 2.5), shape=shape)
        outer = node("Sub", node("Mul", outer, d, shape=shape), number("o1", 4.0), shape=shape)
        outer = node("Add", node("Mul", outer, d, shape=shape), number("o0", 2.0), shape=shape)
        is_near = site.add_node("Less", [d, one], shape, batched=False, name=f"{name}_near", dtype="bool")
        in_reach = site.add_node(
            "Less", [d, number("two", 2.0)], shape, batched=False, name=f"{name}_reach", dtype="bool"
        )
        weights = node("Where", in_reach, outer, zero, shape=shape)
        weights = node("Where", is_near, inner, weights, shape=shape)
    total = site.add_node(
        "ReduceSum",
        [weights, site.integers(f"{name}_axis", [1])],
        (m, 1),
        batched=False,
        name=f"{name}_total",
        keepdims=1,
    )
    return node("Div", weights, total, shape=shape)
