"""The results of the PyTorch backend's rules: data from which the source of the module is written.

A rule returns a submodule (:class:`Make`), or an expression over the inputs (:class:`Expr`), or both. Numbers in them
are named holes, so that numbers that differ between the uses of a block can become arguments of its class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from netspec.backend import Lowering
from netspec.ir import Node
from netspec.ops.base import Op
from netspec.shapes.types import TensorType

Literal: TypeAlias = Any
"""A number, truth value, text, None, or a tuple of these."""


class Default(NamedTuple):
    """A keyword argument that is omitted if it has its default value."""

    value: Literal
    default: Literal


@dataclass(frozen=True, slots=True)
class Make:
    """A submodule: its class, and its arguments in order. Arguments with a :class:`Default` are passed by keyword."""

    cls: str
    """``nn.Conv2d``, or the name of a class in :mod:`.library`."""
    args: Mapping[str, Literal] = field(default_factory=dict[str, Literal])


@dataclass(frozen=True, slots=True)
class Expr:
    """An expression as text: ``{0}`` and ``{1}`` are inputs, ``{name}`` is a number, ``{self}`` the submodule."""

    text: str
    holes: Mapping[str, Literal] = field(default_factory=dict[str, Literal])


PLAIN_CALL = Expr("")
"""The submodule applied to all inputs in order."""


@dataclass(frozen=True, slots=True)
class Lowered:
    """The result of a rule."""

    make: Make | None = None
    call: Expr = PLAIN_CALL
    """The expression; for a submodule, its call."""
    alone: Expr | None = None
    """An expression without the submodule, for an activation that is part of another layer."""
    functional: bool = False
    """Whether the functional form ``alone`` is idiomatic; the submodule is then only used in chains of modules."""
    returns: int | None = None
    """Number of outputs that the expression returns, from the first; None for all."""
    overwrites: bool = False
    """Whether the text is a statement that overwrites the first input, ``{0} += {1}``."""


class Site:
    """A node as seen by a rule: operator, types without the batch axis, and which values have a batch axis.

    A value has the batch axis (``N``), a batch axis of size one (``1``), or none (``0``) if it is computed from
    parameters and buffers only. Rules of operators in :data:`BATCHLESS` must handle all three; for other rules, ``0``
    is converted to ``1`` beforehand.
    """

    __slots__ = ("batch", "follows", "inplace", "node", "uneven", "used", "xs", "ys")

    def __init__(
        self,
        node: Node,
        xs: tuple[TensorType, ...],
        batch: tuple[str, ...],
        *,
        inplace: bool = False,
        used: tuple[bool, ...] = (True,),
        uneven: bool = False,
        follows: bool = False,
    ) -> None:
        self.node = node
        self.xs = xs
        self.ys = node.outputs
        self.batch = batch
        self.inplace = inplace
        """Whether the input may be overwritten: nothing else reads it, and the producer's gradient does not need it."""
        self.used = used
        """Which outputs are used."""
        self.uneven = uneven
        """Whether the padding differs between the ends of an axis in any use of the enclosing block."""
        self.follows = follows
        """Whether the padding depends on a run-time size in any use of the enclosing block."""

    @property
    def x(self) -> TensorType:
        """Type of the first input."""
        return self.xs[0]

    @property
    def y(self) -> TensorType:
        """Type of the first output."""
        return self.ys[0]

    @property
    def lead(self) -> str:
        """The batch state of the outputs: ``N``, ``1`` or ``0``."""
        return out_batch(self.batch)

    def axis(self, number: int, of: int = 0) -> int:
        """Returns the index of an input's axis in the tensor with its batch axis."""
        return number if self.batch[of] == "0" else number + 1

    def whole(self, of: int = 0) -> str:
        """Returns an input with the batch axis, expanded to the batch if it is computed from parameters only."""
        if self.batch[of] != "N" and "N" in self.batch:
            keep = ", -1" * self.xs[of].rank
            return f"{{{of}}}.expand({{{self.batch.index('N')}}}.shape[0]{keep})"
        return f"{{{of}}}"

    def aligned(self, of: int, rank: int) -> str:
        """Returns an input with axes of size one inserted after the batch axis, to broadcast with ``rank`` axes."""
        missing = rank - self.xs[of].rank
        if missing > 0 and self.batch[of] != "0":
            return f"{{{of}}}[:{', None' * missing}]"
        return f"{{{of}}}"

    def weight(self, name: str) -> bool:
        """Whether the node has a weight of that name."""
        return any(n == name for n, _ in self.node.weights)


def out_batch(batch: tuple[str, ...]) -> str:
    """Returns the batch state of values computed from inputs with these states."""
    return "N" if "N" in batch else "1" if "1" in batch else "0"


lower: Lowering[Site, Lowered] = Lowering("torch", "netspec_torch.rules")
"""The rules by operator class."""

BATCHLESS: set[type[Op]] = set()
"""Operators whose rules accept tensors without a batch axis."""


def batchless(*classes: type[Op]) -> None:
    """Declares that the rules of operators, and of their subclasses, accept tensors without a batch axis."""
    BATCHLESS.update(classes)


def takes_batchless(op: Op) -> bool:
    """Whether the rule of an operation accepts tensors without a batch axis."""
    return not BATCHLESS.isdisjoint(type(op).__mro__)


def simple(values: tuple[int, ...]) -> int | tuple[int, ...]:
    """Returns a single number if all are equal, as PyTorch permits for per-axis arguments."""
    return values[0] if len(set(values)) == 1 else values


def module(cls: str, /, **args: Literal) -> Lowered:
    """A submodule with its arguments, applied to the inputs."""
    return Lowered(Make(cls, args))


def applied(call: str, cls: str, /, **args: Literal) -> Lowered:
    """Returns a submodule with the expression that calls it; an empty text calls it with the inputs."""
    return Lowered(Make(cls, args), Expr(call))


def expression(text: str, **holes: Literal) -> Lowered:
    """An expression over the inputs."""
    return Lowered(None, Expr(text, holes))


def overwriting(text: str) -> Lowered:
    """A statement that overwrites the first input."""
    return Lowered(None, Expr(text), overwrites=True)


def numbered(prefix: str, values: tuple[Literal, ...]) -> tuple[str, dict[str, Literal]]:
    """Returns holes for a list of numbers: the text ``{s0}, {s1}``, and their values."""
    return ", ".join(f"{{{prefix}{i}}}" for i in range(len(values))), {f"{prefix}{i}": v for i, v in enumerate(values)}
