"""Writes the functions that divide a network according to a plan: ``parallelize`` and ``create``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from netspec.analysis.block_chain import BlockChain
from netspec.analysis.tensor_split import TensorSplit
from netspec.backend import Plan

from ..syntax.expression_trees import (
    Attribute,
    Call,
    Comprehension,
    DictExpression,
    Expression,
    Keyword,
    ListExpression,
    Literal,
    Name,
    Star,
    TupleExpression,
    call,
)
from ..syntax.literals import plain
from ..syntax.parser import parse_expression
from ..syntax.statements import Assign, Evaluate, For, Function, If, Parameter, Return, Statement

MODEL, BLOCK, TENSOR, MODULE = Name("model"), Name("block"), Name("tensor"), Name("nn.Module")
EACH_BLOCK = call("blocks", MODEL)
MESH_PARAMETER = Parameter("mesh", Name("DeviceMesh"))


@dataclass(frozen=True, slots=True)
class Division:
    """The input from which the functions are written.

    Attributes:
        plan: the plan.
        chain: the blocks of the network.
        split: the layers that can be divided.
        heads: for each class with numbers of heads, the names of these attributes; only with ``tensor``.
        block_classes: names of the classes that all blocks and no other modules have; empty if there are none.
        ordered: whether blocks are created in the order in which they run.
        inputs: number of tensors that a block reads.
        model: name of the class that is divided: the network's, or that of its stages.
        loss_parallel: whether the loss is computed from scores that are divided by classes.
    """

    plan: Plan
    chain: BlockChain
    split: TensorSplit
    heads: Mapping[str, Sequence[str]]
    block_classes: Sequence[str]
    ordered: bool
    inputs: int
    model: str
    loss_parallel: bool

    @property
    def blockwise(self) -> bool:
        """Whether each block is divided immediately after it is created."""
        plan = self.plan
        divided = plan.sharded > 1 or plan.tensor > 1 or plan.pipeline > 1
        return divided and bool(self.block_classes) and (plan.pipeline == 1 or self.ordered)


class Documented(NamedTuple):
    """A function with its docstring."""

    function: Function
    doc: str


def division_functions(division: Division) -> list[Documented]:
    """Returns ``divide`` and ``divide_ends``, if they have statements, ``parallelize`` and ``create``."""
    plan = division.plan
    inner, rest = _block_statements(division), _rest_statements(division)
    model = Parameter("model", Name(division.model))
    each: list[Statement] = []
    out: list[Documented] = []
    if inner:
        each.append(For(BLOCK, EACH_BLOCK, (Evaluate(call("divide", BLOCK, Name("mesh"))),)))
        body = Function("divide", (Parameter("block", MODULE), MESH_PARAMETER), Name("None"), tuple(inner))
        out.append(Documented(body, "Divides a block among the devices, in place."))
    if plan.sharded == 1 and plan.data > 1:
        replicas = parse_expression(
            'DistributedDataParallel(model, process_group=mesh["data"].get_group(), gradient_as_bucket_view=True)'
        )
        whole: list[Statement] = [*each, Return(replicas)]
    elif rest:
        body = Function("divide_ends", (model, MESH_PARAMETER), Name("None"), tuple(rest))
        out.append(Documented(body, "Divides what comes before and after the blocks, in place."))
        whole = [*each, Evaluate(parse_expression("divide_ends(model, mesh)")), Return(MODEL)]
    else:
        whole = [*each, Return(MODEL)]
    body = Function("parallelize", (model, MESH_PARAMETER), MODULE, tuple(whole))
    out.append(Documented(body, "Divides the network among the devices, in place."))
    return [*out, _create(division, bool(inner), bool(rest))]


def _create(division: Division, divides: bool, ends: bool) -> Documented:
    """Returns ``create``, which builds a process's part of the network."""
    plan = division.plan
    body: list[Statement] = []
    build: Expression = Name(division.model)
    stage_range: tuple[Expression, ...] = ()
    if plan.pipeline > 1:
        stage = 'mesh.get_local_rank("pipeline")' if len(plan.mesh) > 1 else "mesh.get_local_rank()"
        body.append(Assign((Name("stage"),), parse_expression(stage)))
        bounds = TupleExpression(tuple(map(parse_expression, ("STAGES[stage]", "STAGES[stage + 1]"))), bare=True)
        body.append(Assign((TupleExpression((Name("start"), Name("stop")), bare=True),), bounds))
        build = call("partial", build, Name("start"), Name("stop"))
        stage_range = (call("range", Name("start"), Name("stop")),)
    parameters = (MESH_PARAMETER, Parameter("device", Name("torch.device")))
    if not division.blockwise:
        model = f"{division.model}({'start, stop' if plan.pipeline > 1 else ''})"
        whole = f"parallelize({model}.to(device), mesh)"
        if plan.sharded > 1:
            whole = f"parallelize({model}, mesh).to(device)"
        body.append(Return(parse_expression(whole)))
        return Documented(
            Function("create", parameters, MODULE, tuple(body)), "The network of this process, on a device."
        )
    classes = TupleExpression(tuple(map(Name, division.block_classes)))
    divide = parse_expression("partial(divide, mesh=mesh)") if divides else Literal(None)
    created = call("create_blockwise", build, classes, divide, Name("device"), *stage_range)
    if ends:
        body += [Assign((MODEL,), created), Evaluate(parse_expression("divide_ends(model, mesh)")), Return(MODEL)]
    else:
        body.append(Return(created))
    doc = "The network of this process, on a device, which never holds more than one block beyond its own part."
    return Documented(Function("create", parameters, MODULE, tuple(body)), doc)


