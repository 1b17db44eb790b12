"""The named dimensions of a network, and the conditions under which it works.

Rules and expressions decide equality for all values of the names if possible. Otherwise the defaults decide, and the
decision is recorded as a condition on the difference of two sizes.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, TypeAlias

from .dim_atoms import Share
from .dims import Dim
from .sizes import Size

Kind: TypeAlias = Literal["=", ">=", "!="]
Reason: TypeAlias = Literal["shape", "number", "decision"]

_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class NamedDim(NamedTuple):
    """A named dimension, with the sizes declared by the spec."""

    name: str
    default: int
    """The default size, used for the figures of a network and for decisions."""
    multiple_of: int = 1
    min: int = 1
    max: int | None = None

    @property
    def has_promise(self) -> bool:
        """Whether anything but the default is declared."""
        return self.multiple_of > 1 or self.min > 1 or self.max is not None

    def allows(self, size: int) -> bool:
        """Whether a size is among those declared."""
        return size >= self.min and size % self.multiple_of == 0 and (self.max is None or size <= self.max)


class Condition(NamedTuple):
    """A condition on named dimensions, from one layer: the difference is 0, not 0, or not negative."""

    kind: Kind
    difference: Dim
    reason: Reason
    """The origin: the shapes that a rule accepts, a number that must be known, or a decision of an expression."""
    error: Callable[[], Exception] | None
    """Creates the error that a rule would raise; None for a decision."""
    layer: str
    """Full name of the layer; empty for the network itself."""
    location: int
    """Location of the layer."""

    def holds(self, number: int) -> bool:
        """Whether it holds if the difference is a given number."""
        return number == 0 if self.kind == "=" else number >= 0 if self.kind == ">=" else number != 0


class NamedSizes:
    """The named dimensions of one network during elaboration, and the conditions collected so far.

    Args:
        dims: the dimensions.
        fix: whether a number that must be known is taken from the defaults and becomes a condition; otherwise the rule
            raises its error.
        tolerant: whether conditions that fail at the defaults are collected too, instead of raising an error.
    """

    def __init__(self, dims: Iterable[NamedDim], *, fix: bool = False, tolerant: bool = False) -> None:
        self.dims = {dim.name: dim for dim in dims}
        self.defaults = {dim.name: dim.default for dim in self.dims.values()}
        self.least = {dim.name: -(-dim.min // dim.multiple_of) * dim.multiple_of for dim in self.dims.values()}
        """The minimum declared sizes."""
        promised = {dim.name: dim.max for dim in self.dims.values() if dim.max is not None}
        self.greatest = {**self.defaults, **promised} if promised else None
        """The maximum declared sizes, or the defaults; None if none is declared."""
        self.fix = fix
        self.tolerant = tolerant
        self.conditions: list[Condition] = []
        self.is_open = True
        """Whether conditions are still collected, which ends with the elaboration."""
        self.layer = ""
        self.location = 0
        """Location of the layer being elaborated."""

    def size(self, name: str) -> Size:
        """Returns the size of a dimension."""
        step = self.dims[name].multiple_of
        return Dim.of({(Share(name, step),): step} if step > 1 else {(name,): 1}, self)

    # -- conditions --------------------------------------------------------------------------------------------------
    def require(self, kind: Kind, difference: Dim, error: Callable[[], Exception], reason: Reason = "shape") -> None:
        """Require a condition. Raises the error if it does not hold at the defaults."""
        condition = Condition(kind, difference, reason, error, self.layer, self.location)
        if not self.is_open:
            return
        if not self.tolerant and not condition.holds(difference.value):
            raise error()
        self.conditions.append(condition)

    def known(self, size: Dim, error: Callable[[], Exception]) -> int:
        """Returns the number of a size required by a rule. Raises the error unless numbers may be fixed."""
        if self.is_open:
            if not self.fix:
                raise error()
            self.require("=", _difference(size, size.value), error, "number")
        return size.value

    def number(self, size: Dim) -> int:
        """Returns the number of a size required by an expression."""
        self._record("=", _difference(size, size.value))
        return size.value

    def decide(self, kind: Literal["=", ">="], difference: Dim) -> bool:
        """Whether a difference is 0, or not negative, at the defaults; the answer becomes a condition."""
        value = difference.value
        if kind == "=":
            self._record("=" if value == 0 else "!=", difference)
            return value == 0
        self._record(">=", difference if value >= 0 else -1 - difference)
        return value >= 0

    def is_zero(self, size: Dim) -> bool:
        """Whether an expression treats a size as false."""
        return self.decide("=", size)

    def compare(self, sign: str, a: Size, b: float) -> bool:
        """Whether ``a < b``, or another comparison, holds at the defaults; the answer becomes a condition."""
        if type(b) is float:
            bound = math.floor(b) if sign in ("<=", ">") or b != math.floor(b) else b
            sign = {"<": "<=", ">=": ">"}.get(sign, sign) if b != math.floor(b) else sign
            b = int(bound)
        difference = a - b
        if not isinstance(difference, Dim):
            return _SIGNS[sign](difference, 0)
        if sign in (">=", "<"):
            return self.decide(">=", difference) is (sign == ">=")
        less = -difference
        assert isinstance(less, Dim)
        return self.decide(">=", less) is (sign == "<=")

    def _record(self, kind: Kind, difference: Size) -> None:
        if self.is_open and isinstance(difference, Dim):
            self.conditions.append(Condition(kind, difference, "decision", None, self.layer, self.location))


def equal_names(condition: Condition) -> tuple[str, str] | None:
    """Returns the two names that a condition requires to be equal; None for another condition."""
    terms = condition.difference.terms
    if condition.kind != "=" or len(terms) != 2 or sum(terms.values()) != 0:
        return None
    names = [product[0] for product in terms if len(product) == 1]
    plain = [atom.name if isinstance(atom, Share) else atom for atom in names if isinstance(atom, (str, Share))]
    return (plain[0], plain[1]) if len(plain) == 2 else None


def _difference(size: Dim, number: int) -> Dim:
    difference = size - number
    assert isinstance(difference, Dim)
    return difference
