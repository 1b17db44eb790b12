"""Scopes: the tree of names created by a spec's blocks and repeats, and the location of each part in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..diagnostics.location import Location


@dataclass(frozen=True, slots=True, repr=False)
class Trace:
    """The origin of a node: its location in the text, and the enclosing uses of blocks and repeats."""

    location: Location
    parent: Trace | None
    """The trace of the enclosing block or repeat; None at the top level of the spec."""
    label: str = ""
    """The construct there: ``conv2d``, ``Bottleneck 'layer1.0'``."""

    def __repr__(self) -> str:
        return f"<Trace {self.label}, line {self.location.line}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Scope:
    """A level of the tree of names: the network, a use of a block, an inline block, or a chain of copies."""

    name: str
    """Full dotted name; empty for the network."""
    parent: Scope | None
    block: str | None = None
    """Name of the block used here; None for the network, an inline block, or a chain of copies."""
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Values of the block's parameters."""
    copy: tuple[int, int] | None = None
    """(index from 0, number of copies) if this is one copy of a chain created by ``repeat`` or ``each``."""
    key: object = None
    """Copies with equal keys come from the same text with the same arguments. For comparison only."""
    left_out: tuple[str, ...] = ()
    """Names of its layers that ``when`` excluded."""
    left_out_items: tuple[tuple[int, str], ...] = ()
    """Items of a list that ``when`` excluded: the number that the next item has, and the parameter tested."""
    doc: str | None = None
    trace: Trace | None = None
    """None for the network."""
    inputs: Mapping[str, int] = field(default_factory=dict[str, int])
    """Its input values by their local names."""
    outputs: tuple[tuple[str, int], ...] = ()
    """Its output values with their names; the name is empty if the block has a single output."""
    copies: str = ""
    """``parallel`` if it contains parallel copies, ``map`` if it contains the runs of one layer; else empty."""

    @property
    def local_name(self) -> str:
        """The name within the parent scope; it may contain dots."""
        return name_within(self.parent, self.name)

    def __repr__(self) -> str:
        parts = [self.name or "(network)"]
        if self.block is not None:
            parts.append(self.block)
        if self.copy is not None:
            parts.append(f"copy {self.copy[0] + 1} of {self.copy[1]}")
        return f"<Scope {', '.join(parts)}>"


def stored_name(scope: Scope | None, name: str) -> str:
    """Returns the name prefix of the weights of a layer in a scope: the layer's name, without the numbers of runs."""
    while scope is not None:
        if scope.copies == "map":
            _, _, inner = name[len(scope.name) + 1 :].partition(".")
            name = f"{scope.name}.{inner}" if inner else scope.name
        scope = scope.parent
    return name


def name_within(scope: Scope | None, name: str) -> str:
    """Returns a dotted name without the scope's name at its start."""
    return name[len(scope.name) + 1 :] if scope is not None and scope.name else name
