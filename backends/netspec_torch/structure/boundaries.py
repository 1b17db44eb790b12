"""Inputs and outputs of the levels of a graph, and which levels are chains of modules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from netspec.ir import Graph, Node
from netspec.shapes.sizes import Size, is_named
from netspec.shapes.types import SEQUENCE

from ..syntax.expression_trees import InputSize
from ..syntax.literals import taken_by_module
from .levels import Level, LevelItem
from .preparation import Preparation
from .weight_owners import WeightOwners

if TYPE_CHECKING:
    from .size_expressions import Axis, SizeExpressions


ROLES = {SEQUENCE: "length"}
"""Titles of axis sizes that differ from the name of the axis."""


class Boundary(NamedTuple):
    """The input values and output values of a level."""

    inputs: list[int]
    outputs: list[int]


class Boundaries:
    """Properties of the levels of one graph, each computed once."""

    def __init__(self, graph: Graph, prepared: Preparation, weight_owners: WeightOwners) -> None:
        self.graph = graph
        self.prepared = prepared
        self.weight_owners = weight_owners
        self.number = {id(node): i for i, node in enumerate(graph.nodes)}
        self.readers: dict[int, list[int]] = {}
        """For every value, the numbers of the nodes that read it; outputs count as a reader after the last node."""
        for i, node in enumerate(graph.nodes):
            at = prepared.of(node)
            for n in at.reads:
                self.readers.setdefault(at.inputs[n], []).append(i)
        for value in graph.outputs.values():
            self.readers.setdefault(prepared.value(value), []).append(len(graph.nodes))
        self.entering: dict[str, list[Node]] = {}
        """For every prefix of names, the nodes with that prefix that are defined outside of the level."""
        for node in graph.nodes:
            start = len(node.scope.name) + 1 if node.scope.name else 0
            dot = node.name.find(".", start)
            while dot > 0:
                self.entering.setdefault(node.name[:dot], []).append(node)
                dot = node.name.find(".", dot + 1)
        self._boundaries: dict[Level, Boundary] = {}
        self._returned_by: dict[int, list[str]] = {}
        """For every value, the names of the blocks that return it although nothing outside reads it."""
        self._chains: dict[Level, bool] = {}
        self._sizes: dict[Level, tuple[Size, ...]] = {}
        self._expressions: dict[tuple[int, ...], SizeExpressions] = {}

    # -- inputs and outputs ---------------------------------------------------------------------------------------
    def of(self, level: Level) -> Boundary:
        """Returns the inputs and outputs of a level, starting with those that its scope declares, in order."""
        known = self._boundaries.get(level)
        if known is None:
            known = self._boundaries[level] = self._boundary(level)
        return known

    def _boundary(self, level: Level) -> Boundary:
        value, scope = self.prepared.value, level.scope
        inputs, outputs, computed = self._crossing(level)
        if scope is None:
            return Boundary(inputs, outputs)
        if level.title is not None:  # the result of the layer comes before its weights
            outputs.sort(key=lambda v: v not in level.nodes[-1].values)
        named = dict.fromkeys(map(value, scope.inputs.values()))
        read, returned = set(inputs), set(outputs)
        inputs = [*(v for v in named if v in read), *(v for v in inputs if v not in named)]
        scope_outputs = dict.fromkeys(value(v) for _, v in scope.outputs)
        declared = [v for v in scope_outputs if v in computed]
        if outputs and level.block is not None and returned <= set(declared):
            # A block returns all declared outputs, so that all its uses can share a class.
            for v in declared:
                if v not in returned:
                    self._returned_by.setdefault(v, []).append(f"{level.name}.")
            return Boundary(inputs, declared)
        return Boundary(
            inputs, [*(v for v in scope_outputs if v in returned), *(v for v in outputs if v not in scope_outputs)]
        )

    def _crossing(self, level: Level) -> tuple[list[int], list[int], set[int]]:
        """Returns the values that a level reads from outside, those that are read outside, and all that it computes."""
        numbers = [self.number[id(node)] for node in level.nodes]
        read: dict[int, None] = {}
        computed: dict[int, None] = {}
        for node in level.nodes:
            at = self.prepared.of(node)
            read.update(dict.fromkeys(at.inputs[n] for n in at.reads))
            computed.update(dict.fromkeys(v for v in node.values if v not in self.prepared.alias))
        inside = set(numbers)
        outputs = [
            v
            for v in computed
            if any(i not in inside for i in self.readers.get(v, ()))
            or any(level.name.startswith(block) for block in self._returned_by.get(v, ()))
        ]
        return [v for v in read if v not in computed], outputs, set(computed)

    # -- sizes ----------------------------------------------------------------------------------------------------
    def expressions(
        self, values: Iterable[int], sizes: Sequence[Size] = (), *, by_name: bool = False
    ) -> SizeExpressions:
        """Returns the expressions over the sizes of some inputs.

        Args:
            values: the inputs that are tensors.
            sizes: the inputs that are sizes, which follow the tensors.
            by_name: whether sizes are named after named dimensions instead of axes.
        """
        from .size_expressions import SizeExpressions  # only for networks with named dimensions

        inputs = tuple(values)
        if sizes or by_name:
            return SizeExpressions(self._axes(inputs, sizes, by_name))
        known = self._expressions.get(inputs)
        if known is None:
            known = self._expressions[inputs] = SizeExpressions(self._axes(inputs, (), by_name=False))
        return known

    def _axes(self, inputs: Sequence[int], sizes: Sequence[Size], by_name: bool) -> list[Axis]:
        axes: list[Axis] = []
        for i, value in enumerate(inputs):
            kind = self.graph.values[value]
            lead = self.prepared.batch[value] != "0"
            for a, n in enumerate(kind.shape):
                if is_named(n):
                    title = str(n) if by_name and str(n) in self.graph.dims else ROLES.get(kind.axes[a], kind.axes[a])
                    axes.append((InputSize(i, a + lead, title or "size", a == kind.rank - 1), n))
        return axes + [(InputSize(len(inputs) + i, None, ""), n) for i, n in enumerate(sizes) if is_named(n)]

    def size_title(self, size: Size) -> str:
        """Returns the title of a size parameter: the only axis of the network's input on which it depends."""
        names = set(size.mentions()) if is_named(size) else set[str]()
        for value in self.graph.inputs.values():
            kind = self.graph.values[value]
            for n, role in zip(kind.shape, kind.axes, strict=True):
                if is_named(n) and set(n.mentions()) == names:
                    return ROLES.get(role, role) or "size"
        return "size"

    def sizes(self, level: Level) -> tuple[Size, ...]:
        """Returns the sizes that a level needs and that cannot be computed from its inputs."""
        if not self.graph.dims or not level.name:  # every size of a network follows from its inputs
            return ()
        known = self._sizes.get(level)
        if known is None:
            expressions = self.expressions(self.of(level).inputs)
            needed = dict.fromkeys(size for item in level.items for size in self._needed(item))
            known = self._sizes[level] = tuple(size for size in needed if expressions.find(size) is None)
        return known

    def _needed(self, item: LevelItem) -> Iterable[Size]:
        """Returns the sizes that an item of a level needs from it."""
        if not isinstance(item, Level):
            return self.prepared.of(item).sizes
        if item.block is None and self.is_chain(item):
            return ()
        if item.is_prefix or not self.of(item).outputs:
            return [size for inner in item.items for size in self._needed(inner)]
        return self.sizes(item)

    # -- chains ---------------------------------------------------------------------------------------------------
    def is_chain(self, level: Level) -> bool:
        """Whether a level consists only of consecutive modules."""
        known = self._chains.get(level)
        if known is None:
            known = self._chains[level] = self._chain(level)
        return known

    def _chain(self, level: Level) -> bool:
        inputs, outputs = self.of(level)
        if level.is_runs or any(isinstance(item, Level) and item.is_runs for item in level.items):
            return False
        if level.extended or len(inputs) != 1 or len(outputs) != 1 or self.prepared.batch[inputs[0]] == "0":
            return False
        entering = self.entering.get(level.name, ())
        if entering and not set(map(id, entering)).issubset(map(id, level.nodes)):
            return False  # the chain would need a further module for the nodes below that name
        value, wrapped = inputs[0], 0
        passed: list[int] = []
        for item in level.items:
            path = level.path(item)
            if len(path) != 1 or taken_by_module(path[0]):
                return False
            if isinstance(item, Level):
                inner = self.of(item)
                if inner.inputs != [value] or len(inner.outputs) != 1 or self.weight_owners.foreign(item.nodes):
                    return False
                if self.sizes(item):
                    return False
                value = inner.outputs[0]
            else:
                prepared = self.prepared.of(item)
                if prepared.inputs != (value,) or not self._can_be_in_chain(item):
                    return False
                wrapped += not prepared.plain
                value = self.prepared.value(item.first_value)
            passed.append(value)
        if value != outputs[0] or 2 * wrapped > len(level.items):
            return False
        numbers = {self.number[id(node)] for node in level.nodes}
        return all(numbers.issuperset(self.readers[v]) for v in passed[:-1] if v not in (value, inputs[0]))

    def _can_be_in_chain(self, node: Node) -> bool:
        """Whether a node can be a module of a chain, possibly wrapped in a class."""
        prepared = self.prepared.of(node)
        if prepared.belongs or len(node.outputs) != 1 or self.weight_owners.foreign([node]):
            return False
        if not prepared.plain and (prepared.make is not None or prepared.lift[0] or node.weights):
            return False
        return all(self.expressions(prepared.inputs).find(size) is not None for size in prepared.sizes)

    def is_sequential(self, level: Level) -> bool:
        """Whether ``nn.Sequential`` suits a level best: numbered modules, copies, or at least three uses of blocks."""
        if not self.is_chain(level):
            return False
        names = [level.path(item)[0] for item in level.items]
        if all(isinstance(item, Level) and item.block is not None for item in level.items):
            copies = all(isinstance(item, Level) and item.scope and item.scope.copy for item in level.items)
            return len(names) > 2 or copies
        numbered = names == [str(n) for n in range(len(names))]
        return numbered and all(isinstance(item, Level) or self.prepared.of(item).plain for item in level.items)

    # -- what is not trained --------------------------------------------------------------------------------------
    def is_frozen(self, item: LevelItem) -> bool:
        """Whether an item has weights, and none of them is trained."""
        nodes = item.nodes if isinstance(item, Level) else (item,)
        trained = [p.trainable for node in nodes for _, p in node.weights if not p.buffer]
        return bool(trained) and not any(trained)

    def frozen_items(self, level: Level, before: str = "") -> list[str]:
        """Returns dotted names of what is not trained in a chain, relative to the enclosing body."""
        out: list[str] = []
        for item in level.items:
            name = before + ".".join(level.path(item))
            if self.is_frozen(item):
                out.append(name)
            elif not isinstance(item, Level):
                out += frozen_weights(item, name)
            elif item.block is None and self.is_chain(item):
                out += self.frozen_items(item, f"{name}.")
        return out


def frozen_weights(node: Node, name: str) -> list[str]:
    """Returns the dotted names of a layer's weights that are not trained."""
    return [f"{name}.{weight}" for weight, p in node.weights if not p.trainable and not p.buffer]
