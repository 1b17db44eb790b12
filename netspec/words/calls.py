"""Parses layers written as Python calls, ``nn.Conv2d(3, 64, kernel_size=3)``, and tuples, without evaluating them."""

from __future__ import annotations

import ast
from typing import Any

from ..ops import find
from . import lookup

_LENGTH = 300
"""Maximum length of a call to parse."""


def callee(text: str) -> str:
    """The name before the arguments of a call; the text itself if it is not a call."""
    return text.partition("(")[0].strip() or text


def read_call(text: str) -> dict[str, Any] | None:
    """Parses a call to a layer, ``{"nn.Conv2d": {"in_channels": 3, …}}``; returns None if the text is not such a call.

    The tensor that a function takes, or whose method is called, is omitted, unless the operation merges tensors.
    """
    if len(text) > _LENGTH or not text.endswith(")") or "(" not in text:
        return None
    try:
        return _layer(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _layer(call: ast.expr) -> dict[str, Any]:
    """The layer that a call describes. Raises ValueError."""
    if not isinstance(call, ast.Call) or any(keyword.arg is None for keyword in call.keywords):
        raise ValueError
    if isinstance(call.func, ast.Call):  # a layer that is called with its input
        return {**_layer(call.func), **_inputs(call)}
    name = ast.unparse(call.func)
    if not all(part.isidentifier() for part in name.split(".")):
        raise ValueError
    tensors, nodes = _tensors(name, call.args)
    if "." not in name and lookup.is_function(name):
        name = f"F.{name}"
    positional = [_literal(node) for node in nodes]
    arguments = {str(keyword.arg): _literal(keyword.value) for keyword in call.keywords}
    if len(tensors) > 1:
        arguments["from"] = tensors
    names = lookup.signature(name, len(positional), named=arguments)
    if names is None:
        if len(positional) > 1:
            raise ValueError
        return {name: positional[0], **arguments} if positional else {name: arguments or None}
    if names and names[0].startswith("*"):  # all values are those of one argument
        is_whole = len(positional) == 1 and (isinstance(positional[0], list) or names[0] != "*shape")
        return {name: {names[0][1:]: positional[0] if is_whole else positional, **arguments}}
    return {name: {**dict(zip(names, positional, strict=True)), **arguments} or None}


def _inputs(call: ast.Call) -> dict[str, Any]:
    """The tensors with which a layer is called, if there are several, as ``from``. Raises ValueError."""
    if len(call.args) != 1 or call.keywords or not isinstance(call.args[0], (ast.Name, ast.List)):
        raise ValueError
    return {"from": _literal(call.args[0])} if isinstance(call.args[0], ast.List) else {}


def _tensors(name: str, nodes: list[ast.expr]) -> tuple[list[str], list[ast.expr]]:
    """The names of the tensors that a function or a method of a tensor takes, and its other positional arguments."""
    prefix, _, word = name.rpartition(".")
    known = lookup.operation(name)
    if not lookup.is_function(word) or known is None:
        return [], nodes
    is_method = bool(prefix) and not lookup.is_module(prefix)
    if not is_method and nodes and isinstance(nodes[0], ast.Call):
        raise ValueError  # a function of what another layer computes
    merges = find(known.name()).primary == "from"
    tensors = [prefix] if is_method else []
    most = 2 if merges else 1
    while nodes and len(tensors) < most and isinstance(nodes[0], (ast.Name, ast.Attribute)):
        tensors.append(ast.unparse(nodes[0]))
        nodes = nodes[1:]
    return tensors, nodes


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
    if isinstance(node, ast.Call):
        return _layer(node) if node.args or node.keywords else ast.unparse(node.func)
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_literal(item) for item in node.elts]
    if isinstance(node, ast.BinOp):
        return f"$({ast.unparse(node)})"
    return _plain(ast.literal_eval(node))


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]  # pyright: ignore[reportUnknownVariableType] - a literal, of any type
    if isinstance(value, (int, float, str)) or value is None:
        return value
    raise ValueError
