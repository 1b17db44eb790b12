"""The table of rules: one for each operator class, in files that repeat the names of those in ``netspec/ops``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from netspec.backend import Lowering

from ..builder.value_info import Value

if TYPE_CHECKING:
    from ..builder.site import Site

Results: TypeAlias = Value | tuple[Value | None, ...]
"""What a rule gives: the value, or values, that the node makes; None for one that nothing uses."""

lower: Lowering[Site, Results] = Lowering("onnx", "netspec_onnx.rules")
