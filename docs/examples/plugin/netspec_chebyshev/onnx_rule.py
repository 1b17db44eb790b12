"""``chebyshev`` in ONNX: the polynomials side by side, and one matrix product."""

from __future__ import annotations

from netspec_onnx.builder.common_nodes import add_reshape
from netspec_onnx.builder.site import Site
from netspec_onnx.builder.value_info import GraphValue

from . import Chebyshev


def chebyshev(op: Chebyshev, site: Site) -> GraphValue:
    """Adds the nodes of a layer."""
    x = site.add("Tanh", site.x, name="x")
    two = site.constant("two", 2.0, x)
    ones = site.add("Exp", site.add("Sub", x, x, name="zeros"), name="ones")
    polynomials = [ones, x][: op.degree + 1]
    while len(polynomials) <= op.degree:
        twice = site.add("Mul", two, polynomials[-1], name="twice", item_shape=x.item_shape)
        polynomials.append(site.add("Sub", site.add("Mul", x, twice, name="product"), polynomials[-2], name="next"))
    columns = [add_reshape(site, p, (*x.item_shape, 1), "column") for p in polynomials]
    joint = site.add("Concat", *columns, name="joint", item_shape=(*x.item_shape, len(columns)), axis=-1)
    features = x.item_shape[-1] * len(columns)
    rows = add_reshape(site, joint, (*x.item_shape[:-1], features), "rows")
    weight = add_reshape(site, site.weight("coefficients"), (features, op.units), "weight")
    return site.result("MatMul", rows, weight)
