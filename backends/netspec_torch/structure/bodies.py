"""Builds bodies from a graph: decides which levels of the tree of names become classes, and collects their contents."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from netspec.blocks import Filled
from netspec.ir import Graph, Node
from netspec.ops.attention import DotProductAttention

from ..syntax.literals import UniqueIdentifiers
from .body import Body, Chain, ForwardStep, Path, Use
from .body import Member as Submodule
from .boundaries import Boundaries, Boundary, frozen_weights
from .forward_steps import fused, needed
from .levels import Level, tree_of_names
from .preparation import Prepared, prepare
from .runs import Runs, forget_shapes
from .submodules import common_type, leaf, tensor
from .templates import RuleTemplate, plain_template, step_template, with_sizes
from .weight_owners import WeightOwners, holder

if TYPE_CHECKING:
    from .region_bodies import RegionBodies


class BodyBuilder:
    """Builds the body of a graph and the bodies of all nested levels.

    Args:
        graph: the network, channels first.
        used_names: names that variables must not have.
        usual: the floating-point type of all weights of the enclosing network; None for the network itself.
    """

    def __init__(self, graph: Graph, used_names: frozenset[str], usual: str | None = None) -> None:
        self.graph = graph
        self.used_names = used_names
        self.usual = usual if usual is not None else common_type(graph)
        """The floating-point type of all weights, to which the whole network is converted."""
        self.regions: dict[int, RegionBodies] = {}
        """The bodies of regions, by identity of the node."""
        if any(node.op.bodies for node in graph.nodes):
            from .region_bodies import region_bodies  # loaded only for such a network

            self.regions = region_bodies(graph, partial(BodyBuilder, used_names=used_names, usual=self.usual))
        self.prepared = prepare(graph, {key: region.sizes for key, region in self.regions.items()})
        self.weight_owners = WeightOwners(graph)
        self.boundaries = Boundaries(graph, self.prepared, self.weight_owners)
        self.runs: Runs | None = None
        """The runs of mapped layers, if there are any."""

    def root(self) -> Body:
        """Builds the body of the whole network."""
        tree = tree_of_names(self.graph)
        if any(node.stored != node.name for node in self.graph.nodes):
            self.runs = Runs(tree, lambda level: self.submodule(level, Body(""), frozen=True))
        root = self.body(tree, frozen=False)
        if self.graph.dims:
            from .common_sizes import share_expressions

            share_expressions(root)
        return root

    def body(self, level: Level, frozen: bool, whole: Boundary | None = None) -> Body:
        """Builds the body of a level that becomes a class.

        Args:
            level: the level.
            frozen: whether an enclosing level is frozen as a whole.
            whole: inputs and outputs to use instead of those found from the graph.
        """
        scope = level.scope
        title = level.block or level.name.rpartition(".")[2]
        if title.isdigit():
            title = "_".join(level.name.split(".")[-2:])
        body = Body(title, level.block, scope.doc if scope else None, dict(scope.arguments) if scope else {})
        inputs, outputs = whole or self.boundaries.of(level)
        body.outputs = len(outputs)
        if scope is not None and level.block is not None:
            body.left_out = frozenset(scope.left_out)
        body.width = self.width(inputs)
        if level.name and self.boundaries.is_sequential(level) and self.boundaries.of(level) == (inputs, outputs):
            body.chain = self.chain(level, body, frozen)
            body.inputs = {inputs[0]: "input"}
            assert not self.boundaries.sizes(level)
            if not frozen:
                body.frozen = self.boundaries.frozen_items(level)
            return body
        body.inputs = self.input_names(level, inputs)
        self.add_sizes(body, level)
        if not level.name:  # an output of the network may be an input, which no step computes
            outputs = [self.prepared.value(value) for value in self.graph.outputs.values()]
            body.public = list(self.graph.outputs) if len(outputs) > 1 else None
        Filling(self, body, frozen, level.stored).fill(level, ())
        body.returned = outputs
        body.steps = fused(needed(body.steps, outputs), outputs)
        return body

    def width(self, inputs: list[int]) -> int | None:
        """Returns the number of channels of a single input, or None."""
        if len(inputs) != 1:
            return None
        value = self.graph.values[inputs[0]]
        return value.shape[value.channel] if value.channel is not None else None

    def input_names(self, level: Level, inputs: list[int]) -> dict[int, str]:
        """Returns the names of the arguments of ``forward``, by value."""
        if not level.name:
            inputs = list(self.graph.inputs.values())
        if len(inputs) == 1:
            return {inputs[0]: "x"}
        named = {} if level.scope is None else {self.prepared.value(v): n for n, v in level.scope.inputs.items()}
        if not level.name:
            named = {v: n for n, v in self.graph.inputs.items()}
        names = UniqueIdentifiers(self.used_names)
        return {v: names.claim(named.get(v) or self.graph.value_name(v).rpartition(".")[2]) for v in inputs}

    def add_sizes(self, body: Body, level: Level) -> None:
        """Adds the sizes that cannot be computed from a body's inputs to these, and expressions for all others."""
        if not self.graph.dims:
            return
        values = list(body.inputs)
        body.sizes = self.boundaries.sizes(level)
        names = UniqueIdentifiers({*self.used_names, *body.inputs.values()})
        for i, size in enumerate(body.sizes):
            body.inputs[len(self.graph.values) + i] = names.claim(self.boundaries.size_title(size))
        body.expressions = self.boundaries.expressions(values, body.sizes, by_name=not level.name)

    # -- submodules -----------------------------------------------------------------------------------------------
    def submodule(self, level: Level, body: Body, frozen: bool) -> Chain | Use:
        """Converts a level to a submodule: a chain, or a class."""
        if level.block is None and self.boundaries.is_chain(level):
            return self.chain(level, body, frozen)
        return Use(self.body(level, frozen))

    def chain(self, level: Level, body: Body, frozen: bool) -> Chain:
        """Converts a level that is a chain to a member of a body."""
        items: list[tuple[str, Submodule]] = []
        for item in level.items:
            name = level.path(item)[0]
            if isinstance(item, Level):
                items.append((name, self.submodule(item, body, frozen)))
                continue
            prepared = self.prepared.of(item)
            plain = prepared.plain
            items.append(
                (
                    name,
                    leaf(self.graph, prepared, bool(body.block), self.usual) if plain else Use(self.wrapper(prepared)),
                )
            )
        numbered = [name for name, _ in items] == [str(n) for n in range(len(items))]
        left_out = level.scope.left_out_items if level.scope is not None and numbered else ()
        if numbered and not left_out and are_equal([item for _, item in items]):
            return Chain(tuple(items[:1]), len(items))
        asked = {number + i: parameter for i, (number, parameter) in enumerate(left_out)}
        places = (n for n in range(len(items) + len(left_out)) if n not in asked)
        return Chain(tuple(items), None, tuple(places), tuple(asked.items()))

    def wrapper(self, prepared: Prepared) -> Body:
        """Wraps an expression in a class, so that it can be part of a chain of modules."""
        body = Body(prepared.node.op.name, inputs={prepared.inputs[0]: "x"})
        if prepared.sizes:
            body.expressions = self.boundaries.expressions(body.inputs)
        body.steps = [self.step(prepared, body, prepared.rule, prepared.node.op.name, ())]
        body.returned = list(body.steps[0].results)
        return body

    # -- steps ----------------------------------------------------------------------------------------------------
    def step(
        self, prepared: Prepared, body: Body, rule: RuleTemplate, title: str, path: Path, item: str = ""
    ) -> ForwardStep:
        """Converts a node to a step."""
        lifted = tuple(prepared.lift[n] for n in rule.inputs)
        results, titles = tuple(prepared.node.values), self.titles(prepared.node, title)
        if len(results) > 1 and rule.is_first_of_several:
            results, titles = results[:1], (title,)
        elif prepared.lowered.returns is not None:
            results, titles = results[: prepared.lowered.returns], titles[: prepared.lowered.returns]
        filled = Filled(step_template(rule, lifted, path), rule.values(prepared.numbers))
        return ForwardStep(
            with_sizes(filled, body.size_expression) if prepared.sizes else filled,
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
        """Returns titles from which the names of a node's results are derived."""
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
    """Fills one body from a level, and from nested levels that do not become classes."""

    def __init__(self, bodies: BodyBuilder, body: Body, frozen: bool, base: str) -> None:
        self.bodies = bodies
        self.base = base
        """The name of the module that is filled."""
        self.prepared, self.weight_owners, self.boundaries = bodies.prepared, bodies.weight_owners, bodies.boundaries
        self.body = body
        self.frozen = frozen
        self.members: dict[str, tuple[Path, Submodule]] = {}
        """Members by the full names of their layers and levels."""
        self.item = ""
        """The layer (or level) of the block that is being added."""

    def fill(self, level: Level, prefix: Path) -> None:
        """Adds the contents of a level under a prefix of names."""
        for item in level.items:
            path = prefix if level.is_runs else prefix + level.path(item)
            if not prefix:
                name = item.layer if isinstance(item, Node) else item.name
                self.item = name[len(level.name) + 1 :] if level.name else name
            if isinstance(item, Level):
                self.add_level(item, path)
            elif self.prepared.of(item).stored:
                self.add_tensor(item, path)
            elif item.first_value not in self.prepared.alias:
                self.add_node(item, path)

    def add_node(self, node: Node, path: Path) -> None:
        """Adds a node: an expression, possibly with a submodule."""
        prepared = self.prepared.of(node)
        rule, title = prepared.rule, "_".join(path)
        if prepared.belongs:
            title = title.rpartition("_")[0] or title
        if prepared.make is not None:
            path, rule = self.submodule(prepared, node, path)
        elif id(node) in self.bodies.regions:
            path = self.add_region(node, path)
        self.body.steps.append(self.bodies.step(prepared, self.body, rule, title, path, self.item))

    def submodule(self, prepared: Prepared, node: Node, path: Path) -> tuple[Path, RuleTemplate]:
        """Returns the path of a node's submodule and how it is called: its own, or the one whose weights it shares."""
        member = leaf(self.bodies.graph, prepared, bool(self.body.block), self.bodies.usual)
        owner = self.weight_owners.whole(node)
        if owner is not None and owner in self.members:
            where, other = self.members[owner]
            if other == member:
                self.weight_owners.assign([node])
                return where, prepared.rule
            functional = self.weight_owners.functional(node, prepared)
            if functional is not None:
                self.weight_owners.assign([node])
                return where, functional
        path, is_new = self.added(path, node, member)
        if is_new:
            self.freeze(node, path)
        return path, prepared.rule

    def added(self, path: Path, node: Node, member: Submodule) -> tuple[Path, bool]:
        """Returns the path of a submodule, and whether it is new; another run of a mapped layer may already have it."""
        other, preferred, number = self.body.members.get(path), path, 1
        while other is not None and other != member:
            path = (*preferred[:-1], f"{preferred[-1]}_{number}")
            other, number = self.body.members.get(path), number + 1
        if other is not None:
            self.members[node.stored] = (path, other)
            return path, False
        self.add(path, node.stored, member)
        if path != preferred:
            name, first = (".".join([*([self.base] if self.base else []), *p]) for p in (path, preferred))
            self.weight_owners.further += [(f"{name}.{w}", f"{first}.{w}") for w, _ in node.weights]
        return path, True

    def add_region(self, node: Node, path: Path) -> Path:
        """Adds the submodules of a region and returns their path."""
        region = self.bodies.regions[id(node)]
        frozen = self.boundaries.is_frozen(node)
        member = region.member(self.frozen or frozen)
        owner = self.weight_owners.whole(node)
        if owner is not None and owner in self.members and self.members[owner][1] == member:
            self.weight_owners.assign([node])
            return self.members[owner][0]
        path, is_new = self.added(path, node, member)
        if is_new and frozen and not self.frozen:
            self.body.frozen.append(".".join(path))
        return path

    def add_tensor(self, node: Node, path: Path) -> None:
        """Adds a parameter or buffer of the network itself, or an alias of the one whose value it shares."""
        ((_, parameter),) = node.weights
        owner, weight = holder(node, self.members) or self.weight_owners.owner[id(parameter)]
        if owner != node.stored and owner in self.members:
            path = (*self.members[owner][0], *(weight.split(".") if weight else ()))
            self.weight_owners.assign([node])
        else:
            path, is_new = self.added(path, node, tensor(parameter, self.bodies.usual, self.access))
            if is_new and not parameter.buffer:
                self.freeze(node, path)
        self.body.stored[node.first_value] = path

    def access(self, name: str) -> str | None:
        """Returns the constructor's expression for a tensor with this full name; None for other tensors."""
        path = self.members[name][0] if name in self.members else None
        return None if path is None or not all(map(str.isidentifier, path)) else ".".join(("self", *path))

    def add_level(self, level: Level, path: Path) -> None:
        """Adds a level: a submodule and its call, or its contents."""
        inputs, outputs = self.boundaries.of(level)
        if not outputs:  # nothing reads its values, only a shape at most, but its weights are needed
            if any(node.weights for node in level.nodes):
                self.fill(level, path)
            return
        runs = self.bodies.runs
        chain = level.block is None and self.boundaries.is_chain(level)
        if (not chain and level.is_prefix) or (runs is not None and self.is_written_out(level, runs)):
            self.fill(level, path)
            return
        frozen = self.boundaries.is_frozen(level)
        member: Submodule = self.bodies.submodule(level, self.body, self.frozen or frozen)
        if runs is not None and runs.differ_in_shapes(level):
            forget_shapes(member)
        owner = self.weight_owners.whole_level(level)
        if owner is not None and owner in self.members and isinstance(member, Use):
            where, other = self.members[owner]
            if isinstance(other, Use) and member.body.content() == other.body.content():
                self.weight_owners.assign(level.nodes)
                path, member = where, other
        if path not in self.body.members:
            self.add(path, level.stored, member)
            if frozen and not self.frozen:
                self.body.frozen.append(".".join(path))
            elif chain and not self.frozen:
                self.body.frozen += self.boundaries.frozen_items(level, ".".join(path) + ".")
        scope = level.scope
        names = {} if scope is None else {self.prepared.value(value): name for name, value in scope.outputs}
        self.body.steps.append(
            ForwardStep(
                Filled(
                    plain_template(
                        path, len(inputs), tuple(map(self.body.size_expression, self.bodies.boundaries.sizes(level)))
                    )
                ),
                tuple(inputs),
                tuple(outputs),
                self.level_titles(level, outputs, names, path),
                self.bodies.graph.values[outputs[0]].shape,
                self.item,
                self.body.next_position(),
                main=inputs[0] if inputs else None,
            )
        )

    def level_titles(self, level: Level, outputs: list[int], names: dict[int, str], path: Path) -> tuple[str, ...]:
        """Returns titles for the results of a level: the names of its outputs; for weights, the name of the layer."""
        title = "_".join(path)
        if level.title is None:
            return tuple(names.get(value) or title for value in outputs)
        result = level.nodes[-1].values
        return tuple(title if value in result else f"{title}_weight" for value in outputs)

    def is_written_out(self, level: Level, runs: Runs) -> bool:
        """Whether the contents of a level are written inline, because runs of a mapped layer share its module."""
        if level.is_runs:
            return all(not isinstance(item, Level) or runs.are_one_module(item) for item in level.items)
        return not runs.are_one_module(level)

    def add(self, path: Path, name: str, member: Submodule) -> None:
        """Adds a member with its path and its full name."""
        self.body.members[path] = member
        self.body.positions[path] = self.body.next_position()
        self.body.items[path] = self.item
        self.members[name] = (path, member)

    def freeze(self, node: Node, path: Path) -> None:
        """Records the weights of a layer that are not trained."""
        if self.frozen:
            return
        name = ".".join(path)
        self.body.frozen += [name] if self.boundaries.is_frozen(node) else frozen_weights(node, name)
