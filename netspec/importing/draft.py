"""Drafts: a network from outside, as netspec's operations, on its way to becoming a graph."""

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
"""Of a value, without the batch axis."""


@dataclass(frozen=True, slots=True)
class ModuleCall:
    """One call of a module of the source: a level of the tree of names."""

    key: str
    """Differs between two calls of one module."""
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
    """Names of its axes, where they are not those that a spec takes them to have: ``("height", "width",
    "channels")``."""


@cache
def layer_arguments(operation: str) -> tuple[str, ...]:
    """The arguments of an operation that name layers, such as ``mask``, in order."""
    if operation not in TABLE:
        return ()
    return tuple(name for name, a in find(operation).arguments.items() if a.validator.kind == "layer")


class DraftFields(TypedDict, total=False):
    """The fields of a :class:`Draft` that most layers do not need; it documents them."""

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
    """Numbers of its input values, without those that arguments name."""
    arguments: dict[str, Any]
    """As in a spec, the primary one by its name, too; a layer as an argument (``mask``) is the number of a value.

    The ``expression`` of a ``formula`` calls its inputs ``x0``, ``x1``, … in their order."""
    outputs: list[int]
    """Numbers of its output values."""
    calls: tuple[ModuleCall, ...] = ()
    """The module calls around it, outermost first."""
    weights: dict[str, str] = field(default_factory=dict[str, str])
    """Names of its tensors in the source's state dict, by the local names that the operation gives them (``weight``);
    the local name is empty for the tensor of a ``parameter`` or ``buffer``."""
    given_weights: dict[str, int] = field(default_factory=dict[str, int])
    """Weights that other layers compute: numbers of values, by local names."""
    shared_weights: dict[str, tuple[Draft, str]] = field(default_factory=dict[str, "tuple[Draft, str]"])
    """Weights that an earlier draft has, by local names: that draft, and the local name there. Found by
    :func:`netspec.importing.tensor_owners.settle_weights`, which takes them out of ``weights``."""
    origin: str = ""
    """What it was made from, for messages: ``aten.convolution at layer1.0.conv1``, ``Conv 'node_7'``."""
    name: str = ""
    """Full dotted name in the spec; given by :func:`netspec.importing.layer_names.name_layers`."""
    stem: str = ""
    """What it is named after, where nothing better is known: ``heads``."""
    frozen: bool = False
    """Whether its weights are not trained."""
    frozen_weights: tuple[str, ...] = ()
    """Local names of those that are not trained, if others are: a gain that is always 1."""
    opaque: bool = False
    """Whether netspec has no such operation: of its outputs only the shapes are known. The reader reports a problem,
    too; ``--opaque`` imports the network all the same, with an operation that the spec declares."""

    @property
    def reads(self) -> list[int]:
        """All values that it needs: its inputs, those that arguments name, and given weights."""
        named = [self.arguments[name] for name in layer_arguments(self.operation) if name in self.arguments]
        return [*self.inputs, *named, *self.given_weights.values()]

    def replace_value(self, old: int, new: int) -> None:
        """Let it read one value in place of another."""
        self.inputs = [new if value == old else value for value in self.inputs]
        self.given_weights = {name: new if value == old else value for name, value in self.given_weights.items()}
        for name in layer_arguments(self.operation):
            if self.arguments.get(name) == old:
                self.arguments[name] = new


ALONG_AN_AXIS = ("concat", "dense", "layer_norm", "rms_norm", "l2_normalize")
"""Operations that work along one axis, whose number changes with the layout."""


def numbered_axes(draft: Draft, rank: int) -> list[int] | None:
    """The axes that the argument ``axis`` of a draft counts, from 0; None if it gives none, or names."""
    written: Any = draft.arguments.get("axis")
    axes = as_list(written)
    return [axis % rank for axis in axes] if all(type(axis) is int for axis in axes) else None


@dataclass(eq=False, slots=True)
class DraftNetwork:
    """A network that a reader writes and passes change."""

    name: str
    dtype: str = "float32"
    """The floating-point type of weights."""
    inputs: dict[str, DraftInput] = field(default_factory=dict[str, DraftInput])
    outputs: dict[str, int] = field(default_factory=dict[str, int])
    """Numbers of values, by name."""
    drafts: list[Draft] = field(default_factory=list[Draft])
    """In an order in which each reads only what those before it output."""
    shapes: list[Shape] = field(default_factory=list[Shape])
    """The shape of each value, by its number."""
    dtypes: dict[int, str] = field(default_factory=dict[int, str])
    """The element types of values that opaque drafts output, where they are not those of their first inputs."""
    dims: dict[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    """Named dimensions: for each its default (``default``) and promises (``min``, ``max``, ``multiple_of``)."""
    tables: dict[str, Any] = field(default_factory=dict[str, Any])
    """Constants that no initialiser describes: arrays by the names of their buffers, which the drafts' ``weights``
    hold. They are stored with the weights."""
    exact_tables: dict[str, Any] = field(default_factory=dict[str, Any])
    """Tables in double precision that were computed on the way: those in ``tables`` are these numbers, rounded. Of a
    table that the source stores these are the stored numbers."""
    problems: list[ImportDiagnostic] = field(default_factory=list[ImportDiagnostic])
    notes: list[str] = field(default_factory=list[str])
    """What was read in another way than it was written, and parts of the source that the network lacks."""
    layout: str = "channels_first"
    """``channels_first`` or ``channels_last``: how shapes, and axes among the arguments, are counted."""
    weight_values: dict[int, tuple[Draft, str]] = field(default_factory=dict[int, "tuple[Draft, str]"])
    """Values that are weights of drafts, by local names: a tied table that is read as a tensor."""
    batch_axes: list[int] = field(default_factory=list[int])
    """Where the source has the batch in each output; a spec has it first. Empty: first in all."""
    attributes: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """For each module path, the module's own attributes that are numbers, booleans, texts, or lists of them: the words
    of its author (``num_heads``), after which parameters are named."""

    def value(self, shape: Sequence[Size]) -> int:
        """The number of a new value of a shape."""
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
        """Append a draft with one output value of each shape; returns their numbers.

        Args:
            operation: name of an operation of netspec.
            inputs: numbers of its input values.
            shapes: of its outputs, without the batch.
            arguments: of the operation, as in a spec.
            details: further fields of :class:`Draft`.
        """
        outputs = [self.value(shape) for shape in shapes]
        self.drafts.append(Draft(operation, list(inputs), dict(arguments or {}), outputs, **details))
        return outputs

    def producers(self) -> dict[int, Draft]:
        """The draft that outputs each value."""
        return {value: draft for draft in self.drafts for value in draft.outputs}

    def readers(self) -> dict[int, list[Draft]]:
        """The drafts that read each value, in order, each as often as it reads it."""
        out: dict[int, list[Draft]] = {}
        for draft in self.drafts:
            for value in draft.reads:
                out.setdefault(value, []).append(draft)
        return out

    def replace_value(self, old: int, new: int) -> None:
        """Let everything that reads or returns one value read or return another."""
        for draft in self.drafts:
            draft.replace_value(old, new)
        self.outputs = {name: new if value == old else value for name, value in self.outputs.items()}

    def remove_unread(self) -> None:
        """Remove the drafts that no output depends on."""
        needed = set(self.outputs.values())
        still_read: list[Draft] = []
        for draft in reversed(self.drafts):
            if not needed.isdisjoint(draft.outputs):
                needed.update(draft.reads)
                still_read.append(draft)
        self.drafts = still_read[::-1]
