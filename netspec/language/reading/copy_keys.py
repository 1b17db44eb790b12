"""Checks the keys that connect copies: their compatibility, and the names under ``carry``."""

from __future__ import annotations

from typing import Any

from ...diagnostics import LocatedError, clip
from ...text.yaml_reader import Map, Tree
from .expression_functions import describe_value, is_list
from .records import Report
from .references import is_conditional

COPIES = ("repeat", "each")


def check_copy_keys(node: Map, report: Report) -> None:
    """Report keys for copies of a layer without copies, and keys that exclude each other."""
    keys: list[str] = [key for key in ("parallel", "carry") if key in node.entries]
    if "carry" in keys and type(node.entries["carry"][1]) is Map:  # of a loop along an axis
        keys.remove("carry")
        if not keys and "map" not in node.entries:
            return
    copies = [key for key in COPIES if key in node.entries]
    if "map" in node.entries and (keys or copies or "inline" in node.entries):
        code, message = "NS233", "'{}' cannot be combined with 'map', which runs the layer once for each tensor"
        keys += copies or [key for key in ("inline",) if key in node.entries and not keys]
    elif "map" in node.entries and not _is_by_name(node.get("from")):
        code, message = "NS233", "'map' names the first input; '{}' gives the others by name: {{memory: b}}"
        keys = ["from"]
    elif "map" in node.entries:
        return
    elif "route" in node.entries and keys:
        code, message = "NS233", "'{}' cannot be combined with 'route', which chooses the copies for each position"
    elif not copies:
        code, message = "NS232", "'{}' is for the copies of 'repeat' or 'each', and this layer has neither"
    elif "inline" in node.entries:
        code, message = (
            "NS233",
            "the layers of 'inline' belong to the surrounding scope: '{}' cannot be combined with it",
        )
    elif len(keys) > 1:
        code, message = "NS233", "parallel copies pass nothing on: '{}' cannot be combined with 'parallel'"
        keys = ["carry"]
    else:
        return
    for key in keys:
        report(LocatedError(code, message.format(key), node.entries[key][0]))


def _is_by_name(source: Tree | None) -> bool:
    """Whether ``from`` is missing, or gives inputs by name."""
    return source is None or (type(source) is Map and not is_conditional(source))


def carried_names(value: Any, inputs: tuple[str, ...], what: str, location: int) -> tuple[str, ...]:
    """Returns the inputs of a block (``what``) named by ``carry``. Raises LocatedError NS203 or NS323."""
    if type(value) is bool:
        return inputs if value else ()
    if not is_list(value) or not all(isinstance(name, str) for name in value):
        message = f"carry must be true, false, or a list of inputs; found {describe_value(value)}"
        raise LocatedError("NS203", message, location)
    names: tuple[str, ...] = tuple(value)
    for name in names:
        if name not in inputs:
            message = f"{what} has no input '{clip(name)}' to carry"
            raise LocatedError("NS323", message, location, help=f"its inputs are {', '.join(inputs)}")
    return names
