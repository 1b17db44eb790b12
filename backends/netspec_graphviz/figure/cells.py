"""The boxes of a figure as data: their texts, and the letters for values that vary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from ..figure_tree import FigureItem

UNLABELLED = frozenset(("filters", "kernel", "shape", "size", "units"))
"""Arguments that are written without their names."""


@dataclass(slots=True, eq=False)
class Variable:
    """An argument that differs between the uses of a block."""

    argument: str
    values: dict[str, str]
    """Values by the full name of the use. Uses without the argument are missing."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A multiple of a variable to which no letter has been assigned yet."""

    variable: Variable
    factor: int = 1


@dataclass(frozen=True, slots=True)
class Letter:
    """A multiple of a letter, such as ``2b``. The table beside the overview lists the values of letters."""

    name: str
    factor: int = 1


CellValue: TypeAlias = str | Reference | Letter


class Run(NamedTuple):
    """A piece of text in one font style."""

    text: str
    italic: bool = False
    bold: bool = False


def value_runs(value: CellValue) -> tuple[Run, ...]:
    """The text of a value; letters are italic."""
    if isinstance(value, Reference):
        raise TypeError("a variable without a letter has no text")
    if isinstance(value, Letter):
        return (*((Run(str(value.factor)),) if value.factor > 1 else ()), Run(value.name, italic=True))
    return (Run(value),) if value else ()


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of an operation."""

    name: str
    value: CellValue
    labelled: bool = True
    """Whether the name is written before the value."""
    square: bool = False
    """Whether the letter is the size of both axes of a window: ``k×k``."""
    letter: CellValue | None = None
    """For an argument of a closed block: the letter that takes this value inside the block, shown as ``a = 64``."""

    @property
    def runs(self) -> tuple[Run, ...]:
        """Its text."""
        name = self.name.replace("_", " ")
        if self.value in ("True", "False"):
            return (Run(name if self.value == "True" else f"no {name}"),)
        value = value_runs(self.value)
        if self.letter is not None:
            return (*value_runs(self.letter), Run(" = "), *value)
        if self.square and not isinstance(self.value, str):
            value = (*value, Run("×"), *value)
        return (Run(f"{name} "), *value) if self.labelled else value


@dataclass(frozen=True, slots=True)
class Segment:
    """A normalisation, an activation or a mark at the right end of a box."""

    kind: str
    value: CellValue


@dataclass(eq=False, slots=True)
class Cell:
    """A box of a figure, or an unframed input or output."""

    name: str
    kind: str | None = None
    """The kind of layer, which determines the colour; ``block`` for a closed block, None for an input or output."""
    operation: str = ""
    """The operation, or the class of a closed block."""
    arguments: list[Argument] = field(default_factory=list[Argument])
    """In order of importance."""
    segments: list[Segment] = field(default_factory=list[Segment])
    shape: str = ""
    copies: int = 1
    copies_value: CellValue = ""
    """The number of copies, if it varies between the uses of the enclosing block."""
    is_parallel: bool = False
    """Whether the copies are parallel instead of consecutive."""
    block: str | None = None
    """The class of a closed block."""
    symbol: str = ""
    """``+``, ``×`` or ``−`` for a join drawn as a circle."""
    optional: bool = False
    """Whether some copies of the enclosing block lack it."""
    port: str = ""
    """``in`` or ``out`` for an input or output."""
    params: int = 0
    """Number of parameters of all copies together."""
    items: tuple[FigureItem, ...] = ()
    """The layers and blocks that the box represents."""
    branches: tuple[tuple[Cell, ...], ...] = ()
    """For a ladder: the rows of cells between its rails."""
    distinctive: frozenset[str] = frozenset()
    """Arguments in which the box differs from others with the same operation; they are omitted last."""

    @property
    def is_plain(self) -> bool:
        """Whether the cell is an ordinary box, neither a port nor a circle."""
        return not self.port and not self.symbol

    @property
    def is_concatenation(self) -> bool:
        """Whether the cell concatenates its inputs; it is a bar below branches, or else as narrow as its text."""
        return self.operation == "concat"

    @property
    def multiplier(self) -> tuple[Run, ...]:
        """``× 3``, ``× a`` or ``3 in parallel``; empty for a single copy."""
        if self.is_parallel:
            return (Run(f"{self.copies} in parallel"),)
        if not isinstance(self.copies_value, str):
            return (Run("× "), *value_runs(self.copies_value))
        return (Run(f"× {self.copies}"),) if self.copies > 1 else ()

    @property
    def is_stacked(self) -> bool:
        """Whether the box represents several copies."""
        return self.copies > 1 or self.copies_value != ""

    def parts(self, most: int | None = None) -> list[tuple[Run, ...]]:
        """Returns the operation, at most ``most`` arguments, and the number of copies.

        Values of letters are not left out: what the block contains refers to them.
        The copies of a block come before its letters: ``Bottleneck × 3``, then ``a = 64``.
        """
        chosen = list(range(len(self.arguments)))
        if most is not None:
            letters = [i for i in chosen if self.arguments[i].letter is not None]
            others = [i for i in chosen if self.arguments[i].letter is None]
            by_importance = sorted(others, key=lambda i: (self.arguments[i].name not in self.distinctive, i))
            chosen = sorted([*letters, *by_importance[:most]])
        out: list[tuple[Run, ...]] = [(Run(self.operation),)] if self.operation else []
        arguments = [self.arguments[i].runs for i in chosen]
        copies = [self.multiplier] if self.multiplier else []
        return [*out, *copies, *arguments] if self.kind == "block" else [*out, *arguments, *copies]

    def caption(self, most: int | None = None) -> tuple[Run, ...]:
        """Returns the parts in one line, separated by commas or spaces."""
        runs: list[Run] = []
        for n, part in enumerate(self.parts(most)):
            comma = n > bool(self.operation) and part != self.multiplier
            runs += [Run(", " if comma else " " if n else ""), *part]
        return joined(runs)

    def values(self) -> list[CellValue]:
        """Returns all values that the box shows."""
        letters = [a.letter for a in self.arguments if a.letter is not None]
        return [*(a.value for a in self.arguments), *letters, *(s.value for s in self.segments), self.copies_value]


def joined(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Merges adjacent runs of the same style."""
    out: list[Run] = []
    for run in runs:
        if not run.text:
            continue
        if out and out[-1][1:] == run[1:]:
            out[-1] = out[-1]._replace(text=out[-1].text + run.text)
        else:
            out.append(run)
    return tuple(out)


def plain_text(runs: Sequence[Run]) -> str:
    """The text of runs."""
    return "".join(run.text for run in runs)
