"""Recognises decomposed activations, merges consecutive factors, and combines elementwise operations into formulas."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from ...weights.numpy_types import Array
from ..draft import Draft, DraftNetwork
from ..draft_expressions import expression_of, substituted, value_of
from ..rewriting import Rewriting
from .draft_trees import Tree, growing_trees

MOST = 12
"""Maximum number of drafts in an activation."""
TOLERANCE = 1e-6
"""Relative tolerance, because constants such as sqrt(2 / pi) are written with few digits."""
ACTIVATIONS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("relu", {}),
    ("relu6", {}),
    ("silu", {}),
    ("gelu", {}),
    ("gelu", {"approximate": "tanh"}),
    ("hard_sigmoid", {}),
    ("hard_swish", {}),
    ("mish", {}),
    ("sigmoid", {}),
    ("tanh", {}),
    ("softplus", {}),
    ("softsign", {}),
    ("elu", {}),
    ("selu", {}),
    ("square", {}),
    ("abs", {}),
)
POINTS = np.array(
    [-30.0, -9.0, -6.0, -4.2, -3.0, -2.7, -1.5, -1.0, -0.3, 1e-3, 0.4, 1.0, 1.9, 2.8, 3.3, 5.0, 6.5, 12.0, 19.0]
)
"""Sample points for comparing functions of one variable; every activation has its kinks between them."""
FORMULA = 60
"""Maximum length of a combined formula."""


def simplify_elementwise(network: DraftNetwork) -> None:
    """Recognises activations and factors by comparing values."""
    floats = _floating(network)
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts():
            if expression_of(draft) is not None:
                _recognise(rewriting, draft, floats)


def simplify_formulas(network: DraftNetwork) -> None:
    """Combines elementwise operations into formulas."""
    with Rewriting(network) as rewriting:
        for draft in reversed(list(rewriting.drafts())):
            if expression_of(draft) is not None and (draft.operation == "formula" or _is_scale(draft)):
                _put_together(rewriting, draft)


# -- activations -------------------------------------------------------------------------------------------------------
def _recognise(rewriting: Rewriting, draft: Draft, floats: set[int]) -> None:
    """Replaces a draft, together with its predecessors, by the equivalent activation or factor."""
    replacement: tuple[str, Mapping[str, Any], int] | None = None
    for tree in growing_trees(rewriting, draft, _belongs, MOST):
        if len(tree.leaves) != 1 or (len(tree.drafts) == 1 and draft.operation != "formula"):
            continue
        (leaf,) = tree.leaves
        if leaf not in floats or rewriting.shape(leaf) != rewriting.shape(draft.outputs[0]):
            continue
        values = value_of(_text(tree), [POINTS])
        known = _function(values) if values is not None else None
        if known is not None:
            replacement = (*known, leaf)
    if replacement is None:
        return
    operation, arguments, leaf = replacement
    if operation == "identity":
        rewriting.replace(draft.outputs[0], leaf)
    else:
        rewriting.change(draft, operation, [leaf], arguments)


def _belongs(draft: Draft) -> bool:
    return expression_of(draft) is not None


def _text(tree: Tree) -> str:
    """Returns the expression that a tree computes from its leaves."""
    texts = {leaf: f"x{number}" for number, leaf in enumerate(tree.leaves)}
    for draft in reversed(tree.drafts):
        text = expression_of(draft)
        assert text is not None
        texts[draft.outputs[0]] = substituted(text, [texts[v] for v in draft.inputs])
    return texts[tree.drafts[0].outputs[0]]


@cache
def _known() -> tuple[tuple[str, Mapping[str, Any], Array], ...]:
    """Returns the activations with their values at the sample points."""
    out: list[tuple[str, Mapping[str, Any], Array]] = []
    for operation, arguments in ACTIVATIONS:
        text = expression_of(Draft(operation, [0], dict(arguments), [1]))
        values = value_of(text, [POINTS]) if text is not None else None
        assert values is not None
        out.append((operation, arguments, values))
    return tuple(out)


def _function(values: Array) -> tuple[str, Mapping[str, Any]] | None:
    """Returns the operation with these values at the sample points, or None."""
    if values.shape != POINTS.shape or not np.isfinite(values).all():
        return None
    for operation, arguments, known in _known():
        if np.allclose(values, known, rtol=TOLERANCE, atol=1e-9):
            return operation, arguments
    factor, offset = _line(values)
    if np.allclose(values, factor * POINTS + offset, rtol=1e-12, atol=1e-12):
        if factor == 0:
            return None
        if (factor, offset) == (1, 0):
            return "identity", {}
        return "rescale", {k: v for k, v, default in (("factor", factor, 1), ("offset", offset, 0)) if v != default}
    low, high = float(values.min()), float(values.max())
    inner = POINTS.clip(low, high)
    if np.array_equal(values, inner):
        arguments = {"low": low} if low > POINTS.min() else {}
        return "clamp", arguments | ({"high": high} if high < POINTS.max() else {})
    slope = float(values[0] / POINTS[0])
    if np.allclose(values, np.where(POINTS > 0, POINTS, slope * POINTS), rtol=1e-12, atol=0):
        return "leaky_relu", {"slope": _rounded(slope)}
    return None


def _line(values: Array) -> tuple[float, float]:
    """Returns slope and offset of a straight line through the last point and one close to zero."""
    a, b = POINTS[9], POINTS[-1]
    factor = _rounded(float((values[-1] - values[9]) / (b - a)))
    return factor, _rounded(float(values[-1] - factor * b))


def _rounded(number: float) -> float:
    """Rounds a number to its significant digits."""
    short = float(f"{number:.12g}")
    return short if abs(short) > 1e-12 else 0.0


# -- formulas ----------------------------------------------------------------------------------------------------------
def _is_scale(draft: Draft) -> bool:
    return draft.operation in ("rescale", "divide", "subtract")


def _put_together(rewriting: Rewriting, draft: Draft) -> None:
    """Merges a draft with predecessors in the same module that only it reads, if the formula stays short."""
    best: Tree | None = None
    if not _belongs(draft):
        return
    for tree in growing_trees(rewriting, draft, _belongs, MOST):
        if tree.drafts[-1].calls != draft.calls or tree.drafts[-1].weights:
            break
        size = rewriting.shape(draft.outputs[0])
        if any(rewriting.shape(d.outputs[0]) != size for d in tree.drafts) or len(_text(tree)) > FORMULA:
            break
        if len(tree.drafts) > 1 and any(d.operation == "formula" for d in tree.drafts):
            best = tree
    if best is not None:
        rewriting.change(draft, "formula", best.leaves, {"expression": f"$({_text(best)})"})


def _floating(network: DraftNetwork) -> set[int]:
    """Returns the values that are certainly floating-point."""
    floats = {draft_input.value for draft_input in network.inputs.values() if "float" in draft_input.dtype}
    for draft in network.drafts:
        if draft.opaque:
            floats.update(v for v in draft.outputs if "float" in network.dtypes.get(v, "int"))
        elif _gives_floats(draft, floats):
            floats.update(draft.outputs)
    return floats


def _gives_floats(draft: Draft, floats: set[int]) -> bool:
    """Whether a draft certainly outputs floating-point numbers, given values that are."""
    match draft.operation:
        case "embedding" | "parameter":
            return True
        case "argmax" | "argmin" | "one_hot" | "buffer" | "top_k" | "sort":
            return False
        case "cast":
            return "float" in str(draft.arguments.get("dtype"))
        case "formula":
            integers = ("<", ">", "==", "!=", " and ", " or ", "not ", "floor", "ceil", "round")
            text = str(draft.arguments["expression"])
            return bool(draft.inputs) and floats.issuperset(draft.inputs) and not any(i in text for i in integers)
        case _:
            return bool(draft.weights or draft.given_weights) or bool(draft.inputs and draft.inputs[0] in floats)
