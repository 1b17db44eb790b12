"""The rules that say what each operator is in netspec, by its name."""

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
"""By operator. A rule returns the output, or all outputs in order; None stands for one that it does not know."""


def rule(*operators: str) -> Callable[[Rule], Rule]:
    """Makes a function the rule of these operators."""

    def put(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(operators, function))
        return function

    return put
