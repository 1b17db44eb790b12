"""Classes of the text: bodies of one structure, with what differs between them as arguments of the constructor."""

# Literals are of any type:
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from .body import ABSENT, REQUIRED, Body, Slot
from .rules.base import Literal
from .series import Pattern, compressed, kin, pattern
from .syntax.literals import Code, brief, class_name, identifier, literal, taken_by_module, unique


@dataclass(slots=True)
class Argument:
    """An argument of a constructor."""

    name: str
    annotation: str
    default: Literal
    column: tuple[str, ...]
    """Its values, as text, in the order of the uses."""
    values: tuple[Literal, ...]
    forward: bool = False
    """Whether ``forward`` needs it."""
    attribute: str = ""
    """Where it is kept then."""
    base: Argument | None = None
    """Another argument that it follows from: then it is none itself."""
    form: str = ""
    """How: ``4 * {}``, ``{} // 2``."""
    open: frozenset[int] = frozenset()
    """Numbers of the uses that have no value for it."""

    def close(self) -> None:
        """Gives the uses that have no value the default, or zero."""
        zero = type(self.values[0])(0) if type(self.values[0]) in (int, float) else self.values[0]
        value = zero if self.default is REQUIRED else self.default
        self.values = tuple(value if n in self.open else v for n, v in enumerate(self.values))

    @property
    def text(self) -> str:
        """How the constructor speaks of it."""
        return self.name if self.base is None else self.form.format(self.base.name)


@dataclass(eq=False, slots=True)
class Class:
    """One class of the text."""

    name: str
    bodies: list[Body]
    arguments: list[Argument] = field(default_factory=list[Argument])
    derived: list[Argument] = field(default_factory=list[Argument])
    """What follows from an argument."""
    refs: list[str | Argument] = field(default_factory=list["str | Argument"])
    """For every slot its text, or the argument that it is."""
    number: dict[int, int] = field(default_factory=dict[int, int])
    series: Pattern | None = None
    """Names of its items, where it is a series whose length is an argument."""

    def add(self, body: Body) -> None:
        """One more body."""
        if id(body) not in self.number:
            self.number[id(body)] = len(self.bodies)
            self.bodies.append(body)

    @property
    def first(self) -> Body:
        """The body that the text is written from: one with everything that others may lack."""
        return next((b for b in self.bodies if not b.absent and not b.lacking), self.bodies[0])

    def values(self, body: Body) -> list[Literal]:
        """Values of the arguments for one of its bodies."""
        at = self.number[id(body)]
        return [a.values[at] for a in self.arguments]


