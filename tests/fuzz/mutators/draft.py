"""A document that is being mutated: where its values, layers and names are."""

# YAML values are of any type:
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from netspec.ops import TABLE

GROUPS = ("layers", "inline")
"""The keys whose values are layers."""


class Slot(NamedTuple):
    """A position in a document: a list or mapping, and the index or key of one of its values."""

    holder: Any
    key: Any

    @property
    def value(self) -> Any:
        """The value there."""
        return self.holder[self.key]

    def put(self, value: Any) -> None:
        """Replace the value."""
        self.holder[self.key] = value


class Draft:
    """A document, and another one from which parts may be taken.

    Args:
        r: source of randomness.
        document: a mapping; it is changed in place.
        donor: another document; it is not changed.
    """

    def __init__(self, r: Random, document: dict[Any, Any], donor: dict[Any, Any]) -> None:
        self.r = r
        self.document = document
        self.donor = donor

    def chance(self, p: float) -> bool:
        """True with probability ``p``."""
        return self.r.random() < p

    def slots(self) -> list[Slot]:
        """The position of every value; the document has at least one key."""
        return list(walk(self.document))

    def layer_groups(self) -> list[Any]:
        """The lists and mappings of layers, wherever they are."""
        return [s.value for s in walk(self.document) if s.key in GROUPS and isinstance(s.value, (list, dict))]

    def layers(self) -> list[Slot]:
        """The positions of all layers."""
        return [slot for group in self.layer_groups() for slot in items(group)]

    def mappings(self) -> list[Slot]:
        """The positions of layers that are written as mappings."""
        return [s for s in self.layers() if isinstance(s.value, dict) and s.value]

    def names(self) -> list[str]:
        """Names that references may use: of layers, inputs, and numbers of items."""
        names = ["input"]
        for group in self.layer_groups():
            names += map(str, group if isinstance(group, dict) else range(len(group)))
        inputs = self.document.get("inputs")
        if isinstance(inputs, dict):
            names += map(str, inputs)
        return names

    def parameters(self) -> list[str]:
        """Names of the parameters of the document and of its blocks."""
        holders = [s.value for s in walk(self.document) if s.key == "params" and isinstance(s.value, dict)]
        return [str(name) for holder in holders for name in holder]

    def params(self) -> dict[Any, Any]:
        """The parameters of the document, which are created if there are none."""
        return section(self.document, "params")

    def reference(self) -> str:
        """A reference, usually to something that exists: a layer, what is inside it, a copy, an output, or a star."""
        name = self.r.choice(self.names())
        kind = self.r.randrange(8)
        if kind < 4:
            return name
        tails = (
            ".0", ".1", ".*", ".-1", ".output", ".hidden", ".cell", ".input", ".activation", ".weight", ".*.0", ".0.*",
            f".{self.r.choice(self.names())}", f".*.{self.r.choice(self.names())}",
        )  # fmt: skip
        return name + self.r.choice(tails)


def walk(value: Any) -> Iterator[Slot]:
    """Every position in a value that holds another."""
    stack = [value]
    while stack:
        holder = stack.pop()
        for slot in items(holder):
            yield slot
            if isinstance(slot.value, (list, dict)):
                stack.append(slot.value)


def items(holder: Any) -> list[Slot]:
    """The positions in a list or mapping."""
    if isinstance(holder, dict):
        return [Slot(holder, key) for key in holder]
    return [Slot(holder, i) for i in range(len(holder))] if isinstance(holder, list) else []


def section(document: dict[Any, Any], key: str) -> dict[Any, Any]:
    """A mapping under a key of a document, created if it is missing or anything else."""
    if not isinstance(document.get(key), dict):
        document[key] = {}
    value: dict[Any, Any] = document[key]
    return value


def operation_of(layer: Any) -> str | None:
    """The name of the operation of a layer, if it is written out."""
    if isinstance(layer, str):
        return layer if layer in TABLE else None
    return next((key for key in layer if key in TABLE), None) if isinstance(layer, dict) else None
