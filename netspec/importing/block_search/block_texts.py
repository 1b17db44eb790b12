"""Blocks: a text, its parameters and the arguments of its uses."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ...blocks import ABSENT
from .block_lines import BlockLine, BlockText, Slot, walk_lines
from .block_parameters import Parameter, Solver
from .conditions import MERGES, condition, neutral_condition
from .kinds import CHANNELS
from .parameter_names import legal_name

INPUT_SIZE = re.compile(r"(?<![\w.])(?:input|x\d+)\.(?:shape\[\d+\]|[a-z_]+)")
"""A size of a block input in an expression."""


@dataclass(eq=False, repr=False)
class Block:
    """A block of the spec."""

    name: str
    text: BlockText
    parameters: list[Parameter] = field(default_factory=list[Parameter])
    inputs: tuple[str, ...] = ("input",)
    outputs: tuple[str, ...] = ()
    """Names of the outputs if there are several."""

    def __hash__(self) -> int:
        return id(self)

    @property
    def free_parameters(self) -> list[Parameter]:
        """The parameters that a use may set."""
        return [parameter for parameter in self.parameters if parameter.expression is None]

    def arguments(self, use: int) -> dict[str, Any]:
        """Returns the arguments of one use."""
        return {parameter.name: parameter.arguments[use] for parameter in self.free_parameters}


def solve_block(block: Block) -> None:
    """Decides the parameters, expressions and conditions of a block."""
    solver = Solver(block.text, block.inputs)
    solver.solve()
    set_conditions(solver)
    for parameter in solver.parameters:  # a condition depends on every value
        if any(line.when is not None and uses_name(line.when, parameter.name) for line in walk_lines(block.text)):
            parameter.arguments = parameter.values
    block.parameters = solver.parameters
    name_repeated_expressions(block, solver)
    name_outer_sizes(block, solver)
    block.parameters.sort(key=rank)


def set_conditions(solver: Solver) -> None:
    """Sets the condition of every optional line. Lines that the same uses have share one condition."""
    optional = [line for line in walk_lines(solver.text) if any(flag is False for flag in line.present)]
    known: dict[tuple[bool | None, ...], str] = {}
    for line in sorted(optional, key=lambda line: line.head.operation not in MERGES):  # merges say best what they need
        switched = neutral_condition(solver, line, line.present)
        line.when = switched or known.get(line.present) or condition(solver, line, line.present)
        known.setdefault(line.present, line.when)


def rank(parameter: Parameter) -> int:
    """Sort key: required widths, other required parameters, parameters with defaults, derived sizes and expressions."""
    if parameter.expression is not None:
        return 3 if INPUT_SIZE.fullmatch(parameter.expression) else 4
    if parameter.default is not ABSENT:
        return 2
    return parameter.argument not in ("filters", "units")


def uses_name(expression: str, name: str) -> bool:
    """Whether an expression contains a name."""
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", expression) is not None


def substitute(expression: str, old: str, new: str) -> str:
    """Replaces a part of an expression."""
    return re.sub(rf"(?<![\w.]){re.escape(old)}(?![\w.])", new, expression)


def all_slots(text: BlockText) -> list[Slot]:
    """All slots of a text."""
    return [slot for line in walk_lines(text) for slot in line.own_slots()]


HIDDEN = {"filters": "hidden", "units": "hidden", "groups": "hidden", "width": "hidden", "shape": "size"}
"""Names for repeated expressions, by the argument that they are used for."""


def name_repeated_expressions(block: Block, solver: Solver) -> None:
    """Turns expressions that occur several times into parameters."""
    slots = all_slots(block.text)
    counts = Counter(s.expression for s in slots if s.expression and re.search(r"[*/(]", s.expression))
    for expression, count in counts.items():
        if count < 2:
            continue
        users = [slot for slot in slots if slot.expression == expression]
        argument = next((s.argument for s in users if s.argument in ("filters", "units")), users[0].argument)
        name = legal_name(HIDDEN.get(argument, argument), solver.used_names())
        full = next((s for s in users if ABSENT not in s.values), users[0])
        parameter = Parameter(name, full.values, full.values, CHANNELS, "int", expression=expression)
        for slot in users:
            slot.expression = name
        for line in walk_lines(block.text):
            if line.when is not None:
                line.when = substitute(line.when, expression, name)
        solver.parameters.append(parameter)


def name_outer_sizes(block: Block, solver: Solver) -> None:
    """Turns some sizes of the block's inputs into parameters.

    These are sizes that lines in a group refer to, where ``input`` means the input of the group, and sizes that occur
    at least three times.
    """
    inner = [line for line in walk_lines(block.text) if solver.groups[id(line)] is not block.text]
    needed: dict[str, None] = {}
    for line in inner:
        for expression in expressions_of(line):
            for size in INPUT_SIZE.findall(expression):
                if not same_in_group(size, solver, line):
                    needed[size] = None
    everywhere = [e for line in walk_lines(block.text) for e in expressions_of(line)]
    everywhere += [p.expression for p in block.parameters if p.expression is not None]
    counts = Counter(size for expression in everywhere for size in INPUT_SIZE.findall(expression))
    for size in [*needed, *(size for size, count in counts.items() if count >= 3 and size not in needed)]:
        word = size.rpartition(".")[2]
        number = re.fullmatch(r"shape\[(\d+)\]", word)
        usual = "dim" if word in ("channels", "features") else f"n{number[1]}" if number else word
        name = legal_name(usual, solver.used_names())
        base = next(base for base in solver.features if base.name == size)
        for line in walk_lines(block.text):
            replace_in_line(line, size, name)
        for parameter in block.parameters:
            if parameter.expression is not None:
                parameter.expression = substitute(parameter.expression, size, name)
        block.parameters.append(Parameter(name, base.values, base.values, base.kind, "int", expression=size))


def same_in_group(size: str, solver: Solver, line: BlockLine) -> bool:
    """Whether a size of the block's input equals that of the input of the group that contains a line."""
    text = solver.groups[id(line)]
    if len(text.types) != 1 or len(solver.input_names) != 1:
        return False
    of_group = Solver(text, solver.input_names)
    outer = next((base for base in solver.features if base.name == size), None)
    inner = next((base for base in of_group.features if base.name == size), None)
    if outer is None or inner is None:
        return False
    return all(a is ABSENT or a == b for a, b in zip(inner.values, outer.values, strict=True))


def expressions_of(line: BlockLine) -> list[str]:
    """Returns the expressions and the condition of a line, without those of nested lines."""
    out = [slot.expression for slot in line.own_slots() if slot.expression is not None]
    return [*out, line.when] if line.when is not None else out


def replace_in_line(line: BlockLine, old: str, new: str) -> None:
    """Replaces a part of the expressions and the condition of a line."""
    for slot in line.own_slots():
        if slot.expression is not None:
            slot.expression = substitute(slot.expression, old, new)
    if line.when is not None:
        line.when = substitute(line.when, old, new)
