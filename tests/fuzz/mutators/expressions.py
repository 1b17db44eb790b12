"""Random expressions of the language, and mutations of expressions; most of them are well formed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

CONSTANTS = (
    "0", "1", "2", "-1", "63", "9999", "10000", "1099511627775", "9223372036854775807", "1e300", "1e-320", "0.5", "true",
    "false", "null", "'a'", "''", "'$(1)'", "'input'", "[]", "[1, 2, 3]", "['input', false]", "[[0]*9]*9", "range(9)",
    "range(10000)", "sum([[1], [2]], [])", "divisible(30, 8, floor=0.9)", "round(2.5, 1)", "prod([2, 3])", "max(1, 2.5)",
    "2 ** 3", "7 // 2 % 2", "[1, 2][-1]", "[1, 2, 3][1:]", "[i for i in [1, 2] if i > 1]", "1 if true else 2", "1e3",
)  # fmt: skip
NAMES = ("x", "i", "it", "index", "row", "incoming", "input")
ATTRIBUTES = (
    "channels",
    "features",
    "height",
    "width",
    "depth",
    "sequence",
    "length",
    "shape",
    "shape[0]",
    "shape[-1]",
)
BINARY = ("+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in")
FUNCTIONS = (
    "len", "sum", "min", "max", "abs", "round", "range", "floor", "ceil", "prod", "sqrt", "log", "log2", "divisible", "none",
    "exp", "sin", "cos", "tan", "erf", "sign",
)  # fmt: skip
_TOKEN = re.compile(r"\d[\d_.]*(?:e[-+]?\d+)?|[A-Za-z_]\w*|'[^']*'|\*\*|//|[<>=!]=|\s+|.", re.DOTALL)


def expression(r: Random, names: Sequence[str] = ()) -> str:
    """An expression as a spec writes it; ``names`` are those of parameters and layers."""
    return f"$({_term(r, r.randint(1, 4), names)})"


def _atom(r: Random, names: Sequence[str]) -> str:
    kind = r.randrange(6)
    if names and kind < 3:
        name = r.choice(names)
        return f"{name}.{r.choice(ATTRIBUTES)}" if kind == 2 else name
    if kind == 3:
        return f"{r.choice(NAMES)}.{r.choice(ATTRIBUTES)}" if r.random() < 0.5 else r.choice(NAMES)
    return r.choice(CONSTANTS)


def _term(r: Random, depth: int, names: Sequence[str]) -> str:
    if depth == 0:
        return _atom(r, names)
    kind = r.randrange(9)
    if kind < 3:
        return f"{_term(r, depth - 1, names)} {r.choice(BINARY)} {_term(r, depth - 1, names)}"
    if kind == 3:
        arguments = ", ".join(_term(r, depth - 1, names) for _ in range(r.choice((1, 1, 2, 3))))
        return f"{r.choice(FUNCTIONS)}({arguments})"
    if kind == 4:
        test = f" if {_term(r, depth - 1, names)}" if r.random() < 0.3 else ""
        return f"[{_term(r, depth - 1, names)} for i in {_term(r, depth - 1, names)}{test}]"
    if kind == 5:
        return f"({_term(r, depth - 1, names)} if {_term(r, depth - 1, names)} else {_term(r, depth - 1, names)})"
    if kind == 6:
        return f"[{_term(r, depth - 1, names)}] * {_atom(r, names)}"
    if kind == 7:
        return f"not {_term(r, depth - 1, names)}"
    slices = f":{_atom(r, names)}" if r.random() < 0.3 else ""
    return f"{_term(r, depth - 1, names)}[{_atom(r, names)}{slices}]"


def mutated(r: Random, text: str, names: Sequence[str] = ()) -> str:
    """A text that contains an expression, with one token of it replaced, removed, repeated or enclosed."""
    start = text.find("$(")
    if start < 0:
        return f"$({text.lstrip('$')} {r.choice(BINARY)} {_atom(r, names)})"
    tokens = _TOKEN.findall(text[start + 2 :])
    places = [i for i, token in enumerate(tokens) if not token.isspace()]
    if not places:
        return expression(r, names)
    at = r.choice(places)
    tokens[at] = _replaced(r, tokens[at], names)
    return text[: start + 2] + "".join(tokens)


def _replaced(r: Random, token: str, names: Sequence[str]) -> str:
    kind = r.randrange(16)
    if kind == 0:
        return ""
    if kind == 1:
        return f"{token} {token}"
    if kind == 2:
        return f"({token} if {_atom(r, names)} else {_atom(r, names)})"
    if token[0].isdigit():
        return r.choice(("0", "1", "-1", "2", "7", "64", "1e9", "0.5", f"({token} + 1)", f"-{token}", _atom(r, names)))
    if token in BINARY:
        return r.choice(BINARY)
    if token in FUNCTIONS:
        return r.choice(FUNCTIONS)
    return _term(r, r.randint(0, 2), names) if token[0].isalpha() else r.choice((token, *"()[].,'\"=<>$ "))
