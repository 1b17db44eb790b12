"""Constant folding: shape arithmetic, position grids, masks and sine tables are evaluated during import."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from typing import Any

import torch
from torch.utils import _pytree as pytree

from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT, NO_EQUIVALENT, TOO_LARGE
from netspec.shapes.sizes import is_named

from .precision import double_precision, widened
from .values import ProgramTensor

LARGEST = 1 << 28
"""Maximum size of a computed constant, in elements."""
LARGEST_IN_ALL = 1 << 29
"""Maximum total size of all computed constants, in elements; 4 GiB in double precision."""
RANDOM = (
    "bernoulli", "cauchy", "exponential", "geometric", "log_normal", "multinomial", "normal", "poisson", "rand",
    "random", "uniform",
)  # fmt: skip
"""Name prefixes of operations that sample random numbers."""


class RandomNumbersError(CannotImportError):
    """Raised for random numbers, which are only a problem if an output depends on them."""


class Folding:
    """Evaluates nodes of one network."""

    def __init__(self) -> None:
        self._computed = 0
        """Total elements of the constants so far, without views."""

    def fold(self, target: Any, arguments: Any, keywords: Any, meta: Any) -> Any:
        """Evaluates a node in double precision; the declared types of the results are those of the source.

        Args:
            target: the operation.
            arguments: its arguments; tensors have known values.
            keywords: further arguments by name.
            meta: the exported program's metadata of the results.

        Raises:
            CannotImportError: a constant, or all of them together, are too large; one depends on a named dimension.
            RandomNumbersError: it is random.
        """
        if str(getattr(target, "_opname", "")).startswith(RANDOM):
            raise RandomNumbersError(
                NO_EQUIVALENT,
                "it samples random numbers",
                help="choose arguments with which the module returns the same output at each call",
            )
        if (elements := _elements(meta)) > LARGEST:
            raise _too_large(f"a constant of {elements:,} elements")
        if any(is_named(leaf) for leaf in pytree.tree_leaves((arguments, keywords))):
            raise CannotImportError(
                ARGUMENT,
                "a constant depends on a size that is known only at run time",
                help="import the network at a fixed size, without dynamic dimensions there",
            )
        positional, named = pytree.tree_map(_numbers, (arguments, keywords))
        with torch.no_grad(), double_precision():
            results = target(*positional, **named)
        leaves, spec = pytree.tree_flatten(results)
        self._count([x for x in leaves if isinstance(x, torch.Tensor)], pytree.tree_leaves((positional, named)))
        dtypes = [leaf.dtype if isinstance(leaf, torch.Tensor) else None for leaf in pytree.tree_leaves(meta)]
        values = [
            ProgramTensor(tuple(leaf.shape), dtype or leaf.dtype, known=widened(leaf))
            if isinstance(leaf, torch.Tensor)
            else leaf
            for leaf, dtype in zip(leaves, dtypes, strict=True)
        ]
        return pytree.tree_unflatten(values, spec)

    def _count(self, results: list[torch.Tensor], arguments: list[Any]) -> None:
        """Adds the elements of results that are not views. Raises CannotImportError if there are too many."""
        shared = {x.untyped_storage().data_ptr() for x in arguments if isinstance(x, torch.Tensor)}
        self._computed += sum(x.numel() for x in results if x.untyped_storage().data_ptr() not in shared)
        if self._computed > LARGEST_IN_ALL:
            raise _too_large(f"constants of more than {LARGEST_IN_ALL:,} elements in all")


def _too_large(what: str) -> CannotImportError:
    help = "compute it in advance, and register it as a buffer"
    return CannotImportError(TOO_LARGE, f"{what} would have to be computed", help=help)


def _elements(meta: Any) -> int:
    """Returns the number of elements of the largest result; dynamic sizes count as 1."""
    shapes = [leaf.shape for leaf in pytree.tree_leaves(meta) if isinstance(leaf, torch.Tensor)]
    return max((math.prod(n for n in shape if type(n) is int) for shape in shapes), default=0)


def _numbers(leaf: Any) -> Any:
    if isinstance(leaf, torch.device):
        return torch.device("cpu")
    return leaf.known if isinstance(leaf, ProgramTensor) else leaf
