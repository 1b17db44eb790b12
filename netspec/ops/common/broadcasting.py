"""Axes of several inputs that an operation combines position by position: their sizes and names must agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from ...shapes.shape_error import ShapeError
from ...shapes.sizes import Size, broadcast, is_same
from ...shapes.types import GuessedName, TensorType, is_known
from ..base import Types
from .axes import axis_name

Axis = tuple[int, int]
"""Number of an input, and of one of its axes."""


def aligned(rank: int, place: int, inputs: Types, but: Iterable[int] = ()) -> list[Axis]:
    """The axes that form axis ``place`` of a result with ``rank`` axes, aligned from the right."""
    shift = place - rank
    return [(i, x.rank + shift) for i, x in enumerate(inputs) if x.rank + shift >= 0 and place not in but]


def _is_one(n: Size) -> bool:
    return type(n) is int and n == 1


def require_same_names(op: str, inputs: Types, joined: int | None = None, hidden: int = 0) -> None:
    """Checks that no axis meets one of another name; ShapeError NS516.

    Axes of size 1, names that are unknown and names that were guessed do not count, unless the axis that should be met
    is there, too: (channels) does not multiply (channels, 1, 1) into (channels, 1, channels).

    Args:
        op: the operation.
        inputs: its inputs, aligned from the right.
        joined: an axis along which they are concatenated: its names may differ.
        hidden: how many axes at the end are not combined (``matmul``).
    """
    first = inputs[0].axes
    if all(x.axes == first for x in inputs):
        return
    rank = max(x.rank for x in inputs)
    for place in range(rank - hidden):
        if place == joined:
            continue
        known = [(i, a) for i, a in aligned(rank, place, inputs) if is_known(inputs[i].axes[a])]
        known = [(i, a) for i, a in known if not _is_one(inputs[i].shape[a])]
        for i, a in known[1:]:
            j, b = known[0]
            if inputs[i].axes[a] != inputs[j].axes[b]:
                raise misaligned(op, inputs, (j, b), (i, a))
    for i, x in enumerate(inputs):
        for j, y in enumerate(inputs):
            for b in range(y.rank - hidden) if y.rank < x.rank else ():
                if _misses_counterpart(x, y, b):
                    raise misaligned(op, inputs, (i, b + x.rank - y.rank), (j, b))


def _misses_counterpart(x: TensorType, y: TensorType, b: int) -> bool:
    """Whether axis b of y, which has fewer axes than x, meets another axis of x than the one with its name."""
    name, a = y.axes[b], b + x.rank - y.rank
    if not name or _is_one(y.shape[b]) or x.axes[a] in ("", name):
        return False
    same = [(n, size) for n, size in zip(x.axes, x.shape, strict=True) if n == name]
    if _is_one(x.shape[a]):  # x would be repeated along an axis that it has already
        return any(is_same(size, y.shape[b]) for _, size in same)
    return is_known(name) and any(is_known(n) for n, _ in same)


def agreed_names(inputs: Types, shape: Sequence[Size]) -> tuple[str, ...]:
    """Names of the axes of a result of that shape, whatever the order of the inputs.

    A known name is preferred to a guess, and an axis of the result's size to one of size 1, whose name is then a guess
    itself. An axis has no name if its candidates differ, or if another axis has the name on equal grounds.
    """
    first = inputs[0].axes
    if len(set(first)) == len(first) and all(x.axes == first and all(map(is_known, x.axes)) for x in inputs):
        return first
    rank = len(shape)
    names = [_agreed_name(inputs, aligned(rank, place, inputs), shape[place]) for place in range(rank)]
    for name in {n for n in names if n and names.count(n) > 1}:
        known = [place for place, n in enumerate(names) if n == name and is_known(n)]
        for place, n in enumerate(names):
            if n == name and known != [place]:
                names[place] = ""
    return tuple(names)


def _agreed_name(inputs: Types, axes: list[Axis], size: Size) -> str:
    named = [
        (inputs[i].axes[a], _is_one(inputs[i].shape[a]) and not _is_one(size)) for i, a in axes if inputs[i].axes[a]
    ]
    of_full_size = [name for name, is_repeated in named if not is_repeated]
    repeated = [GuessedName(name) for name, is_repeated in named if is_repeated]
    for names in ([n for n in of_full_size if is_known(n)], of_full_size, repeated):
        if names:
            return names[0] if len(set(names)) == 1 else ""
    return ""


def broadcast_shape(op: str, inputs: Types) -> tuple[Size, ...]:
    """The shape of all inputs by NumPy's rule of broadcasting; ShapeError NS512, or NS516 if axes do not correspond."""
    rank = max(x.rank for x in inputs)
    shape: list[Size] = [1] * rank
    source = [(0, 0)] * rank
    for i, x in enumerate(inputs):
        for a, n in enumerate(x.shape):
            place = a + rank - x.rank
            before = shape[place]
            shape[place] = broadcast(before, n, partial(sizes_differ, op, inputs, source[place], (i, a)))
            if shape[place] is not before:
                source[place] = (i, a)
    return tuple(shape)


def sizes_differ(op: str, inputs: Types, first: Axis, second: Axis, code: str = "NS512", more: str = "") -> ShapeError:
    """Two axes have different sizes: because they should not meet, as their names differ, or for another reason."""
    (i, a), (j, b) = first, second
    x, y = inputs[i], inputs[j]
    if x.axes[a] and y.axes[b] and x.axes[a] != y.axes[b]:
        return misaligned(op, inputs, first, second)
    name = x.axes[a] or axis_name(y, b)
    message = f"the inputs of '{op}' differ in {name}: {x.shape[a]} and {y.shape[b]}{more}"
    return ShapeError(code, message, at=(first, second))


def misaligned(op: str, inputs: Types, first: Axis, second: Axis) -> ShapeError:
    """Two axes meet whose names differ."""
    if inputs[first[0]].rank < inputs[second[0]].rank:
        first, second = second, first
    (i, a), (j, b) = first, second
    at = () if is_same(inputs[i].shape[a], inputs[j].shape[b]) else (first, second)
    naming = partial(_misaligned_text, op, inputs, first, second)
    message = naming([f"input {i + 1}" for i in range(len(inputs))])
    help = "`keepdims: true` where axes are reduced, `reshape`, `unsqueeze` or `permute` makes axes correspond"
    return ShapeError("NS516", message, at=at, naming=naming, help=help)


def _misaligned_text(op: str, inputs: Types, first: Axis, second: Axis, names: Sequence[str]) -> str:
    (i, a), (j, b) = first, second
    x, y = inputs[i], inputs[j]
    if x.rank == y.rank:
        where = f"axis {a} is '{x.axes[a]}' in {names[i]} and '{y.axes[b]}' in {names[j]}"
        return f"'{op}' combines axes by position, but {where}"
    count, them = ("1 axis", "it") if y.rank == 1 else (f"{y.rank} axes", "them")
    met = _listed(x, x.rank - y.rank)
    return f"{names[j]} has {count}, {_listed(y)}, but '{op}' would align {them} with {met} of {names[i]}"


def _listed(x: TensorType, start: int = 0) -> str:
    words = [f"'{axis}'" if axis else f"axis {a}" for a, axis in enumerate(x.axes)][start:]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