class Classes:
    """All classes of a network, those that others need first."""

    def __init__(self, root: Body, taken: Iterable[str], title: str) -> None:
        self.taken = set(taken)
        self._class: dict[int, Class] = {}
        self._inner: dict[tuple[int, int], range] = {}
        order = self._gathered(root)
        self.order = [settled for cls in order for settled in self._settled(cls)]
        self.taken.update(a.name for cls in self.order for a in (*cls.arguments, *cls.derived))
        root_class = self.of(root)
        root_class.name = class_name(title, self.taken)
        self.taken.add(root_class.name)
        for cls in sorted(self.order, key=lambda c: -len(c.bodies)):
            if cls is not root_class:
                cls.name = class_name(cls.first.title or "Layers", self.taken)
                self.taken.add(cls.name)

    def of(self, body: Body) -> Class:
        """The class of a body."""
        return self._class[id(body)]

    def slots(self, body: Body, number: int) -> range:
        """Slots of a body that stand for the arguments of the class of its use with that number."""
        return self._inner[id(body), number]

    def _gathered(self, root: Body) -> list[Class]:
        order: dict[Any, Class] = {}
        stack: list[tuple[Body, bool]] = [(root, False)]
        while stack:
            body, done = stack.pop()
            if not done:
                stack.append((body, True))
                stack += [(inner, False) for inner in reversed(list(body.uses()))]
                continue
            if id(body) not in self._class:
                cls = self._class[id(body)] = order.setdefault(kin(body), Class("", []))
                cls.add(body)
        return list(order.values())

    def _settled(self, cls: Class) -> list[Class]:
        """The class with its arguments; several, where it is of series of different lengths that do not grow evenly."""
        for body in cls.bodies:
            self._inherit(body)
        every = [cls]
        chain = cls.first.chain
        if chain is not None and len({body.key for body in cls.bodies}) > 1:
            numbers = [compressed(b.slots, len(b.chain.items)) if b.chain is not None else None for b in cls.bodies]
            known = [slots for slots in numbers if slots is not None]
            if len(known) == len(numbers):
                cls.series = pattern([name for name, _ in chain.items])
                for body, slots in zip(cls.bodies, known, strict=True):
                    body.slots = slots
            else:
                by_key: dict[Any, Class] = {}
                for body in cls.bodies:
                    self._class[id(body)] = by_key.setdefault(body.key, Class("", []))
                    self._class[id(body)].add(body)
                every = list(by_key.values())
        for one in every:
            self._settle(one)
        return every

    def _settle(self, cls: Class) -> None:
        """Decides which slots are arguments; those of the classes in it have been decided before."""
        params = self._params(cls.bodies)
        by_column: dict[tuple[str, ...], Argument] = {}
        refs: dict[int, str | Argument] = {}
        rows = [[body.slots[i] for body in cls.bodies] for i in range(len(cls.first.slots))]
        # Those that every use has a number for come first: the others may then be the same argument.
        for i in sorted(range(len(rows)), key=lambda i: any(s.value is ABSENT for s in rows[i])):
            slots = _incoming(rows[i], [body.width for body in cls.bodies])
            column = _completed(slots, list(by_column), params)
            if len(set(column)) == 1:
                refs[i] = brief(next((s.value for s in slots if s.value is not ABSENT), slots[0].default))
                continue
            open_ = frozenset(n for n, s in enumerate(slots) if s.value is ABSENT and column not in params)
            argument = by_column.get(column)
            if argument is None:
                argument = by_column[column] = self._argument(slots, column, params)
                argument.open = open_
            argument.open &= open_
            if slots[0].default is REQUIRED:
                argument.default = REQUIRED
            argument.forward = argument.forward or slots[0].forward
            refs[i] = argument
        cls.refs = [refs[i] for i in range(len(rows))]
        self._name(cls, list(by_column.values()), params)

    def _inherit(self, body: Body) -> None:
        """Arguments of the classes that a body uses become slots of its own."""
        missing_bodies = body.missing()
        for number, inner in enumerate(list(body.uses())):
            cls = self.of(inner)
            missing = inner in missing_bodies
            for argument, value in zip(cls.arguments, cls.values(inner), strict=True):
                body.slots.append(Slot(argument.name, ABSENT if missing else value, argument.default))
            self._inner[id(body), number] = range(len(body.slots) - len(cls.arguments), len(body.slots))

    def _params(self, bodies: list[Body]) -> dict[tuple[str, ...], str]:
        """Columns of the block's own parameters, by their values."""
        out: dict[tuple[str, ...], str] = {}
        for name in bodies[0].params:
            if not all(name in body.params for body in bodies):
                continue
            try:
                column = tuple(literal(_plain(body.params[name])) for body in bodies)
            except TypeError:
                continue
            out.setdefault(column, name)
        return out

    def _argument(self, slots: list[Slot], column: tuple[str, ...], params: dict[tuple[str, ...], str]) -> Argument:
        # What is not known was completed from a column of literals, and is read back from there.
        known = {literal(s.value): s.value for s in slots if s.value is not ABSENT}
        values = tuple(known[text] if text in known else ast.literal_eval(text) for text in column)
        return Argument(params.get(column, slots[0].name), _annotation(values), slots[0].default, column, values)

    def _name(self, cls: Class, arguments: list[Argument], params: dict[tuple[str, ...], str]) -> None:
        """Order and names: what comes in first, then the block's parameters in their order, then the others."""
        place = {column: i for i, column in enumerate(params)}

        def rank(argument: Argument) -> tuple[bool, int]:
            optional = argument.default is not REQUIRED
            incoming = argument.name.startswith("in_") and argument.column not in place
            return optional, -1 if incoming else place.get(argument.column, len(place))

        arguments.sort(key=rank)
        _derive(arguments, place)
        for argument in arguments:
            if argument.base is not None:  # where this has a value, the other must have it too
                argument.base.open &= argument.open
        every, arguments = arguments, [a for a in arguments if a.base is None]
        names = {"i", *self.taken}  # what comprehensions count with, and what the library has
        members = {path[0] for path in cls.first.members}
        attributes: set[str] = set()
        for argument in [*arguments, *(a for a in every if a.base is not None)]:
            argument.close()
            if argument.name in names and type(argument.values[0]) is bool:
                argument.name = f"with_{argument.name}"
            argument.name = identifier(argument.name, names)
            names.add(argument.name)
            if argument.forward:
                wanted = argument.name if not taken_by_module(argument.name) else f"{argument.name}_"
                argument.attribute = unique(wanted, members | attributes)
                attributes.add(argument.attribute)
        cls.arguments = arguments
        cls.derived = [a for a in every if a.base is not None]


