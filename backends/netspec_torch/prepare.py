"""Every node lowered: what it is in the text, which of its inputs that reads, and which values have the batch axis."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from netspec.ir import Graph, Node, Scope
from netspec.ops.base import Op
from netspec.ops.common.filters import Convolution
from netspec.ops.conv import Conv, ConvTranspose, DepthwiseConv
from netspec.ops.dense import Dense
from netspec.ops.learned import Stored
from netspec.ops.merge import Add, Concat
from netspec.ops.norm import BatchNorm, GroupNorm, InstanceNorm
from netspec.ops.resize import CenterCrop, Upsample

from .rules.base import Expr, Lowered, Make, Site, lower, out_batch, takes_batchless

OVERWRITABLE = (Convolution, ConvTranspose, Dense, BatchNorm, GroupNorm, InstanceNorm, Add, Concat)
"""Operators whose gradient does not need what they gave, so that an activation may write over it."""
SUMMED_INTO = (Convolution, ConvTranspose, BatchNorm)
"""Those of them after which a sum writes over it too. Not dense layers: autocast runs these in half precision, while
the sum that they go into, a transformer's residual, is kept in single precision."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One node as the text has it."""

    node: Node
    lowered: Lowered
    inputs: tuple[int, ...]
    """Values it takes, what merely passes looked through."""
    lift: tuple[bool, ...]
    """Which inputs get a batch axis of one before."""
    call: Expr
    make: Make | None
    """The submodule, unless it does without."""

    @property
    def reads(self) -> tuple[int, ...]:
        """Numbers of the inputs that stand in the text, in order."""
        return tuple(sorted({int(n) for n in re.findall(r"\{(\d+)\}", self.call.text)}))

    @property
    def stored(self) -> bool:
        """Whether it is a tensor of the network itself."""
        return isinstance(self.node.op, Stored)

    @property
    def belongs(self) -> bool:
        """Whether it is the activation of another layer."""
        return self.node.name != self.node.layer

    @property
    def plain(self) -> bool:
        """Whether it can stand in a chain of modules: one tensor in, one out, nothing done to them outside."""
        made = self.lowered.make
        return (
            not self.belongs and made is not None and not self.lowered.call.text and len(self.inputs) == 1
            and not self.lift[0] and len(self.node.outputs) == 1
        )


@dataclass(frozen=True, slots=True)
class Preparation:
    """All nodes of a graph, by identity."""

    nodes: Mapping[int, Prepared]
    alias: Mapping[int, int]
    """For values that merely pass: the value that they are."""
    batch: Mapping[int, str]
    """Whether values have the batch axis."""

    def of(self, node: Node) -> Prepared:
        """What was prepared of a node."""
        return self.nodes[id(node)]

    def value(self, number: int) -> int:
        """The value itself, what merely passes looked through."""
        return self.alias.get(number, number)


def prepare(graph: Graph) -> Preparation:
    """Lowers all nodes in order.

    Raises:
        netspec.backend.UnsupportedError: NS701, operations without a rule.
    """
    lower.check(graph)
    uses: dict[int, int] = {}
    for node in graph.nodes:
        for v in node.inputs:
            uses[v] = uses.get(v, 0) + 1
    for v in graph.outputs.values():
        uses[v] = uses.get(v, 0) + 1
    alias: dict[int, int] = {}
    batch = dict.fromkeys(graph.inputs.values(), "N")
    out: dict[int, Prepared] = {}
    uneven = {_place(node) for node in graph.nodes if _uneven(graph, node)} - {None}
    for node in graph.nodes:
        keeps = takes_batchless(node.op)
        lift = tuple(batch[v] == "0" and not keeps for v in node.inputs)
        states = tuple("1" if up else batch[v] for v, up in zip(node.inputs, lift, strict=True))
        lead = _stored_batch(node.op) if isinstance(node.op, Stored) else out_batch(_seen(node.op, states))
        for v in node.values:
            batch[v] = lead
        over = OVERWRITABLE if len(node.inputs) == 1 else SUMMED_INTO
        inplace = node.op.in_place and bool(node.inputs) and _may_overwrite(graph, node, uses, alias, over)
        used = tuple(v in uses for v in node.values)
        odd = _place(node) in uneven
        lowered = lower(node.op, Site(node, graph.inputs_of(node), states, inplace=inplace, used=used, uneven=odd))
        make, call = _chosen(lowered, node)
        inputs = tuple(alias.get(v, v) for v in node.inputs)
        out[id(node)] = Prepared(node, lowered, inputs, lift, call, make)
        if make is None and call.text == "{0}" and not lift[0]:
            alias[node.first] = inputs[0]
    return Preparation(out, alias, batch)


def _place(node: Node) -> tuple[str, str] | None:
    """The block that a layer stands in, and its name there; None outside of blocks."""
    scope: Scope | None = node.scope
    while scope is not None and scope.block is None:
        scope = scope.parent
    return (scope.block, node.name[len(scope.name) :]) if scope is not None and scope.block is not None else None


def _uneven(graph: Graph, node: Node) -> bool:
    if not isinstance(node.op, (Conv, DepthwiseConv)):
        return False
    return any(before != after for before, after in node.op.pads(graph.inputs_of(node)[0]))


def _chosen(lowered: Lowered, node: Node) -> tuple[Make | None, Expr]:
    """The submodule, if any, and the expression."""
    belongs = node.name != node.layer
    if lowered.make is None:
        return None, lowered.call
    if (belongs or lowered.functional) and lowered.alone is not None:
        return None, lowered.alone
    if not lowered.call.text:
        inputs = ", ".join(f"{{{i}}}" for i in range(len(node.inputs)))
        return lowered.make, Expr(f"{{self}}({inputs})")
    return lowered.make, lowered.call


def _seen(op: Op, states: tuple[str, ...]) -> tuple[str, ...]:
    """Of the inputs those whose values come through: of another layer whose size is taken, none do."""
    return states[:1] if isinstance(op, (CenterCrop, Upsample)) else states


def _stored_batch(op: Stored) -> str:
    return "1" if op.batch_axis else "0"


def _may_overwrite(
    graph: Graph, node: Node, uses: dict[int, int], alias: dict[int, int], over: tuple[type[Op], ...]
) -> bool:
    value = node.inputs[0]
    maker = graph.producer(value)
    return (
        maker is not None and value not in alias and uses[value] == 1 and maker.scope is node.scope
        and isinstance(maker.op, over)
    )
