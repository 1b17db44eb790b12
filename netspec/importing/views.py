"""Views: drafts that only move elements. A chain of views is evaluated on element numbers.

Simplifications are tested, not proved: the chain is run on an array of element numbers, and the result is compared with
that of the simpler form.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..shapes.sizes import at_default, is_named
from ..weights.numpy_types import Array
from .draft import Draft, Shape, numbered_axes
from .rewriting import Rewriting

VIEWS = frozenset({"expand", "flatten", "permute", "reshape", "select", "slice", "split", "squeeze", "unsqueeze"})
MOST = 1 << 24
"""Maximum size of an array that is evaluated, in elements; larger tensors are not considered views."""


class ViewStep(NamedTuple):
    """A view on the path from a value to a view of it."""

    draft: Draft
    output: int
    """The index of the output."""

    @property
    def value(self) -> int:
        """The number of the output."""
        return self.draft.outputs[self.output]


def root(rewriting: Rewriting, value: int) -> tuple[int, list[ViewStep]]:
    """Returns the value of which another value is a view, and the views in between."""
    steps: list[ViewStep] = []
    while (draft := rewriting.maker(value, *VIEWS)) is not None and _counts_axes(draft):
        steps.append(ViewStep(draft, draft.outputs.index(value)))
        value = draft.inputs[0]
    return value, steps[::-1]


def _counts_axes(draft: Draft) -> bool:
    """Whether the axes of a view are given by number, not by name or default."""
    if draft.operation not in ("select", "slice", "split"):
        return True
    return numbered_axes(draft, 1) is not None


def numbers(shape: Shape) -> Array | None:
    """Returns the element numbers of a tensor; None if its size is symbolic, or too large."""
    return None if any(is_named(n) for n in shape) else numbers_at_default(shape)


def numbers_at_default(shape: Shape) -> Array | None:
    """Returns the element numbers of a tensor at default sizes; None if it is too large."""
    sizes = default_sizes(shape)
    if math.prod(sizes) > MOST:
        return None
    return np.arange(math.prod(sizes), dtype=np.int32).reshape(sizes)


def default_sizes(shape: Shape) -> tuple[int, ...]:
    """Returns a shape with named dimensions at their defaults."""
    return tuple([at_default(n) for n in shape])


def moved(array: Array, steps: Sequence[ViewStep], shapes: Sequence[Shape]) -> Array:
    """Applies views to an array, at default sizes; ``shapes`` are those of all values."""
    for draft, output in steps:
        array = _view(array, draft, output, default_sizes(shapes[draft.outputs[output]]))
    return array


def _view(array: Array, draft: Draft, output: int, shape: Shape) -> Array:
    arguments = draft.arguments
    result: Array
    match draft.operation:
        case "permute":
            result = array.transpose([int(axis) for axis in arguments["order"]])
        case "expand":
            result = np.broadcast_to(array, shape)
        case "select":
            result = np.take(array, int(arguments["index"]), axis=int(arguments["axis"]))
        case "slice":
            result = array[slices(draft, array.ndim)]
        case "split":
            axis, parts = int(arguments["axis"]) % array.ndim, arguments["parts"]
            counts = [array.shape[axis] // parts] * parts if isinstance(parts, int) else list(parts)
            start = sum(counts[:output])
            result = np.take(array, range(start, start + counts[output]), axis=axis)
        case _:  # flatten, reshape, squeeze, unsqueeze
            result = np.reshape(array, shape)
    return result


def slices(draft: Draft, rank: int) -> tuple[slice, ...]:
    """Returns the slice for each axis of a ``slice`` draft."""
    out = [slice(None)] * rank
    for position, axis in enumerate(numbered_axes(draft, rank) or []):
        bounds = [draft.arguments.get(key) for key in ("start", "stop", "step")]
        parts: list[Any] = [value[position] if isinstance(value, list) else value for value in bounds]
        out[axis] = slice(*parts)
    return tuple(out)
