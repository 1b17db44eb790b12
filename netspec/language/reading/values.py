"""Values as they are written: constants, ``$name``, ``$(…)``, texts with expressions in them, lists and mappings.

Each is read once (:func:`value`) into something that :meth:`Value.at` works out in an environment.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import Any

from ... import limits
from ...diagnostics import LocatedError, clip
from ...text.reader import List, Map, Text, Tree
from .evaluation import NO_NAMES, Code, Environment, Evaluation
from .expressions import Parser
from .lexer import ExpressionError

_NAME = re.compile(r"\$([A-Za-z_]\w*(?:\.\w+)*)\Z", re.ASCII)
_QUOTE = 'inside {…} and […] an expression with , [ ] { or } is quoted: "$(…)"'


@lru_cache(maxsize=8192)
def _parsed(text: str) -> Code:
    return Parser(text).whole()


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at ``start`` closes. Raises ExpressionError."""
    depth = 0
    quote = ""
    for i in range(start, len(text)):
        c = text[i]
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        elif c in "()":
            depth += 1 if c == "(" else -1
            if depth == 0:
                return i
    raise ExpressionError("NS401", "an expression's brackets do not close", start - 1, _QUOTE)


def _code(text: str, names: bool) -> Code | None:
    """The code of a text with ``$`` in it; None where it holds no expression. ``names``: whether ``$name`` counts."""
    if names and (m := _NAME.match(text)):
        return _shifted(m.group(1), 1)
    parts: list[str | Code] = []
    at = 0
    while (start := text.find("$(", at)) >= 0:
        if start > at:
            parts.append(text[at:start])
        end = _closing(text, start + 1)
        parts.append(_shifted(text[start + 2 : end], start + 2))
        at = end + 1
    if not parts:
        if names and text.startswith("$"):
            help_ = "a parameter is $name, an expression $(…)"
            raise ExpressionError("NS401", f"'{clip(text)}' is no parameter", 0, help_)
        return None
    if at < len(text):
        parts.append(text[at:])
    if len(parts) == 1 and not isinstance(parts[0], str):
        return parts[0]
    return lambda run: _joined(parts, run)


def _shifted(text: str, by: int) -> Code:
    """The code of an expression that stands ``by`` characters into its text."""
    try:
        code = _parsed(text)
    except ExpressionError as error:
        raise ExpressionError(error.code, error.message, error.at + by, error.help) from None

    def shifted(run: Evaluation) -> Any:
        try:
            return code(run)
        except ExpressionError as error:
            raise ExpressionError(error.code, error.message, error.at + by, error.help) from None

    return shifted


def _joined(parts: list[str | Code], run: Evaluation) -> str:
    out: list[str] = []
    for part in parts:
        if isinstance(part, str):
            out.append(part)
            continue
        value = part(run)
        if type(value) not in (int, float, str, bool):
            raise ExpressionError("NS403", "only a number or text can stand within a text")
        out.append(str(value).lower() if type(value) is bool else str(value))
    text = "".join(out)
    if len(text) > limits.EXPRESSION:
        raise ExpressionError("NS910", f"a text made by expressions is longer than {limits.EXPRESSION:,} characters")
    return text


class Value:
    """A value as it is written. ``constant`` where no expression is in it."""

    __slots__ = ("_work", "constant", "node")

    def __init__(self, node: Tree, constant: bool, work: Any) -> None:
        self.node = node
        self.constant = constant
        self._work = work

    @property
    def location(self) -> int:
        """Where it stands."""
        return self.node.location

    def at(self, env: Environment) -> Any:
        """What it is in an environment. Raises LocatedError, with the location."""
        return self._work if self.constant else self._work(env)


def value(node: Tree, *, names: bool = True) -> Value:
    """Read a value; with ``names`` a plain ``$name`` is one, else only ``$(…)`` is (names and remarks).

    Raises:
        LocatedError: an expression that cannot be read.
    """
    if type(node) is Text:
        return _text(node, names)
    if type(node) is List:
        inner = [value(n, names=names) for n in node.items]
        if all(v.constant for v in inner):
            return Value(node, True, [v.at(NO_NAMES) for v in inner])
        return Value(node, False, partial(_worked_list, inner))
    assert type(node) is Map
    entries = {k: value(n, names=names) for k, (_, n, _) in node.entries.items()}
    if all(v.constant for v in entries.values()):
        return Value(node, True, {k: v.at(NO_NAMES) for k, v in entries.items()})
    return Value(node, False, partial(_worked_mapping, entries))


def _worked_list(inner: list[Value], env: Environment) -> list[Any]:
    return [v.at(env) for v in inner]


def _worked_mapping(entries: dict[str, Value], env: Environment) -> dict[str, Any]:
    return {k: v.at(env) for k, v in entries.items()}


def _text(node: Text, names: bool) -> Value:
    raw = node.value
    if type(raw) is not str or "$" not in raw:
        return Value(node, True, raw)
    try:
        code = _code(raw, names)
    except ExpressionError as error:
        raise _fault(error, node) from None
    if code is None:
        return Value(node, True, raw)

    def work(env: Environment) -> Any:
        try:
            return code(Evaluation(env))
        except ExpressionError as error:
            raise _fault(error, node) from None
        except RecursionError:
            raise LocatedError(
                "NS911", f"an expression nests deeper than {limits.EXPRESSION_DEPTH}", node.location
            ) from None

    return Value(node, False, work)


def _fault(error: ExpressionError, node: Text) -> LocatedError:
    """The error at its location: a text on one line keeps its columns (a quote shifts them by one)."""
    raw: str = node.value
    exact = "\n" not in raw and (node.plain or ("\\" not in raw and "'" not in raw))
    return LocatedError(
        error.code,
        error.message,
        node.location + (error.at + (0 if node.plain else 1) if exact else 0),
        help=error.help,
    )


class Named:
    """A name as it is written: a constant, or a text with ``$(…)`` in it."""

    __slots__ = ("_value", "location", "text")

    def __init__(self, text: str, location: int) -> None:
        self.text = text
        self.location = location
        self._value = value(Text(text, location, True), names=False) if "$(" in text else None

    @property
    def constant(self) -> bool:
        """Whether no expression is in it."""
        return self._value is None

    def at(self, env: Environment) -> str:
        """The name in an environment."""
        return self.text if self._value is None else str(self._value.at(env))
