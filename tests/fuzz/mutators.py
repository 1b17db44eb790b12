"""Mutations of specs: of their text, and of the values that the text stands for."""

# YAML values are of any type:
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, TypeAlias

import yaml

from netspec.ops import TABLE, find

from .expressions import expression

Slot: TypeAlias = tuple[Any, Any]
"""A list or mapping, and the index or key of one of its values."""

KEYS = (
    "netspec", "name", "doc", "cite", "params", "input", "inputs", "layers", "blocks", "outputs", "variants", "expect",
    "use", "layout", "defaults", "requires", "from", "when", "repeat", "each", "share", "freeze", "activation", "inline",
    "init", "first", "shape", "dtype", "default", "choices", "min", "max", "type", "mask", "like", "index",
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 7, 63, 64, 65, 255, 4095, 9999, 10_000, 10_001, 2**31, 2**40 - 1, 2**40, 2**63,
    -(2**63), 0.5, -0.0, 1.5, 1e-9, 1e38, 1e300, float("nan"), float("inf"), "", " ", "same", "valid", "causal", "last",
    "all", "none", "null", "input", "self", "*", "a.*", "a.b.c", ".", "..", "_", "$", "$x", "$()", "$(", "${x}", "$$x",
    "\u202e", "\u00ad", "\u2028", "\u0085", "é" * 200, "x" * 300, "a." * 400, "=1+1", "<b>", "\x1b[31m", "%s", "{}",
    [], {}, [0], [1, 2], [[1, 2], [3, 4]], [None], {"a": 1}, {"": 0}, [[]], "conv2d", "float16", "int64", "bool",
)  # fmt: skip


def mutate(r: Random, text: str, other: str) -> str:
    """A text with one to four mutations.

    Args:
        r: source of randomness.
        text: the spec.
        other: another spec, from which parts may be taken.
    """
    for _ in range(r.choice((1, 1, 1, 2, 2, 3, 4))):
        mutator = r.choice(TEXT_MUTATORS if r.random() < 0.3 else VALUE_MUTATORS)
        text = mutator(r, text, other)
    return text


# -- text ------------------------------------------------------------------------------------------------------------
def _change_lines(r: Random, text: str, other: str) -> str:
    """Delete, repeat, swap, indent or insert a line."""
    lines = text.split("\n")
    i, j = r.randrange(len(lines)), r.randrange(len(lines))
    kind = r.randrange(5)
    if kind == 0:
        del lines[i]
    elif kind == 1:
        lines.insert(j, lines[i])
    elif kind == 2:
        lines[i], lines[j] = lines[j], lines[i]
    elif kind == 3:
        lines[i] = " " * r.randint(0, 4) + (lines[i].lstrip() if r.random() < 0.5 else lines[i])
    else:
        lines.insert(j, r.choice(other.split("\n")))
    return "\n".join(lines)


def _change_characters(r: Random, text: str, other: str) -> str:
    """Delete, insert or replace a few characters."""
    at = r.randrange(len(text) + 1)
    inserted = "".join(
        r.choice("{}[]:,#&*!|>'\"%@`$()-+ \t\r\n\0\x85\u2028é0123456789.<=ax_\U000e0041")
        for _ in range(r.randint(0, 3))
    )
    return text[:at] + inserted + text[at + r.randint(0, 3) :]


def _cut(r: Random, text: str, other: str) -> str:
    """Keep a part."""
    at = r.randrange(len(text) + 1)
    return text[:at] if r.random() < 0.7 else text[at:]


TEXT_MUTATORS: tuple[Callable[[Random, str, str], str], ...] = (_change_lines, _change_characters, _cut)


