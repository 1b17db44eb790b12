"""The ``defaults`` of a document: arguments that operations have in its layers where those say nothing of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...diagnostics import LocatedError, clip
from ...ops import find
from ...text.reader import Tree
from .evaluation import ParameterEnvironment
from .layers import check_argument, check_constant, exists
from .records import Report, mapping
from .values import Value, value

Given = dict[str, tuple[int, Value]]
"""Places and values of arguments."""


class Defaults:
    """Arguments by operation. They hold in the layers and blocks that the document itself writes."""

    def __init__(self, by_operation: Mapping[str, Given]) -> None:
        self.by_operation = by_operation

    def beneath(self, given: Given, op: str, params: Mapping[str, Any]) -> Given:
        """The arguments given to a layer, and the defaults of all others; ``params`` are the document's parameters.

        Raises:
            LocatedError: an expression that cannot be worked out.
        """
        out = dict(given)
        for argument, (location, v) in self.by_operation.get(op, {}).items():
            if argument not in given:
                out[argument] = (location, v if v.constant else Value(v.node, True, v.at(ParameterEnvironment(params))))
        return out


def defaults(node: Tree, report: Report) -> Defaults:
    """Read the value of ``defaults``: arguments by operation. Faults are reported, and left out."""
    out: dict[str, Given] = {}
    try:
        entries = mapping(node, "defaults").entries
    except LocatedError as fault:
        report(fault)
        return Defaults({})
    for op, (location, inner, _) in entries.items():
        try:
            exists(op, (), location)
            arguments = mapping(inner, f"defaults of '{op}'").entries
        except LocatedError as fault:
            report(fault)
            continue
        out[op] = {}
        for argument, (at, tree, _) in arguments.items():
            try:
                out[op][argument] = (at, _argument(op, argument, at, tree))
            except LocatedError as fault:
                report(fault)
    return Defaults(out)


def _argument(op: str, argument: str, location: int, node: Tree) -> Value:
    check_argument(op, argument, location)
    declared = find(op).arguments.get(argument)
    if declared is None or declared.validator.kind == "layer" or declared.required:
        raise LocatedError("NS225", f"'{clip(argument)}' of '{op}' can have no default: each layer says it", location,
                    help=f"take it out here, and say '{clip(argument)}' in each '{op}'")
    v = value(node)
    check_constant(op, argument, v)
    return v
