"""The key ``weights``: weights of a layer that other layers compute. Loaded only for specs that use it.

All weights of such a layer become values; stored ones are nodes ``parameter`` and ``buffer``. These nodes, and those of
inline layers, belong to the layer (``Node.weight_of``) and are in a scope with its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from ...diagnostics import LocatedError, clip, unpack
from ...ir import Trace
from ...ops.base import Op
from ...ops.common.init_argument import Choice
from ...ops.weight import ONES, Init, Origin, Weight
from ...shapes.shape_error import ShapeError
from ...shapes.sizes import require_equal
from ...shapes.types import TensorType, learned_type, shape_text
from ..reading.evaluation import FailedInputError
from ..reading.given_weights import GivenWeight
from ..reading.layers import Layer
from .bindings import DocumentParameters
from .budget import Budget
from .copies import Copy, Instance
from .draft_graph import DraftGraph, DraftScope, ScopeTree
from .environment import Cells
from .inference import Inferred
from .names import Entry, LexicalScope, check_present
from .resolver import Resolver
from .sharing import Sharing
from .stacked_weights import User, part_of_stack
from .stacks import cannot_stack
from .stored_weights import stored_op
from .weight_keys import unknown_weight
from .wiring import Wiring


class Nodes(Protocol):
    """The interface for adding nodes to a graph."""

    graph: DraftGraph
    tree: ScopeTree
    sharing: Sharing
    wiring: Wiring
    resolver: Resolver
    parameters: DocumentParameters
    budget: Budget
    owner: str | None
    """The layer for whose weights nodes are being added."""

    def operation(self, name: str) -> type[Op]:
        """The operation of a name."""
        ...

    def in_place_of(self, layer: str) -> AbstractContextManager[None]:
        """Returns a context in which nodes for a weight of a layer are added."""
        ...


class WeightsEntry(NamedTuple):
    """The location of the key ``weights`` that applies to a weight."""

    weight: GivenWeight[Layer]
    is_default: bool
    """Whether it is under ``defaults``."""


def sources(
    written: Mapping[str, GivenWeight[Layer]], default: Mapping[str, GivenWeight[Layer]]
) -> dict[str, WeightsEntry]:
    """Returns the sources of weights by name; those of the layer take precedence over defaults."""
    merged = {name: WeightsEntry(weight, True) for name, weight in default.items()}
    merged |= {name: WeightsEntry(weight, False) for name, weight in written.items()}
    return {name: s for name, s in merged.items() if s.weight.source is not None or s.weight.layer is not None}


_HELP = "those of convolutions, dense layers, embeddings and normalisations can"


class WeightBuilder:
    """Adds the nodes of the weights of one layer.

    Args:
        nodes: adds nodes.
        build: elaborates an inline layer.
        instance: the layer.
        inferred: its operation, with its weights.
    """

    def __init__(
        self, nodes: Nodes, build: Callable[[Instance], Entry], instance: Instance, inferred: Inferred
    ) -> None:
        self.nodes = nodes
        self.build = build
        self.instance = instance
        self.inferred = inferred
        self.owner = nodes.owner or instance.name
        """The layer (full name) that owns the weights."""
        self._scope: DraftScope | None = None

    def values(self, written: Mapping[str, WeightsEntry]) -> tuple[Op, tuple[tuple[str, int], ...]]:
        """Returns the operation, and the values of all weights by name; no values if all weights are simply stored.

        The operation keeps initial values only for weights that it stores.

        Raises:
            LocatedError: NS316, there is no weight of a name; NS317, one is given and has initial values; NS536 or
                NS537, a given value does not fit; NS538, the weights of the operation cannot be given.
            FailedInputError: a given value failed.
        """
        op, _, weights = self.inferred
        known = [w.name for w in weights]
        for name, (weight_entry, is_default) in written.items():
            if name not in known and not (is_default and op.axes_of(name) is not None):
                raise unknown_weight(name, f"'{op.name}'", [n for n in known if n], weight_entry.location)
        computed: dict[str, Entry] = {}
        entry: Entry | None
        stored: dict[str, Entry] = {}
        for weight in weights:
            source = written.get(weight.name)
            if source is None:
                continue
            if not op.can_take_weights:
                table = " with connections" if op.takes_weights else ""
                message = f"the weights of '{op.name}'{table} cannot be computed by layers"
                raise LocatedError("NS538", message, source.weight.location, help=_HELP)
            if source.weight.source is not None:
                entry = self._named(source.weight, weight)
            else:
                entry = self._passed(source, weight)
            if entry is not None:
                self._check(weight, entry, source)
                computed[weight.name] = entry
        are_stacked = bool(self.nodes.sharing.stacks)
        if not computed and op.stored_as is None and not are_stacked:
            return op, ()
        if are_stacked and not op.can_take_weights:
            raise cannot_stack(op.name, self.instance.layer.head_location)
        for weight in weights:
            if weight.name not in computed:
                initial = weight if op.stored_as is None else self._of_parametrisation(weight)
                stored[weight.name] = self._stored(initial, f"{self.instance.name}.{weight.name}")
        entries = [(w.name, computed.get(w.name) or stored[w.name]) for w in weights]
        if getattr(op, "init", Choice()).by_name:
            usual = {w.name: w.init for w in op.replace(init=Choice()).weights(*self._inputs())}
            inits = [
                (w.name, w.init) for w in weights if self._is_stored(stored.get(w.name)) and w.init != usual[w.name]
            ]
            op = op.replace(init=Choice(tuple(inits)))
        return op, tuple([(name, entry.value) for name, entry in entries if entry.value is not None])

    def _inputs(self) -> tuple[TensorType, ...]:
        """The types of the inputs of the layer."""
        return self.nodes.graph.types_of([e.value for e in self.instance.inputs if e.value is not None])

    def _is_stored(self, entry: Entry | None) -> bool:
        """Whether a weight is stored by the layer itself, instead of computed or part of a stack."""
        if entry is None or entry.value is None:
            return False
        producer = self.nodes.graph.producers[entry.value]
        return producer is not None and bool(producer.weights)

    # -- one weight --------------------------------------------------------------------------------------------------
    def _named(self, written: GivenWeight[Layer], weight: Weight) -> Entry | None:
        """Returns the named layer, or weight of another layer; None if no name is given. Raises LocatedError."""
        assert written.source is not None
        instance = self.instance
        if "init" in instance.layer.args and self._has_init(weight):
            message = f"'{weight.name}' is given, and 'init' is for stored weights"
            raise LocatedError("NS317", message, instance.layer.args["init"][0], help="remove one of them")
        return self.nodes.resolver.optional(written.source, "a weight", instance.scope, instance.copy.cells)

    def _passed(self, source: WeightsEntry, weight: Weight) -> Entry | None:
        """Returns the stored weight after an inline layer; None if ``when`` leaves that out. Raises LocatedError."""
        layer = source.weight.layer
        assert layer is not None
        if layer.misread is not None:
            raise FailedInputError
        instance, nodes = self.instance, self.nodes
        outer = instance.scope
        draft = self._draft()
        cells: Cells = instance.copy.cells
        if source.is_default:
            scope = LexicalScope(draft, None, nodes.parameters.of(outer.document), {}, outer.document)
            cells = {}
        else:
            scope = LexicalScope(draft, outer, outer.parameters, {}, outer.document)
        copy = Copy((), cells, 0, 1, True)
        if not nodes.wiring.is_present(layer, scope, copy, None):
            return None
        name = layer.head.evaluate(nodes.resolver.environment(scope, cells)) if layer.head is not None else None
        local, inner = weight.name, instance.name
        operation = None if name is None or name in outer.document.blocks else nodes.operation(name)
        if operation is not None and operation.stored_as is not None:
            inner = f"{instance.name}.parametrizations.{weight.name}"
            local = f"parametrizations.{weight.name}.{operation.stored_as}"
        elif operation is not None:
            inner = self._free(str(name))
        else:
            inputs = layer.inputs if layer.inner is not None else self._block_inputs(name)
            if inputs is not None and len(inputs) == 1 and inputs != ("input",):
                local = inputs[0]
        before = self._stored(weight, f"{instance.name}.{local}")
        scope.inputs = {weight.name: before}
        if operation is not None:
            nodes.tree.claim(draft, inner[len(instance.name) + 1 :], layer.location, written=False)
        with nodes.in_place_of(instance.name):
            entries = nodes.wiring.inputs(layer, scope, copy, before)
            return self.build(Instance(layer, inner, scope, copy, entries))

    def _of_parametrisation(self, weight: Weight) -> Weight:
        """Returns a weight of a parametrisation, with initial values derived from those of the parametrised weight.

        Raises:
            LocatedError: NS539, these depend on an input of the network.
        """
        graph = self.nodes.graph
        value = self.instance.inputs[0].value
        assert value is not None
        if value not in graph.fixed:
            name = self.inferred.op.name
            message = f"'{name}' is a parametrisation of weights, and its input depends on one of the network"
            raise LocatedError("NS539", message, self.instance.layer.head_location, help="write it under 'weights'")
        producer = graph.producers[value]
        if producer is None or len(producer.weights) != 1 or producer.weights[0][0]:
            return weight._replace(init=ONES if weight.trainable else Init("normal", (1.0,)))
        parameter = producer.weights[0][1]
        source = Origin(parameter.name, parameter.shape, parameter.init, parameter.dtype)
        return weight._replace(init=Init(weight.init.kind, (*weight.init.args, source)))

    def _has_init(self, weight: Weight) -> bool:
        """Whether ``init`` applies to a weight."""
        names = [name for name, _ in getattr(self.inferred.op, "init", Choice()).by_name]
        return weight.name in names or ("*" in names and len(weight.shape) > 1)

    def _block_inputs(self, name: object) -> tuple[str, ...] | None:
        block = self.instance.scope.document.blocks.get(name) if type(name) is str else None
        return block.inputs if block is not None else None

    def _free(self, operation: str) -> str:
        """Returns an unused full name for an inline operation, derived from the layer and the operation."""
        name, number = f"{self.instance.name}.{operation}", 2
        while self.nodes.tree.is_taken(name):
            name, number = f"{self.instance.name}.{operation}{number}", number + 1
        return name

    def _draft(self) -> DraftScope:
        """Returns the scope of the nodes of the weights."""
        if self._scope is None:
            instance = self.instance
            outer = instance.scope.draft
            trace = Trace(unpack(instance.layer.head_location), outer.trace, f"'{clip(instance.name)}'")
            self._scope = self.nodes.tree.open(instance.name, outer, trace)
        return self._scope

    def _stored(self, weight: Weight, name: str) -> Entry:
        """Returns a stored weight as the value of a node ``parameter`` or ``buffer`` with that full name."""
        instance, layer = self.instance, self.instance.layer
        local = name[len(instance.name) + 1 :]
        are_stacked = bool(self.nodes.sharing.stacks)
        parameter = self.nodes.sharing.parameter(instance.name, weight._replace(name=local), stacked=are_stacked)
        if are_stacked and parameter.stacks:
            return part_of_stack(self.nodes, parameter, name, self._user(), None)
        draft = self._draft()
        self.nodes.tree.claim(draft, local, layer.location, written=False)
        op = stored_op(weight, channels_last=self.inferred.op.channels_last)
        self.nodes.budget.add_node(name, 0, (), 1, None, layer.location)
        trace = Trace(unpack(layer.head_location), instance.scope.draft.trace, op.name)
        types = (learned_type(weight.shape, weight.dtype),)
        node = self.nodes.graph.add_node(
            name, name, op, (), types, (("", parameter),), draft, trace, weight_of=self.owner
        )
        return Entry(name, node.first_value)

    def stacked_tensor(self) -> Entry | None:
        """Returns the part of a ``parameter`` or ``buffer`` for one copy; None if its tensor is shared, not stacked."""
        (weight,) = self.inferred.weights
        parameter = self.nodes.sharing.parameter(self.instance.name, weight, stacked=True)
        if not parameter.stacks:
            return None
        return part_of_stack(self.nodes, parameter, self.instance.name, self._user(), self.instance.scope.draft)

    def _user(self) -> User:
        """Returns the layer as a user of stacked weights."""
        layer = self.instance.layer
        trace = Trace(unpack(layer.head_location), self.instance.scope.draft.trace, self.inferred.op.name)
        return User(self.owner, trace, layer.location, self.inferred.op.channels_last)

    def _check(self, weight: Weight, entry: Entry, source: WeightsEntry) -> None:
        """Raises LocatedError NS536, NS537 or NS539 unless a value fits a weight; FailedInputError if it failed."""
        written = source.weight
        line = unpack(self.instance.layer.head_location).line
        notes = [f"of the layer '{clip(self.instance.name)}' on line {line}"] if source.is_default else []
        location = written.source.location if written.source is not None else written.location
        check_present([entry], location)
        if entry.value is None:
            raise FailedInputError
        x = self.nodes.graph.types[entry.value]
        owner = f"'{weight.name}' of '{self.inferred.op.name}'"
        what = (
            f"'{clip(self.instance.scope.local_name(entry))}'" if written.source is not None else "what stands for it"
        )
        error = ShapeError("NS536", f"{owner} is {shape_text(weight.shape)}; {what} is {shape_text(x.shape)}")
        try:
            if x.rank != len(weight.shape):
                raise error
            for a, b in zip(x.shape, weight.shape, strict=True):
                require_equal(a, b, lambda: error)
        except ShapeError:
            help = "the shape of a weight follows from the layer; rearrange, reshape or permute what is given"
            raise LocatedError("NS536", error.message, location, help=help, notes=notes) from None
        is_possible = self.inferred.op.can_take_weights_per_example
        if entry.value not in self.nodes.graph.fixed and not is_possible:
            message = f"{owner} would differ between the examples: {what} depends on an input"
            help = "convolutions and dense layers can have one for each example; `multiply` and `add` do for gains"
            raise LocatedError("NS539", message, location, help=help, notes=notes)
        if x.dtype != weight.dtype:
            message = f"{owner} is of {weight.dtype}; {what} is of {x.dtype}"
            help = f"{{cast: {weight.dtype}}} converts it"
            raise LocatedError("NS537", message, location, help=help, notes=notes)