def _derive(arguments: list[Argument], params: Container[tuple[str, ...]]) -> None:
    """Finds arguments that follow from another one in every use: multiples, opposites, paddings that keep the size.

    What comes in stays. The others may be multiples of that and of the block's parameters: ``4 * dim``; a parameter may
    be one of another before it, where that has three values or more, so that it is no chance.
    """
    whole = [a for a in arguments if all(type(v) is int and v > 0 for v in a.values) and a.default is REQUIRED]
    bases = [a for a in whole if a.column in params or a.name.startswith("in_")]
    for i, argument in enumerate(whole):
        if argument not in bases:
            argument.base, argument.form = _multiple(argument, [a for a in bases if a.base is None])
        elif argument.column in params:
            before = [a for a in whole[:i] if a.column in params and a.base is None and len(set(a.values)) > 2]
            argument.base, argument.form = _multiple(argument, before)
    flags = [a for a in arguments if all(type(v) is bool for v in a.values)]
    for one, other in combinations(flags, 2):
        if one.base is None and all(a is not b for a, b in zip(one.values, other.values, strict=True)):
            other.base, other.form = one, "not {}"
    for argument in arguments:
        if argument.name.startswith("padding") and argument.column not in params:
            kernels = [a for a in whole if "kernel" in a.name and a.base is None and _keeps(argument, a)]
            if kernels:
                argument.base, argument.form = kernels[0], "{} // 2"


def _multiple(argument: Argument, bases: list[Argument]) -> tuple[Argument | None, str]:
    """The argument that another is the least multiple of, and how."""
    found: dict[int, Argument] = {}
    for base in bases:
        factor = argument.values[0] // base.values[0]
        if factor > 1 and all(v == factor * b for v, b in zip(argument.values, base.values, strict=True)):
            found.setdefault(factor, base)
    least = min(found, default=0)
    return (found[least], f"{least} * {{}}") if found else (None, "")


def _keeps(padding: Argument, kernel: Argument) -> bool:
    """Whether a padding keeps the size under windows of a stride of one, in every use."""
    return all(type(p) is int and p == k // 2 for p, k in zip(padding.values, kernel.values, strict=True))


def _incoming(slots: list[Slot], widths: list[int | None]) -> list[Slot]:
    """The slots of the channels that come in: a use without that layer has some, too."""
    known = [(s.value, width) for s, width in zip(slots, widths, strict=True) if s.value is not ABSENT]
    if len(known) == len(slots) or not slots[0].name.startswith("in_") or any(value != width for value, width in known):
        return slots
    both = zip(slots, widths, strict=True)
    return [replace(s, value=width) if s.value is ABSENT and width is not None else s for s, width in both]


def _completed(
    slots: list[Slot], columns: list[tuple[str, ...]], params: dict[tuple[str, ...], str]
) -> tuple[str, ...]:
    """The values as text; where a use has none, that of a column which is the same elsewhere, or else the first.

    The block's parameter of that name comes before everything.
    """
    found = [None if s.value is ABSENT else literal(s.value) for s in slots]
    named = [column for column, name in params.items() if name == slots[0].name and None in found]
    if named and all(text in (None, other) for text, other in zip(found, named[0], strict=True)):
        return named[0]
    known = [text for text in found if text is not None] or [literal(slots[0].default)]
    if len(known) == len(found) or len(set(known)) == 1:
        return tuple(known[0] if text is None else text for text in found)
    for column in [*columns, *params]:
        if all(text in (None, other) for text, other in zip(found, column, strict=True)):
            return column
    return tuple(known[0] if text is None else text for text in found)


def _plain(value: Any) -> Any:
    """Lists of a spec as tuples."""
    if isinstance(value, (list, tuple)):
        return tuple(_plain(v) for v in value)
    return value


def _annotation(values: tuple[Literal, ...]) -> str:
    kinds = {type(v) for v in values}
    if kinds <= {int, float} and kinds != {int}:
        return "float"
    names = sorted(_kind(k, values) for k in kinds)
    if "None" in names:
        names.remove("None")
        names.append("None")
    return " | ".join(names)


def _kind(kind: type, values: tuple[Literal, ...]) -> str:
    if kind is tuple:
        inner = {type(x) for v in values if isinstance(v, tuple) for x in v}
        if tuple in inner:
            return "tuple[tuple[int, ...], ...]"
        return f"tuple[{'float' if float in inner else 'int'}, ...]"
    if kind is Code:
        return "type[nn.Module]"
    return "None" if kind is type(None) else kind.__name__