def _block_statements(division: Division) -> list[Statement]:
    """Returns the statements that divide a block."""
    plan = division.plan
    out = _tensor_statements(division) if plan.tensor > 1 else []
    if plan.checkpoint:
        rerun = parse_expression("partial(checkpoint, block.forward, use_reentrant=False)")
        out.append(Assign((Attribute(BLOCK, "forward"),), rerun))
    if plan.sharded > 1:
        out.append(Evaluate(call("fully_shard", BLOCK, _replicas(plan))))
    return out


def _rest_statements(division: Division) -> list[Statement]:
    """Returns the statements that divide the network outside of its blocks."""
    plan = division.plan
    out: list[Statement] = []
    if plan.tensor > 1:
        first, last = _end_statements(division)
        if first or last:
            out.append(Assign((TENSOR,), parse_expression('mesh["tensor"]')))
        if plan.pipeline > 1:
            out += [
                If(Attribute(MODEL, name), tuple(part)) for name, part in (("first", first), ("last", last)) if part
            ]
        else:
            out += [*first, *last]
    if plan.sharded > 1:
        out.append(Evaluate(call("fully_shard", MODEL, _replicas(plan))))
    return out


def _replicas(plan: Plan) -> Expression:
    axes = '"data", "sharded"' if plan.data > 1 else '"sharded"'
    return Keyword("mesh", parse_expression(f"mesh[{axes}]"))


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
    return [*out, *body]


SIZE = parse_expression("tensor.size()")
GATHERED = parse_expression(
    "PrepareModuleOutput(output_layouts=Shard(1), desired_output_layouts=Replicate(), use_local_output=False)"
)


def _head_statements(division: Division) -> list[Statement]:
    """Returns the statements that divide the numbers of heads."""
    out: list[Statement] = []
    for cls, names in division.heads.items():
        if [cls] == list(division.block_classes):
            out += [Assign((Attribute(BLOCK, name),), SIZE, "//") for name in names]
            continue
        module = Name("module")
        divided = tuple(Assign((Attribute(module, name),), SIZE, "//") for name in names)
        condition = call("isinstance", module, Name(cls))
        out.append(For(module, parse_expression("block.modules()"), (If(condition, divided),)))
    return out


def _end_statements(division: Division) -> tuple[list[Statement], list[Statement]]:
    """Returns the statements for what precedes the first block, and for what follows the last one."""
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
        scores = "output_layouts=Replicate()"
        if division.loss_parallel:
            scores = "output_layouts=Shard(-1), use_local_output=False"
        last.append(_styles(MODEL, {split.head.layer: f"ColwiseParallel({scores})"}))
    return first, last


def _styles(owner: Expression, styles: Mapping[str, str]) -> Statement:
    """Returns the call that applies a style to each of several layers."""
    pairs = tuple((Literal(name), parse_expression(style)) for name, style in styles.items())
    return Evaluate(call("parallelize_module", owner, TENSOR, DictExpression(pairs, one_per_line=len(pairs) > 1)))


def access(owner: Expression, name: str) -> Expression:
    """Returns the access to a submodule: ``model.transformer.h``, or ``model.get_submodule("0.h")``."""
    parts = name.split(".")
    if not all(map(plain, parts)):
        return Call(Attribute(owner, "get_submodule"), (Literal(name),))
    for part in parts:
        owner = Attribute(owner, part)
    return owner


def block_list(chain: BlockChain, containers: Sequence[str] | None) -> Expression:
    """Returns an expression for the list of blocks: the children of some modules, or each block by name."""
    if containers is not None:
        children = (Call(Attribute(access(MODEL, name), "children")) for name in containers)
        return ListExpression(tuple(map(Star, children)))
    names = ListExpression(tuple(Literal(scope.name) for scope in chain.blocks))
    each = parse_expression("model.get_submodule(name)")
    return Comprehension(each, Name("name"), names, listed=True)
