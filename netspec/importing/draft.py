"""Drafts: an imported network as netspec's operations, before it becomes a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypedDict, Unpack

from ..ops import TABLE, find
from ..ops.argument import as_list
from ..shapes.sizes import Size
from .problems import ImportDiagnostic

Shape = tuple[Size, ...]
"""Shape of a value, without the batch axis."""


@dataclass(frozen=True, slots=True)
class ModuleCall:
    """One call of a module of the source: a level of the tree of names."""

    key: str
    """Distinguishes several calls of one module."""
    path: str
    """Full dotted name of the module: ``layer1.0.conv1``."""
    class_name: str


@dataclass(frozen=True, slots=True)
class DraftInput:
    """An input of the network."""

    value: int
    shape: Shape
    dtype: str
    axes: tuple[str | None, ...] | None = None
    """Names of its axes if they are not the defaults of a spec, as in ``("height", "width", "channels")``."""


@cache
def layer_arguments(operation: str) -> tuple[str, ...]:
    """Returns the arguments of an operation that name layers, such as ``mask``, in order."""
    if operation not in TABLE:
        return ()
    return tuple(name for name, a in find(operation).arguments.items() if a.validator.kind == "layer")


class DraftFields(TypedDict, total=False):
    """The optional fields of a :class:`Draft`, which documents them."""

    calls: tuple[ModuleCall, ...]
    weights: dict[str, str]
    given_weights: dict[str, int]
    origin: str
    stem: str
    frozen: bool
    frozen_weights: tuple[str, ...]
    opaque: bool


@dataclass(eq=False, slots=True)
class Draft:
    """One layer of the flat spec."""

    operation: str
    inputs: list[int]
    """Numbers of its input values, without those of arguments that name layers."""
    arguments: dict[str, Any]
    """Arguments as in a spec, including the primary one by name; an argument that names a layer (``mask``) is the
    number of a value.

    The ``expression`` of a ``formula`` refers to its inputs as ``x0``, ``x1``, … in their order.
    """
    outputs: list[int]
    """Numbers of its output values."""
    calls: tuple[ModuleCall, ...] = ()
    """The enclosing module calls, outermost first."""
    weights: dict[str, str] = field(default_factory=dict[str, str])
    """Names of its tensors in the source's state dict, by the operation's local names (``weight``); the local name is
    empty for the tensor of a ``parameter`` or ``buffer``.
    """
    given_weights: dict[str, int] = field(default_factory=dict[str, int])
    """Weights that other layers compute: numbers of values, by local name."""
    shared_weights: dict[str, tuple[Draft, str]] = field(default_factory=dict[str, "tuple[Draft, str]"])
    """Weights owned by an earlier draft, by local name: that draft, and the local name there.

    Set by :func:`netspec.importing.tensor_owners.settle_weights`, which removes them from ``weights``.
    """
    origin: str = ""
    """Its origin for messages: ``aten.convolution at layer1.0.conv1``, ``Conv 'node_7'``."""
    name: str = ""
    """Full dotted name in the spec; set by :func:`netspec.importing.layer_names.name_layers`."""
    stem: str = ""
    """Stem of its name, used if nothing better is known: ``heads``."""
    frozen: bool = False
    """Whether its weights are frozen."""
    frozen_weights: tuple[str, ...] = ()
    """Local names of frozen weights if others are trained, such as a constant gain of 1."""
    opaque: bool = False
    """Whether netspec lacks the operation, so that only the shapes of its outputs are known.

    The reader also reports a problem; ``--opaque`` imports the network nevertheless, with an operation that the spec
    declares.
    """

    @property
    def reads(self) -> list[int]:
        """Returns all values that it needs: inputs, layers in arguments, and given weights."""
        named = [self.arguments[name] for name in layer_arguments(self.operation) if name in self.arguments]
        return [*self.inputs, *named, *self.given_weights.values()]

    def replace_value(self, old: int, new: int) -> None:
        """Replaces a value that it reads."""
        self.inputs = [new if value == old else value for value in self.inputs]
        self.given_weights = {name: new if value == old else value for name, value in self.given_weights.items()}
        for name in layer_arguments(self.operation):
            if self.arguments.get(name) == old:
                self.arguments[name] = new


ALONG_AN_AXIS = ("concat", "dense", "layer_norm", "rms_norm", "l2_normalize")
"""Operations along one axis, whose number depends on the layout."""


def numbered_axes(draft: Draft, rank: int) -> list[int] | None:
    """Returns the axes in a draft's argument ``axis`` as non-negative numbers; None if it has none, or names."""
    written: Any = draft.arguments.get("axis")
    axes = as_list(written)
    return [axis % rank for axis in axes] if all(type(axis) is int for axis in axes) else None


