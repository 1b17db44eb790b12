"""Mutations of the values of a document, whatever they mean."""

# YAML values are of any type:
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from netspec.checking.expectations import KEYS as EXPECTED
from netspec.checking.expected_memory import SETTINGS
from netspec.language.reading.declared_operations import OperationRecord, OutputRecord, WeightRecord
from netspec.language.reading.records import (
    GROUP,
    BlockRecord,
    DimensionRecord,
    Header,
    InputRecord,
    ParamRecord,
    TableRecord,
)
from netspec.ops import TABLE, find
from netspec.ops.layer_keys import LAYER_KEYS

from .draft import Draft, walk
from .expressions import expression, mutated

Mutator = Callable[[Draft], None]
"""A function that changes a document in place, or leaves it as it is if it has nothing of the kind."""

OPERATIONS = tuple(TABLE)
RECORDS = (
    *(Header, BlockRecord, ParamRecord, DimensionRecord, InputRecord, TableRecord),
    *(OperationRecord, OutputRecord, WeightRecord),
)
_KEYS: list[str] = [
    *(*LAYER_KEYS, *GROUP, *EXPECTED, *SETTINGS, "init", "mask", "like", "index", "weight", "bias", "for", "as"),
    *(key for record in RECORDS for key in record.arguments),
]
KEYS = tuple(dict.fromkeys(_KEYS))
"""The keys of the language, and of some arguments."""
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 7, 63, 64, 65, 255, 4095, 9999, 10_000, 10_001, 2**31, 2**40 - 1, 2**40, 2**63,
    -(2**63), 0.5, -0.0, 1.5, 1e-9, 1e38, 1e300, float("nan"), float("inf"), "", " ", "same", "valid", "causal", "last",
    "all", "none", "null", "input", "self", "*", "a.*", "a.b.c", ".", "..", "_", "$", "$x", "$()", "$(", "${x}", "$$x",
    "\u202e", "\u00ad", "\u2028", "\u0085", "é" * 200, "x" * 300, "a." * 400, "=1+1", "<b>", "\x1b[31m", "%s", "{}",
    [], {}, [0], [1, 2], [[1, 2], [3, 4]], [None], {"a": 1}, {"": 0}, [[]], "conv2d", "float16", "int64", "bool",
    "channels", "height", "sequence", "zeros", {"normal": 0.02}, {"uniform": -1}, "he_normal", "orthogonal", "identity",
    {"relative_position_index": [3, 3]}, {"shifted_window_mask": {"size": [4, 4], "window": 2, "shift": 1}},
    {"log_relative_coordinates": [2, 2]}, "<= 5M", "4.09G +- 1%", ">=0.1", ">=0.2, <1", "==9", "~=0.1",
    "lib.yaml", ["lib.yaml", "other.yaml"], "loop.yaml", "broken.yaml", "../lib.yaml", "no.yaml", "text.yaml", "~=0.2.1", "class", "forward", "training",
)  # fmt: skip


def copied(value: Any) -> Any:
    """A copy of a value and of all values in it."""
    return pickle.loads(pickle.dumps(value, pickle.HIGHEST_PROTOCOL)) if isinstance(value, (list, dict)) else value


def odd(d: Draft) -> Any:
    """An odd value."""
    return copied(d.r.choice(ODD_VALUES))


def _expression(d: Draft) -> str:
    return expression(d.r, [*d.parameters(), *d.names()])


def replace(d: Draft) -> None:
    """Replace a value by an odd one, an expression, or a part of another document."""
    slot = d.r.choice(d.slots())
    kind = d.r.random()
    if kind < 0.25:
        slot.put(odd(d))
    elif kind < 0.4:
        slot.put(_expression(d))
    else:
        same_key = [s for s in walk(d.donor) if s.key == slot.key]
        parts = same_key or list(walk(d.donor))
        slot.put(copied(d.r.choice(parts).value))


def change_number(d: Draft) -> None:
    """Change one number a little or a lot."""
    numbers = [s for s in d.slots() if type(s.value) in (int, float)]
    if numbers:
        slot = d.r.choice(numbers)
        n = slot.value
        edges = (
            0, 1, 2, 3, -1, n + 1, n - 1, n + 1, n - 1, -n, n * 2, n * 1000, n * 2**30, n // 2, n / 2, n + 0.5, [n, n],
            [n] * 3, str(n), 63, 255, 4096, 2**31 - 1, 2**40 - 1,
        )  # fmt: skip
        slot.put(d.r.choice(edges))


def change_expression(d: Draft) -> None:
    """Change a token of an expression, or make an expression of a value."""
    texts = [s for s in d.slots() if isinstance(s.value, str) and "$" in s.value]
    names = [*d.parameters(), *d.names()]
    if texts and d.chance(0.8):
        slot = d.r.choice(texts)
        slot.put(mutated(d.r, slot.value, names))
        return
    scalars = [s for s in d.slots() if isinstance(s.value, (int, float, str)) and s.key != "netspec"]
    if scalars:
        slot = d.r.choice(scalars)
        text = f"'{slot.value}'" if isinstance(slot.value, str) else str(slot.value).lower()
        slot.put(mutated(d.r, f"$({text})", names))


def change_keys(d: Draft) -> None:
    """Add, remove, repeat or rename a key of a mapping."""
    mappings = [d.document, *(s.value for s in d.slots() if isinstance(s.value, dict))]
    mapping = d.r.choice(mappings)
    kind = d.r.randrange(5)
    if kind < 3 and mapping:
        old = d.r.choice(list(mapping))
        if kind == 0:
            del mapping[old]
        elif kind == 1:
            mapping[key(d)] = mapping.pop(old)
        else:
            mapping[f"{old}{d.r.choice(('2', '.0', '-x', '_', '.weight', '$(index)'))}"] = copied(mapping[old])
    else:
        mapping[key(d)] = odd(d) if d.chance(0.6) else _expression(d)


def key(d: Draft) -> Any:
    """A key: of the language, an operation, an argument, a name, or an odd one."""
    kind = d.r.randrange(5)
    if kind == 0:
        return d.r.choice(KEYS)
    op = d.r.choice(OPERATIONS)
    if kind == 1:
        return op
    arguments = list(find(op).arguments)
    if kind == 2 and arguments:
        return d.r.choice(arguments)
    if kind == 3:
        return d.r.choice(d.names())
    value = d.r.choice(ODD_VALUES)
    return value if isinstance(value, (str, int, float, bool)) or value is None else "key"


def move(d: Draft) -> None:
    """Copy a value to another position of the same document, or swap two."""
    slots = d.slots()
    a, b = d.r.choice(slots), d.r.choice(slots)
    if d.chance(0.3):
        x, y = copied(a.value), copied(b.value)
        a.put(y)
        b.put(x)
    elif isinstance(b.holder, list):
        b.holder.insert(b.key, copied(a.value))
    else:
        b.put(copied(a.value))


def remove(d: Draft) -> None:
    """Remove a value."""
    slot = d.r.choice(d.slots())
    del slot.holder[slot.key]


def shuffle(d: Draft) -> None:
    """Change the order of a mapping or list."""
    holders = [d.document, *(s.value for s in d.slots() if isinstance(s.value, (dict, list)) and len(s.value) > 1)]
    holder = d.r.choice(holders)
    if isinstance(holder, list):
        d.r.shuffle(holder)
    else:
        entries = list(holder.items())
        d.r.shuffle(entries)
        holder.clear()
        holder.update(entries)


MUTATORS: tuple[Mutator, ...] = (
    replace, replace, change_number, change_number, change_expression, change_expression, change_keys, move, remove, shuffle,
)  # fmt: skip
