"""Writes the constructor of a class, which creates its submodules in their containers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from netspec.blocks import replace_trees

from ..classes.decide_arguments import Class
from ..classes.series import counted_names
from ..classes.shared_body import CountedNames, Nested, OptionalMember, Series, SharedChain, SharedMember
from ..rules.initial_values import table
from ..structure.body import Leaf, Tensor
from ..syntax.expression_trees import (
    Attribute,
    Call,
    Comprehension,
    Conditional,
    DictExpression,
    Expression,
    FString,
    Index,
    Input,
    Keyword,
    ListExpression,
    Literal,
    Name,
    Star,
    TupleExpression,
    Unary,
    call,
)
from ..syntax.literals import plain, taken_by_module, unique
from ..syntax.parser import parse
from ..syntax.statements import Assign, Evaluate, If, Statement
from .containers import (
    Below,
    Branch,
    Containers,
    LateMember,
    attribute,
    is_plain_attribute,
    item_over_index,
    list_of,
    repeated,
    set_member,
    with_runs,
)
from .substitution import SELF, Substitution


class Constructor:
    """Writes one constructor."""

    def __init__(self, cls: Class) -> None:
        self.cls = cls
        self.content = cls.content
        self.containers = Containers(cls.content)
        self.substitution = Substitution(cls, self.containers.access)
        self.lists: set[str] = set()
        """Names of the local lists in which chains are collected."""

    def statements(self) -> list[Statement]:
        """The statements after the call of the base class."""
        out: list[Statement] = []
        base, tree, chain = self.containers.base, self.containers.tree, self.content.chain
        if chain is not None:
            before, sequential = self.sequential(chain)
            start = Call(Name("super().__init__"), sequential.arguments, sequential.one_per_line)
            out += [*before, Evaluate(start)]
            if isinstance(chain, SharedChain):
                out += self.inits(SELF, chain)
        elif base != "nn.Module":
            out.append(Evaluate(call("super().__init__", *self.container(base, tree).arguments)))
            out += self.inits(SELF, tree)
        else:
            out.append(Evaluate(call("super().__init__")))
            for name, below in tree.items.items():
                out += self.assigned(SELF, name, below)
        for late in self.containers.late:
            out += self.late(late)
        for name in self.content.frozen:
            out.append(Evaluate(Call(Attribute(self.frozen(name), "requires_grad_"), (Literal(False),))))
        return out

    def frozen(self, name: str) -> Expression:
        """Returns the access to a submodule or parameter by its dotted name."""
        first, *rest = path = tuple(name.split("."))
        chain = self.content.chain
        if chain is None:
            return self.containers.access(path)
        numbered = isinstance(chain, SharedChain) and chain.numbered
        out = Index(SELF, (Literal(int(first)),)) if numbered else attribute(SELF, first)
        for part in rest:
            out = Attribute(out, part)
        return out

    # -- statements -----------------------------------------------------------------------------------------------
    def assigned(self, owner: Expression, name: str, below: Below) -> Iterator[Statement]:
        """Yields statements that create a value and assign it to a name."""
        if isinstance(below, Branch) and below.kind == "nn.Module":
            yield set_member(owner, name, call("TrainingModule" if "training" in below.items else "nn.Module"))
            for inner_name, inner in below.items.items():
                yield from self.assigned(attribute(owner, name), inner_name, inner)
        elif isinstance(below, Tensor):
            yield self.tensor(owner, name, below, self.substitution.sized(below.value))
        elif isinstance(below, OptionalMember) and isinstance(below.member, Tensor):
            value, flag = self.substitution.sized(below.member.value), self.substitution.value(below.flag)
            yield self.tensor(owner, name, below.member, value, flag)
        else:
            before, value = self.sequential(below) if isinstance(below, SharedChain) else ([], self.expression(below))
            yield from [*before, set_member(owner, name, value)]
            yield from self.inits(attribute(owner, name), below)

    def late(self, late: LateMember) -> Iterator[Statement]:
        """Yields statements that create a member of another member and attach it."""
        owner, below = self.containers.access(late.owner), self.containers.below(late.owner)
        if below is not None and is_plain_attribute(below, late.inner):
            yield from self.assigned(owner, late.inner[0], late.member)
            return
        path = Literal(".".join(late.inner))
        member = late.member.member if isinstance(late.member, OptionalMember) else late.member
        before: list[Statement] = []
        if isinstance(member, Tensor):
            flag = self.substitution.value(late.member.flag) if isinstance(late.member, OptionalMember) else None
            value = self.tensor_value(member, self.substitution.sized(member.value), flag)
        elif isinstance(late.member, SharedChain):
            before, value = self.sequential(late.member)
        else:
            value = self.expression(late.member)
        transient = isinstance(member, Tensor) and member.buffer and not member.persistent
        options = (Keyword("persistent", Literal(False)),) if transient else ()
        yield from [*before, Evaluate(call("attach", owner, path, value, *options))]
        yield from self.inits(self.containers.access((*late.owner, *late.inner)), late.member)

    def tensor_value(self, tensor: Tensor, value: Expression, flag: Expression | None) -> Expression:
        """Returns a parameter or buffer with its initial value; None if the condition ``flag`` is false."""
        if not tensor.buffer:
            value = call("nn.Parameter", value)
        return value if flag is None else Conditional(value, flag, Literal(None))

    def tensor(
        self, owner: Expression, name: str, tensor: Tensor, value: Expression, flag: Expression | None = None
    ) -> Statement:
        """Returns the statement that creates a parameter or buffer of the class itself.

        Args:
            owner: the module to which it belongs.
            name: its name in that module.
            tensor: the parameter or buffer.
            value: its initial value.
            flag: a condition; if false, the value is None.
        """
        value = self.tensor_value(tensor, value, flag)
        if tensor.buffer:
            arguments = (Literal(name), value, *(() if tensor.persistent else (Keyword("persistent", Literal(False)),)))
            if taken_by_module(name):
                return Evaluate(call("add_buffer", owner, *arguments))
            return Evaluate(Call(Attribute(owner, "register_buffer"), arguments))
        if plain(name):
            return Assign((Attribute(owner, name),), value)
        if taken_by_module(name):
            return Assign((Index(Attribute(owner, "_parameters"), (Literal(name),)),), value)
        return Evaluate(Call(Attribute(owner, "register_parameter"), (Literal(name), value)))

    def inits(self, at: Expression, below: Below) -> Iterator[Statement]:
        """Yields statements for the initial values of a submodule's weights that differ from PyTorch's defaults."""
        if isinstance(below, Leaf):
            for weight, init in below.inits:
                tensor = at
                for part in weight.split("."):
                    tensor = Attribute(tensor, part)
                yield Evaluate(with_input(parse(table(init, "{0}")), tensor))
        elif isinstance(below, OptionalMember):
            statements = tuple(self.inits(at, below.member))
            if statements:
                yield If(self.substitution.value(below.flag), statements)
        elif isinstance(below, SharedChain):
            numbered = below.numbered
            for i, (name, item) in enumerate(below.items):
                yield from self.inits(Index(at, (Literal(i),)) if numbered else attribute(at, name), item)
        elif isinstance(below, Branch):
            counts = self.containers.kind(below) == "nn.ModuleList"
            for name, inner in below.items.items():
                yield from self.inits(Index(at, (Literal(int(name) if counts else name),)), inner)

    # -- expressions ----------------------------------------------------------------------------------------------
    def expression(self, below: Below) -> Expression:
        """Returns the expression that creates a submodule."""
        if isinstance(below, (Leaf, Nested)):
            return self.substitution.tree(below.call)
        if isinstance(below, SharedChain):
            return self.plain_sequential(below)
        if isinstance(below, OptionalMember):
            return Conditional(self.expression(below.member), self.substitution.value(below.flag), Literal(None))
        assert isinstance(below, Branch)
        return self.container(below.kind, below)

    def container(self, kind: str, branch: Branch) -> Call:
        """Returns a list or dict of modules."""
        items = [self.expression(below) for below in branch.items.values()]
        if kind == "nn.ModuleList":
            return call(kind, list_of(items))
        pairs = tuple((Literal(name), item) for name, item in zip(branch.items, items, strict=True))
        return call(kind, DictExpression(pairs, one_per_line=len(pairs) > 1))

    def sequential(self, chain: SharedChain | Series) -> tuple[list[Statement], Call]:
        """Returns a chain of modules, preceded by the statements that collect them in a list if some are optional."""
        if isinstance(chain, Series):
            return [], named_sequence(chain.names, self.substitution.item(chain), self.substitution.value(chain.count))
        if not any(isinstance(item, OptionalMember) for _, item in chain.items):
            return [], self.plain_sequential(chain)
        layers = Name(unique("layers", self.lists | {argument.name for argument in self.cls.arguments}))
        self.lists.add(layers.id)
        out: list[Statement] = []
        for flag, group in groupby((item for _, item in chain.items), self.flag):
            items = [self.expression(unwrapped(item)) for item in group]
            if not out:
                first = list_of(items) if flag is None else ListExpression(())
                out.append(Assign((layers,), first, annotation=Name("list[nn.Module]")))
                if flag is None:
                    continue
            more: Statement = Assign((layers,), list_of(items), "+")
            if len(items) == 1:
                more = Evaluate(Call(Attribute(layers, "append"), (items[0],)))
            last = out[-1]
            if flag is not None and isinstance(last, If) and flag == Unary("not", last.condition):
                out[-1] = If(last.condition, last.body, (more,))
            else:
                out.append(more if flag is None else If(flag, (more,)))
        return out, call("nn.Sequential", Star(layers))

    def flag(self, item: SharedMember) -> Expression | None:
        """Returns the condition of a chain's item; None if it is always present."""
        return self.substitution.value(item.flag) if isinstance(item, OptionalMember) else None

    def plain_sequential(self, chain: SharedChain) -> Call:
        """Returns a chain without optional modules."""
        items = [self.expression(item) for _, item in chain.items]
        if chain.count is not None:
            times = self.substitution.value(chain.count)
            if chain.kind:
                return call("stacked" if chain.kind == "stack" else "nn.ModuleList", repeated(items[0], times))
            if not isinstance(times, Literal):
                return call("nn.Sequential", Star(repeated(items[0], times)))
            items *= int(times.value)
        if chain.kind:
            return call("nn.ModuleList", list_of(items))
        if chain.numbered:
            entries = with_runs(items)
            return Call(Name("nn.Sequential"), entries, one_per_line=len(entries) > 1)
        names = [name for name, _ in chain.items]
        counted = counted_names(names)
        item = item_over_index(items, counted.start) if counted is not None and len(items) > 2 else None
        if counted is not None and item is not None:
            span = (counted.start, counted.start + len(items)) if counted.start else (len(items),)
            return named_sequence(CountedNames(counted.stem, 0), item, *map(Literal, span))
        pairs = tuple(TupleExpression((Literal(name), item)) for name, item in zip(names, items, strict=True))
        return call("nn.Sequential", call("OrderedDict", ListExpression(pairs, one_per_line=len(pairs) > 1)))


def unwrapped(item: SharedMember) -> SharedMember:
    """Returns an item without its condition."""
    return item.member if isinstance(item, OptionalMember) else item


def named_sequence(names: CountedNames, item: Expression, *span: Expression) -> Call:
    """Returns a sequence of modules with numbered names, for ``i`` in ``range(*span)``."""
    index = f"{{i + {names.start}}}" if names.start else "{i}"
    pair = TupleExpression((FString(f'f"{names.stem}{index}"'), item))
    return call("nn.Sequential", call("OrderedDict", Comprehension(pair, Name("i"), call("range", *span))))


def with_input(tree: Expression, value: Expression) -> Expression:
    """Replaces the only input of a tree by a value."""
    out: Expression = replace_trees(tree, lambda part: value if isinstance(part, Input) else None)
    return out
