"""Lowers every node: determines its text, the inputs that the text reads, and which values have a batch axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netspec.ir import Graph, Node, Scope
from netspec.ops.base import Op
from netspec.ops.common.filters import Convolution
from netspec.ops.conv import Conv, ConvTranspose, DepthwiseConv
from netspec.ops.dense import Dense
from netspec.ops.formulas import Formula
from netspec.ops.learned import Stored
from netspec.ops.merge import Add, Concat
from netspec.ops.norm import BatchNorm, GroupNorm, InstanceNorm
from netspec.ops.pool import AvgPool, MaxPool, Padded
from netspec.ops.region import EnterAxis
from netspec.ops.resize import CenterCrop, Upsample
from netspec.shapes.sizes import Size, is_named

from ..rules.functional_layers import Weight, as_function
from ..rules.lowered import Expr, Lowered, Make, Site, lower, out_batch, takes_batchless
from ..rules.region_call import MORE_SIZES
from .templates import RuleTemplate, rule_template

OVERWRITABLE = (Convolution, ConvTranspose, Dense, BatchNorm, GroupNorm, InstanceNorm, Add, Concat)
"""Operators whose gradient does not need their result, so that an activation may overwrite it."""
SUMMED_INTO = (Convolution, ConvTranspose, BatchNorm)
"""Operators whose result a sum may overwrite as well.

Dense layers are excluded: autocast runs them in half precision, while a transformer's residual stream is kept in single
precision.
"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A node that has been lowered."""

    node: Node
    lowered: Lowered
    inputs: tuple[int, ...]
    """Input values, with pass-through nodes resolved."""
    lift: tuple[bool, ...]
    """Which inputs get a leading batch axis of size one."""
    rule: RuleTemplate
    """The template of the expression."""
    numbers: Mapping[str, object]
    """The numbers in its holes, by name."""
    make: Make | None
    """The submodule, if it needs one."""
    stored: bool
    """Whether it is a tensor of the network itself."""
    belongs: bool
    """Whether it is the activation of another layer."""
    plain: bool
    """Whether it can be part of a chain of modules: it maps one tensor to one tensor, with a plain call."""
    sizes: tuple[Size, ...] = ()
    """Sizes in the expression that are only known at run time."""

    @property
    def reads(self) -> tuple[int, ...]:
        """The indices of the inputs that the expression reads, in order."""
        return self.rule.inputs


@dataclass(frozen=True, slots=True)
class Preparation:
    """All nodes of a graph after lowering."""

    nodes: Mapping[int, Prepared]
    """By identity of the node."""
    alias: Mapping[int, int]
    """For results of pass-through nodes, the value that they equal."""
    batch: Mapping[int, str]
    """Whether values have the batch axis (``N``), one of size one (``1``), or none (``0``)."""

    def of(self, node: Node) -> Prepared:
        """Returns the lowered form of a node."""
        return self.nodes[id(node)]

    def value(self, number: int) -> int:
        """Resolves pass-through nodes."""
        return self.alias.get(number, number)


def prepare(graph: Graph, more_sizes: Mapping[int, tuple[Size, ...]] | None = None) -> Preparation:
    """Lowers all nodes in order.

    Args:
        graph: the network.
        more_sizes: sizes that the body of a region needs besides its inputs, by identity of the region.

    Raises:
        netspec.backend.UnsupportedError: NS701, operations without a rule.
    """
    lower.check(graph)
    alias: dict[int, int] = {}
    batch = dict.fromkeys(graph.inputs.values(), "N")
    out: dict[int, Prepared] = {}
    uneven = {place_in_block(node) for node in graph.nodes if has_uneven_padding(graph, node)} - {None}
    follows = {place_in_block(node) for node in graph.nodes if graph.dims and has_named_padding(graph, node)} - {None}
    for node in graph.nodes:
        keeps = takes_batchless(node.op)
        lift = tuple(batch[value] == "0" and not keeps for value in node.inputs)
        states = tuple("1" if up else batch[value] for value, up in zip(node.inputs, lift, strict=True))
        weight_states = tuple(batch[value] for _, value in node.given_weights)
        if isinstance(node.op, Stored):
            lead = stored_batch(node.op)
        else:
            lead = out_batch((*passed_on(node.op, states), *(state for state in weight_states if state == "N")))
        batch.update(dict.fromkeys(node.values, lead))
        over = OVERWRITABLE if len(node.inputs) == 1 else SUMMED_INTO
        inplace = node.op.in_place and bool(node.inputs) and may_overwrite(graph, node, alias, over)
        used = tuple(graph.use_count(value) > 0 for value in node.values)
        odd = bool(uneven) and place_in_block(node) in uneven
        named = bool(graph.dims) and (place_in_block(node) in follows or has_named_padding(graph, node))
        site = Site(node, graph.inputs_of(node), states, inplace=inplace, used=used, uneven=odd, follows=named)
        lowered = lower(node.op, site)
        if weight_states:
            lowered = of_weights(lowered, node, weight_states)
        if more_sizes and id(node) in more_sizes:
            lowered = with_more_sizes(lowered, more_sizes[id(node)])
        make, call = module_and_expression(lowered, node.name != node.layer, len(node.inputs))
        inputs = tuple(alias.get(value, value) for value in node.reads)
        out[id(node)] = _prepared(node, lowered, make, call, inputs, lift + (False,) * len(weight_states))
        if make is None and call.text == "{0}" and not lift[0]:
            alias[node.first_value] = inputs[0]
    return Preparation(out, alias, batch)


