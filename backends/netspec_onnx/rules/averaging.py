"""Interpolation with ``antialias``, as a product with a matrix along each axis, like PyTorch.

ONNX Runtime 1.32 supports the attribute ``antialias`` of ``Resize``, but its results differ from those of PyTorch and
PIL.
"""

from __future__ import annotations

from netspec.shapes.sizes import is_named

from ..builder.common_nodes import add_column, add_range
from ..builder.site import Site
from ..builder.value_info import ELEMENT, GraphValue


class _Nodes:
    """Adds the nodes of one matrix.

    Args:
        site: receives the nodes.
        name: name of the axis, for names of nodes.
    """

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, name

    def node(self, kind: str, *inputs: GraphValue, shape: tuple[int, ...]) -> GraphValue:
        """Adds a node whose result has the type of its last input."""
        return self.site.add_node(
            kind, inputs, shape, batched=False, name=f"{self.name}_{kind.lower()}", dtype=inputs[-1].dtype
        )

    def number(self, what: str, value: float) -> GraphValue:
        """Returns a constant."""
        return self.site.constant(f"{self.name}_{what}", value, GraphValue("", "float32", ()))

    def floats(self, value: GraphValue) -> GraphValue:
        """Casts integers to single precision."""
        name = f"{self.name}_float"
        to = ELEMENT["float32"]
        return self.site.add_node("Cast", [value], value.shape, batched=False, name=name, dtype="float32", to=to)

    def is_less(self, a: GraphValue, b: GraphValue, shape: tuple[int, ...], what: str) -> GraphValue:
        """Compares numbers with another."""
        name = f"{self.name}_{what}"
        return self.site.add_node("Less", [a, b], shape, batched=False, name=name, dtype="bool")

    def step(self, n: int, m: int, scale: float | None) -> GraphValue:
        """Returns the input positions per output position."""
        if scale is not None or not (is_named(n) or is_named(m)):
            return self.number("step", 1 / scale if scale is not None else n / m)
        before, after = (self.site.integers(f"{self.name}_{w}", k) for w, k in (("before", n), ("after", m)))
        return self.node("Div", self.floats(before), self.floats(after), shape=())

    def cubic(self, d: GraphValue, shape: tuple[int, ...], one: GraphValue, zero: GraphValue) -> GraphValue:
        """Returns the cubic kernel of distances (Keys 1981 with a = -1/2)."""
        square = self.node("Mul", d, d, shape=shape)
        inner = self.node(
            "Sub", self.node("Mul", self.number("i3", 1.5), d, shape=shape), self.number("i2", 2.5), shape=shape
        )
        inner = self.node("Add", self.node("Mul", inner, square, shape=shape), one, shape=shape)
        outer = self.node(
            "Add", self.node("Mul", self.number("o3", -0.5), d, shape=shape), self.number("o2", 2.5), shape=shape
        )
        outer = self.node("Sub", self.node("Mul", outer, d, shape=shape), self.number("o1", 4.0), shape=shape)
        outer = self.node("Add", self.node("Mul", outer, d, shape=shape), self.number("o0", 2.0), shape=shape)
        is_near = self.is_less(d, one, shape, "near")
        in_reach = self.is_less(d, self.number("two", 2.0), shape, "reach")
        weights = self.node("Where", in_reach, outer, zero, shape=shape)
        return self.node("Where", is_near, inner, weights, shape=shape)


def averaging_matrix(site: Site, n: int, m: int, scale: float | None, mode: str, name: str) -> GraphValue:
    """Returns the weights (m, n) of n input positions for m output positions.

    Args:
        site: receives the nodes.
        n: size of the input.
        m: size of the output.
        scale: ratio of the output's size to the input's, if it is given.
        mode: ``bilinear`` or ``bicubic``.
        name: name of the axis, for names of nodes.
    """
    add = _Nodes(site, name)
    half, one, zero = add.number("half", 0.5), add.number("one", 1.0), add.number("zero", 0.0)
    step = add.step(n, m, scale)
    reach = add.node("Max", step, one, shape=())
    out = add_column(site, add.floats(add_range(site, m, f"{name}_out")), f"{name}_column")
    centre = add.node("Mul", add.node("Add", out, half, shape=(m, 1)), step, shape=(m, 1))
    at = add.node("Add", add.floats(add_range(site, n, f"{name}_in")), half, shape=(n,))
    shape = (m, n)
    d = add.node("Div", add.node("Sub", at, centre, shape=shape), reach, shape=shape)
    d = add.node("Abs", d, shape=shape)
    if mode == "bilinear":
        weights = add.node("Max", add.node("Sub", one, d, shape=shape), zero, shape=shape)
    else:
        weights = add.cubic(d, shape, one, zero)
    total = site.add_node(
        "ReduceSum",
        [weights, site.integers(f"{name}_axis", [1])],
        (m, 1),
        batched=False,
        name=f"{name}_total",
        keepdims=1,
    )
    return add.node("Div", weights, total, shape=shape)
