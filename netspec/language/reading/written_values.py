"""Values as written: constants, ``$name``, ``$(…)``, texts that contain expressions, lists and mappings.

Each is read once, by :func:`read_value`, into a :class:`WrittenValue` that can be evaluated in any environment.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import Any

from ... import limits
from ...diagnostics import LocatedError, clip
from ...shapes.shape_error import ShapeError
from ...text.yaml_reader import List, Map, Text, Tree
from .evaluation import NO_NAMES, Code, Environment, Evaluation
from .expression_functions import check_text, count_items
from .expressions import Parser
from .lexer import ExpressionError

_NAME = re.compile(r"\$([A-Za-z_]\w*(?:\.\w+)*)\Z", re.ASCII)
_QUOTE = 'inside {…} and […], quote an expression that contains , [ ] { or }: "$(…)"'


class WrittenValue:
    """A value as written."""

    __slots__ = ("_content", "constant", "node")

    def __init__(self, node: Tree, constant: bool, content: Any) -> None:
        self.node = node
        self.constant = constant
        """Whether it contains no expression."""
        self._content = content
        """The value of a constant; otherwise a function from an environment to the value."""

    @property
    def location(self) -> int:
        """Its location in the text."""
        return self.node.location

    def evaluate(self, environment: Environment) -> Any:
        """Returns the value in an environment. Raises LocatedError at the expression that fails."""
        return self._content if self.constant else self._content(environment)


class NameTemplate:
    """A name as written: constant, or with ``$(…)`` in it."""

    __slots__ = ("_value", "location", "text")

    def __init__(self, text: str, location: int) -> None:
        self.text = text
        self.location = location
        self._value = read_value(Text(text, location, True), names=False) if "$(" in text else None

    @property
    def constant(self) -> bool:
        """Whether it contains no expression."""
        return self._value is None

    def evaluate(self, environment: Environment) -> str:
        """Returns the name in an environment. Raises LocatedError."""
        return self.text if self._value is None else str(self._value.evaluate(environment))


def read_value(node: Tree, *, names: bool = True) -> WrittenValue:
    """Read a value.

    Args:
        node: the value.
        names: whether ``$name`` refers to a parameter. In names of layers only ``$(…)`` is an expression.

    Raises:
        LocatedError: an expression cannot be parsed.
    """
    if type(node) is Text:
        return _read_text(node, names)
    if type(node) is List:
        items = [read_value(n, names=names) for n in node.items]
        if all(item.constant for item in items):
            return WrittenValue(node, True, [item.evaluate(NO_NAMES) for item in items])
        return WrittenValue(node, False, partial(_evaluate_list, items))
    assert type(node) is Map
    entries = {key: read_value(n, names=names) for key, (_, n, _) in node.entries.items()}
    if all(value.constant for value in entries.values()):
        return WrittenValue(node, True, {key: value.evaluate(NO_NAMES) for key, value in entries.items()})
    return WrittenValue(node, False, partial(_evaluate_mapping, entries))


def _evaluate_list(items: list[WrittenValue], environment: Environment) -> list[Any]:
    return [item.evaluate(environment) for item in items]


def _evaluate_mapping(entries: dict[str, WrittenValue], environment: Environment) -> dict[str, Any]:
    return {key: value.evaluate(environment) for key, value in entries.items()}


def _read_text(node: Text, names: bool) -> WrittenValue:
    text = node.value
    if type(text) is not str or "$" not in text:
        return WrittenValue(node, True, text)
    try:
        code = _compile(text, names)
    except ExpressionError as error:
        raise _located(error, node) from None
    if code is None:
        return WrittenValue(node, True, text)

    def evaluate(environment: Environment) -> Any:
        evaluation = Evaluation(environment)
        try:
            value = code(evaluation)
            if type(value) in (list, dict):
                evaluation.steps += _count_items(value)
            return value
        except ExpressionError as error:
            raise _located(error, node) from None
        except ShapeError as error:  # a size that is too long a formula
            raise LocatedError(error.code, error.message, node.location, help=error.help) from None
        except RecursionError:
            message = f"an expression nests deeper than {limits.EXPRESSION_DEPTH}"
            raise LocatedError("NS911", message, node.location) from None
        finally:
            environment.charge(evaluation.steps, node.location)

    return WrittenValue(node, False, evaluate)


def _count_items(value: Any) -> int:
    """Counts the items of a list or mapping. Raises ExpressionError NS913 above the limit."""
    count = count_items(value, limits.ITEMS)
    if count > limits.ITEMS:
        message = f"the lists of a value have more than {limits.ITEMS:,} items in all"
        raise ExpressionError("NS913", message)
    return count


def _located(error: ExpressionError, node: Text) -> LocatedError:
    """Returns the error at its location in a text. A text on several lines, or with escapes, has only one location."""
    text: str = node.value
    offset = 0
    if "\n" not in text and (node.plain or ("\\" not in text and "'" not in text)):
        offset = error.at if node.plain else error.at + 1  # after the quote
    return LocatedError(error.code, error.message, node.location + offset, help=error.find_help)


# -- the code of a text ------------------------------------------------------------------------------------------------
def _compile(text: str, names: bool) -> Code | None:
    """Compiles a text that contains ``$``; None if there is no expression in it. Raises ExpressionError."""
    if names and (match := _NAME.match(text)):
        return _compile_part(match.group(1), 1)
    parts: list[str | Code] = []
    at = 0
    while (start := text.find("$(", at)) >= 0:
        if start > at:
            parts.append(text[at:start])
        end = _closing_bracket(text, start + 1)
        parts.append(_compile_part(text[start + 2 : end], start + 2))
        at = end + 1
    if not parts:
        if names and text.startswith("$"):
            from ...words.mistaken_forms import braces_help  # loaded only where something is wrong

            help = braces_help(text) or "a parameter is $name, an expression $(…)"
            raise ExpressionError("NS401", f"'{clip(text)}' is not a parameter", 0, help)
        return None
    if at < len(text):
        parts.append(text[at:])
    if len(parts) == 1 and not isinstance(parts[0], str):
        return parts[0]
    return lambda evaluation: _join(parts, evaluation)


_SHORT = 100
"""Maximum length of an expression whose code is cached: the code of a long one takes more than 100 KB."""


def _parse(expression: str) -> Code:
    return _parse_short(expression) if len(expression) <= _SHORT else Parser(expression).parse()


@lru_cache(maxsize=1024)
def _parse_short(expression: str) -> Code:
    return Parser(expression).parse()


def _compile_part(expression: str, offset: int) -> Code:
    """Compiles an expression at an offset in its text; errors are located in the text."""
    try:
        code = _parse(expression)
    except ExpressionError as error:
        raise ExpressionError(error.code, error.message, error.at + offset, error.find_help) from None

    def evaluate(evaluation: Evaluation) -> Any:
        try:
            return code(evaluation)
        except ExpressionError as error:
            raise ExpressionError(error.code, error.message, error.at + offset, error.find_help) from None

    return evaluate


def _closing_bracket(text: str, start: int) -> int:
    """Returns the offset of the bracket that closes the one at ``start``. Raises ExpressionError."""
    depth = 0
    quote = ""
    for at in range(start, len(text)):
        c = text[at]
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        elif c in "()":
            depth += 1 if c == "(" else -1
            if depth == 0:
                return at
    raise ExpressionError("NS401", "the brackets of an expression are not closed", start - 1, _QUOTE)


def _join(parts: list[str | Code], evaluation: Evaluation) -> str:
    """Concatenates constant parts and the values of expressions. Raises ExpressionError."""
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        value = part(evaluation)
        if type(value) not in (int, float, str, bool):
            raise ExpressionError("NS403", "only a number or text can be part of a text")
        texts.append(str(value).lower() if type(value) is bool else str(value))
    return check_text("".join(texts))
