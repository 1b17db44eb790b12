"""The rule for operations of other packages, whose functions ``netspec.register`` supplies."""

from __future__ import annotations

from netspec.ops.base import Op
from netspec.ops.registered import implementation

from ..builder.site import Site
from .rule_table import Results, lower


@lower.registered
def registered(op: Op, site: Site) -> Results:
    """Calls the function, which adds the nodes."""
    results: Results = implementation(op.name, "onnx")(op, site)
    return results
