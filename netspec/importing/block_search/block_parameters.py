"""Decides for each number in a block's text whether it is a constant, an expression or a parameter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...blocks import ABSENT
from .block_lines import BlockLine, BlockText, Slot, walk_lines
from .column_order import half_of, input_features, kind_of_slot, negative, resolution_order, slots_in_order, times
from .copy_runs import typed_value
from .expression_search import Base, distinct, expression_for, matches, ratio_to
from .kinds import CHANNELS, OTHER, SIZES
from .parameter_names import legal_name, own_name

USUAL = 0.8
"""Minimum fraction of uses that must have a value for it to become the default."""
USUAL_KIND = 0.5
"""The same threshold for kernels and activations, which usually have one standard value."""
REQUIRED = ("filters", "units", "repeat")
"""Arguments that never get a default, except as flags."""


@dataclass(eq=False)
class Parameter:
    """A parameter of a block."""

    name: str
    values: tuple[Any, ...]
    """One value per use; a use that accepts any value has one of the others."""
    arguments: tuple[Any, ...]
    """The same values, but ABSENT if the use accepts any value."""
    kind: str
    type: str
    """``int``, ``float``, ``bool``, ``str`` or ``list``; empty for mixed types."""
    default: Any = ABSENT
    expression: str | None = None
    """The expression that computes it from other parameters; uses cannot set such a parameter."""
    argument: str = ""
    """The layer argument for which it was created."""
    place: int = 0
    """Position of its first use, by which parameters are sorted."""


@dataclass(eq=False)
class Solver:
    """Decides the parameters of one block.

    Args:
        text: the text of the block.
        input_names: names of its inputs.
    """

    text: BlockText
    input_names: Sequence[str]
    parameters: list[Parameter] = field(default_factory=list[Parameter])

    def __post_init__(self) -> None:
        self.features = list(input_features(self.text, self.input_names))
        self.within: dict[int, str] = {}
        self.resolved: list[Slot] = []
        self.groups: dict[int, BlockText] = {}
        self.place(self.text, "")

    def place(self, text: BlockText, name: str) -> None:
        """Records for each line the nearest enclosing name and the text that contains it."""
        for line in text.lines:
            place = name if line.name.isdecimal() or not line.named else line.name
            self.within[id(line)] = place
            self.groups[id(line)] = text
            if line.text is not None:
                self.place(line.text, place)

    def solve(self) -> None:
        """Sets the expression of every slot and sorts the parameters by first use."""
        slots = [(line, slot, first) for line in walk_lines(self.text) for slot, first in slots_in_order(line)]
        order = {id(slot): n for n, (_, slot, _) in enumerate(slots)}
        for line, slot, first in sorted(
            slots, key=lambda each: (ABSENT in each[1].values, resolution_order(each[1].argument))
        ):
            before = len(self.parameters)
            self.resolve(line, slot, first)
            for parameter in self.parameters[before:]:
                parameter.place = order[id(slot)]
        self.parameters.sort(key=lambda parameter: parameter.place)

    # -- one slot -----------------------------------------------------------------------------------------------------
    def resolve(self, line: BlockLine, slot: Slot, first: bool) -> None:
        """Decides whether a slot is a constant, an expression or a parameter."""
        if slot.constant:
            if slot.argument == "stride" and ABSENT in slot.values:
                slot.expression = self.known(slot, OTHER)
            return
        kind = kind_of_slot(line, slot)
        if kind == CHANNELS:
            self.resolved.append(slot)
        slot.expression = (
            self.known(slot, kind)
            or self.repeated(slot, kind)
            or self.by_design(slot)
            or expression_for(slot.values, kind, self.bases())
            or self.ratio(slot, kind)
            or self.new(own_name(slot.argument, first, self.within[id(line)], self.used_names()), slot, kind).name
        )

    def used_names(self) -> set[str]:
        """Names that are already used by parameters or inputs."""
        return {parameter.name for parameter in self.parameters} | set(self.input_names)

    def bases(self) -> list[Base]:
        """Returns the columns that expressions may refer to: parameters, then sizes of inputs."""
        declared = [Base(p.name, p.values, p.kind) for p in self.parameters if p.kind in (CHANNELS, SIZES)]
        return declared + self.features

    def known(self, slot: Slot, kind: str) -> str | None:
        """Returns the name of an existing parameter with the values of a slot, or None."""
        for parameter in self.parameters:
            same = parameter.kind == kind and (
                kind != OTHER or parameter.argument == slot.argument or parameter.type in ("bool", "str")
            )
            if same and matches(slot.values, parameter.values):
                return parameter.name
        return None

    def repeated(self, slot: Slot, kind: str) -> str | None:
        """Returns the expression of a complete slot with the same values, for a slot that some uses lack."""
        if ABSENT not in slot.values or kind != CHANNELS:
            return None
        others = (other for other in self.resolved if ABSENT not in other.values and matches(slot.values, other.values))
        return next((other.expression for other in others), None)

    def by_design(self, slot: Slot) -> str | None:
        """Returns an expression that is common practice and needs no further evidence: padding by half the kernel."""
        if slot.argument == "padding":
            for kernel in self.parameters:
                if kernel.argument != "kernel":
                    continue
                half = [half_of(value) for value in kernel.values]
                if all(type(value) is int for value in kernel.values) and matches(slot.values, half):
                    return f"{kernel.name} // 2"
                for dilation in self.parameters:
                    if dilation.argument == "dilation" and matches(slot.values, times(half, dilation.values)):
                        return f"{kernel.name} // 2 * {dilation.name}"
            for dilation in self.parameters:
                if dilation.argument == "dilation" and matches(slot.values, dilation.values):
                    return dilation.name
        if slot.argument == "shift":
            for other in self.parameters:
                if other.argument == "shift" and matches(slot.values, [negative(v) for v in other.values]):
                    return f"-{other.name}"
        return None

    def ratio(self, slot: Slot, kind: str) -> str | None:
        """Returns a multiple of the input's channels by a parameter (``expand``) with few different values."""
        if kind != CHANNELS or distinct(slot.values) < 3 or self.is_width_of_output(slot):
            return None
        for base in self.features:
            if base.kind != CHANNELS:
                continue
            ratios = ratio_to(slot.values, base)
            if ratios is not None:
                of = Slot("expand", ratios)
                name = self.known(of, OTHER) or self.new(legal_name("expand", self.used_names()), of, OTHER).name
                return f"{name} * {base.name}"
        return None

    def is_width_of_output(self, slot: Slot) -> bool:
        """Whether a slot equals the number of output channels of the block."""
        for types in self.text.output_types:
            channels = [ABSENT if t.channel is None else t.shape[t.channel] for t in types]
            if matches(slot.values, channels):
                return True
        return False

    def new_flag(self, name: str, slot: Slot) -> Parameter:
        """Adds a boolean parameter that says whether an optional layer is present."""
        return self.new(legal_name(name, self.used_names()), slot, OTHER)

    def new(self, name: str, slot: Slot, kind: str) -> Parameter:
        """Adds a parameter with the values of a slot."""
        known = slot.known
        counts = Counter(map(typed_value, known))
        most, count = counts.most_common(1)[0]
        usual = next(value for value in known if typed_value(value) == most)
        words = {type(value).__name__ for value in known}
        word = words.pop() if len(words) == 1 else ""
        word = word if word in ("int", "float", "bool", "str", "list") else ""
        values = tuple(usual if value is ABSENT else value for value in slot.values)
        parameter = Parameter(name, values, slot.values, kind, word, argument=slot.argument)
        part = USUAL if word != "str" and slot.argument != "kernel" else USUAL_KIND
        if not word or word == "bool" or (slot.argument not in REQUIRED and count >= part * len(known)):
            parameter.default = usual
        elif slot.argument in ("stride", "dilation", "groups") and 1 in known:
            parameter.default = 1
        self.parameters.append(parameter)
        return parameter
