"""What every number of a block's text is: a constant, an expression, or a parameter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...blocks import ABSENT
from .block_lines import Line, Slot, Text, walk_lines
from .column_order import half_of, input_features, kind_of_slot, negative, resolution_order, slots_in_order, times
from .copy_runs import typed_value
from .expression_search import Base, distinct, expression_for, matches, ratio_to
from .kinds import CHANNELS, OTHER, SIZES
from .parameter_names import legal_name, own_name

USUAL = 0.8
"""The part of the uses that a default must hold for."""
USUAL_KIND = 0.5
"""The same for kernels and activations, of which one is meant unless another is said."""
REQUIRED = ("filters", "units", "repeat")
"""Arguments that are given in every use."""


@dataclass(eq=False)
class Parameter:
    """A parameter of a block."""

    name: str
    values: tuple[Any, ...]
    """Of every use; where any will do, one of the others."""
    arguments: tuple[Any, ...]
    """The same, ABSENT where any will do."""
    kind: str
    type: str
    """``int``, ``float``, ``bool``, ``str`` or ``list``; empty if there are several."""
    default: Any = ABSENT
    expression: str | None = None
    """The expression of its default, if it follows from other parameters: then no use gives it."""
    argument: str = ""
    """The argument that it was made for."""
    place: int = 0
    """Where it is first used."""


@dataclass(eq=False)
class Solver:
    """Decides the parameters of one block.

    Args:
        text: its text.
        input_names: names of its inputs.
    """

    text: Text
    input_names: Sequence[str]
    parameters: list[Parameter] = field(default_factory=list[Parameter])

    def __post_init__(self) -> None:
        self.features = list(input_features(self.text, self.input_names))
        self.within: dict[int, str] = {}
        self.resolved: list[Slot] = []
        self.groups: dict[int, Text] = {}
        self.place(self.text, "")

    def place(self, text: Text, name: str) -> None:
        """Notes for each line the nearest name around it, and the text that it stands in."""
        for line in text.lines:
            place = name if line.name.isdecimal() or not line.named else line.name
            self.within[id(line)] = place
            self.groups[id(line)] = text
            if line.text is not None:
                self.place(line.text, place)

    def solve(self) -> None:
        """Gives every slot its expression."""
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
    def resolve(self, line: Line, slot: Slot, first: bool) -> None:
        """Decides what one slot is."""
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
        """The names of the parameters so far, and of inputs."""
        return {parameter.name for parameter in self.parameters} | set(self.input_names)

    def bases(self) -> list[Base]:
        """What expressions may be of: parameters, then sizes of inputs."""
        declared = [Base(p.name, p.values, p.kind) for p in self.parameters if p.kind in (CHANNELS, SIZES)]
        return declared + self.features

    def known(self, slot: Slot, kind: str) -> str | None:
        """The parameter that a slot is already."""
        for parameter in self.parameters:
            same = parameter.kind == kind and (
                kind != OTHER or parameter.argument == slot.argument or parameter.type in ("bool", "str")
            )
            if same and matches(slot.values, parameter.values):
                return parameter.name
        return None

    def repeated(self, slot: Slot, kind: str) -> str | None:
        """The expression of another slot that has the values of one which some uses lack."""
        if ABSENT not in slot.values or kind != CHANNELS:
            return None
        others = (other for other in self.resolved if ABSENT not in other.values and matches(slot.values, other.values))
        return next((other.expression for other in others), None)

    def by_design(self, slot: Slot) -> str | None:
        """An expression that networks have by design, and that needs no other evidence: half a kernel as padding."""
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
        """A multiple of the input's channels by a parameter with few values (``expand``)."""
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
        """Whether a slot is the number of channels that the block outputs."""
        for types in self.text.output_types:
            channels = [ABSENT if t.channel is None else t.shape[t.channel] for t in types]
            if matches(slot.values, channels):
                return True
        return False

    def new_flag(self, name: str, slot: Slot) -> Parameter:
        """A new parameter that says whether a layer is there."""
        return self.new(legal_name(name, self.used_names()), slot, OTHER)

    def new(self, name: str, slot: Slot, kind: str) -> Parameter:
        """A new parameter with the values of a slot."""
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
