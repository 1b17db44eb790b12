"""The statements of ``parallelize``: what a plan does to the modules of a network, in PyTorch's own terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netspec.analysis.block_chain import BlockChain
from netspec.analysis.tensor_split import TensorSplit
from netspec.backend import Plan

from ..syntax.expression_trees import (
    Attribute,
    Call,
    Comprehension,
    DictExpression,
    Expression,
    ListExpression,
    Literal,
    Name,
    Star,
    call,
)
from ..syntax.literals import plain
from ..syntax.parser import parse_expression
from ..syntax.statements import Assign, Evaluate, For, If, Return, Statement

MODEL, BLOCK, TENSOR = Name("model"), Name("block"), Name("tensor")
EACH_BLOCK = call("blocks", MODEL)


@dataclass(frozen=True, slots=True)
class Division:
    """What ``parallelize`` is written from.

    Attributes:
        plan: the plan.
        chain: the blocks of the network.
        split: its layers that can be divided.
        heads: names of classes with numbers of heads, and the names of these; only with ``tensor``.
        block_class: name of the class of all blocks; None if they have several.
        inputs: how many tensors a block reads.
    """

    plan: Plan
    chain: BlockChain
    split: TensorSplit
    heads: Mapping[str, Sequence[str]]
    block_class: str | None
    inputs: int


def parallelize_statements(division: Division) -> list[Statement]:
    """The statements of ``parallelize(model, mesh)``."""
    plan = division.plan
    out: list[Statement] = []
    if plan.tensor > 1:
        out += _tensor_statements(division)
    if plan.checkpoint:
        rerun = parse_expression("partial(checkpoint, block.forward, use_reentrant=False)")
        out.append(For(BLOCK, EACH_BLOCK, (Assign((Attribute(BLOCK, "forward"),), rerun),)))
    if plan.sharded > 1:
        axes = '"data", "sharded"' if plan.data > 1 else '"sharded"'
        out.append(Assign((Name("replicas"),), parse_expression(f"mesh[{axes}]")))
        out.append(For(BLOCK, EACH_BLOCK, (Evaluate(parse_expression("fully_shard(block, mesh=replicas)")),)))
        out.append(Evaluate(parse_expression("fully_shard(model, mesh=replicas)")))
    elif plan.data > 1:
        out.append(
            Return(
                parse_expression(
                    'DistributedDataParallel(model, process_group=mesh["data"].get_group(), '
                    "gradient_as_bucket_view=True)"
                )
            )
        )
        return out
    return [*out, Return(MODEL)]


def _tensor_statements(division: Division) -> list[Statement]:
    plan, split = division.plan, division.split
    rows = "RowwiseParallel(output_layouts=Shard(1))" if plan.sequence else "RowwiseParallel()"
    body: list[Statement] = []
    styles: dict[str, str] = dict.fromkeys(split.norms, "SequenceParallel()") if plan.sequence else {}
    for layer in split.layers:
        if layer.side == "heads":
            styles |= {layer.name: "HeadParallel()", f"{layer.name}.out_proj": rows}
            continue
        if layer.parts > 1:
            body.append(Evaluate(call("interleave", access(BLOCK, layer.name), Literal(layer.parts), SIZE)))
        styles[layer.name] = rows if layer.side == "rows" else "ColwiseParallel()"
    body += _head_statements(division)
    body.append(_styles(BLOCK, styles))
    if plan.sequence:
        body.append(_styles(BLOCK, dict.fromkeys(split.norms, "gathered")))
    out: list[Statement] = [Assign((TENSOR,), parse_expression('mesh["tensor"]'))]
    if plan.sequence:
        out.append(Assign((Name("gathered"),), GATHERED))
    out.append(For(BLOCK, EACH_BLOCK, tuple(body)))
    first, last = _end_statements(division)
    if plan.pipeline > 1:
        out += [If(Attribute(MODEL, name), tuple(part)) for name, part in (("first", first), ("last", last)) if part]
        return out
    return [*out, *first, *last]


SIZE = parse_expression("tensor.size()")
GATHERED = parse_expression(
    "PrepareModuleOutput(output_layouts=Shard(1), desired_output_layouts=Replicate(), use_local_output=False)"
)


def _head_statements(division: Division) -> list[Statement]:
    """Statements that divide the numbers of heads."""
    out: list[Statement] = []
    for cls, names in division.heads.items():
        if cls == division.block_class:
            out += [Assign((Attribute(BLOCK, name),), SIZE, "//") for name in names]
            continue
        module = Name("module")
        divided = tuple(Assign((Attribute(module, name),), SIZE, "//") for name in names)
        condition = call("isinstance", module, Name(cls))
        out.append(For(module, parse_expression("block.modules()"), (If(condition, divided),)))
    return out


def _end_statements(division: Division) -> tuple[list[Statement], list[Statement]]:
    """Statements for what comes before the first block, and for what comes after the last one."""
    plan, split = division.plan, division.split
    first: list[Statement] = []
    last: list[Statement] = []
    if plan.sequence:
        more = ", None" * (division.inputs - 1)
        layouts = f"input_layouts=(Replicate(){more or ','}), desired_input_layouts=(Shard(1){more or ','})"
        style = parse_expression(f"PrepareModuleInput({layouts}, use_local_output=True)")
        first.append(Evaluate(call("parallelize_module", parse_expression("blocks(model)[0]"), TENSOR, style)))
        style = parse_expression("PrepareModuleOutput(output_layouts=Shard(1), desired_output_layouts=Replicate())")
        last.append(Evaluate(call("parallelize_module", parse_expression("blocks(model)[-1]"), TENSOR, style)))
    if split.embedding is not None and split.divides(split.embedding, plan.tensor):
        first.append(_styles(MODEL, {split.embedding.layer: "RowwiseParallel(input_layouts=Replicate())"}))
    if split.head is not None and split.divides(split.head, plan.tensor):
        last.append(_styles(MODEL, {split.head.layer: "ColwiseParallel(output_layouts=Replicate())"}))
    return first, last


def _styles(owner: Expression, styles: Mapping[str, str]) -> Statement:
    """The call that applies a style to each of some layers."""
    pairs = tuple((Literal(name), parse_expression(style)) for name, style in styles.items())
    return Evaluate(call("parallelize_module", owner, TENSOR, DictExpression(pairs, one_per_line=len(pairs) > 1)))


def access(owner: Expression, name: str) -> Expression:
    """A submodule by its full name: ``model.transformer.h``, or ``model.get_submodule("0.h")``."""
    parts = name.split(".")
    if not all(map(plain, parts)):
        return Call(Attribute(owner, "get_submodule"), (Literal(name),))
    for part in parts:
        owner = Attribute(owner, part)
    return owner


def block_list(chain: BlockChain, containers: Sequence[str] | None) -> Expression:
    """The blocks of a network: the children of some modules, or each by its name."""
    if containers is not None:
        children = (Call(Attribute(access(MODEL, name), "children")) for name in containers)
        return ListExpression(tuple(map(Star, children)))
    names = ListExpression(tuple(Literal(scope.name) for scope in chain.blocks))
    each = parse_expression("model.get_submodule(name)")
    return Comprehension(each, Name("name"), names, listed=True)
