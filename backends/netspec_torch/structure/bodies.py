"""From a graph to bodies: which levels of the tree of names are classes, and what is in them."""

from __future__ import annotations

from itertools import pairwise

from netspec.blocks import Filled
from netspec.ir import Graph, Node
from netspec.ops.attention import DotProductAttention

from ..syntax.literals import UniqueIdentifiers
from .body import Body, Chain, Path, Step, Use
from .body import Member as Submodule
from .boundaries import Boundaries, frozen_weights
from .levels import Level, tree_of_names
from .preparation import Prepared, prepare
from .steps import fused, needed
from .submodules import leaf, tensor
from .templates import RuleTemplate, plain_template, step_template
from .weight_owners import WeightOwners


class Bodies:
    """Makes the body of a graph, and with it those of all levels below.

    Args:
        graph: the network, its channels first.
        taken: names that no variable may have.
    """

    def __init__(self, graph: Graph, taken: frozenset[str]) -> None:
        self.graph = graph
        self.taken = taken
        self.prepared = prepare(graph)
        self.weight_owners = WeightOwners(graph)
        self.boundaries = Boundaries(graph, self.prepared, self.weight_owners)

    def root(self) -> Body:
        """The body of the whole network."""
        return self.body(tree_of_names(self.graph), frozen=False)

    def body(self, level: Level, frozen: bool) -> Body:
        """A level as a class; ``frozen`` where a level around it is frozen as a whole."""
        scope = level.scope
        title = level.block or level.name.rpartition(".")[2]
        if title.isdigit():
            title = "_".join(level.name.split(".")[-2:])
        body = Body(title, level.block, scope.doc if scope else None, dict(scope.arguments) if scope else {})
        inputs, outputs = self.boundaries.of(level)
        body.outputs = len(outputs)
        if scope is not None and level.block is not None:
            body.left_out = frozenset(scope.left_out)
        body.width = self.width(inputs)
        if level.name and self.boundaries.is_sequential(level):
            body.chain = self.chain(level, body, frozen)
            body.inputs = {inputs[0]: "input"}
            if not frozen:
                body.frozen = self.boundaries.frozen_items(level)
            return body
        body.inputs = self.input_names(level, inputs)
        if not level.name:  # an output may be an input, which no step computes
            outputs = [self.prepared.value(value) for value in self.graph.outputs.values()]
            body.public = list(self.graph.outputs) if len(outputs) > 1 else None
        Filling(self, body, frozen).fill(level, ())
        body.returned = outputs
        body.steps = fused(needed(body.steps, outputs), outputs)
        return body

    def width(self, inputs: list[int]) -> int | None:
        """The channels of a single input."""
        if len(inputs) != 1:
            return None
        value = self.graph.values[inputs[0]]
        return value.shape[value.channel] if value.channel is not None else None

    def input_names(self, level: Level, inputs: list[int]) -> dict[int, str]:
        """Names of the arguments of ``forward``, by their values."""
        if not level.name:
            inputs = list(self.graph.inputs.values())
        if len(inputs) == 1:
            return {inputs[0]: "x"}
        given = {} if level.scope is None else {self.prepared.value(v): n for n, v in level.scope.inputs.items()}
        if not level.name:
            given = {v: n for n, v in self.graph.inputs.items()}
        names = UniqueIdentifiers(self.taken)
        return {v: names.claim(given.get(v) or self.graph.value_name(v).rpartition(".")[2]) for v in inputs}

    # -- submodules -----------------------------------------------------------------------------------------------
    def submodule(self, level: Level, body: Body, frozen: bool) -> Chain | Use:
        """A level as a submodule: a chain, or a class."""
        if level.block is None and self.boundaries.is_chain(level):
            return self.chain(level, body, frozen)
        return Use(self.body(level, frozen))

    def chain(self, level: Level, body: Body, frozen: bool) -> Chain:
        """A level that is a chain, as a member of a body."""
        items: list[tuple[str, Submodule]] = []
        for item in level.items:
            name = level.path(item)[0]
            if isinstance(item, Level):
                items.append((name, self.submodule(item, body, frozen)))
                continue
            prepared = self.prepared.of(item)
            plain = prepared.plain
            items.append((name, leaf(self.graph, prepared, bool(body.block)) if plain else Use(self.wrapper(prepared))))
        numbered = [name for name, _ in items] == [str(n) for n in range(len(items))]
        left_out = level.scope.left_out_items if level.scope is not None and numbered else ()
        if numbered and not left_out and are_equal([item for _, item in items]):
            return Chain(tuple(items[:1]), len(items))
        asked = {number + i: parameter for i, (number, parameter) in enumerate(left_out)}
        places = (n for n in range(len(items) + len(left_out)) if n not in asked)
        return Chain(tuple(items), None, tuple(places), tuple(asked.items()))

    def wrapper(self, prepared: Prepared) -> Body:
        """A class for an expression that stands in a chain of modules."""
        body = Body(prepared.node.op.name, inputs={prepared.inputs[0]: "x"})
        body.steps = [self.step(prepared, body, prepared.rule, prepared.node.op.name, ())]
        body.returned = list(body.steps[0].results)
        return body

    # -- steps ----------------------------------------------------------------------------------------------------
    def step(self, prepared: Prepared, body: Body, rule: RuleTemplate, title: str, path: Path, item: str = "") -> Step:
        """One node as a step."""
        lifted = tuple(prepared.lift[n] for n in rule.inputs)
        results, titles = tuple(prepared.node.values), self.titles(prepared.node, title)
        if len(results) > 1 and rule.is_first_of_several:
            results, titles = results[:1], (title,)
        return Step(
            Filled(step_template(rule, lifted, path), rule.values(prepared.numbers)),
            tuple(prepared.inputs[n] for n in rule.inputs),
            results,
            titles,
            prepared.node.outputs[0].shape,
            item,
            body.next_position(),
            prepared.belongs,
            prepared.lowered.overwrites,
            prepared.inputs[0] if 0 in rule.inputs and not prepared.lift[0] else None,
        )

    def titles(self, node: Node, title: str) -> tuple[str, ...]:
        """What the results of a node are called after."""
        count = len(node.outputs)
        if count == 1:
            return (title,)
        if node.op.results:
            return tuple(node.op.results[:count])
        first = [readers[0] for value in node.values if (readers := self.boundaries.readers.get(value))]
        ends = [self.graph.nodes[number] for number in first if number < len(self.graph.nodes)]
        if count == 3 and len(ends) == 3 and all(a is b for a, b in pairwise(ends)):
            reader = ends[0]
            if isinstance(reader.op, DotProductAttention) and self.prepared.of(reader).inputs[:3] == tuple(node.values):
                return ("q", "k", "v")
        return tuple(f"{title}{i}" for i in range(count))


