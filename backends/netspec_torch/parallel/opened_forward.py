"""The ``forward`` of a network as statements and calls of its blocks; the modules around the blocks are inlined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from netspec.blocks import replace_trees, walk

from ..classes.decide_arguments import Class
from ..classes.shared_body import Nested, OptionalMember, Series, SharedChain, SharedMember
from ..python.constructor import Constructor
from ..python.file import WrittenClass, WrittenNetwork
from ..python.substitution import SELF
from ..syntax.expression_trees import Attribute, Call, ClassName, Expression, Index, Literal, Name
from ..syntax.literals import unique
from ..syntax.statements import Assign, Function, Return, Statement


class NotOpenedError(Exception):
    """The source of a network does not run its blocks one after the other."""


@dataclass(frozen=True, slots=True)
class BlockCall:
    """The call of one block.

    Attributes:
        block: full name of its module.
        carried: the variable that is its input and its result.
        further: its other inputs: variables, and tensors of the network.
    """

    block: str
    carried: str
    further: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class OpenedForward:
    """A network's ``forward``.

    Attributes:
        input: name of the only input.
        before: statements before the blocks.
        carried: the variable that passes from block to block.
        further: other inputs of blocks: variables, and tensors of the network.
        after: statements after the blocks, ending in ``return``.
    """

    input: str
    before: Sequence[Statement]
    carried: str
    further: tuple[Expression, ...]
    after: Sequence[Statement]


def opened_forward(network: WrittenNetwork, blocks: Sequence[str]) -> OpenedForward:
    """Splits the ``forward`` of a network at its blocks.

    Args:
        network: its classes.
        blocks: full names of the blocks, in order.

    Raises:
        NotOpenedError: the source does not run the blocks one after the other.
    """
    parts = list(_Opener(network, blocks).network())
    calls = [n for n, part in enumerate(parts) if isinstance(part, BlockCall)]
    block_calls = [part for part in parts if isinstance(part, BlockCall)]
    if [call.block for call in block_calls] != list(blocks) or calls != list(range(calls[0], calls[0] + len(calls))):
        raise NotOpenedError
    if len({(call.carried, call.further) for call in block_calls}) != 1:
        raise NotOpenedError
    before = [part for part in parts[: calls[0]] if not isinstance(part, BlockCall)]
    after = [part for part in parts[calls[-1] + 1 :] if not isinstance(part, BlockCall)]
    root = network.classes[network.root]
    names = parameters(root)
    carried, further = block_calls[0].carried, block_calls[0].further
    early = {name for part in before for name in assigned(part)} | set(names)
    free = names_read(after) - {carried}
    if len(names) != 1 or free & early or Name(carried) in further:
        raise NotOpenedError
    return OpenedForward(names[0], before, carried, further, after)


def parameters(cls: WrittenClass) -> list[str]:
    """Returns the names of the parameters of ``forward``; for a class without its own ``forward``, ``["x"]``."""
    forward = _forward(cls)
    return [p.name for p in forward.parameters[1:]] if forward is not None else ["x"]


def _forward(cls: WrittenClass) -> Function | None:
    return next((method for method in cls.methods if method.name == "forward"), None)


def assigned(statement: Statement) -> set[str]:
    """Returns the variables that a statement assigns."""
    targets = (tree.targets for tree in walk(statement) if isinstance(tree, Assign))
    return {part.id for items in targets for target in items for part in walk(target) if isinstance(part, Name)}


def names_read(statements: Sequence[Statement]) -> set[str]:
    """Returns the variables that statements read before assigning them."""
    known: set[str] = set()
    read: set[str] = set()
    for statement in statements:
        used = {tree.id for tree in walk(statement) if isinstance(tree, Name)}
        if isinstance(statement, Assign) and not statement.operator:
            used = {tree.id for tree in walk(statement.value) if isinstance(tree, Name)}
        read |= used - known
        known |= assigned(statement)
    return read


def member_path(tree: Expression) -> tuple[str, ...] | None:
    """Returns the path of a member of ``self``: ``("layers", "0")`` for ``self.layers[0]``."""
    path: list[str] = []
    while tree != SELF:
        match tree:
            case Attribute(owner, name):
                path.append(name)
            case Index(owner, (Literal(int() | str() as value),)):
                path.append(str(value))
            case _:
                return None
        tree = owner
    return tuple(reversed(path))


class _Opener:
    """Inlines the modules that contain blocks."""

    def __init__(self, network: WrittenNetwork, blocks: Sequence[str]) -> None:
        self.written = network
        self.blocks = frozenset(blocks)
        self.around = {name[:n] for name in blocks for n, c in enumerate(name) if c == "."}
        """Names of the modules that contain blocks."""
        self.used_names: set[str] = set()

    def network(self) -> Iterator[Statement | BlockCall]:
        """Yields the statements and block calls in the ``forward`` of the network."""
        root = self.written.root
        forward = _forward(self.written.classes[root])
        if forward is None:
            chain, x = root.content.chain, Name("x")
            if chain is None:
                raise NotOpenedError
            yield from self.items(chain, "", SELF, (x,), x)
            yield Return(x)
            return
        self.used_names = {tree.id for tree in walk(forward) if isinstance(tree, Name)}
        for statement in forward.body:
            if isinstance(statement, Return) and self.opens("", statement.value):
                x = Name(forward.parameters[1].name)
                yield from self.statement(root, "", SELF, Assign((x,), statement.value))
                yield Return(x)
            else:
                yield from self.statement(root, "", SELF, statement)

    def opens(self, prefix: str, value: Expression) -> bool:
        """Whether an expression calls a block, or a module that contains one."""
        path = member_path(value.function) if isinstance(value, Call) else None
        if not path:
            return False
        name = f"{prefix}{'.'.join(path)}"
        return name in self.blocks or name in self.around

    def statement(
        self, cls: Class, prefix: str, owner: Expression, statement: Statement
    ) -> Iterator[Statement | BlockCall]:
        """Yields the parts of a statement in the ``forward`` of a class."""
        if not isinstance(statement, Assign) or not self.opens(prefix, statement.value):
            if any(self.opens(prefix, tree) for tree in walk(statement) if isinstance(tree, Call)):
                raise NotOpenedError
            yield replace_trees(statement, lambda tree: owner if tree == SELF else None)
            return
        value: Call = replace_trees(statement.value, lambda tree: owner if tree == SELF else None)
        assert isinstance(statement.value, Call)
        path = member_path(statement.value.function)
        assert path is not None
        (target,) = statement.targets
        below = Constructor(cls).containers.below(path)
        yield from self.call(below, f"{prefix}{'.'.join(path)}", value.function, value.arguments, target)

    def call(
        self, below: object, name: str, function: Expression, arguments: tuple[Expression, ...], target: Expression
    ) -> Iterator[Statement | BlockCall]:
        """Yields the parts of a module call."""
        if not isinstance(target, Name) or not arguments:
            raise NotOpenedError
        if any(not isinstance(a, Name) and member_path(a) is None for a in arguments):
            raise NotOpenedError
        if name in self.blocks:
            if arguments[0] != target:
                yield Assign((target,), arguments[0])
            yield BlockCall(name, target.id, arguments[1:])
            return
        if name not in self.around:
            yield Assign((target,), Call(function, arguments))
            return
        if isinstance(below, OptionalMember):
            below = below.member
        if isinstance(below, (SharedChain, Series)):
            yield from self.items(below, f"{name}.", function, arguments, target)
        elif isinstance(below, Nested):
            (cls,) = {id(t.cls): t.cls for t in walk(below.call.template.node) if isinstance(t, ClassName)}.values()
            if cls.content.chain is not None:
                yield from self.items(cls.content.chain, f"{name}.", function, arguments, target)
            else:
                names = [argument.id for argument in arguments if isinstance(argument, Name)]
                yield from self.inlined(cls, f"{name}.", function, names, target)
        else:
            raise NotOpenedError

    def items(
        self,
        chain: SharedChain | Series,
        prefix: str,
        owner: Expression,
        arguments: tuple[Expression, ...],
        target: Expression,
    ) -> Iterator[Statement | BlockCall]:
        """Yields the parts of a chain of modules."""
        for name, member in self.members(chain, prefix):
            function = Index(owner, (Literal(int(name)),)) if name.isdecimal() else Attribute(owner, name)
            yield from self.call(member, f"{prefix}{name}", function, arguments, target)
            arguments = (target,)

    def members(self, chain: SharedChain | Series, prefix: str) -> Iterator[tuple[str, SharedMember | None]]:
        """Yields the names of a chain's modules, each with its member; blocks are not inspected."""
        if isinstance(chain, SharedChain) and chain.count is None:
            yield from chain.items
            return
        inner = sorted(
            {name[len(prefix) :].partition(".")[0] for name in self.blocks if name.startswith(prefix)},
            key=lambda part: int("".join(filter(str.isdecimal, part)) or "0"),
        )
        yield from ((name, None) for name in inner)

    def inlined(
        self, cls: Class, prefix: str, owner: Expression, sources: Sequence[str], target: Name
    ) -> Iterator[Statement | BlockCall]:
        """Yields the parts of the ``forward`` of a class, rewritten as statements of the caller."""
        forward = _forward(self.written.classes[cls])
        if forward is None or cls.arguments or len(sources) != len(forward.parameters) - 1:
            raise NotOpenedError
        names = self.renamed(forward, sources)
        if sources[0] != target.id:
            raise NotOpenedError
        for statement in forward.body:
            renamed: Statement = replace_trees(
                statement, lambda tree: Name(names[tree.id]) if isinstance(tree, Name) and tree.id in names else None
            )
            if isinstance(renamed, Return):
                if renamed.value != target:
                    yield from self.statement(
                        cls, prefix, owner, Assign((target,), renamed.value, comment=renamed.comment)
                    )
            else:
                yield from self.statement(cls, prefix, owner, renamed)

    def renamed(self, forward: Function, sources: Sequence[str]) -> Mapping[str, str]:
        """Returns new names for the variables of an inlined method."""
        inner = [p.name for p in forward.parameters[1:]]
        names = dict(zip(inner, sources, strict=True))
        local = {name for statement in forward.body for name in assigned(statement)} - set(inner) - {"self"}
        if local & set(inner[1:]):
            raise NotOpenedError
        for name in sorted(local):
            names[name] = unique(name, self.used_names)
            self.used_names.add(names[name])
        return names
