"""Warns of a momentum that appears to be Keras's, which is 1 minus that of netspec and PyTorch."""

from __future__ import annotations

from ...diagnostics import Diagnostic, unpack
from ...text.yaml_reader import Text
from ..reading.written_values import WrittenValue
from .elaboration_problems import Problems

LEAST = 0.5
"""Minimum suspicious value: the current batch would count more than all earlier batches."""


def warn_of_momentum(operation: str, written: WrittenValue, momentum: float, problems: Problems) -> None:
    """Warns (NS227) of a momentum between 0.5 and 1, unless an expression computes it."""
    is_computed = type(written.node) is Text and written.node.raw.startswith("$(")
    if LEAST < momentum < 1 and not is_computed:
        other = f"{1 - momentum:.6g}"
        message = f"momentum {momentum:g} of '{operation}' is the weight of the current batch, not of the past"
        help = f"`momentum: {other}` is what Keras calls {momentum:g}; `$({momentum:g})` if it is meant"
        problems.warn(Diagnostic("NS227", message, unpack(written.location), help=help), None)
