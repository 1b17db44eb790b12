"""The table of rules: one per operator class, in files named after those of :mod:`netspec.ops`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from netspec.backend import Lowering

from ..builder.value_info import GraphValue

if TYPE_CHECKING:
    from ..builder.site import Site

Results: TypeAlias = GraphValue | tuple[GraphValue | None, ...]
"""The result of a rule: the value, or values, of the node; None for an unused one."""

lower: Lowering[Site, Results] = Lowering("onnx", "netspec_onnx.rules")
