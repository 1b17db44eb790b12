"""Regularisation does nothing in inference."""

from __future__ import annotations

from netspec.ops.base import Op
from netspec.ops.regularise import Dropout, DropPath, SpatialDropout

from ..builder.site import Site
from .base import Results, lower


@lower.rule(Dropout)
def dropout(op: Dropout, site: Site) -> Results:
    """``Dropout``, which passes its input on where it is not told to train."""
    x = site.inputs[0]
    return site.result("Dropout", x, site.number("rate", op.rate, x))


@lower.rule(SpatialDropout, DropPath)
def passed(op: Op, site: Site) -> Results:
    """``Identity``: ONNX has no operator for it."""
    return site.result("Identity", site.inputs[0])
