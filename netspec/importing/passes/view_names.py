"""Names views after their results: ``tokens``, ``image``, ``heads``."""

from __future__ import annotations

import re

from ...shapes.sizes import is_named
from ..draft import Draft, DraftNetwork, Shape

ROLES = {
    "a b c -> (b c) a": "tokens",
    "a b c -> (a b) c": "tokens",
    "(a b) c -> c a b": "image",
    "(a b) c -> a b c": "image",
    "a (b c) -> b a c": "heads",
    "a (b c) -> b c a": "heads",
    "a b c -> b (a c)": "tokens",
    "a b c -> c (a b)": "tokens",
}
"""Results of patterns whose axes are named ``a``, ``b``, … in the order of the input."""
ORDERS = {(1, 2, 0): "channels_last", (2, 0, 1): "channels_first"}
"""Results of permutations of three axes."""


def name_by_role(network: DraftNetwork) -> None:
    """Names unnamed views after their results."""
    for draft in network.drafts:
        if not draft.stem and not draft.weights and draft.inputs:
            draft.stem = _role(draft, network.shapes[draft.inputs[0]], network.shapes[draft.outputs[0]])


def _role(draft: Draft, source: Shape, target: Shape) -> str:
    match draft.operation:
        case "rearrange":
            return ROLES.get(_in_order(str(draft.arguments["pattern"])), "")
        case "permute":
            return ORDERS.get(tuple(draft.arguments["order"]), "")
        case "reshape" if not any(map(is_named, (*source, *target))):
            return _of_reshape(source, target)
        case "select" if draft.arguments.get("index") == 0 and len(source) == 2 and draft.arguments.get("axis") == 0:
            return "first"
        case _:
            return ""


def _in_order(pattern: str) -> str:
    """Renames the axes of a pattern in the order of the input."""
    names = dict.fromkeys(re.findall(r"\w+", pattern.partition("->")[0]))
    letters = dict(zip(names, "abcdefghijklmnop", strict=False))
    return re.sub(r"\w+", lambda name: letters.get(name[0], name[0]), pattern)


def _of_reshape(source: Shape, target: Shape) -> str:
    """Returns ``image`` if positions are split into rows and columns, ``heads`` if features are."""
    if len(source) == 2 and len(target) == 3:
        if source[1] == target[2] and target[0] == target[1] != 1:
            return "image"
        return "heads" if source[0] == target[0] else ""
    if len(source) == 3 and len(target) == 2:
        return "tokens" if source[2] == target[1] or source[0] == target[0] else ""
    return ""
