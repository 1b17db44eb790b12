"""The reference of the operations, collected from their classes."""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

from ..text.writer import flow_style
from . import OTHER, TABLE, find
from .argument import LayerValidator
from .axis import AxisValidator
from .base import Example, Op
from .common.dtypes import in_words
from .common.shortest_form import plain

FAMILIES: dict[str, str] = {
    "conv": "Convolution",
    "pool": "Pooling",
    "dense": "Dense and lookup",
    "norm": "Normalisation",
    "activation": "Activation",
    "elementwise": "Elementwise",
    "formulas": "Formulas",
    "regularise": "Regularisation",
    "shape": "Shape",
    "pattern": "Patterns",
    "windows": "Windows as channels",
    "resize": "Borders and resolution",
    "merge": "Merging",
    "reduce": "Reduction",
    "choice": "Choice and order",
    "signal": "Signals and sampling",
    "along": "Along an axis",
    "attention": "Attention",
    "rotary": "Rotary positions",
    "recurrent": "Recurrence",
    "learned": "Learned and fixed tensors",
    OTHER: "From other packages",
}
"""Titles of the families, in order."""

TRAITS: dict[str, str] = {
    "is_activation": "may be the `activation` of a layer",
    "elementwise": "elementwise",
    "in_place": "can run in place",
    "permutable": "independent of the order of axes",
    "reads_batch": "depends on the other examples of the batch in training",
    "identity_in_inference": "the identity in inference",
}
"""Traits of a class, in words."""

NUMBERS = ("no", "one", "two", "three")


class ArgumentReference(NamedTuple):
    """An argument of an operation."""

    name: str
    doc: str
    must_be: str
    """What the value must be, to follow "must be"."""
    default: str | None
    """What holds if it is not given, as it would be written or in words; None if it must be given."""
    primary: bool
    """Whether it may be written as the value of the operation's name."""


class OperationReference(NamedTuple):
    """An operation as the reference describes it."""

    name: str
    family: str
    cls: str
    doc: str
    """One line, and further paragraphs after an empty line."""
    arguments: tuple[ArgumentReference, ...]
    keys: str | None
    """What further keys of a layer mean, and what their values must be; None if there are none."""
    inputs: str
    types: str | None
    """The types of elements that its inputs may have, in words; None if it has none."""
    outputs: str
    size: str
    weights: str | None
    macs: str | None
    traits: tuple[str, ...]
    """Its traits, in words."""
    is_activation: bool
    example: str
    """The layer."""
    spec: str
    """The whole spec of the example."""

    @property
    def line(self) -> str:
        """The first line of its description."""
        return self.doc.partition("\n")[0]

    @property
    def signature(self) -> str:
        """All arguments as a layer would give them, those with a default in brackets."""
        head = next((a.name if a.default is None else f"[{a.name}]" for a in self.arguments if a.primary), None)
        if head is None and "names" in self.inputs:
            head = "layers"
        out = [f"{self.name}: {head}" if head else self.name]
        for a in self.arguments:
            if not a.primary:
                out.append(a.name if a.default is None else f"[{a.name}]")
        out += ["…"] if self.keys else []
        return ", ".join(out)


def operation(name: str) -> OperationReference:
    """The reference of an operation. Raises KeyError for an unknown name."""
    cls = find(name)
    return OperationReference(
        name=name,
        family=TABLE[name].family,
        cls=cls.__name__,
        doc=_markdown(inspect.cleandoc(cls.__doc__ or "")),
        arguments=_arguments(cls),
        keys=f"{cls.further.doc}, by its name: {cls.further.validator.description}" if cls.further else None,
        inputs=_inputs(cls),
        types=_types(cls, TABLE[name].window_rank),
        outputs=", ".join(cls.results) or cls.outputs_rule,
        size=cls.size_rule,
        weights=cls.weights_rule,
        macs=cls.macs_rule,
        traits=tuple(words for trait, words in TRAITS.items() if getattr(cls, trait)),
        is_activation=cls.is_activation,
        example=example_of(name).layer,
        spec=spec_of(name),
    )


