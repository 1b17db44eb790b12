"""The table of rules that convert operators, by operator name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from .node import OnnxNode
from .rule_inputs import Inputs
from .site import Site
from .values import SourceTensor

__all__ = ["RULES", "Inputs", "Result", "Rule", "rule"]

Result: TypeAlias = SourceTensor | Sequence[SourceTensor | None]
Rule: TypeAlias = Callable[[Site, OnnxNode, Inputs], Result]

RULES: dict[str, Rule] = {}
"""Rules by operator. A rule returns the output, or all outputs in order; None for an output that is not supported."""


def rule(*operators: str) -> Callable[[Rule], Rule]:
    """Registers a function as the rule of these operators."""

    def put(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(operators, function))
        return function

    return put
