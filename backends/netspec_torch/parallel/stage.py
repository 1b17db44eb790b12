"""The class of a pipeline stage: some of the blocks, and the layers before the first or after the last one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import accumulate

from netspec.analysis.block_chain import BlockChain
from netspec.ir import Node
from netspec.ops.learned import Stored

from ..python.file import WrittenClass
from ..syntax.expression_trees import (
    Attribute,
    Call,
    Comprehension,
    Expression,
    Literal,
    Name,
    TupleExpression,
    Unary,
    binary,
    call,
)
from ..syntax.parser import parse_expression
from ..syntax.statements import Assign, Evaluate, For, Function, If, Parameter, Return, Statement
from .opened_forward import OpenedForward, member_path

SELF = Name("self")
DOC = """A stage of a pipeline: blocks ``start`` to ``stop`` of the network, with what comes before the first block and
after the last one. Names of parameters are those of the network."""


def stage_class(
    name: str, base: str, chain: BlockChain, forward: OpenedForward, parameters: Collection[str]
) -> WrittenClass:
    """Returns the class of all stages, a subclass of the network's class, which has these parameters and buffers."""
    return WrittenClass(name, (base,), DOC, (_init(chain, forward, parameters), _forward(forward)))


def boundaries(stages: Sequence[int]) -> tuple[int, ...]:
    """Returns the index of each stage's first block, followed by the number of blocks."""
    return tuple(accumulate(stages, initial=0))


def _init(chain: BlockChain, forward: OpenedForward, parameters: Collection[str]) -> Function:
    """Returns a constructor that removes the modules of other stages."""
    further = {".".join(path) for path in map(member_path, forward.further) if path is not None}
    before = [name for name in _stored(chain.before, parameters) if name not in further]
    after = _stored(chain.after, parameters)
    shared = [name for name in before if name in after]
    first, last = Attribute(SELF, "first"), Attribute(SELF, "last")
    body: list[Statement] = [
        Evaluate(call("super().__init__")),
        Assign((first,), parse_expression("start == 0")),
        Assign((last,), binary(Name("stop"), "==", Literal(len(chain.blocks)))),
        Assign((Name("others"),), parse_expression("[*BLOCKS[:start], *BLOCKS[stop:]]")),
        Evaluate(parse_expression("remove(self, *others)")),
    ]
    for condition, names in (
        (Unary("not", first), [name for name in before if name not in shared]),
        (Unary("not", last), [name for name in after if name not in shared]),
        (binary(Unary("not", first), "and", Unary("not", last)), shared),
    ):
        if names:
            body.append(If(condition, (Evaluate(call("remove", SELF, *map(Literal, names))),)))
    kinds = (Parameter("start", Name("int")), Parameter("stop", Name("int")))
    return Function("__init__", (Parameter("self"), *kinds), Name("None"), tuple(body))


def _stored(nodes: Sequence[Node], parameters: Collection[str]) -> list[str]:
    """Returns the names of the modules, or parameters of the network itself, that some layers own."""
    out: dict[str, None] = {}
    for node in nodes:
        for local, parameter in node.weights:
            if parameter.name not in parameters:
                continue
            owner = parameter.name if isinstance(node.op, Stored) else parameter.name.removesuffix(f".{local}")
            out[owner] = None
    return list(out)


def _forward(forward: OpenedForward) -> Function:
    """Returns a ``forward`` that runs the layers of the stage: those before, within and after the blocks."""
    carried = Name(forward.carried)
    passed_on = tuple(each for each in forward.further if isinstance(each, Name))
    start: list[Statement] = []
    if forward.input != forward.carried:
        start.append(Assign((Name(forward.input),), carried))
    passed: Expression = TupleExpression((carried, *passed_on), bare=True) if passed_on else carried
    body: tuple[Statement, ...] = (
        If(parse_expression("self.first"), (*start, *forward.before)),
        For(
            Name("block"),
            parse_expression("blocks(self)"),
            (Assign((carried,), Call(Name("block"), (carried, *forward.further))),),
        ),
        If(parse_expression("not self.last"), (Return(passed),)),
        *forward.after,
    )
    tensor = Name("Tensor")
    optional = binary(tensor, "|", Literal(None))
    parameters = (Parameter(forward.carried, tensor), *(Parameter(each.id, optional, None) for each in passed_on))
    returns: Expression = binary(tensor, "|", Name("tuple[Tensor, ...]")) if passed_on else tensor
    return Function("forward", (Parameter("self"), *parameters), returns, body)


def block_names(chain: BlockChain) -> Expression:
    """Returns the names of all blocks: ``[f"h.{i}" for i in range(12)]`` if they are numbered from 0, else a list."""
    names = [scope.name for scope in chain.blocks]
    stem = names[0].removesuffix("0")
    if names == [f"{stem}{i}" for i in range(len(names))] and "{" not in stem and '"' not in stem and "\\" not in stem:
        from ..syntax.expression_trees import FString

        text = FString(f'f"{stem}{{i}}"')
        return Comprehension(text, Name("i"), call("range", Literal(len(names))), listed=True)
    return TupleExpression(tuple(map(Literal, names)))
