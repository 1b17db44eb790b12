"""The words of an expression."""

import re
from typing import NamedTuple

from ... import limits
from ...diagnostics import Error, clip


class ExpressionError(Error):
    """An expression that cannot be read or evaluated; ``at`` counts characters from its beginning."""

    def __init__(self, code: str, message: str, at: int = 0, help: str | None = None) -> None:
        super().__init__(code, message, help)
        self.at = at


class Token(NamedTuple):
    """A word: its kind (``number``, ``name``, ``sign``, ``text``, ``end``), its text, and where it begins."""

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


def tokens(text: str) -> list[Token]:
    """The words of an expression, with an ``end`` after them. Raises ExpressionError."""
    if len(text) > limits.EXPRESSION:
        raise ExpressionError("NS910", f"an expression is longer than {limits.EXPRESSION:,} characters")
    out: list[Token] = []
    at = _skip(text, 0)
    while at < len(text):
        m = _TOKEN.match(text, at)
        if m is None:
            raise ExpressionError("NS401", f"'{clip(text[at])}' has no meaning in an expression", at)
        kind = str(m.lastgroup)
        word = m.group()
        if kind == "number" and word[0] == "." and out and _is_value(out[-1]) and out[-1].at + len(out[-1].text) == at:
            out.append(Token("sign", ".", at))  # `depths.0`: an element, not a fraction
            out.append(Token("number", word[1:], at + 1))
        else:
            out.append(Token(kind, word, at))
        at = _skip(text, m.end())
    out.append(Token("end", "", len(text)))
    return out


def _is_value(t: Token) -> bool:
    return t.kind == "name" or t.text in (")", "]") or t.kind == "number"


def _skip(text: str, at: int) -> int:
    m = _SPACE.match(text, at)
    return m.end() if m else at
