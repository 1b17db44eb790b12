"""Submodules and tensors of a class: the call or expression that creates each, with holes for its numbers."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any

from netspec.blocks import ABSENT, Filled, Hole, Template, Tree, replace_trees, typed
from netspec.ir import Graph, Node, Parameter
from netspec.ops.common.init_argument import Choice
from netspec.ops.registered import address
from netspec.ops.weight import ONES, Init, Origin
from netspec.shapes.sizes import is_named
from netspec.shapes.types import FLOATS, HALF

from ..rules.initial_values import filled, init_for_rank
from ..rules.lowered import Default, Make
from ..syntax.expression_trees import REQUIRED, Attribute, Call, Expression, Keyword, Name, ValueHole
from ..syntax.literals import Code
from .body import Leaf, Tensor
from .preparation import Prepared
from .templates import rule_template

INTERCHANGEABLE = ("nn.ReLU", "nn.ReLU6", "nn.SiLU", "nn.Hardswish", "nn.Identity")
"""Activations that a block argument may exchange: all accept ``inplace``, or any argument (the last)."""
NAMES_OF_NUMBERS = {"shifted_window_mask": ("size", "window", "shift"), "values": ("values",)}
"""Names of the holes for numbers in initial values, by kind; ``value`` for other kinds."""


def common_type(graph: Graph) -> str:
    """Returns the common floating-point type of all parameters and buffers; float32 if there is none."""
    types = {p.dtype for p in graph.parameters if p.dtype in FLOATS}
    return types.pop() if len(types) == 1 else "float32"


def leaf(graph: Graph, prepared: Prepared, in_block: bool, usual: str) -> Leaf:
    """Returns the submodule of a node: its constructor call and initial values.

    ``usual`` is the floating-point type of the whole network.
    """
    make, node = prepared.lowered.make, prepared.node
    assert make is not None
    dtype = next((p.dtype for _, p in node.weights if p.dtype in FLOATS), usual)
    return Leaf(constructor_call(make, in_block, dtype if dtype != usual else "float32"), tuple(own_inits(graph, node)))


def constructor_call(make: Make, in_block: bool, dtype: str = "float32") -> Filled:
    """Returns the constructor call of a submodule; within a block, the class of an activation may become an argument.

    ``dtype`` is the type of its weights, which classes of torch.nn accept as an argument.
    """
    choose = in_block and make.cls in INTERCHANGEABLE
    keywords = {"inplace": Default(ABSENT, False), **make.args} if choose else make.args
    converted = None
    if dtype != "float32":
        if make.cls.startswith("nn."):
            keywords = {**keywords, "dtype": Default(Code(f"torch.{dtype}"), Code("torch.float32"))}
        else:
            converted = f"torch.{dtype}"
    arguments: list[tuple[str, Hashable, Any]] = []
    values: list[Any] = [Code(make.cls)] if choose else []
    for name, value in keywords.items():
        if isinstance(value, Default):
            arguments.append((name, typed(value.default), value.default))
            values.append(known(value.value))
        else:
            arguments.append((name, REQUIRED, REQUIRED))
            values.append(known(value))
    return Filled(call_template(None if choose else make.cls, tuple(arguments), converted), tuple(values))


def known(value: Any) -> Any:
    """Returns a constructor argument. A size that depends on named dimensions is replaced by its default value."""
    if isinstance(value, tuple):
        return tuple(known(item) for item in value)  # pyright: ignore[reportUnknownVariableType] - of any type
    return value.value if is_named(value) else value


@lru_cache(maxsize=4096)
def call_template(cls: str | None, arguments: tuple[tuple[str, Hashable, Any], ...], converted: str | None) -> Template:
    """Returns the template of a constructor call.

    Args:
        cls: name of the class; None if the class itself is an argument.
        arguments: for each its name, its default with types (as the cache key), and its default.
        converted: the type to which the weights are converted, if any.
    """
    call_arguments: list[Expression] = []
    for name, _, default in arguments:
        hole = ValueHole(name, default)
        call_arguments.append(hole if default is REQUIRED else Keyword(name, hole))
    module = Call(Name(cls) if cls is not None else ValueHole("activation"), tuple(call_arguments))
    return Template(module if converted is None else Call(Attribute(module, "to"), (Name(converted),)))


def own_inits(graph: Graph, node: Node) -> list[tuple[str, Init]]:
    """Returns the initial values, by the name of the weight, that differ from PyTorch's defaults."""
    if node.weights and address(node.op.name, "torch") is not None:
        return [(name, init_for_rank(p.init, len(p.shape))) for name, p in node.weights]
    choice = getattr(node.op, "init", None)
    if not isinstance(choice, Choice) or not choice.by_name:
        return []
    usual = node.op.replace(init=Choice()).weights(*graph.inputs_of(node))
    defaults = {weight.name: weight.init for weight in usual}
    return [(name, init_for_rank(p.init, len(p.shape))) for name, p in node.weights if p.init != defaults[name]]


def tensor(parameter: Parameter, usual: str, access: Callable[[str], str | None] = lambda name: None) -> Tensor:
    """Returns a parameter or buffer of the network: holes for its sizes, and the expression that creates it.

    Args:
        parameter: the parameter or buffer.
        usual: the type to which the whole network is converted.
        access: returns the constructor's expression for another parameter by its full name, or None if there is none.
    """
    dtype = "float32" if parameter.dtype == usual in HALF else parameter.dtype
    init = init_for_rank(parameter.init, len(parameter.shape))
    sizes: dict[str, Any] = {f"axis{i}": size for i, size in enumerate(parameter.shape)}
    if init.kind == "formula":
        from ..rules.formulas import constant  # few networks have formulas

        expression = constant(init.args[0], parameter.shape, parameter.dtype, learned=not parameter.buffer)
        rule = rule_template(expression.text, in_forward=False)
        template = Template(((ValueHole("size"),) * len(sizes), rule.template.node))
        value = Filled(template, (*sizes.values(), *rule.values(expression.holes)))
        return Tensor(value, parameter.buffer, parameter.persistent)
    source = init.args[-1] if init.args and isinstance(init.args[-1], Origin) else None
    if source is not None:
        text = access(source.name)
        init = ONES if text is None else Init(init.kind, (*init.args[:-1], Code(text)))
    names = NAMES_OF_NUMBERS.get(init.kind) or ("value",) * len(init.args)
    numbers = {f"{name}{i}": value for i, (name, value) in enumerate(zip(names, init.args, strict=False))}
    text = filled(init, [f"{{{name}}}" for name in numbers], [f"{{{name}}}" for name in sizes], dtype)
    rule = rule_template(text, in_forward=False)

    def sized(part: Tree) -> Tree | None:
        return ValueHole("size") if isinstance(part, Hole) and part.name == "axis" else None

    template = Template(((ValueHole("size"),) * len(sizes), replace_trees(rule.template.node, sized)))
    value = Filled(template, (*sizes.values(), *rule.values({**sizes, **numbers})))
    return Tensor(value, parameter.buffer, parameter.persistent)
