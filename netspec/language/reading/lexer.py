"""The tokens of an expression."""

import re
from typing import NamedTuple

from ... import limits
from ...diagnostics import Error, clip
from ...diagnostics.errors import Help


class ExpressionError(Error):
    """An expression that cannot be parsed or evaluated; ``at`` is the offset of the problem."""

    def __init__(self, code: str, message: str, at: int = 0, help: Help = None) -> None:
        super().__init__(code, message, help)
        self.at = at


class Token(NamedTuple):
    """A token: its kind (``number``, ``name``, ``sign``, ``text``, ``end``), its text, and its offset."""

    kind: str
    text: str
    at: int


_TOKEN = re.compile(
    r"(?P<number>\d[\d_]*(?:\.(?!\.)[\d_]*)?(?:[eE][-+]?\d+)?|\.\d[\d_]*(?:[eE][-+]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>//|\*\*|==|!=|<=|>=|[-+*/%<>()\[\],.=:])"
    r"|(?P<text>\"[^\"\\]*\"|'[^'\\]*')",
    re.ASCII,
)
_SPACE = re.compile(r"\s*")


def tokenize(text: str) -> list[Token]:
    """Returns the tokens of an expression, followed by one of kind ``end``. Raises ExpressionError."""
    if len(text) > limits.EXPRESSION:
        raise ExpressionError("NS910", f"an expression is longer than {limits.EXPRESSION:,} characters")
    tokens: list[Token] = []
    at = _skip_space(text, 0)
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError("NS401", f"'{clip(text[at])}' is not allowed in an expression", at)
        kind = str(match.lastgroup)
        word = match.group()
        if kind == "number" and word[0] == "." and tokens and _follows_value(tokens[-1], at):
            tokens.append(Token("sign", ".", at))  # `depths.0` is an element, not a fraction
            tokens.append(Token("number", word[1:], at + 1))
        else:
            tokens.append(Token(kind, word, at))
        at = _skip_space(text, match.end())
    tokens.append(Token("end", "", len(text)))
    return tokens


def _follows_value(token: Token, at: int) -> bool:
    """Whether a token is the end of a value and directly precedes the offset."""
    ends_value = token.kind in ("name", "number") or token.text in (")", "]")
    return ends_value and token.at + len(token.text) == at


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
