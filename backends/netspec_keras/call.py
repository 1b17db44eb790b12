"""A call of a layer, as seen by its rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from netspec.importing import CannotImportError, ModuleCall
from netspec.importing.problems import ARGUMENT, BATCH, INVALID_SOURCE

from .json_values import is_list, is_mapping
from .layer_settings import Settings
from .model_config import LayerConfig
from .tensors import SpecTensor, Variable
from .values import KerasTensor


class Writer(Protocol):
    """The interface of the walk over a model, which receives drafts."""

    channels_last: bool
    variables: dict[Variable, int]

    @property
    def tensors(self) -> Mapping[str, SpecTensor]:
        """The tensors of the spec so far, by name."""
        ...

    def order_of(self, layer: LayerConfig) -> int:
        """Returns the number of a layer in the configuration."""
        ...

    def note(self, layer: LayerConfig, text: str) -> None:
        """Adds a note on a layer; only once for all layers of one class."""
        ...

    def add(
        self,
        call: LayerCall,
        operation: str,
        inputs: list[KerasTensor],
        arguments: dict[str, Any],
        stem: str,
        weights: Mapping[str, tuple[str, SpecTensor]],
        frozen: tuple[str, ...],
    ) -> list[KerasTensor]:
        """Appends a draft; returns its results. Raises CannotImportError."""
        ...


@dataclass(eq=False, slots=True)
class LayerCall:
    """One call of a layer with its input values.

    Args:
        walk: receives the drafts.
        layer: the layer, or one that it wraps.
        calls: the enclosing modules, including itself.
        args: its positional arguments, with tensors as values.
        kwargs: its keyword arguments.
        prefix: full name of the layer in the spec.
        masked: whether Keras passes it a mask of positions.
    """

    walk: Writer
    layer: LayerConfig
    calls: tuple[ModuleCall, ...]
    args: list[Any]
    kwargs: dict[str, Any]
    prefix: str
    masked: bool = False

    @property
    def settings(self) -> Settings:
        """The configuration of the layer."""
        return self.layer.settings

    @property
    def channels_last(self) -> bool:
        """Whether the network has the channels last."""
        return self.walk.channels_last

    @property
    def inputs(self) -> list[KerasTensor]:
        """The tensors among its positional arguments, in order."""
        return list(_values(self.args))

    @property
    def input(self) -> KerasTensor:
        """The first tensor. Raises CannotImportError NS846 if there is none."""
        for value in _values(self.args or list(self.kwargs.values())):
            return value
        raise CannotImportError(INVALID_SOURCE, "its arguments contain no tensor")

    def argument(self, position: int | None, name: str, default: Any = None) -> Any:
        """Returns an argument of the call, else of the configuration, else the default; ``position`` is None for
        keyword-only ones.
        """
        if position is not None and position < len(self.args):
            return self.args[position]
        if name in self.kwargs:
            return self.kwargs[name]
        return self.settings.values.get(name, default)

    # -- drafts ------------------------------------------------------------------------------------------------------
    def add(
        self,
        operation: str,
        inputs: Sequence[KerasTensor] | KerasTensor | None = None,
        *,
        stem: str = "",
        weights: Mapping[str, SpecTensor] | None = None,
        untrained: tuple[str, ...] = (),
        part: str = "",
        **arguments: Any,
    ) -> KerasTensor:
        """Appends a layer of the spec; returns its first result.

        Args:
            operation: name of the operation.
            inputs: its inputs; by default the input of the call.
            stem: stem of its name, if it is only a part of the Keras layer.
            weights: its tensors by local name.
            untrained: local names of untrained tensors, if others are trained.
            part: name, within the Keras layer, of a part with weights.
            arguments: arguments of the operation; None means the default.
        """
        return self.add_several(
            operation, inputs, stem=stem, weights=weights, untrained=untrained, part=part, **arguments
        )[0]

    def add_several(
        self,
        operation: str,
        inputs: Sequence[KerasTensor] | KerasTensor | None = None,
        *,
        stem: str = "",
        weights: Mapping[str, SpecTensor] | None = None,
        untrained: tuple[str, ...] = (),
        part: str = "",
        **arguments: Any,
    ) -> list[KerasTensor]:
        """Like :meth:`add`, but returns all results."""
        if inputs is None:
            inputs = [self.input]
        elif isinstance(inputs, KerasTensor):
            inputs = [inputs]
        prefix = f"{self.prefix}.{part}" if part else self.prefix
        named = {local: (f"{prefix}.{local}" if local else prefix, tensor) for local, tensor in (weights or {}).items()}
        present = {name: value for name, value in arguments.items() if value is not None}
        return self.walk.add(self, operation, list(inputs), present, stem or part, named, untrained)

    def variable(self, number: int, name: str, *shape: int, within: str = "", trainable: bool = True) -> Variable:
        """Returns a variable of the layer.

        Args:
            number: index among the layer's variables.
            name: name for messages.
            shape: shape in Keras.
            within: path from the layer to an inner layer that owns the variable: ``cell``.
            trainable: whether Keras lists it among the trained ones.
        """
        store = f"{self.layer.store}/{within}" if within else self.layer.store
        frozen = self.settings.values.get("trainable") is False
        variable = Variable(store, number, shape, f"{self.prefix}.{name}", self.layer.top, trainable and not frozen)
        self.walk.variables.setdefault(variable, self.walk.order_of(self.layer))
        return variable

    # -- axes --------------------------------------------------------------------------------------------------------
    def axis(self, axis: Any, rank: int) -> int:
        """Converts an axis of Keras, which counts the batch, to one of ``rank`` axes without it.

        Raises:
            CannotImportError: NS843 for the batch axis, NS846 for a number that is not an axis.
        """
        if type(axis) is not int or not -rank - 1 <= axis <= rank:
            raise CannotImportError(INVALID_SOURCE, f"axis {axis} is outside of a tensor with {rank + 1} axes")
        if axis % (rank + 1) == 0:
            raise CannotImportError(BATCH, "it operates along the batch axis")
        return axis % (rank + 1) - 1

    def axes(self, axes: Any, rank: int) -> list[int]:
        """Converts one or several axes of Keras, sorted. Raises as :meth:`axis`."""
        items = axes if is_list(axes) else [axes]
        return sorted({self.axis(a, rank) for a in items})

    def known(self, value: KerasTensor, axis: int) -> int:
        """Returns the size of an axis that determines a weight's shape.

        Raises CannotImportError NS842 if it is unknown.
        """
        size = value.shape[axis]
        if type(size) is not int:
            raise CannotImportError(ARGUMENT, "the shape of a weight depends on a size that the model leaves open")
        return size

    def refuse_masks(self) -> None:
        """Raises CannotImportError NS842 if an input has a mask that the layer would use."""
        if self.masked or any(value.masked for value in (*self.inputs, *_values(list(self.kwargs.values())))):
            raise CannotImportError(
                ARGUMENT,
                "skipping masked positions has no equivalent",
                "if inputs are not padded, set `mask_zero=False` in the embedding, and remove `Masking`",
            )


def _values(items: Any) -> list[KerasTensor]:
    """Yields the values among arguments, in order."""
    if isinstance(items, KerasTensor):
        return [items]
    if is_mapping(items):
        return [value for item in items.values() for value in _values(item)]
    if is_list(items):
        return [value for item in items for value in _values(item)]
    return []


Result = KerasTensor | list[KerasTensor]
Rule = Callable[[LayerCall], Result]


def short(sizes: Sequence[int]) -> int | list[int]:
    """Returns sizes per axis as in a spec: one number if all are equal."""
    return sizes[0] if len(set(sizes)) == 1 else list(sizes)


def unless(value: Any, default: Any) -> Any:
    """Returns the value, or None if it equals the default."""
    return None if value == default else value
