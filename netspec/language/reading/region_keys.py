"""Reads and checks the keys used together with ``over`` and ``route``."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ...diagnostics import LocatedError
from ...text.yaml_reader import Map, Text, Tree
from .records import Report, require_mapping
from .references import Reference, References, read_reference, read_references
from .written_values import WrittenValue, read_value


class Carry(NamedTuple):
    """The value of ``carry`` with ``over``: the initial value of each carried input."""

    states: dict[str, tuple[int, Reference | WrittenValue]]
    """For each input its location, and a layer or a shape of zeros."""
    location: int


class RegionLayer(Protocol):
    """A layer with the keys that are read in this module."""

    over: WrittenValue | None
    carry: WrittenValue | None
    states: Carry | None
    route: References | None
    stacked: WrittenValue | None


def read_region_key(layer: RegionLayer, key: str, node: Tree) -> None:
    """Read the value of ``over``, ``carry``, ``route`` or ``stacked``. Raises LocatedError."""
    if key == "over":
        layer.over = read_value(node)
    elif key == "route":
        layer.route = read_references(node)
    else:
        layer.stacked = read_value(node)


def _carry(node: Tree) -> Carry:
    """Reads ``carry``. Raises LocatedError NS203 unless it is a mapping."""
    states: dict[str, tuple[int, Reference | WrittenValue]] = {}
    for name, (location, value, _) in require_mapping(node, "carry").entries.items():
        is_name = type(value) is Text and "$" not in value.raw
        states[name] = (location, read_reference(value) if is_name else read_value(value))
    return Carry(states, node.location)


NEEDED = {
    "carry": ("over", "the axis along which the state is passed on"),
    "route": ("repeat", "the number of copies to choose from"),
    "stacked": ("repeat", "the number of copies"),
}
"""Keys that require another key, with that key."""
NOT_BESIDE = {
    "route": ("over", "each", "activation"),
    "carry": ("activation",),
    "stacked": ("each",),
}
"""Keys that exclude another key."""


def check_region_keys(layer: RegionLayer, node: Map, report: Report) -> None:
    """Report NS326 for keys that lack another, or exclude each other. A mapping under ``carry`` belongs to ``over``."""
    states = layer.carry.node if layer.carry is not None else None
    keys = node.entries.keys() - {"carry"}
    if states is not None and type(states) is Map:
        keys |= {"carry"}
        layer.carry = None
        try:
            layer.states = _carry(states)
        except LocatedError as error:
            report(error)
    for key, (other, meaning) in NEEDED.items():
        if key in keys and other not in node.entries:
            message = f"'{key}' requires '{other}', which is missing"
            report(LocatedError("NS326", message, node.entries[key][0], help=f"add `{other}: …`, {meaning}"))
    for key, others in NOT_BESIDE.items():
        for other in others:
            if key in keys and other in node.entries:
                message = f"'{other}' cannot be combined with '{key}'"
                help = "put it into the block" if other != "each" else "only 'repeat' creates the copies"
                report(LocatedError("NS326", message, node.entries[other][0], help=help))