def are_equal(members: list[Submodule]) -> bool:
    """Whether all members are uses of one class with the same numbers."""
    first = members[0] if members else None
    return isinstance(first, Use) and all(
        isinstance(member, Use) and member.body.content() == first.body.content() for member in members
    )


class Filling:
    """Fills one body from a level, and from the levels below that have no class of their own."""

    def __init__(self, bodies: Bodies, body: Body, frozen: bool) -> None:
        self.bodies = bodies
        self.prepared, self.weight_owners, self.boundaries = bodies.prepared, bodies.weight_owners, bodies.boundaries
        self.body = body
        self.frozen = frozen
        self.members: dict[str, tuple[Path, Submodule]] = {}
        """Members by the full names of their layers and levels."""
        self.item = ""
        """The layer (or level) of the block that is being added."""

    def fill(self, level: Level, prefix: Path) -> None:
        """Adds everything of a level, under a prefix of names."""
        for item in level.items:
            path = prefix + level.path(item)
            if not prefix:
                name = item.layer if isinstance(item, Node) else item.name
                self.item = name[len(level.name) + 1 :] if level.name else name
            if isinstance(item, Level):
                self.add_level(item, path)
            elif self.prepared.of(item).stored:
                self.add_tensor(item, path)
            elif item.first not in self.prepared.alias:
                self.add_node(item, path)

    def add_node(self, node: Node, path: Path) -> None:
        """One node: an expression, perhaps with a submodule."""
        prepared = self.prepared.of(node)
        rule, title = prepared.rule, "_".join(path)
        if prepared.belongs:
            title = title.rpartition("_")[0] or title
        if prepared.make is not None:
            path, rule = self.submodule(prepared, node, path)
        self.body.steps.append(self.bodies.step(prepared, self.body, rule, title, path, self.item))

    def submodule(self, prepared: Prepared, node: Node, path: Path) -> tuple[Path, RuleTemplate]:
        """The submodule of a node and how it is applied: its own, or the one whose weights it shares."""
        member = leaf(self.bodies.graph, prepared, bool(self.body.block))
        owner = self.weight_owners.whole(node)
        if owner is not None and owner in self.members:
            where, other = self.members[owner]
            if other == member:
                self.weight_owners.settle([node])
                return where, prepared.rule
            functional = self.weight_owners.functional(node, prepared)
            if functional is not None:
                self.weight_owners.settle([node])
                return where, functional
        self.add(path, node.name, member)
        self.freeze(node, path)
        return path, prepared.rule

    def add_tensor(self, node: Node, path: Path) -> None:
        """A parameter or buffer of the network itself; shared, it is the other one."""
        ((_, parameter),) = node.weights
        owner = self.weight_owners.whole(node)
        if owner is not None and owner in self.members:
            path = self.members[owner][0]
            self.weight_owners.settle([node])
        else:
            self.add(path, node.name, tensor(parameter))
            if not parameter.buffer:
                self.freeze(node, path)
        self.body.stored[node.first] = path

    def add_level(self, level: Level, path: Path) -> None:
        """A level: a submodule and its call, or what is in it."""
        inputs, outputs = self.boundaries.of(level)
        if not outputs:  # at most its shape is asked for, but its weights are there
            if any(node.weights for node in level.nodes):
                self.fill(level, path)
            return
        chain = level.block is None and self.boundaries.is_chain(level)
        if not chain and level.is_prefix:
            self.fill(level, path)
            return
        frozen = self.boundaries.is_frozen(level)
        member: Submodule = self.bodies.submodule(level, self.body, self.frozen or frozen)
        owner = self.weight_owners.whole_level(level)
        if owner is not None and owner in self.members and isinstance(member, Use):
            where, other = self.members[owner]
            if isinstance(other, Use) and member.body.content() == other.body.content():
                self.weight_owners.settle(level.nodes)
                path, member = where, other
        if path not in self.body.members:
            self.add(path, level.name, member)
            if frozen and not self.frozen:
                self.body.frozen.append(".".join(path))
            elif chain and not self.frozen:
                self.body.frozen += self.boundaries.frozen_items(level, ".".join(path) + ".")
        scope = level.scope
        names = {} if scope is None else {self.prepared.value(value): name for name, value in scope.outputs}
        self.body.steps.append(
            Step(
                Filled(plain_template(path, len(inputs))),
                tuple(inputs),
                tuple(outputs),
                tuple(names.get(value) or "_".join(path) for value in outputs),
                self.bodies.graph.values[outputs[0]].shape,
                self.item,
                self.body.next_position(),
                main=inputs[0] if inputs else None,
            )
        )

    def add(self, path: Path, name: str, member: Submodule) -> None:
        """Adds a member, by its path and its full name."""
        self.body.members[path] = member
        self.body.positions[path] = self.body.next_position()
        self.body.items[path] = self.item
        self.members[name] = (path, member)

    def freeze(self, node: Node, path: Path) -> None:
        """Records what is not trained of a layer."""
        if self.frozen:
            return
        name = ".".join(path)
        self.body.frozen += [name] if self.boundaries.is_frozen(node) else frozen_weights(node, name)
