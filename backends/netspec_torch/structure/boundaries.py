"""Inputs and outputs of the levels of a graph, and which levels are modules one after the other."""

from __future__ import annotations

from typing import NamedTuple

from netspec.ir import Graph, Node

from ..syntax.literals import taken_by_module
from .levels import Item, Level
from .preparation import Preparation
from .weight_owners import WeightOwners


class Boundary(NamedTuple):
    """Values that a level is given, and those that it returns."""

    inputs: list[int]
    outputs: list[int]


class Boundaries:
    """Answers about the levels of one graph, each worked out once."""

    def __init__(self, graph: Graph, prepared: Preparation, weight_owners: WeightOwners) -> None:
        self.prepared = prepared
        self.weight_owners = weight_owners
        self.number = {id(node): i for i, node in enumerate(graph.nodes)}
        self.readers: dict[int, list[int]] = {}
        """For every value, numbers of the nodes that read it; one more than there are for outputs."""
        for i, node in enumerate(graph.nodes):
            at = prepared.of(node)
            for n in at.reads:
                self.readers.setdefault(at.inputs[n], []).append(i)
        for value in graph.outputs.values():
            self.readers.setdefault(prepared.value(value), []).append(len(graph.nodes))
        self.entering: dict[str, list[Node]] = {}
        """By the beginnings of names, the nodes that are written outside of the level of that name."""
        for node in graph.nodes:
            start = len(node.scope.name) + 1 if node.scope.name else 0
            dot = node.name.find(".", start)
            while dot > 0:
                self.entering.setdefault(node.name[:dot], []).append(node)
                dot = node.name.find(".", dot + 1)
        self._boundaries: dict[Level, Boundary] = {}
        self._chains: dict[Level, bool] = {}

    # -- inputs and outputs ---------------------------------------------------------------------------------------
    def of(self, level: Level) -> Boundary:
        """Inputs and outputs of a level; those that its scope names come first, in its order."""
        known = self._boundaries.get(level)
        if known is None:
            known = self._boundaries[level] = self._boundary(level)
        return known

    def _boundary(self, level: Level) -> Boundary:
        value, scope = self.prepared.value, level.scope
        inputs, outputs, computed = self._crossing(level)
        if scope is None:
            return Boundary(inputs, outputs)
        named = dict.fromkeys(map(value, scope.inputs.values()))
        read, returned = set(inputs), set(outputs)
        inputs = [*(v for v in named if v in read), *(v for v in inputs if v not in named)]
        given = dict.fromkeys(value(v) for _, v in scope.outputs)
        declared = [v for v in given if v in computed]
        if outputs and level.block is not None and returned <= set(declared):
            # A block returns what it declares, used or not, so that all its uses are of one class.
            return Boundary(inputs, declared)
        return Boundary(inputs, [*(v for v in given if v in returned), *(v for v in outputs if v not in given)])

    def _crossing(self, level: Level) -> tuple[list[int], list[int], set[int]]:
        """Values that the nodes of a level read from outside, those that others read of them, all that they compute."""
        numbers = [self.number[id(node)] for node in level.nodes]
        read: dict[int, None] = {}
        computed: dict[int, None] = {}
        for node in level.nodes:
            at = self.prepared.of(node)
            read.update(dict.fromkeys(at.inputs[n] for n in at.reads))
            computed.update(dict.fromkeys(v for v in node.values if v not in self.prepared.alias))
        inside = set(numbers)
        outputs = [v for v in computed if any(i not in inside for i in self.readers.get(v, ()))]
        return [v for v in read if v not in computed], outputs, set(computed)

    # -- chains ---------------------------------------------------------------------------------------------------
    def is_chain(self, level: Level) -> bool:
        """Whether a level is modules one after the other and nothing else."""
        known = self._chains.get(level)
        if known is None:
            known = self._chains[level] = self._chain(level)
        return known

    def _chain(self, level: Level) -> bool:
        inputs, outputs = self.of(level)
        if level.extended or len(inputs) != 1 or len(outputs) != 1 or self.prepared.batch[inputs[0]] == "0":
            return False
        entering = self.entering.get(level.name, ())
        if entering and not set(map(id, entering)).issubset(map(id, level.nodes)):
            return False  # what is below its name would be one of its modules
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
                value = inner.outputs[0]
            else:
                prepared = self.prepared.of(item)
                if prepared.inputs != (value,) or not self._can_be_in_chain(item):
                    return False
                wrapped += not prepared.plain
                value = self.prepared.value(item.first)
            passed.append(value)
        if value != outputs[0] or 2 * wrapped > len(level.items):
            return False
        numbers = {self.number[id(node)] for node in level.nodes}
        return all(numbers.issuperset(self.readers[v]) for v in passed[:-1] if v not in (value, inputs[0]))

    def _can_be_in_chain(self, node: Node) -> bool:
        """Whether a node can be one of the modules of a chain, perhaps wrapped in a class of its own."""
        prepared = self.prepared.of(node)
        if prepared.belongs or len(node.outputs) != 1 or self.weight_owners.foreign([node]):
            return False
        return prepared.plain or (prepared.make is None and not prepared.lift[0] and not node.weights)

    def is_sequential(self, level: Level) -> bool:
        """Whether a class is best an ``nn.Sequential``: numbered modules, copies, or three uses of blocks and more."""
        if not self.is_chain(level):
            return False
        names = [level.path(item)[0] for item in level.items]
        if all(isinstance(item, Level) and item.block is not None for item in level.items):
            copies = all(isinstance(item, Level) and item.scope and item.scope.copy for item in level.items)
            return len(names) > 2 or copies
        numbered = names == [str(n) for n in range(len(names))]
        return numbered and all(isinstance(item, Level) or self.prepared.of(item).plain for item in level.items)

    # -- what is not trained --------------------------------------------------------------------------------------
    def is_frozen(self, item: Item) -> bool:
        """Whether it has weights, and none is trained."""
        nodes = item.nodes if isinstance(item, Level) else (item,)
        trained = [p.trainable for node in nodes for _, p in node.weights if not p.buffer]
        return bool(trained) and not any(trained)

    def frozen_items(self, level: Level, before: str = "") -> list[str]:
        """Dotted names of what is not trained in a chain, from the body that holds it."""
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
    """Dotted names of the weights of a layer that are not trained."""
    return [f"{name}.{weight}" for weight, p in node.weights if not p.trainable and not p.buffer]
