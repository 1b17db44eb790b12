"""Submodules and tensors of a class: the call or expression that makes each, with its numbers in holes."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from netspec.blocks import ABSENT, Filled, Hole, Template, Tree, replace_trees, typed
from netspec.ir import Graph, Node, Parameter
from netspec.ops.common.initial import Choice
from netspec.ops.weight import Init

from ..rules.initial_values import filled, ranked
from ..rules.lowered import Default, Make
from ..syntax.expression_trees import REQUIRED, Call, Expression, Keyword, Name, ValueHole
from ..syntax.literals import Code
from .body import Leaf, Tensor
from .preparation import Prepared
from .templates import rule_template

INTERCHANGEABLE = ("nn.ReLU", "nn.ReLU6", "nn.SiLU", "nn.Hardswish", "nn.Identity")
"""Activations that a block may take as an argument: each accepts ``inplace`` (or, the last, anything)."""
NAMES_OF_NUMBERS = {"shifted_window_mask": ("size", "window", "shift"), "values": ("values",)}
"""What the numbers of first values are called, by kind; ``value`` in all others."""


def leaf(graph: Graph, prepared: Prepared, in_block: bool) -> Leaf:
    """The submodule of a node: its constructor call and own first values."""
    make = prepared.lowered.make
    assert make is not None
    return Leaf(constructor_call(make, in_block), tuple(own_inits(graph, prepared.node)))


def constructor_call(make: Make, in_block: bool) -> Filled:
    """The call that makes a submodule; in a block, the class of an activation may be an argument."""
    choose = in_block and make.cls in INTERCHANGEABLE
    given = {"inplace": Default(ABSENT, False), **make.args} if choose else make.args
    arguments: list[tuple[str, Hashable, Any]] = []
    values: list[Any] = [Code(make.cls)] if choose else []
    for name, value in given.items():
        if isinstance(value, Default):
            arguments.append((name, typed(value.default), value.default))
            values.append(value.value)
        else:
            arguments.append((name, REQUIRED, REQUIRED))
            values.append(value)
    return Filled(call_template(None if choose else make.cls, tuple(arguments)), tuple(values))


@lru_cache(maxsize=4096)
def call_template(cls: str | None, arguments: tuple[tuple[str, Hashable, Any], ...]) -> Template:
    """The call of a class.

    Args:
        cls: its name; None where that is an argument itself.
        arguments: for each its name, its default with the types (for this cache), and its default.
    """
    given: list[Expression] = []
    for name, _, default in arguments:
        hole = ValueHole(name, default)
        given.append(hole if default is REQUIRED else Keyword(name, hole))
    return Template(Call(Name(cls) if cls is not None else ValueHole("activation"), tuple(given)))


def own_inits(graph: Graph, node: Node) -> list[tuple[str, Init]]:
    """First values that the spec gives, and PyTorch would not, by the name of the weight."""
    choice = getattr(node.op, "init", None)
    if not isinstance(choice, Choice) or not choice.by_name:
        return []
    usual = node.op.replace(init=Choice()).weights(*graph.inputs_of(node))
    defaults = {weight.name: weight.init for weight in usual}
    return [(name, ranked(p.init, len(p.shape))) for name, p in node.weights if p.init != defaults[name]]


def tensor(parameter: Parameter) -> Tensor:
    """A parameter or buffer of the network itself: holes for its sizes, and the expression that makes it."""
    init = ranked(parameter.init, len(parameter.shape))
    names = NAMES_OF_NUMBERS.get(init.kind) or ("value",) * len(init.args)
    numbers = {f"{name}{i}": value for i, (name, value) in enumerate(zip(names, init.args, strict=False))}
    sizes = {f"axis{i}": size for i, size in enumerate(parameter.shape)}
    text = filled(init, [f"{{{name}}}" for name in numbers], [f"{{{name}}}" for name in sizes], parameter.dtype)
    rule = rule_template(text, in_forward=False)

    def sized(part: Tree) -> Tree | None:
        return ValueHole("size") if isinstance(part, Hole) and part.name == "axis" else None

    template = Template(((ValueHole("size"),) * len(sizes), replace_trees(rule.template.node, sized)))
    value = Filled(template, (*sizes.values(), *rule.values({**sizes, **numbers})))
    return Tensor(value, parameter.buffer, parameter.persistent)
