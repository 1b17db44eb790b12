"""Sharing and freezing of weights: determines the parameter object of each weight."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...diagnostics import LocatedError, clip
from ...ir import Parameter
from ...ops.weight import Weight
from ...shapes.types import shape_text

if TYPE_CHECKING:
    from .stacks import Stack


class SharedWeights:
    """The weights that a layer shares with an earlier one: all with equal name, shape and kind."""

    __slots__ = ("count", "owner", "user")

    def __init__(self, user: str, owner: str) -> None:
        self.user = user
        """The full name of the layer with ``share``."""
        self.owner = owner
        """The full name of the layer that owns the weights."""
        self.count = 0
        """Number of shared weights."""


class Freeze:
    """The ``freeze`` of a layer, for all of its weights or for those with given names."""

    __slots__ = ("layer", "matched", "names")

    def __init__(self, layer: str, names: tuple[str, ...] | None = None) -> None:
        self.layer = layer
        """The full name of the layer."""
        self.names = names
        """The names of the weights, or of the layers that contain them; None for all."""
        self.matched: set[str] = set()
        """The names that have been matched."""

    def holds(self, weight: str) -> bool:
        """Whether it applies to a weight of that full name, which is within the layer."""
        if self.names is None:
            return True
        name = weight[len(self.layer) + 1 :]
        matching = [n for n in self.names if name == n or name.startswith(f"{n}.")]
        self.matched.update(matching)
        return bool(matching)


class Sharing:
    """Creates parameters, applying ``share`` and ``freeze`` of enclosing layers."""

    def __init__(self) -> None:
        self._parameters: dict[str, Parameter] = {}
        """Every weight by its full name; shared weights have two names."""
        self._shared: list[SharedWeights] = []
        """The ``share`` of enclosing layers, the outermost first."""
        self._failed: set[str] = set()
        """The full names of layers with a problem, and of their enclosing layers."""
        self._frozen: list[Freeze] = []
        """The ``freeze`` of enclosing layers."""
        self.weight_type = "float32"
        """The floating-point type of weights: the ``dtype`` of an enclosing layer, or of the spec."""
        self._runs: list[str | Stack] = []
        """The full names of enclosing runs of mapped layers, and enclosing stacks of copies, the outermost first."""
        self._mapped: set[str] = set()
        """The names of the weights of mapped layers and of stacked copies."""

    def mark_failed(self, layer: str) -> None:
        """Records that a layer (full name) has a problem, so that its weights are unknown."""
        while layer and layer not in self._failed:
            self._failed.add(layer)
            layer = layer.rpartition(".")[0]

    def weights(self) -> list[str]:
        """The full names of all weights so far."""
        return list(self._parameters)

    def is_unknown(self, shared: SharedWeights) -> bool:
        """Whether some weights on either side are unknown, because a layer there has a problem."""
        return shared.owner in self._failed or shared.user in self._failed

    @contextmanager
    def applied(self, shared: SharedWeights | None, frozen: Freeze | None, dtype: str | None = None) -> Generator[None]:
        """Applies the ``share``, ``freeze`` and ``dtype`` of a layer in the context."""
        outer = self.weight_type
        if dtype is not None:
            self.weight_type = dtype
        if shared is not None:
            self._shared.append(shared)
        if frozen is not None:
            self._frozen.append(frozen)
        try:
            yield
        finally:
            self.weight_type = outer
            if shared is not None:
                self._shared.pop()
            if frozen is not None:
                self._frozen.pop()

    @contextmanager
    def run(self, run: str | Stack) -> Generator[None]:
        """Enters a run of a mapped layer (full name, with its number) or a copy of a stack in the context."""
        self._runs.append(run)
        try:
            yield
        finally:
            self._runs.pop()

    @property
    def runs(self) -> list[str | Stack]:
        """The enclosing runs and stacks, the outermost first."""
        return self._runs

    @property
    def stacks(self) -> list[Stack]:
        """The enclosing stacks of copies, the outermost first."""
        return [run for run in self._runs if not isinstance(run, str)]

    def has_failed(self, layer: str) -> bool:
        """Whether a layer (full name), or a layer inside it, has a problem."""
        return layer in self._failed

    def stored_name(self, name: str, *, stacked: bool) -> str:
        """Returns the full name of a weight without the numbers of runs, and of copies if it is ``stacked``."""
        for run in reversed(self._runs):
            inside = run if isinstance(run, str) else run.copy if stacked else ""
            if inside and name.startswith(inside):
                name = inside.rpartition(".")[0] + name[len(inside) :]
        return name

    def _of_other_run(self, name: str, weight: Weight, trainable: bool, axes: int) -> Parameter | None:
        """Returns the weight of that name, with the leading axes of stacks, if an earlier run or copy created it.

        Raises LocatedError NS322 if it has another shape or kind, or belongs to a layer with the same name; NS326 if it
        belongs to another copy and differs.
        """
        other = self._parameters.get(name)
        if other is None:
            return None
        if axes and name in self._mapped and any(stack.number for stack in self.stacks):
            from .stacks import check_equal

            check_equal(name, other, weight, trainable, axes)
            return other
        mine = (weight.shape, weight.buffer, weight.dtype)
        if name in self._mapped and (other.shape, other.buffer, other.dtype) == mine:
            return other
        if name not in self._mapped:
            raise LocatedError("NS322", f"there are two weights named '{clip(name)}'", help="rename one of the layers")
        shapes = f"{shape_text(other.shape)} and {shape_text(weight.shape)}"
        kinds = shapes if other.shape != weight.shape else f"{other.dtype} and {weight.dtype}"
        message = f"'{clip(name)}' is one weight for all tensors of 'map', and would be {kinds}"
        help = "a name that contains a parameter, as `bn.$(level)` with `level: $(index)`, gives each its own"
        raise LocatedError("NS322", message, help=help)

    def parameter(self, layer: str, weight: Weight, *, stacked: bool = False) -> Parameter:
        """Returns the parameter for a weight of a layer (full name), which is that of another layer if it is shared.

        Args:
            layer: the full name of the layer.
            weight: the weight.
            stacked: whether enclosing copies stack it; a shared weight is unchanged.

        Raises:
            LocatedError: NS322, the weight of another run differs; NS326, that of another copy differs.
        """
        name = f"{layer}.{weight.name}" if weight.name else layer
        parameter = self._of_owner(name, weight)
        if parameter is None and stacked:
            from .stacks import of_all_copies  # loaded only for copies with `stacked`

            stored = self.stored_name(name, stacked=True)
            for stack in self.stacks:
                stack.users.setdefault(stored, set()).add(stack.number)
            weight = of_all_copies(self.stacks, name, weight)
            parameter = self._of_owner(name, weight) or self._stored_parameter(
                name, stored, weight, axes=len(self.stacks)
            )
        elif parameter is None:
            parameter = self._stored_parameter(name, self.stored_name(name, stacked=False), weight)
        self._parameters[name] = self._parameters[parameter.name] = parameter
        return parameter

    def _of_owner(self, name: str, weight: Weight) -> Parameter | None:
        """Returns the weight of another layer that ``share`` assigns to a weight of that full name, or None."""
        mine = (weight.shape, weight.buffer, weight.dtype)
        for shared in reversed(self._shared):
            if not name.startswith(shared.user):
                continue
            other = self._parameters.get(shared.owner + name[len(shared.user) :])
            if other is not None and (other.shape, other.buffer, other.dtype) == mine:
                shared.count += 1
                return other
        return None

    def _stored_parameter(self, name: str, stored: str, weight: Weight, *, axes: int = 0) -> Parameter:
        """Returns the weight of another run or copy under its stored name, or a new one. Raises LocatedError.

        ``axes`` is the number of leading axes that belong to stacks.
        """
        frozen = [freeze for freeze in self._frozen if freeze.holds(name)]
        trainable = weight.trainable and not weight.buffer and not frozen
        if axes or len(self._runs) > len(self.stacks):
            other = self._of_other_run(stored, weight, trainable, axes)
            if other is not None:
                return other
            self._mapped.add(stored)
        elif name in self._mapped:
            raise LocatedError("NS322", f"there are two weights named '{clip(name)}'", help="rename one of the layers")
        kind = (weight.buffer, weight.dtype, weight.persistent)
        return Parameter(stored, weight.shape, weight.init, trainable, *kind, stacks=axes)
