"""Views: drafts that only move elements. A chain of them is evaluated on the numbers of the elements.

A simplification is verified, not proved: the chain is run over an array of element numbers, and compared with what the
simpler form gives.
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
"""The largest array, in elements, that is evaluated; larger ones are not considered views."""


class ViewStep(NamedTuple):
    """A view on the way from a value to a view of it."""

    draft: Draft
    output: int
    """Which of its outputs."""

    @property
    def value(self) -> int:
        """The number of the output."""
        return self.draft.outputs[self.output]


def root(rewriting: Rewriting, value: int) -> tuple[int, list[ViewStep]]:
    """The value that a value is a view of, and the views on the way."""
    steps: list[ViewStep] = []
    while (draft := rewriting.maker(value, *VIEWS)) is not None and _counts_axes(draft):
        steps.append(ViewStep(draft, draft.outputs.index(value)))
        value = draft.inputs[0]
    return value, steps[::-1]


def _counts_axes(draft: Draft) -> bool:
    """Whether the axes that a view works along are numbers, not names or those by default."""
    if draft.operation not in ("select", "slice", "split"):
        return True
    return numbered_axes(draft, 1) is not None


def numbers(shape: Shape) -> Array | None:
    """The numbers of the elements of a tensor; None if its size is not known, or too large."""
    return None if any(is_named(n) for n in shape) else numbers_at_default(shape)


def numbers_at_default(shape: Shape) -> Array | None:
    """The numbers of the elements of a tensor at the defaults of named dimensions; None if it is too large."""
    sizes = default_sizes(shape)
    if math.prod(sizes) > MOST:
        return None
    return np.arange(math.prod(sizes), dtype=np.int32).reshape(sizes)


def default_sizes(shape: Shape) -> tuple[int, ...]:
    """A shape at the defaults of named dimensions."""
    return tuple([at_default(n) for n in shape])


def moved(array: Array, steps: Sequence[ViewStep], shapes: Sequence[Shape]) -> Array:
    """What views make of an array, at the defaults of named dimensions; ``shapes`` are those of all values."""
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
    """The slice of each axis that a ``slice`` takes."""
    out = [slice(None)] * rank
    for position, axis in enumerate(numbered_axes(draft, rank) or []):
        bounds = [draft.arguments.get(key) for key in ("start", "stop", "step")]
        parts: list[Any] = [value[position] if isinstance(value, list) else value for value in bounds]
        out[axis] = slice(*parts)
    return tuple(out)
