"""Attention masks: evaluates constant ones, and finds equivalent arguments of attention."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import numpy as np

from ...shapes.sizes import Size, at_default, is_same
from ...weights.numpy_types import Array
from ..constants import MASKED_SCORE
from ..draft import Draft
from ..draft_expressions import expression_of, value_of
from ..rewriting import Rewriting
from ..views import MOST, default_sizes, moved, root

_CHOICE = re.compile(r"x(\d+) if x(\d+) else (x\d+|\(?-?[\w.+-]+\)?)")
DEPTH = 16
"""Maximum nesting depth of formulas that are evaluated."""


class ConditionalValue(NamedTuple):
    """A selection between the elements of a value, where a condition holds, and a constant."""

    condition: int
    value: int
    number: float


def choice_of(rewriting: Rewriting, draft: Draft) -> ConditionalValue | None:
    """Returns the selection that a draft computes, like ``Where`` with a mask and a number, or None."""
    text = expression_of(draft) if draft.operation == "formula" else None
    match = _CHOICE.fullmatch(text) if text is not None else None
    if match is None:
        return None
    other = match[3]
    named = re.fullmatch(r"x(\d+)", other)
    number = value_of(other, []) if named is None else known_numbers(rewriting, draft.inputs[int(named[1])])
    if number is None or number.size != 1:
        return None
    return ConditionalValue(draft.inputs[int(match[2])], draft.inputs[int(match[1])], float(number.reshape(-1)[0]))


def known_numbers(rewriting: Rewriting, value: int, depth: int = DEPTH) -> Array | None:
    """Returns a constant value in double precision; booleans become 0 and 1.

    Named dimensions have their defaults. None if the value depends on an input or a learned tensor, or is too large.
    """
    if np.prod(default_sizes(rewriting.shape(value)), dtype=float) > MOST or not depth:
        return None
    base, steps = root(rewriting, value)
    draft = rewriting.maker(base)
    numbers = None
    if draft is not None and draft.operation == "buffer":
        numbers = _stored(rewriting, draft)
    elif draft is not None and draft.operation == "formula" and not draft.inputs and "for" in draft.arguments:
        numbers = _of_positions(draft, default_sizes(rewriting.shape(base)))
    elif draft is not None and draft.inputs and (text := expression_of(draft)) is not None:
        inputs = [known_numbers(rewriting, v, depth - 1) for v in draft.inputs]
        if (known := [x for x in inputs if x is not None]) and len(known) == len(inputs):
            numbers = value_of(text, known)
    return None if numbers is None else moved(numbers, steps, rewriting.network.shapes)


def _stored(rewriting: Rewriting, buffer: Draft) -> Array | None:
    table = rewriting.network.tables.get(buffer.weights.get("", ""))
    if table is not None:
        return np.asarray(table, np.float64)
    shape = default_sizes(buffer.arguments["shape"])
    init: Any = buffer.arguments.get("init")
    if init in ("zeros", "ones"):
        return np.full(shape, float(init == "ones"))
    if isinstance(init, Mapping) and "constant" in init:
        return np.full(shape, float(cast("Any", init)["constant"]))
    return np.asarray(init, np.float64).reshape(shape) if isinstance(init, list) else None


def _of_positions(draft: Draft, shape: tuple[int, ...]) -> Array | None:
    """Evaluates a formula that depends only on positions."""
    names: list[str] = list(draft.arguments["for"])
    text = str(draft.arguments["expression"])
    if not text.startswith("$(") or len(names) != len(shape):
        return None
    for number, name in enumerate(names):
        text = re.sub(rf"\b{re.escape(name)}\b", f"x{number}", text)
    values = value_of(text[2:-1], [np.asarray(x, np.float64) for x in np.indices(shape)])
    return None if values is None else np.broadcast_to(values, shape)


def allows_a_key(rewriting: Rewriting, condition: int) -> bool:
    """Whether a mask (true for allowed keys) is known to permit at least one key per query."""
    numbers = known_numbers(rewriting, condition)
    return numbers is not None and numbers.ndim > 0 and bool((numbers != 0).any(-1).all())


def said_by_arguments(
    rewriting: Rewriting, mask: int, queries: Size, keys: Size, *, is_condition: bool
) -> dict[str, Any] | None:
    """Returns the arguments of attention that are equivalent to a mask: ``causal``, ``window``, or none.

    Args:
        rewriting: the network.
        mask: booleans, true for keys that are allowed, or numbers that are added to the scores.
        queries: the number of queries.
        keys: the number of keys.
        is_condition: whether it consists of booleans.

    Returns:
        None if the mask depends on an input, or no argument is equivalent.
    """
    numbers = known_numbers(rewriting, mask)
    if numbers is None or numbers.ndim < 2:
        return None
    allowed = numbers != 0 if is_condition else numbers >= 0
    if not is_condition and not bool(((numbers == 0) | (numbers <= MASKED_SCORE)).all()):
        return None
    if allowed.all():
        return {}
    rows, columns = allowed.shape[-2:]
    square = rows == columns == at_default(queries) and is_same(queries, keys)
    return _shape_of_mask(allowed) if square else None


def _shape_of_mask(allowed: Array) -> dict[str, Any] | None:
    """Returns the arguments that permit the same keys as a square mask, or None."""
    count = allowed.shape[-1]
    window = int(allowed.reshape(-1, count, count)[0, :, 0].sum())
    rows, columns = np.indices((count, count))
    away = rows - columns
    for causal in (True, False):
        if (allowed == ((away >= (0 if causal else -count)) & (abs(away) < window))).all():
            return ({"causal": True} if causal else {}) | ({"window": window} if window < count else {})
    return None
