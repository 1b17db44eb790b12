"""Regularisation, which has no effect in inference."""

from __future__ import annotations

from netspec.ops.base import Op
from netspec.ops.regularise import Dropout, DropPath, SpatialDropout

from ..builder.site import Site
from .rule_table import Results, lower


@lower.rule(Dropout)
def dropout(op: Dropout, site: Site) -> Results:
    """``Dropout``, the identity outside of training."""
    x = site.inputs[0]
    return site.result("Dropout", x, site.constant("rate", op.rate, x))


@lower.rule(SpatialDropout, DropPath)
def without_operator(op: Op, site: Site) -> Results:
    """``Identity``: ONNX has no operator for it."""
    return site.result("Identity", site.inputs[0])
