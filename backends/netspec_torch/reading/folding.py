"""Nodes whose inputs are known, evaluated at once: shape arithmetic, position grids, masks, tables of sines."""

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
"""The largest constant that is computed, in elements."""
LARGEST_IN_ALL = 1 << 29
"""Elements of all constants that are computed, which are kept: 4 GiB in double precision."""
RANDOM = (
    "bernoulli", "cauchy", "exponential", "geometric", "log_normal", "multinomial", "normal", "poisson", "rand",
    "random", "uniform",
)  # fmt: skip
"""Beginnings of the names of operations that sample numbers."""


class RandomNumbersError(CannotImportError):
    """Raised for random numbers: a problem only if an output depends on them."""


class Folding:
    """The evaluation of nodes for one network."""

    def __init__(self) -> None:
        self._computed = 0
        """Elements of the constants so far, without views of others."""

    def fold(self, target: Any, arguments: Any, keywords: Any, meta: Any) -> Any:
        """The results of a node as constants, in double precision; their types are those that the source has.

        Args:
            target: the operation.
            arguments: its arguments, tensors as values whose numbers are known.
            keywords: further ones by name.
            meta: what the exported program says of the results.

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
        """Add the elements of results that are not views. Raises CannotImportError if there are too many."""
        shared = {x.untyped_storage().data_ptr() for x in arguments if isinstance(x, torch.Tensor)}
        self._computed += sum(x.numel() for x in results if x.untyped_storage().data_ptr() not in shared)
        if self._computed > LARGEST_IN_ALL:
            raise _too_large(f"constants of more than {LARGEST_IN_ALL:,} elements in all")


def _too_large(what: str) -> CannotImportError:
    help = "compute it in advance, and register it as a buffer"
    return CannotImportError(TOO_LARGE, f"{what} would have to be computed", help=help)


def _elements(meta: Any) -> int:
    """The number of elements of the largest result; sizes that are open count as 1."""
    shapes = [leaf.shape for leaf in pytree.tree_leaves(meta) if isinstance(leaf, torch.Tensor)]
    return max((math.prod(n for n in shape if type(n) is int) for shape in shapes), default=0)


def _numbers(leaf: Any) -> Any:
    if isinstance(leaf, torch.device):
        return torch.device("cpu")
    return leaf.known if isinstance(leaf, ProgramTensor) else leaf
