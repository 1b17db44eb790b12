"""Groups the uses of repeated blocks into classes, and orders and names all classes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

from netspec.blocks import DifferentError, Filled

from ..structure.body import Body
from ..syntax.expression_trees import Call, ClassName
from ..syntax.literals import class_name
from .decide_arguments import Class, decide_arguments
from .merging import merge
from .series import merge_series, series_key
from .shared_body import nested_calls
from .uses import Uses, left_out_count


class Classes:
    """The classes of a network.

    Args:
        root: the body of the whole network.
        used_names: names of the library.
        title: title from which the name of the network's class is derived.
    """

    def __init__(self, root: Body, used_names: frozenset[str], title: str) -> None:
        self.used_names = used_names
        self.uses = Uses()
        self.of: dict[Body, Class] = {}
        """The class of every body."""
        for wave in waves(root, self.uses.calls):
            blocks: dict[Hashable, list[Body]] = {}
            for body in wave:
                blocks.setdefault(body.block or ("level", self.uses.key(body)), []).append(body)
            for bodies in blocks.values():
                for cls in self.classes_of(bodies):
                    decide_arguments(cls, used_names)
                    self.uses.calls.update(zip(cls.bodies, cls.calls(), strict=True))
                    self.of.update(dict.fromkeys(cls.bodies, cls))
        self.root = self.of[root]
        self.order = in_order(self.root)
        """The classes, each after those that it uses."""
        self.give_names(title)

    def classes_of(self, bodies: list[Body]) -> list[Class]:
        """Returns classes for the uses of a block, or of similar levels: a single one if possible."""
        groups = self.uses.group(bodies)
        if len(groups) > 1:
            keys = {series_key(body, self.uses) for body in bodies}
            if len(keys) == 1 and None not in keys:
                return self.series(bodies, groups)
        groups.sort(key=lambda group: (len(group[0].left_out), left_out_count(group[0])))
        out: list[Class] = []
        while groups:
            first, *others = groups
            joined = [first]
            groups = []
            for other in others:
                (joined if self.can_join(joined, other, bodies) else groups).append(other)
            together = ordered(joined, bodies)
            out.append(Class(together, merge(together, self.uses)))
        return out

    def can_join(self, joined: list[list[Body]], other: list[Body], bodies: list[Body]) -> bool:
        """Whether a group of equal uses can share a class with the groups joined so far."""
        distinct: dict[Hashable, Body] = {}
        for body in ordered([*joined, other], bodies):
            distinct.setdefault((self.uses.key(body), body.left_out), body)
        try:
            merge(list(distinct.values()), self.uses)
        except DifferentError:
            return False
        return True

    def series(self, bodies: list[Body], groups: list[list[Body]]) -> list[Class]:
        """Returns a single class for chains of any length if arguments grow evenly along them, else one per length."""
        try:
            return [Class(bodies, merge_series(bodies, self.uses))]
        except DifferentError:
            return [Class(group[::-1], merge(group[::-1], self.uses)) for group in reversed(groups)]

    def give_names(self, title: str) -> None:
        """Names every class: first the network's, then the others by frequency of use."""
        used_names = set(self.used_names)
        used_names.update(argument.name for cls in self.order for argument in (*cls.arguments, *cls.derived))
        self.root.name = class_name(title, used_names)
        used_names.add(self.root.name)
        for cls in sorted(self.order, key=lambda cls: -len(cls.bodies)):
            if cls is not self.root:
                cls.name = class_name(cls.content.title or "Layers", used_names)
                used_names.add(cls.name)


def waves(root: Body, calls: Mapping[Body, Filled]) -> Iterator[list[Body]]:
    """Yields all bodies, inner ones first. Bodies of one block come together, unless the block is nested in itself.

    Args:
        root: the body of the whole network.
        calls: bodies whose class has its arguments; the caller adds those of each wave.
    """
    left: dict[Body, None] = {}
    stack = [root]
    while stack:
        body = stack.pop()
        if body not in left:
            left[body] = None
            stack += reversed(list(body.uses()))
    while left:
        ready = [body for body in left if all(inner in calls for inner in body.uses())]
        waiting = {body.block for body in left.keys() - set(ready)}
        now = [body for body in ready if body.block is None or body.block not in waiting] or ready
        yield now
        for body in now:
            del left[body]


def ordered(groups: list[list[Body]], bodies: list[Body]) -> list[Body]:
    """Returns the bodies of some groups in their original order."""
    members = {body for group in groups for body in group}
    return [body for body in bodies if body in members]


def in_order(root: Class) -> list[Class]:
    """Returns a class after all classes that it uses."""
    order: dict[Class, None] = {}

    def visit(cls: Class) -> None:
        if cls in order:
            return
        for member in cls.content.every_member():
            for call in nested_calls(member):
                assert isinstance(call.template.node, Call)
                assert isinstance(call.template.node.function, ClassName)
                visit(call.template.node.function.cls)
        order[cls] = None

    visit(root)
    return list(order)
