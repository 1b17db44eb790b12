"""What a rule of the PyTorch backend returns: data, from which the text of the module is written.

A rule says which submodule to construct (:class:`Make`), or which expression over the inputs stands for the
operation (:class:`Expr`), or both. Numbers in them are named (holes), so that what differs between the uses of a
block can become an argument of its class.
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
    """An argument that is left out where it has its default value."""

    value: Literal
    default: Literal


@dataclass(frozen=True, slots=True)
class Make:
    """A submodule: the class, and its arguments in order; those with a :class:`Default` are given by name."""

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
    """The expression; for a submodule how it is applied."""
    alone: Expr | None = None
    """An expression without the submodule, for an activation that belongs to another layer."""
    functional: bool = False
    """Whether the functional form ``alone`` is idiomatic; the submodule is then used in chains of modules only."""
    returns: int | None = None
    """How many outputs the expression returns, the first ones; None for all."""
    overwrites: bool = False
    """Whether the text is a statement that overwrites the first input, ``{0} += {1}``."""


class Site:
    """One node as a rule sees it: operator, types without the batch axis, and which values have a batch axis.

    A value has the batch (``N``), a batch axis of one (``1``), or none (``0``), where it follows from parameters and
    buffers alone. Rules of operators in :data:`BATCHLESS` may meet all three; for others ``0`` is made ``1`` before.
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
        """Whether the input may be overwritten: no other reader, and not needed for the producer's gradient."""
        self.used = used
        """Which outputs are used."""
        self.uneven = uneven
        """Whether the padding differs between the ends of an axis in some use of the block that has the layer."""
        self.follows = follows
        """Whether the padding depends on the size at run time in some use of the block that has the layer."""

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
        """Whether the outputs have the batch axis."""
        return out_batch(self.batch)

    def axis(self, number: int, of: int = 0) -> int:
        """Number of an input's axis in the tensor."""
        return number if self.batch[of] == "0" else number + 1

    def whole(self, of: int = 0) -> str:
        """An input with the batch axis; one that follows from parameters alone is expanded to the batch."""
        if self.batch[of] != "N" and "N" in self.batch:
            keep = ", -1" * self.xs[of].rank
            return f"{{{of}}}.expand({{{self.batch.index('N')}}}.shape[0]{keep})"
        return f"{{{of}}}"

    def aligned(self, of: int, rank: int) -> str:
        """An input with axes of size one after the batch axis, so that it broadcasts against ``rank`` axes."""
        missing = rank - self.xs[of].rank
        if missing > 0 and self.batch[of] != "0":
            return f"{{{of}}}[:{', None' * missing}]"
        return f"{{{of}}}"

    def weight(self, name: str) -> bool:
        """Whether the node has a weight of that name."""
        return any(n == name for n, _ in self.node.weights)


def out_batch(batch: tuple[str, ...]) -> str:
    """Whether values computed from such values have the batch axis."""
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
    """One number where all are equal, as PyTorch allows for arguments per axis."""
    return values[0] if len(set(values)) == 1 else values


def module(cls: str, /, **args: Literal) -> Lowered:
    """A submodule with its arguments, applied to the inputs."""
    return Lowered(Make(cls, args))


def applied(call: str, cls: str, /, **args: Literal) -> Lowered:
    """A submodule, and the expression that applies it; the empty text applies it to the inputs."""
    return Lowered(Make(cls, args), Expr(call))


def expression(text: str, **holes: Literal) -> Lowered:
    """An expression over the inputs."""
    return Lowered(None, Expr(text, holes))


def overwriting(text: str) -> Lowered:
    """A statement that overwrites the first input."""
    return Lowered(None, Expr(text), overwrites=True)


def numbered(prefix: str, values: tuple[Literal, ...]) -> tuple[str, dict[str, Literal]]:
    """Holes for a list of numbers: the text ``{s0}, {s1}``, and their values."""
    return ", ".join(f"{{{prefix}{i}}}" for i in range(len(values))), {f"{prefix}{i}": v for i, v in enumerate(values)}
