"""Conditions (``when``) for layers that only some uses of a block have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

from ...blocks import ABSENT
from ...ops.argument import as_list
from .block_lines import BlockLine, FormulaText, LongList, Slot, SlotTree, slots_of, walk_lines
from .block_parameters import Parameter, Solver
from .expression_search import Base
from .kinds import CHANNELS, OTHER
from .parameter_names import legal_name, plain_name

MANY = 6
"""Minimum number of uses for a condition that combines two parameters without other evidence."""
SWITCHES = ("stride", "expand")
"""Arguments that often decide whether a layer is present."""
MERGES = ("add", "multiply", "average", "maximum")


class Atom(NamedTuple):
    """A condition on one or two columns and its value in every use."""

    text: str
    values: tuple[bool, ...]


def conjunction(a: Atom, b: Atom) -> Atom:
    """The conjunction of two conditions."""
    return Atom(f"{a.text} and {b.text}", tuple(x and y for x, y in zip(a.values, b.values, strict=True)))


def disjunction(a: Atom, b: Atom) -> Atom:
    """The disjunction of two conditions."""
    return Atom(f"{a.text} or {b.text}", tuple(x or y for x, y in zip(a.values, b.values, strict=True)))


def condition(solver: Solver, line: BlockLine, flags: Sequence[bool | None]) -> str:
    """Returns the condition under which a block has a line; adds a flag as parameter if there is no other.

    Args:
        solver: the solver of the block, whose other slots are resolved.
        line: the line.
        flags: for each use, whether it has the line; None if it makes no difference.
    """

    def holds(atom: Atom) -> bool:
        return all(flag is None or flag == value for flag, value in zip(flags, atom.values, strict=True))

    for atom in candidates(solver, line, sum(flag is not None for flag in flags)):
        if holds(atom):
            return atom.text
    what = line.head.word
    name = what if line.name.isdecimal() else plain_name(line.name)
    name = f"with_{name}" if line.named or line.name.isdecimal() else name
    slot = Slot(name, tuple(ABSENT if flag is None else flag for flag in flags))
    return solver.known(slot, OTHER) or solver.new_flag(name, slot).name


NEUTRAL = {"shift": 0, "rate": 0.0, "scale": 1.0}
"""Values of arguments with which a layer is an identity."""


def neutral_condition(solver: Solver, line: BlockLine, flags: Sequence[bool | None]) -> str | None:
    """Returns a condition such as ``shift != 0`` for a layer that is an identity with that value, or None.

    A constant argument becomes a parameter.
    """
    for name, neutral in NEUTRAL.items():
        tree = line.arguments.get(name)
        if tree is None:
            continue
        slots = list(slots_of(tree))
        parameter = next((p for p in solver.parameters if p.argument == name and is_switched(p, neutral, flags)), None)
        if parameter is None:
            size = common_size(slots)
            if size is None:
                continue
            values = tuple(ABSENT if flag is None else size if flag else neutral for flag in flags)
            parameter = solver.new(legal_name(name, solver.used_names()), Slot(name, values), OTHER)
            parameter.default = neutral
        parameter.values = parameter.arguments = tuple(
            neutral if value is ABSENT else value for value in parameter.arguments
        )
        parameter.default = neutral
        line.arguments[name] = with_parameter(tree, parameter)
        return f"{parameter.name} != {neutral}"
    return None


def is_switched(parameter: Parameter, neutral: Any, flags: Sequence[bool | None]) -> bool:
    """Whether a parameter differs from the neutral value exactly in the uses that have the layer."""
    return all(
        flag is None or flag == (value is not ABSENT and value != neutral)
        for flag, value in zip(flags, parameter.arguments, strict=True)
    )


def common_size(slots: Sequence[Slot]) -> Any:
    """Returns the common absolute value of the numbers in constant slots, or None if they differ."""
    values: list[Any] = []
    for slot in slots:
        if slot.expression is not None or not slot.known:
            return None
        values += as_list(slot.value)
    sizes = {abs(value) if type(value) in (int, float) else None for value in values}
    return sizes.pop() if len(sizes) == 1 else None


def with_parameter(tree: SlotTree, parameter: Parameter) -> SlotTree:
    """Replaces the numbers of an argument that equal the parameter, up to sign, by expressions."""
    if isinstance(tree, (LongList, FormulaText)):
        return tree
    if not isinstance(tree, Slot):
        return [with_parameter(inner, parameter) for inner in tree]
    if tree.expression is not None or not tree.known:
        return tree
    value: object = tree.value
    if isinstance(value, list):
        return [with_parameter(Slot(tree.argument, (number,)), parameter) for number in as_list(tree.value)]
    size = next(value for value in parameter.values if value != parameter.default)
    tree.expression = parameter.name if tree.value == size else f"-{parameter.name}"
    return tree


def candidates(solver: Solver, line: BlockLine, uses: int) -> Iterator[Atom]:
    """Yields candidate conditions: first those usual for the layer, then the simplest ones."""
    switches = list(of_parameters(solver.parameters))
    channels = list(of_channels(solver.bases()))
    equal = [atom for atom in channels if "==" in atom.text]
    unequal = [atom for atom in channels if "!=" in atom.text]
    stride_is_one = [atom for atom in switches if atom.text == "stride == 1"]
    strided = [atom for atom in switches if atom.text == "stride != 1"]
    if line.head.operation in MERGES:  # a residual connection requires equal shapes
        yield from (conjunction(a, b) for a, b in product(stride_is_one, equal))
        yield from equal
    elif is_merged(solver, line):  # a projection whose output is added
        unequal = [*unequal, *of_constants(line, solver.features)]
        yield from (disjunction(a, b) for a, b in product(strided, unequal))
        yield from unequal
    yield from switches
    yield from channels
    if uses >= MANY:
        for a, b in product(switches, (*switches, *channels)):
            if a is not b:
                yield conjunction(a, b)
                yield disjunction(a, b)


def is_merged(solver: Solver, line: BlockLine) -> bool:
    """Whether the output of a line is an input of a merge operation."""
    lines = solver.groups[id(line)].lines
    number = next(n for n, each in enumerate(lines) if each is line)
    return any((number, 0) in each.reads for each in lines if each.head.operation in MERGES)


def of_parameters(parameters: Sequence[Parameter]) -> Iterator[Atom]:
    """Yields conditions on one parameter."""
    for parameter in parameters:
        name, values = parameter.name, parameter.values
        if parameter.type == "bool":
            yield Atom(name, tuple(bool(v) for v in values))
            yield Atom(f"not {name}", tuple(not v for v in values))
        elif parameter.type == "int" and parameter.argument in SWITCHES and 1 in values:
            yield Atom(f"{name} != 1", tuple(v != 1 for v in values))
            yield Atom(f"{name} == 1", tuple(v == 1 for v in values))


def of_constants(line: BlockLine, features: Sequence[Base]) -> Iterator[Atom]:
    """Yields conditions that compare the input channels with the constant number of channels of a projection."""
    lines = [line] if line.text is None else [line, *walk_lines(line.text)]
    widths = [slot for each in lines for slot in each.own_slots() if slot.argument in ("filters", "units")]
    for slot in widths:
        if slot.expression is None and type(slot.value) is int:
            for base in features:
                if base.kind == CHANNELS and all(type(v) is int for v in base.values):
                    yield Atom(f"{base.name} != {slot.value}", tuple(v != slot.value for v in base.values))


def of_channels(bases: Sequence[Base]) -> Iterator[Atom]:
    """Yields conditions that compare an input's number of channels with another one."""
    usable = [b for b in bases if b.kind == CHANNELS and all(type(v) is int for v in b.values)]
    for a, b in combinations(sorted(usable, key=lambda base: not base.of_input), 2):
        if not a.of_input or b.of_input:
            continue
        values = list(zip(a.values, b.values, strict=True))
        yield Atom(f"{a.name} != {b.name}", tuple(x != y for x, y in values))
        yield Atom(f"{a.name} == {b.name}", tuple(x == y for x, y in values))
        for factor in (4, 2):
            yield Atom(f"{a.name} != {factor} * {b.name}", tuple(x != factor * y for x, y in values))
            yield Atom(f"{a.name} == {factor} * {b.name}", tuple(x == factor * y for x, y in values))
