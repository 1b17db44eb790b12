"""The table of rules: one for each operator class, in files named like those of :mod:`netspec.ops`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from netspec.backend import Lowering

from ..builder.value_info import GraphValue

if TYPE_CHECKING:
    from ..builder.site import Site

Results: TypeAlias = GraphValue | tuple[GraphValue | None, ...]
"""What a rule returns: the value, or values, of the node; None for an unused one."""

lower: Lowering[Site, Results] = Lowering("onnx", "netspec_onnx.rules")
