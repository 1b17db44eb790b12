"""What a class of the text holds, gathered from one level of the tree of names and the levels without a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.ir import Node

from .body import Body, Leaf, Made, Stock, Use
from .naming import Operand, Step, Value
from .prepare import Prepared
from .rules.base import Expr
from .rules.initial import ranked
from .tree import Unit

if TYPE_CHECKING:
    from .describe import Describer


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
            shape = tuple(self.body.slot("size", n) for n in p.shape)
            names = {"shifted_window_mask": ("size", "window", "shift"), "values": ("values",)}.get(p.init.kind)
            names = names or ("value",) * len(p.init.args)
            given = tuple(self.body.slot(n, a) for n, a in zip(names, p.init.args, strict=False))
            made = Stock(shape, ranked(p.init, len(p.shape)), given, p.dtype, p.buffer, p.persistent)
            self.add(path, node.name, made)
            if not p.buffer:
                self.freeze(node, path)
        self.body.paths.append(path)
        self.stored[node.first] = len(self.body.paths) - 1

    def level(self, unit: Unit, path: tuple[str, ...]) -> None:
        """A level: a submodule and its call, or what is in it."""
        ins, outs = self.of.flows(unit)
        if not outs:  # at most its shape is asked for, but its weights are there
            if any(node.weights for node in unit.nodes()):
                self.fill(unit, path)
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


def same(a: Body, b: Body, *, shapes: bool = False) -> bool:
    """Whether two bodies are of one class, with the same numbers throughout; on request on the same shapes, too."""
    if a.key != b.key or [s.value for s in a.slots] != [s.value for s in b.slots]:
        return False
    if shapes and [line.shape for line in a.lines] != [line.shape for line in b.lines]:
        return False
    return all(same(x, y, shapes=shapes) for x, y in zip(a.uses(), b.uses(), strict=True))
