"""Checks that a plan fits a network: its parameters, blocks, heads and batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ..analysis.block_chain import BlockChain, block_chain
from ..analysis.tensor_split import TensorSplit, tensor_split
from ..diagnostics import Diagnostic, clip
from ..ir import Graph
from .plan import Plan

KeyDiagnostic: TypeAlias = tuple[str, Diagnostic]
"""A key of the plan, and a diagnostic about its value."""


def _problem(key: str, code: str, message: str, help: str | None = None) -> KeyDiagnostic:
    return key, Diagnostic(code, message, help=help)


def plan_problems(graph: Graph, plan: Plan) -> list[KeyDiagnostic]:
    """Returns the problems that prevent training a network by a plan; empty if there are none."""
    fixed = graph.at_default
    actual = parameter_count(fixed)
    if plan.parameters != actual:
        name = f"{graph.name}@{graph.variant}" if graph.variant else graph.name
        message = f"the plan is for '{clip(plan.network)}' with {plan.parameters:,} parameters; "
        message += f"'{clip(name)}' has {actual:,}"
        return [_problem("parameters", "NS931", message, "netspec plan makes one for this network")]
    chain = block_chain(fixed)
    problems = [*_outputs(graph), *_batch(plan), *_stages(plan, chain)]
    if plan.tensor > 1:
        problems += _tensor(plan, tensor_split(fixed, chain))
    if plan.data > 1 and plan.sharded == 1 and plan.data < plan.devices:
        message = "replicas of stages and of divided layers must be 'sharded', by 2 or more; found 'data' alone"
        problems.append(_problem("data", "NS935", message, f"sharded: {plan.data}"))
    return problems


def parameter_count(graph: Graph) -> int:
    """Returns the number of parameters of a network."""
    return sum(p.elements for p in graph.parameters if not p.buffer)


def _outputs(graph: Graph) -> Iterator[KeyDiagnostic]:
    if len(graph.outputs) != 1:
        message = f"a plan needs a network with one output; '{clip(graph.name)}' has {len(graph.outputs)}"
        yield _problem("network", "NS935", message)


def _batch(plan: Plan) -> Iterator[KeyDiagnostic]:
    parts = plan.replicas * plan.micro_batches
    if plan.batch % parts:
        message = f"the batch must be a multiple of replicas times micro-batches, {plan.replicas} x "
        message += f"{plan.micro_batches} = {parts:,}; found {plan.batch:,}"
        below, above = plan.batch // parts * parts, -(-plan.batch // parts) * parts
        yield _problem("batch", "NS936", message, f"{f'{below:,} or ' if below else ''}{above:,} would do")
    if plan.pipeline > 1 and plan.micro_batches < plan.pipeline:
        message = f"a pipeline needs at least as many micro-batches as stages, {plan.pipeline}; found "
        message += f"{plan.micro_batches}"
        yield _problem("micro_batches", "NS936", message, f"micro_batches: {plan.pipeline}")


def _stages(plan: Plan, chain: BlockChain) -> Iterator[KeyDiagnostic]:
    if plan.pipeline == 1:
        if plan.stages:
            yield _problem("stages", "NS933", "stages have a meaning with a pipeline alone", "leave 'stages' out")
        return
    blocks = len(chain.blocks)
    if chain.obstacle and blocks >= plan.pipeline:
        yield _problem("pipeline", "NS935", f"the network cannot be cut into stages: {chain.obstacle}")
    elif plan.pipeline > blocks:
        message = f"there are more stages than blocks: {plan.pipeline:,}, of {blocks:,}"
        yield _problem("pipeline", "NS933", message, f"pipeline: {blocks} or less" if blocks > 1 else None)
    elif len(plan.stages) != plan.pipeline or sum(plan.stages) != blocks:
        message = f"'stages' must list {plan.pipeline} numbers of blocks that add up to {blocks}; found "
        message += f"{len(plan.stages)} with the sum {sum(plan.stages):,}"
        yield _problem("stages", "NS933", message)


def _tensor(plan: Plan, split: TensorSplit) -> Iterator[KeyDiagnostic]:
    if not split.layers:
        yield _problem("tensor", "NS935", f"the network has no layers to divide: {split.reason}")
        return
    undivided = split.undivided(plan.tensor)
    if undivided:
        first = undivided[0]
        message = f"{plan.tensor} devices do not divide the {first.count:,} {first.what} of '{clip(first.layer)}'"
        fitting = [n for n in range(2, split.largest() + 1) if split.largest() % n == 0]
        help_ = f"tensor: {', '.join(map(str, fitting))}" if fitting else "leave 'tensor' out"
        yield _problem("tensor", "NS932", message, help_ if len(fitting) < 20 else None)
    elif plan.sequence and not split.along_sequence(plan.tensor):
        reason = f"{plan.tensor} devices do not divide its {split.sequence:,} positions"
        if split.sequence is None:
            reason = "its blocks do more than norms and sums between the divided layers"
        yield _problem("sequence", "NS935", f"the network cannot be divided along the sequence: {reason}")
