"""The reference of the operations, put together from what their classes say of themselves."""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

from ..text.writer import flow
from . import TABLE, find
from .base import AxisCheck, LayerCheck, Op
from .common.initial import Choice
from .common.shorthand import plain
from .docs import doc_of, unsaid_of
from .examples import example_of, size_of, spec_of

FAMILIES: dict[str, str] = {
    "conv": "Convolution",
    "pool": "Pooling",
    "dense": "Dense and lookup",
    "norm": "Normalisation",
    "activation": "Activation",
    "elementwise": "Elementwise",
    "regularise": "Regularisation",
    "shape": "Shape",
    "resize": "Borders and resolution",
    "merge": "Merging",
    "reduce": "Reduction",
    "attention": "Attention",
    "recurrent": "Recurrence",
    "learned": "Learned and fixed tensors",
}
"""Titles of the families, in order."""

NUMBERS = ("no", "one", "two", "three")


class Argument(NamedTuple):
    """An argument of an operation."""

    name: str
    doc: str
    must_be: str
    """What the value must be, to follow "must be"."""
    default: str | None
    """What holds where it is left out, as it would be written or in words; None where it must be given."""
    primary: bool
    """Whether it may stand as the value of the operation's name."""


class Operation(NamedTuple):
    """An operation as the reference shows it."""

    name: str
    family: str
    cls: str
    doc: str
    """One line, and further paragraphs after an empty one."""
    arguments: tuple[Argument, ...]
    inputs: str
    outputs: str
    size: str
    weights: str | None
    macs: str | None
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
        return ", ".join(out)


def operation(name: str) -> Operation:
    """The reference of an operation. Raises KeyError for a name that is none."""
    cls = find(name)
    example = example_of(name)
    return Operation(
        name=name,
        family=TABLE[name].family,
        cls=cls.__name__,
        doc=_unmarked(inspect.cleandoc(cls.__doc__ or "")),
        arguments=_arguments(cls),
        inputs=_inputs(cls),
        outputs=_outputs(cls),
        size=size_of(cls.__name__, cls.arity),
        weights=_said(cls, "weights"),
        macs=_said(cls, "macs"),
        is_activation=cls.is_activation,
        example=example.layer,
        spec=spec_of(name),
    )


def families() -> dict[str, dict[str, tuple[str, ...]]]:
    """The names of all operations by family, those of one class (1d, 2d, 3d) together under the class's name."""
    out: dict[str, dict[str, tuple[str, ...]]] = {family: {} for family in FAMILIES}
    for name, entry in TABLE.items():
        out[entry.family][entry.cls] = (*out[entry.family].get(entry.cls, ()), name)
    return out


def joint_name(names: tuple[str, ...]) -> str:
    """``conv1d/2d/3d``."""
    return "/".join([names[0], *(n[-2:] for n in names[1:])])


def _arguments(cls: type[Op]) -> tuple[Argument, ...]:
    found: list[Argument] = []
    for name, check in cls.arguments().items():
        argument = Argument(name, doc_of(cls.__name__, name), check.words, _default(cls, name), name == cls.primary)
        found.append(argument)
    return tuple(sorted(found, key=lambda a: (not a.primary, a.default is not None)))


def _default(cls: type[Op], name: str) -> str | None:
    check, field = cls.arguments()[name], cls.model_fields[name]
    if cls.needs(name):
        return None
    if isinstance(check, AxisCheck) and check.default is not None:
        return "channels" if check.default == "channels" else "channels, or the last"
    words = unsaid_of(cls.__name__, name)
    value: Any = field.default
    if words is not None and (value in (None, (None,), -1) or isinstance(value, Choice | LayerCheck | bool)):
        return words
    while isinstance(value, tuple) and value and value.count(value[0]) == len(value):  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType] - of any kind
        value = value[0]  # pyright: ignore[reportUnknownVariableType] - one for all axes
    return flow(round(value, 6) if isinstance(value, float) else plain(value))


def _inputs(cls: type[Op]) -> str:
    least, most = cls.arity
    if most == 0:
        return "none"
    count = NUMBERS[least] if least == most else f"{NUMBERS[least]} or more" if most is None else (
        f"{NUMBERS[least]} to {NUMBERS[most]}")
    return f"{count}; the value names them, one name joins it to the layer before" if cls.primary == "from" else count


def _outputs(cls: type[Op]) -> str:
    if cls.results:
        return ", ".join(cls.results)
    return "one for each part, by number" if cls.__name__ == "Split" else "one"


def _said(cls: type[Op], method: str) -> str | None:
    """The first paragraph of a method's description, where the class has one of its own."""
    found = getattr(cls, method)
    if found is getattr(Op, method) or not found.__doc__:
        return None
    return _unmarked(" ".join(inspect.cleandoc(found.__doc__).partition("\n\n")[0].split()))


def _unmarked(text: str) -> str:
    return text.replace("``", "`")
