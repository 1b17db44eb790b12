"""Statements of a constructor: submodules by their names, and how ``forward`` gets at them."""

# A tree of names is a dict of dicts:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

from .body import REQUIRED, Chain, Leaf, Made, Maybe, Stock, Use
from .old_classes import Class, Classes
from .rules.initial import filled, table
from .series import Pattern, grown, name_text, pattern
from .syntax.literals import is_identifier, literal, plain, quoted, taken_by_module, unique

Branch: TypeAlias = "dict[str, Any]"
"""Names below a name: what is made there, or a further branch."""


class Constructor:
    """Writes what one class makes."""

    def __init__(self, classes: Classes, cls: Class) -> None:
        self.classes = classes
        self.cls = cls
        self.body = cls.first
        self.uses = {id(inner): i for i, inner in enumerate(self.body.uses())}
        self.tree: Branch = {}
        self.late: list[tuple[tuple[str, ...], Made]] = []
        self.lists: set[str] = set()
        """Names of the lists that chains are gathered in."""
        for path, made in self.body.members.items():
            self._place(path, made)
        self.base = "nn.Module" if self.body.chain is None else "nn.Sequential"
        """What the class is."""
        if self.tree and all(name.isdecimal() for name in self.tree) and all(map(contained, self.tree.values())):
            counting = list(self.tree) == [str(i) for i in range(len(self.tree))]
            self.base = "nn.ModuleList" if counting else "nn.ModuleDict"

    def _place(self, path: tuple[str, ...], made: Made) -> None:
        """Puts a member into the tree; one below another member is added to that after it was made."""
        at = self.tree
        for part in path[:-1]:
            below = at.setdefault(part, {})
            if not isinstance(below, dict):
                self.late.append((path, made))
                return
            at = below
        if isinstance(at.get(path[-1]), dict):
            self._displaced(path, at.pop(path[-1]))
        at[path[-1]] = made

    def _displaced(self, path: tuple[str, ...], branch: Branch) -> None:
        for name, below in branch.items():
            if isinstance(below, dict):
                self._displaced((*path, name), below)
            else:
                self.late.append(((*path, name), below))

    # -- references -----------------------------------------------------------------------------------------------
    def ref(self, slot: int, *, forward: bool = False) -> str:
        """A slot's text: the number itself, or the argument."""
        ref = self.cls.refs[slot]
        if isinstance(ref, str):
            return ref
        return f"self.{ref.attribute}" if forward else ref.text

    def text(self, line: str) -> str:
        """A line of ``forward`` with slots and paths put in."""
        line = re.sub(r"\x00(\d+)\x00", lambda m: self.ref(int(m[1]), forward=True), line)
        return re.sub(r"\x01(\d+)\x01", lambda m: self.access(self.body.paths[int(m[1])]), line)

    def access(self, path: tuple[str, ...], start: str = "self") -> str:
        """How to get at a member."""
        at: Any = self.tree
        text = start
        for depth, part in enumerate(path):
            kind = "" if not isinstance(at, dict) else self.container(at) if depth else self.base
            if kind == "nn.ModuleList" or (isinstance(at, Chain) and at.numbered):
                text += f"[{part}]"
            elif kind == "nn.ModuleDict":
                text += f"[{quoted(part)}]"
            else:
                text = attribute(text, part)
            at = at.get(part) if isinstance(at, dict) else dict(at.items).get(part) if isinstance(at, Chain) else None
        return text

    @classmethod
    def container(cls, branch: Branch) -> str:
        """The class of what only holds others."""
        for made in branch.values():
            if isinstance(made, Stock) or (isinstance(made, dict) and cls.container(made) == "nn.Module"):
                return "nn.Module"
        if list(branch) == [str(i) for i in range(len(branch))]:
            return "nn.ModuleList"
        return "nn.ModuleDict" if all(plain(name) for name in branch) else "nn.Module"

    # -- statements -----------------------------------------------------------------------------------------------
    def statements(self) -> list[str]:
        """Everything in it, one a line; attributes for ``forward`` come after the first."""
        out: list[str] = []
        if self.body.chain is not None:
            lines, chain = self._chained(self.body.chain)
            out += [*lines, f"super().__init__{chain.removeprefix('nn.Sequential')}"]
            out += list(self._inits("self", self.body.chain))
        elif self.base != "nn.Module":
            out.append(f"super().__init__{self.listing(self.base, self.tree).removeprefix(self.base)}")
            out += list(self._inits("self", self.tree))
        else:
            out.append("super().__init__()")
        for name, made in self.tree.items() if self.base == "nn.Module" else ():
            out += self._assign("self", name, made)
        for path, made in self.late:
            out += self._assign(self.access(path[:-1]), path[-1], made)
        for name in self.body.frozen:
            out.append(f"{self._frozen(name)}.requires_grad_(False)")
        return out

    def _frozen(self, name: str) -> str:
        """A submodule or parameter by its dotted name."""
        path = tuple(name.split("."))
        if self.body.chain is not None:
            start = f"self[{path[0]}]" if self.body.chain.numbered else attribute("self", path[0])
            return start + "".join(f".{p}" for p in path[1:])
        return self.access(path)

    def _assign(self, owner: str, name: str, made: Any) -> Iterator[str]:
        """Statements that give something its name."""
        if isinstance(made, dict):
            kind = self.container(made)
            if kind == "nn.Module":
                yield self._named(owner, name, "TrainingModule()" if "training" in made else "nn.Module()")
                for below, inner in made.items():
                    yield from self._assign(attribute(owner, name), below, inner)
                return
            yield self._named(owner, name, self.expression(made))
        elif isinstance(made, Stock):
            yield self._stock(owner, name, made)
            return
        elif isinstance(made, Chain):
            lines, chain = self._chained(made)
            yield from [*lines, self._named(owner, name, chain)]
        else:
            yield self._named(owner, name, self.expression(made))
        yield from self._inits(attribute(owner, name), made)

    @staticmethod
    def _named(owner: str, name: str, value: str) -> str:
        if plain(name):
            return f"{owner}.{name} = {value}"
        if taken_by_module(name):
            return f"{owner}._modules[{quoted(name)}] = {value}"
        return f"{owner}.add_module({quoted(name)}, {value})"

    def _stock(self, owner: str, name: str, made: Stock) -> str:
        """A parameter or buffer."""
        value = filled(made.init, [self.ref(s) for s in made.given], [self.ref(s) for s in made.shape], made.dtype)
        if made.buffer:
            rest = "" if made.persistent else ", persistent=False"
            if not taken_by_module(name):
                return f"{owner}.register_buffer({quoted(name)}, {value}{rest})"
            return f"add_buffer({owner}, {quoted(name)}, {value}{rest})"
        if plain(name):
            return f"{owner}.{name} = nn.Parameter({value})"
        if taken_by_module(name):
            return f"{owner}._parameters[{quoted(name)}] = nn.Parameter({value})"
        return f"{owner}.register_parameter({quoted(name)}, nn.Parameter({value}))"

    def _inits(self, at: str, made: Any) -> Iterator[str]:
        """First values of the weights of a submodule, where they are not PyTorch's."""
        if isinstance(made, Leaf):
            for weight, init in made.inits:
                owner, _, last = f"{at}.{weight}".rpartition(".")
                yield table(init, f"{owner}.{last}")
        elif isinstance(made, Chain):
            for i, (name, item) in enumerate(made.items):
                inner = f"{at}[{i}]" if made.numbered else attribute(at, name)
                yield from self._inits(inner, item)
        elif isinstance(made, dict):
            kind = self.container(made) if made is not self.tree else self.base
            for name, item in made.items():
                inner = f"{at}[{name if kind == 'nn.ModuleList' else quoted(name)}]"
                yield from self._inits(inner, item)

    # -- expressions ----------------------------------------------------------------------------------------------
    def expression(self, made: Any) -> str:
        """What makes a submodule."""
        if isinstance(made, Leaf):
            cls = made.cls if made.choice is None else self.ref(made.choice)
            return f"{cls}({', '.join(self._arguments(made))})"
        if isinstance(made, Use):
            return self._use(made)
        if isinstance(made, Chain):
            return self._sequential(made)
        if isinstance(made, Maybe):
            return f"{self.expression(made.made)} if {self.ref(made.flag)} else None"
        return self.listing(self.container(made), made)

    def listing(self, kind: str, made: Branch) -> str:
        """A container of modules, or what a class that is one gives to its constructor."""
        if kind == "nn.ModuleList":
            return f"nn.ModuleList([{self._listed([self.expression(m) for m in made.values()])}])"
        if kind == "nn.ModuleDict":
            entries = ", ".join(f"{quoted(name)}: {self.expression(m)}" for name, m in made.items())
            return f"nn.ModuleDict({{{entries}{',' if len(made) > 1 else ''}}})"
        raise AssertionError("a container with names of its own is written as statements")

    def _arguments(self, made: Leaf) -> Iterator[str]:
        for name, slot, default in made.args:
            if default is REQUIRED:
                yield self.ref(slot)
            elif self.cls.refs[slot] != literal(default):
                yield f"{name}={self.ref(slot)}"

    def _use(self, made: Use) -> str:
        cls = self.classes.of(made.body)
        slots = self.classes.slots(self.body, self.uses[id(made.body)])
        given: list[str] = []
        for argument, slot in zip(cls.arguments, slots, strict=True):
            if argument.default is REQUIRED:
                given.append(self.ref(slot))
            elif self.cls.refs[slot] != literal(argument.default):
                given.append(f"{argument.name}={self.ref(slot)}")
        return f"{cls.name}({', '.join(given)})"

    def _chained(self, chain: Chain) -> tuple[list[str], str]:
        """A chain of modules, and the statements that gather them in a list first, where some are optional."""
        if self.cls.series is not None:
            return [], self._series(chain, self.cls.series)
        if not any(isinstance(made, Maybe) for _, made in chain.items):
            return [], self._sequential(chain)
        name = unique("layers", self.lists | {a.name for a in self.cls.arguments})
        self.lists.add(name)
        lines: list[str] = []
        each = [(m.made, self.ref(m.flag)) if isinstance(m, Maybe) else (m, None) for _, m in chain.items]
        before: str | None = None
        for flag, group in groupby(each, itemgetter(1)):
            items = [self.expression(made) for made, _ in group]
            if not lines:
                lines.append(f"{name}: list[nn.Module] = [{self._listed(items) if flag is None else ''}]")
                if flag is None:
                    continue
            pad = ""
            if flag is not None:
                lines.append("else:" if flag == f"not {before}" else f"if {flag}:")
                pad = "    "
            before = flag
            more = f".append({items[0]})" if len(items) == 1 else f" += [{self._listed(items)}]"
            lines.append(f"{pad}{name}{more}")
        return lines, f"nn.Sequential(*{name})"

    def _series(self, chain: Chain, names: Pattern) -> str:
        """A chain of one block again and again; its slots are its length, and the first number and the step of each."""
        made = chain.items[0][1]
        assert isinstance(made, Use)
        inner = self.classes.of(made.body)
        given: list[str] = []
        for k, argument in enumerate(inner.arguments):
            text = grown(self.ref(1 + 2 * k), self.ref(2 + 2 * k))
            if argument.default is REQUIRED:
                given.append(text)
            elif text != literal(argument.default):
                given.append(f"{argument.name}={text}")
        one = f"{inner.name}({', '.join(given)})"
        return f"nn.Sequential(OrderedDict(({name_text(names)}, {one}) for i in range({self.ref(0)})))"

    def _items(self, chain: Chain) -> list[str]:
        return [self.expression(made) for _, made in chain.items]

    def _sequential(self, chain: Chain) -> str:
        items = self._items(chain)
        if chain.count is not None:
            times = self.ref(chain.count)
            if not times.isdecimal():
                return f"nn.Sequential(*[{items[0]} for _ in range({times})])"
            items *= int(times)
        if chain.numbered:
            return f"nn.Sequential({self._listed(items)})"
        names = [name for name, _ in chain.items]
        found = pattern(names)
        if found is not None and len(items) > 2:
            one = progression(items, found.start)
            if one is not None:
                start, count = found.start, len(items)
                span = f"{start}, {start + count}" if start else f"{count}"
                return f'nn.Sequential(OrderedDict((f"{found.stem}{{i}}", {one}) for i in range({span})))'
        entries = ", ".join(f"({quoted(n)}, {e})" for n, e in zip(names, items, strict=True))
        return f"nn.Sequential(OrderedDict([{entries}{',' if len(items) > 1 else ''}]))"

    @staticmethod
    def _listed(items: list[str]) -> str:
        """Entries of a list; three or more that are equal as a comprehension."""
        out: list[str] = []
        for text, group in groupby(items):
            count = len(list(group))
            if count > 2:
                out.append(f"*[{text} for _ in range({count})]")
            else:
                out += [text] * count
        return ", ".join(out) + ("," if len(out) > 1 else "")


