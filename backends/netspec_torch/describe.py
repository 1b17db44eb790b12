"""From a graph to bodies: which levels of the tree of names are classes, and what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

from netspec.ir.graph import Graph, Node
from netspec.ops.attention import DotProductAttention
from netspec.ops.base import Init
from netspec.ops.initial import Choice

from .body import Body, Chain, Leaf, Made, Stock, Use
from .names import identifier, taken_by_module
from .naming import Operand, Step, Value, name_values
from .optional import Raw, merge
from .prepare import Prepared, prepare
from .rules import Default, Expr, Make
from .sharing import Sharing
from .steps import fused, needed, rendered
from .tree import Item, Unit, tree


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
        return Chain(tuple(items))

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
        for name, value in made.args.items():
            if isinstance(value, Default):
                args.append((name, body.slot(name, value.value, value.default), value.default))
            else:
                slot = body.slot(name, value)
                args.append((name, slot, body.slots[slot].default))
        return Leaf(made.cls, tuple(args), made.repeat, tuple(self.inits(p.node)))

    def inits(self, node: Node) -> list[tuple[str, Init]]:
        """First values that the spec gives, and PyTorch would not."""
        choice = getattr(node.op, "init", None)
        if not isinstance(choice, Choice) or not choice.by_name:
            return []
        usual = node.op.model_copy(update={"init": Choice()}).weights(*self.graph.inputs_of(node))
        defaults = {w.name: w.init for w in usual}
        return [(name, p.init) for name, p in node.weights if p.init != defaults[name]]

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
        if unit.name and self.is_sequential(unit):
            body.chain = self.chain(unit, body, frozen)
            body.inputs = ["input"]
            if not frozen:
                body.frozen = self.frozen_items(unit)
            body.close()
            return body
        names = self.input_names(unit, ins)
        body.inputs = list(names.values())
        steps: list[Step] = []
        stored: dict[int, int] = {}
        filling = Filling(self, body, steps, stored, frozen)
        filling.fill(unit, ())
        steps = needed(steps, outs)
        if unit.block is not None and scope is not None:
            body.raw = Raw(steps, outs, dict(names), stored, frozenset(scope.left_out), filling.items)
        steps = [replace(s, names=[]) for s in fused(steps, outs)]
        name_values(steps, outs, names, self.taken)
        public = None
        if not unit.name:
            outs = [self.prepared.value(v) for v in self.graph.outputs.values()]
            public = list(self.graph.outputs) if len(outs) > 1 else None
        rendered(body, steps, outs, names, stored, public, self.batch_fix(outs, names) if not unit.name else None)
        body.close()
        return body

    def is_sequential(self, unit: Unit) -> bool:
        """Whether a class is best an ``nn.Sequential``: numbered modules, or three and more uses of blocks."""
        if not self.chainable(unit):
            return False
        names = [unit.path(i)[0] for i in unit.items]
        if all(isinstance(i, Unit) and i.block is not None for i in unit.items):
            return len(names) > 2
        numbered = names == [str(n) for n in range(len(names))]
        return numbered and all(not isinstance(i, Unit) and self.prepared.of(i).plain for i in unit.items)

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
            text = text.replace(f"{{{name}}}", f"\0{body.slot(name.rstrip('0123456789') or name, value, forward=True)}\0")
        if "{self}" in text:
            body.paths.append(path)
            text = text.replace("{self}", f"\1{len(body.paths) - 1}\1")
        operands: dict[int, Operand] = {n: Value(p.inputs[n], p.lift[n]) for n in p.reads}
        outs, titles = tuple(p.node.values), self.titles(p.node, title)
        if len(outs) > 1 and text.endswith("[0]"):
            outs, titles = outs[:1], (title,)
        return Step(text, operands, outs, titles, p.node.outputs[0].shape, item=body.item)

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


class Filling:
    """Fills one body from a level, and the levels that have no class of their own."""

    def __init__(
        self, describer: Describer, body: Body, steps: list[Step], stored: dict[int, int], frozen: bool
    ) -> None:
        self.of = describer
        self.body = body
        self.steps = steps
        self.stored = stored
        self.frozen = frozen
        self.members: dict[str, tuple[tuple[str, ...], Made]] = {}
        self.items: dict[tuple[str, ...], str] = {}

    def fill(self, unit: Unit, prefix: tuple[str, ...]) -> None:
        """Everything of a level, under a prefix of names."""
        for item in unit.items:
            path = prefix + unit.path(item)
            if not prefix:
                name = item.layer if isinstance(item, Node) else item.name
                self.body.item = name[len(unit.name) + 1 :] if unit.name else name
            if isinstance(item, Unit):
                self.level(item, path)
            else:
                self.node(item, path)

    def node(self, node: Node, path: tuple[str, ...]) -> None:
        """One node: a submodule and its call, a tensor, or an expression."""
        p = self.of.prepared.of(node)
        if p.stored:
            self.tensor(node, path)
            return
        if node.first in self.of.prepared.alias:
            return
        call, title = p.call, "_".join(path)
        if p.belongs:
            title = title.rpartition("_")[0] or title
        if p.make is not None:
            path, call = self.member(p, node, path)
        step = self.of.step(p, self.body, call, title, path)
        if p.belongs:
            step.fuse = True
        self.steps.append(step)

    def member(self, p: Prepared, node: Node, path: tuple[str, ...]) -> tuple[tuple[str, ...], Expr]:
        """The submodule of a node and how it is applied: its own, or the one whose weights it shares."""
        owner = self.of.sharing.whole(node)
        if owner is not None and owner in self.members:
            where, made = self.members[owner]
            mark = len(self.body.slots)
            mine = self.of.leaf(p, self.body)
            values = [s.value for s in self.body.slots[mark:]]
            del self.body.slots[mark:]
            if isinstance(made, Leaf) and made.cls == mine.cls and values == [
                self.body.slots[slot].value for _, slot, _ in made.args
            ]:
                self.of.sharing.settle([node])
                return where, p.call
        functional = self.of.sharing.functional(node, p)
        if functional is not None and (owner or "") in self.members:
            self.of.sharing.settle([node])
            return self.members[owner or ""][0], functional
        made = self.of.leaf(p, self.body)
        self.add(path, node.name, made)
        self.freeze(node, path)
        return path, p.call

    def tensor(self, node: Node, path: tuple[str, ...]) -> None:
        """A parameter or buffer of the network itself; shared, it is the other one."""
        (_, p), = node.weights
        owner = self.of.sharing.whole(node)
        if owner is not None and owner in self.members:
            path = self.members[owner][0]
            self.of.sharing.settle([node])
        else:
            shape = self.body.slot("shape", p.shape)
            args = () if p.init.kind == "values" else p.init.args
            names = ("size", "window", "shift") if p.init.kind == "shifted_window_mask" else ("value",) * len(args)
            given = tuple(self.body.slot(n, a) for n, a in zip(names, args, strict=False))
            made = Stock(shape, p.init, given, p.dtype, p.buffer, p.persistent)
            self.add(path, node.name, made)
            if not p.buffer:
                self.freeze(node, path)
        self.body.paths.append(path)
        self.stored[node.first] = len(self.body.paths) - 1

    def level(self, unit: Unit, path: tuple[str, ...]) -> None:
        """A level: a submodule and its call, or what is in it."""
        ins, outs = self.of.flows(unit)
        if not outs:
            return
        plain = unit.block is None and self.of.chainable(unit)
        if not plain and unit.copies:
            self.fill(unit, path)
            return
        frozen = self.of.is_frozen(unit)
        mark = len(self.body.slots)
        made = self.of.unit(unit, self.body, self.frozen or frozen)
        owner = self.of.sharing.whole_unit(unit)
        if owner is not None and owner in self.members and isinstance(made, Use):
            where, other = self.members[owner]
            if isinstance(other, Use) and same(made.body, other.body):
                del self.body.slots[mark:]
                self.of.sharing.settle(unit.nodes())
                path, made = where, other
        if path not in self.body.members:
            self.add(path, unit.name, made)
            if not self.frozen:
                if frozen:
                    self.body.frozen.append(".".join(path))
                elif plain:
                    self.body.frozen += self.of.frozen_items(unit, ".".join(path) + ".")
        self.body.paths.append(path)
        text = f"\1{len(self.body.paths) - 1}\1({', '.join(f'{{{i}}}' for i in range(len(ins)))})"
        titles = tuple(self.title(unit, v, path) for v in outs)
        shape = self.of.graph.values[outs[0]].shape
        operands: dict[int, Operand] = {i: Value(v) for i, v in enumerate(ins)}
        self.steps.append(Step(text, operands, tuple(outs), titles, shape, item=self.body.item))

    def title(self, unit: Unit, value: int, path: tuple[str, ...]) -> str:
        """What a value of a level is called after."""
        names = {} if unit.scope is None else {self.of.prepared.value(v): n for n, v in unit.scope.outputs}
        return names.get(value) or "_".join(path)

    def add(self, path: tuple[str, ...], name: str, made: Made) -> None:
        """A member, by its path and its full name."""
        self.body.members[path] = made
        self.members[name] = (path, made)
        self.items[path] = self.body.item

    def freeze(self, node: Node, path: tuple[str, ...]) -> None:
        """Notes what is not trained."""
        if self.frozen:
            return
        name = ".".join(path)
        if self.of.is_frozen(node):
            self.body.frozen.append(name)
        else:
            self.body.frozen += [f"{name}.{n}" for n, p in node.weights if not p.trainable and not p.buffer]


def same(a: Body, b: Body) -> bool:
    """Whether two bodies are of one class, with the same numbers throughout."""
    if a.key != b.key or [s.value for s in a.slots] != [s.value for s in b.slots]:
        return False
    return all(same(x, y) for x, y in zip(a.uses(), b.uses(), strict=True))
