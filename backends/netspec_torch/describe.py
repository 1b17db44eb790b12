"""From a graph to bodies: which levels of the tree of names are classes, and what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

from netspec.ir import Graph, Node
from netspec.ops.attention import DotProductAttention
from netspec.ops.common.initial import Choice
from netspec.ops.weight import Init

from .body import ABSENT, Body, Chain, Leaf, Made, Use
from .filling import Filling, same
from .naming import Operand, Step, Value, name_values
from .optional import Raw, merge
from .prepare import Prepared, prepare
from .rules.base import Default, Expr, Make
from .rules.initial import ranked
from .sharing import Sharing
from .steps import fused, needed, rendered
from .syntax.literals import Code, identifier, taken_by_module
from .tree import Item, Unit, tree

INTERCHANGEABLE = ("nn.ReLU", "nn.ReLU6", "nn.SiLU", "nn.Hardswish", "nn.Identity")
"""Activations that a block may take as an argument: each is made with ``inplace`` (or, the last, with anything)."""


class Describer:
    """Makes the body of a graph, and with it those of all levels below."""

    def __init__(self, graph: Graph, taken: Iterable[str]) -> None:
        self.graph = graph
        self.taken = frozenset(taken)
        self.prepared = prepare(graph)
        self.sharing = Sharing(graph)
        self.number = {id(node): i for i, node in enumerate(graph.nodes)}
        self.readers: dict[int, list[int]] = {}
        for i, node in enumerate(graph.nodes):
            at = self.prepared.of(node)
            for n in at.reads:
                self.readers.setdefault(at.inputs[n], []).append(i)
        for v in graph.outputs.values():
            self.readers.setdefault(self.prepared.value(v), []).append(len(graph.nodes))
        self._chainable: dict[int, bool] = {}
        self._flows: dict[int, tuple[list[int], list[int]]] = {}

    def root(self) -> Body:
        """The body of the whole network, with one class for the uses of a block where that is possible."""
        body = self.body(tree(self.graph), frozen=False)
        merge(body, self)
        return body

    # -- what flows -----------------------------------------------------------------------------------------------
    def flows(self, unit: Unit) -> tuple[list[int], list[int]]:
        """Values that a level takes, and those that it gives."""
        found = self._flows.get(id(unit))
        if found is None:
            found = self._flows[id(unit)] = self._flow(unit)
        return found

    def _flow(self, unit: Unit) -> tuple[list[int], list[int]]:
        inside: set[int] = set()
        numbers: set[int] = set()
        read: dict[int, None] = {}
        made: list[int] = []
        for node in unit.nodes():
            at = self.prepared.of(node)
            numbers.add(self.number[id(node)])
            read.update(dict.fromkeys(at.inputs[n] for n in at.reads))
            fresh = [v for v in node.values if v not in self.prepared.alias]
            inside.update(fresh)
            made += fresh
        ins = [v for v in read if v not in inside]
        outs = [v for v in made if any(i not in numbers for i in self.readers.get(v, ()))]
        if unit.scope is not None:
            named = [self.prepared.value(v) for v in unit.scope.inputs.values()]
            ins = [*(v for v in dict.fromkeys(named) if v in ins), *(v for v in ins if v not in named)]
            given = [self.prepared.value(v) for _, v in unit.scope.outputs]
            declared = [v for v in dict.fromkeys(given) if v in inside]
            if outs and unit.block is not None and set(outs) <= set(declared):
                # A block gives what it says, used or not, so that all its uses are of one class.
                return ins, declared
            outs = [*(v for v in dict.fromkeys(given) if v in outs), *(v for v in outs if v not in given)]
        return ins, outs

    # -- chains ---------------------------------------------------------------------------------------------------
    def chainable(self, unit: Unit) -> bool:
        """Whether a level is modules one after the other and nothing else."""
        found = self._chainable.get(id(unit))
        if found is None:
            found = self._chainable[id(unit)] = self._is_chain(unit)
        return found

    def _is_chain(self, unit: Unit) -> bool:
        ins, outs = self.flows(unit)
        if len(ins) != 1 or len(outs) != 1 or self.prepared.batch[ins[0]] == "0":
            return False
        at, wraps, passed = ins[0], 0, [ins[0]]
        for item in unit.items:
            path = unit.path(item)
            if len(path) != 1 or taken_by_module(path[0]):
                return False
            if isinstance(item, Unit):
                inner = self.flows(item)
                if inner[0] != [at] or len(inner[1]) != 1 or self.sharing.foreign(item.nodes()):
                    return False
                at = inner[1][0]
            else:
                p = self.prepared.of(item)
                if p.inputs != (at,) or p.belongs or len(item.outputs) != 1 or self.sharing.foreign([item]):
                    return False
                if not p.plain:
                    if p.make is not None or p.lift[0] or item.weights:
                        return False
                    wraps += 1
                at = self.prepared.value(item.first)
            passed.append(at)
        if at != outs[0] or 2 * wraps > len(unit.items):
            return False
        numbers = {self.number[id(node)] for node in unit.nodes()}
        return all(set(self.readers[v]) <= numbers for v in passed[1:-1] if v not in (at, passed[0]))

    def chain(self, unit: Unit, body: Body, frozen: bool) -> Chain:
        """A chainable level; its numbers become slots of the body that holds it."""
        items: list[tuple[str, Made]] = []
        for item in unit.items:
            name = unit.path(item)[0]
            if isinstance(item, Unit):
                items.append((name, self.unit(item, body, frozen)))
                continue
            p = self.prepared.of(item)
            items.append((name, self.leaf(p, body) if p.plain else Use(self.wrapped(p))))
        uses = [made for _, made in items if isinstance(made, Use)]
        numbered = [name for name, _ in items] == [str(n) for n in range(len(items))]
        gaps = unit.scope.left_out_items if unit.scope is not None and numbered else ()
        alike = len(uses) == len(items) and all(same(use.body, uses[0].body, shapes=True) for use in uses)
        if numbered and not gaps and alike:
            return Chain(tuple(items[:1]), body.slot("repeat", len(items)))
        return Chain(tuple(items), gaps=gaps)

    def wrapped(self, p: Prepared) -> Body:
        """A class for an expression that stands in a chain of modules."""
        body = Body(p.node.op.name, None, None, {}, inputs=["x"])
        step = self.step(p, body, Expr(p.call.text, p.call.holes), p.node.op.name)
        name_values([step], step.outs, {p.inputs[0]: "x"}, self.taken)
        rendered(body, [step], list(step.outs), {p.inputs[0]: "x"}, {})
        body.close()
        return body

    # -- members --------------------------------------------------------------------------------------------------
    def leaf(self, p: Prepared, body: Body) -> Leaf:
        """A submodule of a known class."""
        made = p.lowered.make
        assert isinstance(made, Make)
        args: list[tuple[str, int, object]] = []
        choice = body.slot("activation", Code(made.cls)) if body.block and made.cls in INTERCHANGEABLE else None
        given = made.args if choice is None else {"inplace": Default(ABSENT, False), **made.args}
        for name, value in given.items():
            if isinstance(value, Default):
                args.append((name, body.slot(name, value.value, value.default), value.default))
            else:
                slot = body.slot(name, value)
                args.append((name, slot, body.slots[slot].default))
        return Leaf(made.cls, tuple(args), made.repeat, tuple(self.inits(p.node)), choice)

    def inits(self, node: Node) -> list[tuple[str, Init]]:
        """First values that the spec gives, and PyTorch would not."""
        choice = getattr(node.op, "init", None)
        if not isinstance(choice, Choice) or not choice.by_name:
            return []
        usual = node.op.replace(init=Choice()).weights(*self.graph.inputs_of(node))
        defaults = {w.name: w.init for w in usual}
        return [(name, ranked(p.init, len(p.shape))) for name, p in node.weights if p.init != defaults[name]]

    def unit(self, unit: Unit, body: Body, frozen: bool) -> Made:
        """A level as a submodule: a chain, or a class."""
        if unit.block is None and self.chainable(unit):
            return self.chain(unit, body, frozen)
        return Use(self.body(unit, frozen))

    def body(self, unit: Unit, frozen: bool) -> Body:
        """A level as a class."""
        scope = unit.scope
        title = unit.block or (unit.name.rpartition(".")[2] if unit.name else "")
        if title.isdigit():
            title = "_".join(unit.name.split(".")[-2:])
        body = Body(title, unit.block, scope.doc if scope else None, dict(scope.arguments) if scope else {})
        ins, outs = self.flows(unit)
        body.outputs = len(outs)
        incoming = [self.graph.values[v] for v in ins]
        if len(ins) == 1 and incoming[0].channel is not None:
            body.width = incoming[0].shape[incoming[0].channel]
        if unit.name and self.is_sequential(unit):
            body.chain = self.chain(unit, body, frozen)
            body.inputs = ["input"]
            if not frozen:
                body.frozen = self.frozen_items(unit)
            if unit.block is not None:
                body.raw = Raw([], [], {}, {}, frozenset())
            body.close()
            return body
        names = self.input_names(unit, ins)
        body.inputs = list(names.values())
        public = None
        if not unit.name:  # an output may be an input, which no step gives
            outs = [self.prepared.value(v) for v in self.graph.outputs.values()]
            public = list(self.graph.outputs) if len(outs) > 1 else None
        steps: list[Step] = []
        stored: dict[int, int] = {}
        filling = Filling(self, body, steps, stored, frozen)
        filling.fill(unit, ())
        steps = needed(steps, outs)
        if unit.block is not None and scope is not None:
            body.raw = Raw(steps, outs, dict(names), stored, frozenset(scope.left_out), filling.items)
        steps = [replace(s, names=[]) for s in fused(steps, outs)]
        kept = outs
        if not unit.name and any(self.prepared.batch[v] != "N" for v in outs):  # their batch is that of an input
            kept = [*outs, *list(self.graph.inputs.values())[:1]]
        name_values(steps, kept, names, self.taken)
        rendered(body, steps, outs, names, stored, public, self.batch_fix(outs, names) if not unit.name else None)
        body.close()
        return body

    def is_sequential(self, unit: Unit) -> bool:
        """Whether a class is best an ``nn.Sequential``: numbered modules, copies, or three uses of blocks and more."""
        if not self.chainable(unit):
            return False
        names = [unit.path(i)[0] for i in unit.items]
        if all(isinstance(i, Unit) and i.block is not None for i in unit.items):
            return len(names) > 2 or all(isinstance(i, Unit) and i.scope and i.scope.copy for i in unit.items)
        numbered = names == [str(n) for n in range(len(names))]
        return numbered and all(isinstance(i, Unit) or self.prepared.of(i).plain for i in unit.items)

    def optional(self, body: Body, flags: Mapping[str, int]) -> None:
        """Writes the steps of a body anew, those of some layers under a condition."""
        assert body.raw is not None
        raw = body.raw
        members = {item: path for path, item in raw.items.items()}
        steps: list[Step] = []
        for step in fused(raw.steps, raw.returned):
            condition = ""
            if step.item in flags:
                condition = f"\0{flags[step.item]}\0"
                body.slots[flags[step.item]].forward = step.item not in members
                if step.item in members:
                    body.paths.append(members[step.item])
                    condition = f"\1{len(body.paths) - 1}\1 is not None"
            steps.append(replace(step, names=[], condition=condition))
        names = dict(raw.inputs)
        name_values(steps, raw.returned, names, self.taken)
        body.lines = []
        rendered(body, steps, raw.returned, names, raw.stored)

    def batch_fix(self, outs: list[int], names: dict[int, str]) -> dict[int, str]:
        """What to append to outputs of the network that follow from parameters alone: one copy for every example."""
        first = next(iter(self.graph.inputs.values()), None)
        if first is None:
            return {}
        name = identifier(next(iter(self.graph.inputs))) if len(self.graph.inputs) > 1 else "x"
        return {
            v: f".expand({names.get(first, name)}.shape[0]{', -1' * self.graph.values[v].rank})"
            for v in outs if self.prepared.batch[v] != "N"
        }

    def input_names(self, unit: Unit, ins: list[int]) -> dict[int, str]:
        """Names of the arguments of ``forward``."""
        if not unit.name:
            ins = list(self.graph.inputs.values())
        if len(ins) == 1:
            return {ins[0]: "x"}
        given = {} if unit.scope is None else {self.prepared.value(v): n for n, v in unit.scope.inputs.items()}
        if not unit.name:
            given = {v: n for n, v in self.graph.inputs.items()}
        names: dict[int, str] = {}
        for v in ins:
            title = given.get(v) or self.graph.value_name(v).rpartition(".")[2]
            names[v] = identifier(title, {*self.taken, *names.values()})
        return names

    def step(self, p: Prepared, body: Body, call: Expr, title: str, path: tuple[str, ...] = ()) -> Step:
        """One node as a step; its numbers become slots."""
        text = call.text
        for name, value in call.holes.items():
            slot = body.slot(name.rstrip("0123456789"), value, forward=True)
            text = text.replace(f"{{{name}}}", f"\0{slot}\0")
        if "{self}" in text:
            body.paths.append(path)
            text = text.replace("{self}", f"\1{len(body.paths) - 1}\1")
        operands: dict[int, Operand] = {n: Value(p.inputs[n], p.lift[n]) for n in p.reads}
        outs, titles = tuple(p.node.values), self.titles(p.node, title)
        if len(outs) > 1 and text.endswith("[0]"):
            outs, titles = outs[:1], (title,)
        shape = p.node.outputs[0].shape
        return Step(text, operands, outs, titles, shape, item=body.item, overwrites=p.lowered.overwrites)

    def titles(self, node: Node, title: str) -> tuple[str, ...]:
        """What the values of a node are called after."""
        count = len(node.outputs)
        if count == 1:
            return (title,)
        if node.op.results:
            return tuple(node.op.results[:count])
        ends = [self.graph.nodes[r[0]] for v in node.values if (r := self.readers.get(v)) and r[0] < len(self.number)]
        if count == 3 and len(ends) == 3 and all(a is b for a, b in pairwise(ends)):
            reader = ends[0]
            if isinstance(reader.op, DotProductAttention) and self.prepared.of(reader).inputs[:3] == tuple(node.values):
                return ("q", "k", "v")
        return tuple(f"{title}{i}" for i in range(count))

    # -- what is not trained --------------------------------------------------------------------------------------
    def is_frozen(self, item: Item) -> bool:
        """Whether it has weights, and none is trained."""
        nodes = item.nodes() if isinstance(item, Unit) else [item]
        trained = [p.trainable for node in nodes for _, p in node.weights if not p.buffer]
        return bool(trained) and not any(trained)

    def frozen_items(self, unit: Unit, before: str = "") -> list[str]:
        """Names of what is not trained in a chain, from the body that holds it."""
        out: list[str] = []
        for item in unit.items:
            name = before + ".".join(unit.path(item))
            if self.is_frozen(item):
                out.append(name)
            elif not isinstance(item, Unit):
                out += [f"{name}.{n}" for n, p in item.weights if not p.trainable and not p.buffer]
            elif item.block is None and self.chainable(item):
                out += self.frozen_items(item, f"{name}.")
        return out