def contained(made: Any) -> bool:
    """Whether a list or dict of modules can have it."""
    if isinstance(made, dict):
        return Constructor.container(made) != "nn.Module"
    return isinstance(made, (Leaf, Use, Chain))


def progression(items: list[str], start: int) -> str | None:
    """Texts that are equal but for numbers which grow by a step, as one text over ``i``; None for others."""
    pieces = [re.split(r"(?<![\w.])(\d+)(?![\w.])", item) for item in items]
    if len({tuple(p[::2]) for p in pieces}) != 1:
        return None
    out = ""
    for at, piece in enumerate(pieces[0]):
        if at % 2 == 0:
            out += piece
            continue
        values = [int(p[at]) for p in pieces]
        step = values[1] - values[0]
        if [values[0] + step * n for n in range(len(values))] != values:
            return None
        base = values[0] - step * start
        if step == 0:
            out += piece
        else:
            grown = f"{step} * i" if step != 1 else "i"
            out += f"{base} + {grown}" if base else grown
    return None if '"' in out or "'" in out else out


def attribute(owner: str, name: str) -> str:
    """How to get at an attribute that may have any name."""
    if plain(name) or (is_identifier(name) and not taken_by_module(name)):
        return f"{owner}.{name}"
    if taken_by_module(name):
        return f"member({owner}, {quoted(name)})"
    return f"getattr({owner}, {quoted(name)})"
