"""Values as YAML in the style of the zoo: what fits on a line in flow style, anything else in block style."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .writer import Alone, Name, quote

WIDTH = 120


class Expression(str):
    """An expression with its ``$``, which stays unquoted where YAML allows it."""

    __slots__ = ()


class Spread(dict[str, Any]):
    """A mapping that is always in block style."""


class Rows(list[Any]):
    """A list that is always in block style."""


class Grouped(int):
    """A number whose digits are in groups of three: ``25_557_032``."""

    __slots__ = ()


def expression(text: str) -> Expression:
    """``$name`` for a single name, else ``$(…)``."""
    return Expression(f"${text}" if re.fullmatch(r"[A-Za-z_]\w*", text, re.ASCII) else f"$({text})")


def scalar(value: Any, *, in_flow: bool) -> str:
    """The scalar of a number, a text or an expression."""
    if isinstance(value, Expression):
        unsafe = r"[,\[\]{}]|: | #" if in_flow else r": | #"
        return f'"{value}"' if re.search(unsafe, value) else str(value)
    if isinstance(value, Name) and re.fullmatch(r"[\w./*-]*\$\([\w+ *]*\)[\w.*-]*|[\w.-]+\.\*", value, re.ASCII):
        return str(value)
    if isinstance(value, str):
        return quote(value)
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    if isinstance(value, Grouped):
        return f"{int(value):_}"
    return re.sub(r"e([-+]?)0+", r"e\1", repr(value)) if type(value) is float else repr(value)


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        items: Mapping[Any, Any] = value  # pyright: ignore[reportUnknownVariableType] - values of any kind
        parts = [key_text(k) if isinstance(v, Alone) else f"{key_text(k)}: {flow(v)}" for k, v in items.items()]
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"  # pyright: ignore[reportUnknownArgumentType] - of any type
    return scalar(value, in_flow=True)


def key_text(key: str) -> str:
    """A key, quoted if it must be."""
    if isinstance(key, Expression):
        return scalar(key, in_flow=True)
    return scalar(Name(key), in_flow=True)


def is_spread(value: Any) -> bool:
    """Whether a value, or one in it, must be in block style."""
    if isinstance(value, (Spread, Rows)):
        return True
    if isinstance(value, Mapping):
        return any(map(is_spread, value.values()))  # pyright: ignore[reportUnknownArgumentType] - of any type
    return isinstance(value, (list, tuple)) and any(map(is_spread, value))  # pyright: ignore[reportUnknownArgumentType] - of any type


def entry_lines(key: str, value: Any, indent: int = 0) -> list[str]:
    """The lines of ``key: value``."""
    head = " " * indent + key_text(key) + ":"
    if isinstance(value, Alone):
        return [head]
    if not isinstance(value, (Mapping, list, tuple)):
        return [f"{head} {scalar(value, in_flow=False)}"]
    if not is_spread(value):
        line = f"{head} {flow(value)}"
        if len(line) <= WIDTH or not value:
            return [line]
        plain = isinstance(value, (list, tuple)) and all(not isinstance(v, (Mapping, list, tuple)) for v in value)  # pyright: ignore[reportUnknownVariableType] - of any type
        if plain:
            return wrapped(head, [flow(v) for v in value], indent)  # pyright: ignore[reportUnknownVariableType] - of any type
    return [head, *value_lines(value, indent + 2)]  # pyright: ignore[reportUnknownArgumentType] - of any type


def wrapped(head: str, items: list[str], indent: int) -> list[str]:
    """A list of scalars over several lines."""
    lines = [head]
    texts = [f"{item}," for item in items[:-1]] + [f"{items[-1]}]"]
    texts[0] = f"[{texts[0]}"
    for text in texts:
        if len(lines[-1]) + 1 + len(text) > WIDTH:
            lines.append(" " * (indent + 4) + text)
        else:
            lines[-1] += " " + text
    return lines


def value_lines(value: Any, indent: int) -> list[str]:
    """The lines of a mapping or list in block style."""
    lines: list[str] = []
    if isinstance(value, Mapping):
        items: Mapping[Any, Any] = value  # pyright: ignore[reportUnknownVariableType] - values of any kind
        for key, inner in items.items():
            lines += entry_lines(key, inner, indent)
        return lines
    for inner in value:
        if not isinstance(inner, (Mapping, list, tuple)):
            lines.append(" " * indent + "- " + scalar(inner, in_flow=False))
            continue
        line = " " * indent + "- " + flow(inner)
        if not is_spread(inner) and len(line) <= WIDTH:
            lines.append(line)
            continue
        below = value_lines(inner, indent + 2)
        lines += [" " * indent + "- " + below[0][indent + 2 :], *below[1:]]
    return lines