def _prepared(
    node: Node, lowered: Lowered, make: Make | None, call: Expr, inputs: tuple[int, ...], lift: tuple[bool, ...]
) -> Prepared:
    belongs = node.name != node.layer
    plain = (
        not belongs
        and lowered.make is not None
        and not lowered.call.text
        and len(inputs) == 1
        and not lift[0]
        and len(node.outputs) == 1
    )
    return Prepared(
        node,
        lowered,
        inputs,
        lift,
        rule_template(call.text),
        call.holes,
        make,
        isinstance(node.op, (Stored, Formula)) and bool(node.weights),
        belongs,
        plain,
        tuple(dict.fromkeys(filter(is_named, call.holes.values()))),
    )


def of_weights(lowered: Lowered, node: Node, states: tuple[str, ...]) -> Lowered:
    """Converts a layer with computed weights to a function; the weights are inputs after its own."""
    weights: dict[str, Weight] = {}
    for number, ((name, _), state) in enumerate(zip(node.given_weights, states, strict=True), len(node.inputs)):
        weights[name] = Weight(f"{{{number}}}[0]" if state == "1" else f"{{{number}}}", state == "N")
    return as_function(lowered, weights, len(node.inputs))


def with_more_sizes(lowered: Lowered, sizes: tuple[Size, ...]) -> Lowered:
    """Adds sizes to the arguments of a call of a region's body."""
    names = {f"more{i}": size for i, size in enumerate(sizes)}
    text = lowered.call.text.replace(MORE_SIZES, "".join(f", {{{name}}}" for name in names))
    return Lowered(None, Expr(text, {**lowered.call.holes, **names}))


def place_in_block(node: Node) -> tuple[str, str] | None:
    """Returns the block that contains a layer, and its name there; None outside of blocks."""
    scope: Scope | None = node.scope
    while scope is not None and scope.block is None:
        scope = scope.parent
    return (scope.block, node.name[len(scope.name) :]) if scope is not None and scope.block is not None else None


def has_uneven_padding(graph: Graph, node: Node) -> bool:
    """Whether the padding of a convolution or pooling differs between the ends of an axis."""
    if not isinstance(node.op, (Conv, DepthwiseConv, MaxPool, AvgPool)):
        return False
    return any(before != after for before, after in node.op.pads(graph.inputs_of(node)[0]))


def has_named_padding(graph: Graph, node: Node) -> bool:
    """Whether the padding of a convolution or pooling depends on a size that is only known at run time."""
    if not isinstance(node.op, (Convolution, Padded)) or node.op.padding != "same":
        return False
    return any(is_named(n) for pair in node.op.pads(graph.inputs_of(node)[0]) for n in pair)


def module_and_expression(lowered: Lowered, belongs: bool, inputs: int) -> tuple[Make | None, Expr]:
    """Returns the submodule, if any, and the expression."""
    if lowered.make is None:
        return None, lowered.call
    if (belongs or lowered.functional) and lowered.alone is not None:
        return None, lowered.alone
    if not lowered.call.text:
        references = ", ".join(f"{{{i}}}" for i in range(inputs))
        return lowered.make, Expr(f"{{self}}({references})")
    return lowered.make, lowered.call


def passed_on(op: Op, states: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the batch states of the inputs that affect the result, without inputs that only supply a size."""
    is_repeated = isinstance(op, EnterAxis) and op.axis is None
    return states[:1] if is_repeated or isinstance(op, (CenterCrop, Upsample)) else states


def stored_batch(op: Stored) -> str:
    """Returns the batch state of a tensor of the network: ``1`` if it has a batch axis, else ``0``."""
    return "1" if op.batch_axis else "0"


def may_overwrite(graph: Graph, node: Node, alias: Mapping[int, int], over: tuple[type[Op], ...]) -> bool:
    """Whether a node may overwrite its first input: it is the only reader, and no gradient needs the value."""
    value = node.inputs[0]
    maker = graph.producer(value)
    return (
        maker is not None
        and value not in alias
        and graph.use_count(value) == 1
        and maker.scope is node.scope
        and isinstance(maker.op, over)
    )