@dataclass(eq=False, slots=True)
class DraftNetwork:
    """A network that a reader writes and passes modify."""

    name: str
    dtype: str = "float32"
    """The floating-point type of weights."""
    inputs: dict[str, DraftInput] = field(default_factory=dict[str, DraftInput])
    outputs: dict[str, int] = field(default_factory=dict[str, int])
    """Numbers of values, by name."""
    drafts: list[Draft] = field(default_factory=list[Draft])
    """In topological order."""
    shapes: list[Shape] = field(default_factory=list[Shape])
    """The shape of each value, by its number."""
    dtypes: dict[int, str] = field(default_factory=dict[int, str])
    """The element types of values of opaque drafts that differ from those of their first inputs."""
    dims: dict[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    """Named dimensions, each with its default (``default``) and constraints (``min``, ``max``, ``multiple_of``)."""
    tables: dict[str, Any] = field(default_factory=dict[str, Any])
    """Constants that no initialiser describes: arrays by the names of their buffers in the drafts' ``weights``.

    They are stored with the weights.
    """
    exact_tables: dict[str, Any] = field(default_factory=dict[str, Any])
    """Double-precision values of computed tables, which ``tables`` contains rounded.

    For a table stored in the source, the stored values.
    """
    problems: list[ImportDiagnostic] = field(default_factory=list[ImportDiagnostic])
    notes: list[str] = field(default_factory=list[str])
    """Notes on parts that were imported in a different form, or that the network lacks."""
    layout: str = "channels_first"
    """``channels_first`` or ``channels_last``: the convention for shapes and for axes in arguments."""
    weight_values: dict[int, tuple[Draft, str]] = field(default_factory=dict[int, "tuple[Draft, str]"])
    """Values that are weights of drafts, by local name: a tied table that is read as a tensor."""
    batch_axes: list[int] = field(default_factory=list[int])
    """The batch axis of each output in the source; it is the first in a spec. Empty if it is the first in all."""
    attributes: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """For each module path, the module's own attributes that are numbers, booleans, strings, or lists of these
    (``num_heads``), after which parameters are named.
    """

    def value(self, shape: Sequence[Size]) -> int:
        """Adds a value with a shape; returns its number."""
        self.shapes.append(tuple(shape))
        return len(self.shapes) - 1

    def add(
        self,
        operation: str,
        inputs: Sequence[int],
        shapes: Sequence[Sequence[Size]],
        arguments: Mapping[str, Any] | None = None,
        **details: Unpack[DraftFields],
    ) -> list[int]:
        """Appends a draft with one output value of each shape; returns their numbers.

        Args:
            operation: name of an operation of netspec.
            inputs: numbers of its input values.
            shapes: shapes of its outputs, without the batch.
            arguments: arguments of the operation, as in a spec.
            details: further fields of :class:`Draft`.
        """
        outputs = [self.value(shape) for shape in shapes]
        self.drafts.append(Draft(operation, list(inputs), dict(arguments or {}), outputs, **details))
        return outputs

    def producers(self) -> dict[int, Draft]:
        """Returns the draft that produces each value."""
        return {value: draft for draft in self.drafts for value in draft.outputs}

    def readers(self) -> dict[int, list[Draft]]:
        """Returns the drafts that read each value, in order, once for each read."""
        out: dict[int, list[Draft]] = {}
        for draft in self.drafts:
            for value in draft.reads:
                out.setdefault(value, []).append(draft)
        return out

    def replace_value(self, old: int, new: int) -> None:
        """Replaces a value wherever it is read or returned."""
        for draft in self.drafts:
            draft.replace_value(old, new)
        self.outputs = {name: new if value == old else value for name, value in self.outputs.items()}

    def remove_unread(self) -> None:
        """Removes the drafts on which no output depends."""
        needed = set(self.outputs.values())
        still_read: list[Draft] = []
        for draft in reversed(self.drafts):
            if not needed.isdisjoint(draft.outputs):
                needed.update(draft.reads)
                still_read.append(draft)
        self.drafts = still_read[::-1]
