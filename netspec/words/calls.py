"""Parses layers written as Python calls, ``nn.Conv2d(3, 64, kernel_size=3)``, and tuples, without evaluating them."""

from __future__ import annotations

import ast
from typing import Any

from . import lookup

_LENGTH = 300
"""Maximum length of a call to parse."""


def read_call(text: str) -> dict[str, Any] | None:
    """Parses a call to a layer, ``{"Conv2d": {"in_channels": 3, …}}``; returns None if the text is not such a call."""
    if len(text) > _LENGTH or not text.endswith(")") or "(" not in text:
        return None
    try:
        call = ast.parse(text, mode="eval").body
        if not isinstance(call, ast.Call) or any(keyword.arg is None for keyword in call.keywords):
            return None
        name = ast.unparse(call.func).rpartition(".")[2]
        positional = [_literal(node) for node in call.args]
        arguments = {str(keyword.arg): _literal(keyword.value) for keyword in call.keywords}
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    names = lookup.signature(name, len(positional))
    if names is None:
        if len(positional) > 1:
            return None
        return {name: positional[0], **arguments} if positional else {name: arguments or None}
    return {name: {**dict(zip(names, positional, strict=True)), **arguments} or None}


def read_tuple(value: Any) -> Any:
    """Parses a text in round brackets, ``(3, 32, 32)``, as a list; returns other values unchanged."""
    if not isinstance(value, str) or len(value) > _LENGTH or not (value.startswith("(") and value.endswith(")")):
        return value
    try:
        return _plain(ast.literal_eval(value))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return value


def _literal(node: ast.expr) -> Any:
    """Returns the value of an argument; a name becomes a text (``activation=relu``). Raises ValueError."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        return ast.unparse(node)
    if isinstance(node, ast.Call) and not node.args and not node.keywords:
        return ast.unparse(node.func)
    if isinstance(node, ast.BinOp):
        return f"$({ast.unparse(node)})"
    return _plain(ast.literal_eval(node))


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]  # pyright: ignore[reportUnknownVariableType] - a literal, of any type
    if isinstance(value, (int, float, str)) or value is None:
        return value
    raise ValueError
