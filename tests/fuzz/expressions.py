"""Random expressions of the language, most of them well formed."""

from __future__ import annotations

from random import Random

ATOMS = (
    "0", "1", "2", "-1", "9999", "10000", "1099511627775", "9223372036854775807", "1e300", "0.5", "true", "false", "null",
    "x", "i", "it", "'a'", "''", "'$(1)'", "[]", "[1, 2, 3]", "[[0]*9]*9", "range(9)", "range(10000)",
)  # fmt: skip
BINARY = ("+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in")
CALLS = (
    "len",
    "sum",
    "min",
    "max",
    "abs",
    "round",
    "range",
    "floor",
    "ceil",
    "prod",
    "sqrt",
    "log",
    "log2",
    "divisible",
    "none",
)


def expression(r: Random) -> str:
    """An expression as a spec writes it."""
    return f"$({_term(r, r.randint(1, 4))})"


def _term(r: Random, depth: int) -> str:
    if depth == 0:
        return r.choice(ATOMS)
    kind = r.randrange(8)
    if kind < 3:
        return f"{_term(r, depth - 1)} {r.choice(BINARY)} {_term(r, depth - 1)}"
    if kind == 3:
        arguments = ", ".join(_term(r, depth - 1) for _ in range(r.choice((1, 1, 2, 3))))
        return f"{r.choice(CALLS)}({arguments})"
    if kind == 4:
        return f"[{_term(r, depth - 1)} for i in {_term(r, depth - 1)}]"
    if kind == 5:
        return f"({_term(r, depth - 1)} if {_term(r, depth - 1)} else {_term(r, depth - 1)})"
    if kind == 6:
        return f"[{_term(r, depth - 1)}] * {_term(r, 0)}"
    return f"{_term(r, depth - 1)}[{_term(r, 0)}]"