# -- values ----------------------------------------------------------------------------------------------------------
def _slots(value: Any) -> Iterator[Slot]:
    """Every place in a document that holds a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from _slots(inner)


def _on_values(change: Callable[[Random, Any, list[Slot], Any], None]) -> Callable[[Random, str, str], str]:
    """A mutator of text from a change of the document in place; text that is not YAML stays as it is."""

    def mutator(r: Random, text: str, other: str) -> str:
        try:
            document, donor = yaml.safe_load(text), yaml.safe_load(other)
            slots = list(_slots(document))
            if not slots:
                return text
            change(r, document, slots, donor)
            return yaml.safe_dump(
                document, sort_keys=False, allow_unicode=True, default_flow_style=r.choice((None, False))
            )
        except (yaml.YAMLError, ValueError, RecursionError, TypeError, UnicodeError):
            return text

    return mutator


def _replace(r: Random, document: Any, slots: list[Slot], donor: Any) -> None:
    """Replace a value by an odd one, an expression, or a part of another spec."""
    holder, key = r.choice(slots)
    kind = r.random()
    parts = list(_slots(donor))
    if kind < 0.5 or not parts:
        holder[key] = r.choice(ODD_VALUES)
    elif kind < 0.8:
        holder[key] = expression(r)
    else:
        other, at = r.choice(parts)
        holder[key] = other[at]


def _change_number(r: Random, document: Any, slots: list[Slot], donor: Any) -> None:
    """Change one number a little or a lot."""
    numbers = [(h, k) for h, k in slots if type(h[k]) in (int, float)]
    if numbers:
        holder, key = r.choice(numbers)
        n = holder[key]
        holder[key] = r.choice((n + 1, n - 1, -n, 0, 1, n * 2, n * 1000, n * 2**30, n / 2, n + 0.5, [n, n], str(n)))


def _change_keys(r: Random, document: Any, slots: list[Slot], donor: Any) -> None:
    """Add, remove or rename a key of a mapping."""
    mappings = [document] if isinstance(document, dict) else []
    mappings += [h[k] for h, k in slots if isinstance(h[k], dict)]
    if not mappings:
        return
    mapping = r.choice(mappings)
    kind = r.randrange(4)
    if kind == 0 and mapping:
        del mapping[r.choice(list(mapping))]
    elif kind == 1 and mapping:
        old = r.choice(list(mapping))
        mapping[_key(r)] = mapping.pop(old)
    else:
        mapping[_key(r)] = r.choice((*ODD_VALUES, expression(r)))


def _key(r: Random) -> Any:
    """A key: of the language, an operation, an argument, or an odd one."""
    kind = r.randrange(4)
    if kind == 0:
        return r.choice(KEYS)
    op = r.choice(list(TABLE))
    if kind == 1:
        return op
    arguments = list(find(op).arguments)
    if kind == 2 and arguments:
        return r.choice(arguments)
    value = r.choice(ODD_VALUES)
    return value if isinstance(value, (str, int, float, bool)) or value is None else "key"


def _move(r: Random, document: Any, slots: list[Slot], donor: Any) -> None:
    """Copy a value to another place of the same spec, or swap two."""
    (a, i), (b, j) = r.choice(slots), r.choice(slots)
    if r.random() < 0.5:
        a[i], b[j] = b[j], a[i]
    elif isinstance(b, list):
        b.insert(j, a[i])
    else:
        b[j] = a[i]


def _remove(r: Random, document: Any, slots: list[Slot], donor: Any) -> None:
    """Remove a value."""
    holder, key = r.choice(slots)
    del holder[key]


def _add_layer(r: Random, document: Any, slots: list[Slot], donor: Any) -> None:
    """Add a layer with a few arguments, some of them odd."""
    lists = [h[k] for h, k in slots if k == "layers" and isinstance(h[k], (list, dict))]
    if not lists:
        return
    op = r.choice(list(TABLE))
    layer: dict[str, Any] = {op: r.choice((None, 1, 2, 3, 8, *ODD_VALUES))}
    for argument in find(op).arguments:
        if r.random() < 0.3:
            layer[argument] = r.choice((1, 2, 3, 4, *ODD_VALUES))
    for key in ("from", "when", "repeat", "activation", "share", "freeze"):
        if r.random() < 0.1:
            layer[key] = r.choice((*ODD_VALUES, expression(r)))
    layers = r.choice(lists)
    if isinstance(layers, list):
        layers.insert(r.randint(0, len(layers)), layer)
    else:
        layers[f"added{len(layers)}"] = layer


VALUE_MUTATORS = tuple(map(_on_values, (_replace, _replace, _change_number, _change_keys, _move, _remove, _add_layer)))
