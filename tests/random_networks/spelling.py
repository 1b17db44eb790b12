"""Other spellings of a random network that mean the same: names as expressions, parameters, omitted layers."""

from __future__ import annotations

from random import Random
from typing import Any

from netspec.ops.argument import as_list
from netspec.text import writer
from netspec.text.yaml_reader import Name

from .level import Level

_OMITTED: tuple[dict[str, Any], ...] = (
    {"relu": writer.ALONE},
    {"conv2d": 4, "kernel": 3, "from": Name("nowhere")},
    {"add": [Name("nowhere"), Name("input")]},
    {"parameter": [3]},
    {"layers": ["relu", {"dense": 3}], "repeat": 2},
    {"concat": "$never"},
    {"softmax": "$(nothing.channels)", "from": "$(['a', false])"},
)


def respell(level: Level, r: Random, *, numbered: bool) -> dict[str, Any]:
    """Spell the layers of a level in another way; they compute the same.

    Args:
        level: its layers are changed in place.
        r: source of randomness.
        numbered: whether the layers will be written as a list, so that their names are not final.

    Returns:
        The parameters that the document then needs.
    """
    params: dict[str, Any] = {}
    for layer in level.layers.values():
        if "from" in layer and not isinstance(layer["from"], dict) and not numbered and r.random() < 0.3:
            layer["from"] = _names(layer["from"], r, params)
        for op in ("add", "multiply", "concat", "maximum", "average"):
            if isinstance(layer.get(op), list) and not numbered and r.random() < 0.5:
                layer[op] = _names(layer[op], r, params)
        for key, value in layer.items():
            if type(value) is int and key in ("conv1d", "conv2d", "conv3d", "dense", "kernel") and r.random() < 0.15:
                params[f"setting{len(params)}"] = value
                layer[key] = f"$setting{len(params) - 1}"
    if r.random() < 0.4:
        _insert_omitted(level, r, params)
    return params


def _names(written: Any, r: Random, params: dict[str, Any]) -> Any:
    """Names of layers as an expression for them, or in a parameter."""
    if not isinstance(written, list):
        return f"$('{written}' if {r.choice(('true', '1 < 2'))} else 'nowhere')"
    names = [str(name) for name in as_list(written)]
    kind = r.randrange(3)
    if kind == 0:
        return "$([" + ", ".join([*(f"'{name}'" for name in names), "false"]) + "])"
    if kind == 1:
        params[f"setting{len(params)}"] = names
        return f"$setting{len(params) - 1}"
    cut = r.randint(0, len(names) - 1)
    last = "$([" + ", ".join(f"'{name}'" for name in names[cut:]) + "])"
    return [*(Name(name) for name in names[:cut]), "$(false)", last]


def _insert_omitted(level: Level, r: Random, params: dict[str, Any]) -> None:
    """Insert layers that ``when`` leaves out; nothing reads them, and what they name need not exist."""
    params["never"] = False
    entries = list(level.layers.items())
    for number in range(r.randint(1, 2)):
        omitted = {**r.choice(_OMITTED), "when": r.choice((False, "$never", "$(1 > 2)"))}
        entries.insert(r.randint(0, len(entries)), (f"omitted{number}", omitted))
    level.layers.clear()
    level.layers.update(entries)
