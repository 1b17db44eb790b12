"""The tokens of expressions."""

from __future__ import annotations

import pytest

from netspec import limits
from netspec.language.reading.lexer import ExpressionError, tokenize


@pytest.mark.parametrize(("text", "expected"), [
    ("", []),
    ("a+1", ["a", "+", "1"]),
    (" a // b ** 2 ", ["a", "//", "b", "**", "2"]),
    ("depths.0.1", ["depths", ".", "0", ".", "1"]),
    ("depths .0", ["depths", ".0"]),
    ("f(x).0", ["f", "(", "x", ")", ".", "0"]),
    ("1.5e-3 .5 1_000", ["1.5e-3", ".5", "1_000"]),
    ("'a b' == \"c\"", ["'a b'", "==", '"c"']),
    ("a<=b!=c", ["a", "<=", "b", "!=", "c"]),
])  # fmt: skip
def test_tokens(text: str, expected: list[str]) -> None:
    *tokens, end = tokenize(text)
    assert [t.text for t in tokens] == expected
    assert (end.kind, end.at) == ("end", len(text))
    assert all(text[t.at :].startswith(t.text) for t in tokens)


@pytest.mark.parametrize(("text", "code", "at"), [
    ("a ; b", "NS401", 2), ("é", "NS401", 0), ("'open", "NS401", 0), ("a" * (limits.EXPRESSION + 1), "NS910", 0),
])  # fmt: skip
def test_errors(text: str, code: str, at: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        tokenize(text)
    assert (caught.value.code, caught.value.at) == (code, at)