def example_of(name: str) -> Example:
    """The example of an operation: its class has one, or one for each number of window axes."""
    examples = find(name).examples
    entry = TABLE[name]
    names = [n for n, e in TABLE.items() if (e.family, e.cls) == (entry.family, entry.cls)]
    example = examples[names.index(name) if len(examples) > 1 else 0]
    return example._replace(layer=example.layer.replace("OP", name))


def spec_of(name: str) -> str:
    """The whole spec of an example. A stored tensor is added to the input."""
    inputs, layer = example_of(name)
    lines = ["netspec: 1"]
    if not isinstance(inputs, str):
        lines += ["inputs:", *(f"  {key}: {shape}" for key, shape in inputs.items())]
    elif inputs.startswith("{"):
        lines.append(f"inputs: {{tokens: {inputs}}}")
    else:
        lines.append(f"input: {inputs}")
    lines += ["layers:", f"  layer: {layer}"]
    if find(name).arity == (0, 0):
        lines.append("  add: {add: [input, layer]}")
    return "\n".join(lines) + "\n"


def families() -> dict[str, dict[str, tuple[str, ...]]]:
    """The names of all operations by family and class (1d, 2d and 3d operations share a class)."""
    out: dict[str, dict[str, tuple[str, ...]]] = {family: {} for family in FAMILIES}
    for name, entry in TABLE.items():
        out[entry.family][entry.cls] = (*out[entry.family].get(entry.cls, ()), name)
    return {family: classes for family, classes in out.items() if classes}


def joint_name(names: tuple[str, ...]) -> str:
    """``conv1d/2d/3d``."""
    return "/".join([names[0], *(n[-2:] for n in names[1:])])


def _arguments(cls: type[Op]) -> tuple[ArgumentReference, ...]:
    out = [
        ArgumentReference(name, a.doc, a.validator.description, _default(cls, name), name == cls.primary)
        for name, a in cls.arguments.items()
    ]
    return tuple(sorted(out, key=lambda a: (not a.primary, a.default is not None, a.name == "axis")))


def _default(cls: type[Op], name: str) -> str | None:
    argument = cls.arguments[name]
    validator = argument.validator
    if argument.required:
        return None
    if isinstance(validator, AxisValidator) and validator.fallback is not None:
        return "channels" if validator.fallback == "channels" else "channels, or the last"
    if argument.default_doc is not None:
        return argument.default_doc
    value: Any = argument.default
    while isinstance(value, tuple) and value and value.count(value[0]) == len(value):  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType] - of any kind
        value = value[0]  # pyright: ignore[reportUnknownVariableType] - one for all axes
    return flow_style(round(value, 6) if isinstance(value, float) else plain(value))


def _inputs(cls: type[Op]) -> str:
    least, most = cls.arity
    if most == 0:
        return "none"
    if cls.primary == "from":
        least = max(least, 2)  # a single one is an error unless a star or an expression stands for it
    count = (
        NUMBERS[least]
        if least == most
        else f"{NUMBERS[least]} or more"
        if most is None
        else (f"{NUMBERS[least]} to {NUMBERS[most]}")
    )
    if cls.primary != "from":
        return count
    return f"{count}; the value names them, and a single name joins that layer to the previous one"


def _types(cls: type[Op], window_rank: int) -> str | None:
    """The types of elements that an operation accepts, and those of the layers that its arguments name."""
    if cls.arity == (0, 0):
        return None
    accepted = cls.accepted(window_rank)
    out = [in_words(accepted)]
    if cls.weights_rule is not None and "float32" in accepted:
        out.append("float32 where it has weights")
    for name, argument in cls.arguments.items():
        if isinstance(argument.validator, LayerValidator):
            out.append(f"`{name}`: {in_words(argument.validator.types('the same'))}")
    return "; ".join(out)


def _markdown(text: str) -> str:
    return text.replace("``", "`")
