"""``train_memory`` and ``infer_memory`` under ``expect``: a bound, or a mapping with the settings of the forecast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..backend.forecasting import forecast_memory
from ..diagnostics import Error, LocatedError, clip, suggestion
from ..ir import Graph
from ..language.reading.expression_functions import describe_value
from ..ops.argument import as_list
from ..text.yaml_reader import Map, Tree

SETTINGS: Mapping[str, str] = {
    "batch": "a positive integer",
    "optimizer": "the name of an optimizer",
    "dtype": "the name of a type",
    "amp": "the name of a type",
    "device": "cuda or cpu",
    "attention": "the name of a kernel",
    "checkpoint": "a block, or a list of blocks",
}
"""The settings of a forecast, besides its ``value``; ``optimizer`` only for training."""


def expected_memory(
    key: str, expected: Any, node: Tree, graph: Graph
) -> Iterator[tuple[Any, int, Tree] | LocatedError]:
    """Yields the expected value of a forecast, the forecast in bytes, and the node of the value; or a problem.

    Args:
        key: ``train_memory`` or ``infer_memory``.
        expected: a number or text, or a mapping with a ``value`` and settings.
        node: its node in the spec.
        graph: the network.
    """
    value, place = expected, node
    settings: dict[str, Any] = {"optimizer": None} if key == "infer_memory" else {}
    if isinstance(expected, Mapping):
        fields: dict[str, Any] = {**expected}  # pyright: ignore[reportUnknownVariableType] - of any type
        if "value" not in fields:
            yield LocatedError("NS602", f"{key} needs a 'value': {{value: <= 24 GB, batch: 64}}", node.location)
            return
        value = fields.pop("value")
        if type(node) is Map:
            place = node.entries["value"][1]
        known = [name for name in SETTINGS if name != "optimizer" or key == "train_memory"]
        for name, setting in fields.items():
            written = node.entries[name] if type(node) is Map else None
            where = written[1].location if written is not None else node.location
            if name not in known:
                where = written[0] if written is not None else where
                help_ = suggestion(name, known, f"its keys are value, {', '.join(known)}")
                yield LocatedError("NS602", f"{key} has no key '{clip(name)}'", where, help=help_)
                return
            if not _is_valid(name, setting):
                message = f"{name} of {key} must be {SETTINGS[name]}; found {describe_value(setting)}"
                yield LocatedError("NS602", message, where)
                return
            settings[name] = tuple(as_list(setting)) if name == "checkpoint" else setting
    try:
        total = forecast_memory(graph, settings).total
    except Error as error:
        first = error.diagnostics[0]
        yield LocatedError(first.code, first.message, node.location, help=first.help)
        return
    yield value, total, place


def _is_valid(name: str, value: Any) -> bool:
    if name == "batch":
        return type(value) is int and value > 0
    if name == "checkpoint":
        return all(isinstance(block, str) for block in as_list(value))
    return isinstance(value, str)
