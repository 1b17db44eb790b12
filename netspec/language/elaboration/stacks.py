"""Copies with stacked weights (``stacked``). Loaded only for specs that use it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...diagnostics import LocatedError, clip
from ...ir import Parameter
from ...ops.common.init_scale import stacked_init
from ...ops.weight import Weight
from ...shapes.types import shape_text
from ..reading.evaluation import Environment
from ..reading.expression_functions import describe_value
from ..reading.written_values import WrittenValue
from .draft_graph import DraftScope


class Stack:
    """Copies whose weights are stored as one tensor with a leading axis (``stacked``)."""

    __slots__ = ("count", "number", "scope", "users")

    def __init__(self, scope: DraftScope, count: int) -> None:
        self.scope = scope
        """The scope of the copies, in which they are named by their numbers."""
        self.count = count
        self.number = 0
        """The number of the current copy."""
        self.users: dict[str, set[int]] = {}
        """The stacked weights by full name, each with the copies that use it."""

    @property
    def copy(self) -> str:
        """The full name of the current copy."""
        return f"{self.scope.name}.{self.number}"

    def check(self, location: int) -> None:
        """Raises LocatedError NS326 if a copy lacks a weight of another."""
        for name, users in self.users.items():
            if len(users) < self.count:
                message = f"'stacked' is for equal copies: {len(users)} of {self.count} have '{clip(name)}'"
                raise LocatedError("NS326", message, location)


def is_stacked(stacked: WrittenValue, environment: Environment) -> bool:
    """Returns the value of ``stacked``. Raises LocatedError NS203."""
    value = stacked.evaluate(environment)
    if type(value) is not bool:
        message = f"stacked must be true or false; found {describe_value(value)}"
        raise LocatedError("NS203", message, stacked.location)
    return value


def stack_of(stacked: WrittenValue, environment: Environment, scope: DraftScope, count: int) -> Stack | None:
    """Returns the stack of copies in a scope; None if ``stacked`` is false. Raises LocatedError."""
    return Stack(scope, count) if is_stacked(stacked, environment) else None


def check_not_stacked(stacked: WrittenValue, environment: Environment) -> None:
    """Raises LocatedError NS326 if copies without a common name are stacked."""
    if is_stacked(stacked, environment):
        message = "'stacked' needs a name that all copies have in common"
        help = "write them in a mapping, as `halves: {Half, repeat: 3, stacked: true}`"
        raise LocatedError("NS326", message, stacked.location, help=help)


def name_in_stacks(runs: Sequence[str | Stack], name: str, depth: int) -> str:
    """Returns the full name of a weight without the numbers of runs and copies inside of the first ``depth`` stacks."""
    left = sum(isinstance(run, Stack) for run in runs) - depth
    for run in reversed(runs):
        if not left:
            break
        inside = run.copy if isinstance(run, Stack) else run
        left -= isinstance(run, Stack)
        if name.startswith(inside):
            name = inside.rpartition(".")[0] + name[len(inside) :]
    return name


def of_all_copies(stacks: Sequence[Stack], name: str, weight: Weight) -> Weight:
    """Returns the weight (full name) of all copies together. Raises LocatedError NS326 for some initial values."""
    for stack in reversed(stacks):
        init = stacked_init(weight.init, weight.shape, stack.count)
        if init is None:
            message = f"the weights of copies with init: {weight.init.kind} cannot be stacked: '{clip(name)}'"
            raise LocatedError("NS326", message, help="choose another 'init', or leave out 'stacked'")
        weight = weight._replace(shape=(stack.count, *weight.shape), init=init)
    return weight


def check_equal(name: str, other: Parameter, weight: Weight, trainable: bool, axes: int) -> None:
    """Raises LocatedError NS326 unless a copy's weight equals that of another, apart from the leading axes."""
    shapes = f"{shape_text(other.shape[axes:])} and {shape_text(weight.shape[axes:])}"
    differences = (
        (f"'{clip(name)}' would be {shapes}", other.shape != weight.shape),
        (f"'{clip(name)}' would be {other.dtype} and {weight.dtype}", other.dtype != weight.dtype),
        (f"'{clip(name)}' is a buffer in some", other.buffer != weight.buffer),
        (f"the initial values of '{clip(name)}' differ", other.init != weight.init),
        (f"'{clip(name)}' is frozen in some", other.trainable != trainable),
    )
    for difference, is_found in differences:
        if is_found:
            raise LocatedError("NS326", f"'stacked' is for equal copies: {difference}")


def cannot_stack(owner: str, location: int) -> LocatedError:
    """Returns NS538: an operation in a stacked copy has weights that cannot be values."""
    help = "those of convolutions, dense layers, embeddings and normalisations can"
    return LocatedError("NS538", f"the weights of '{owner}' cannot be stacked", location, help=help)


def check_shared(copy: str, operation: str, parameters: Iterable[Parameter], location: int) -> None:
    """Raises LocatedError NS538 if an operation in one copy of a stack (full name) stores a weight of its own."""
    if any(p.name.startswith(f"{copy}.") for p in parameters):
        raise cannot_stack(operation, location)
