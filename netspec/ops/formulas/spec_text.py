"""Programs as expressions of a spec. Evaluated, the text makes the same program again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .steps import COMPARISONS, FormulaStep

CONDITIONAL, OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(10)
"""How tightly parts of an expression hold together."""
LEVELS = {
    "or": OR,
    "and": AND,
    **dict.fromkeys(COMPARISONS, COMPARISON),
    **dict.fromkeys(("+", "-"), SUM),
    **dict.fromkeys(("*", "/", "//", "%"), PRODUCT),
    "**": POWER,
}


def expression(
    steps: Sequence[FormulaStep], inputs: Sequence[str], positions: Sequence[str], number: Callable[[Any], str] = str
) -> str:
    """The expression of a program, without ``$(…)``.

    Args:
        steps: its steps.
        inputs: names of the tensors.
        positions: names of the positions, by axis.
        number: the text of a size that depends on named dimensions.
    """
    texts: list[tuple[str, int]] = []
    for step in steps:
        texts.append(_text(step, texts, inputs, positions, number))
    return texts[-1][0]


def _text(
    step: FormulaStep,
    texts: Sequence[tuple[str, int]],
    inputs: Sequence[str],
    positions: Sequence[str],
    number: Callable[[Any], str],
) -> tuple[str, int]:
    kind, args, value = step

    def operand(i: int, least: int) -> str:
        text, level = texts[args[i]]
        return text if level >= least else f"({text})"

    if kind == "input":
        number_of_input: int = value
        return inputs[number_of_input], ATOM
    if kind == "number":
        return _number(value, number)
    if kind == "position":
        axis: int = value[0]
        return positions[axis], ATOM
    if kind == "cast":
        return texts[args[0]]
    if kind == "table":
        return f"[{', '.join(_number(n, number)[0] for n in value)}][{operand(0, CONDITIONAL)}]", ATOM
    if kind == "where":
        condition = texts[args[0]]
        middle = condition[0] if condition[1] > CONDITIONAL else f"({condition[0]})"
        return f"{operand(1, OR)} if {middle} else {operand(2, CONDITIONAL)}", CONDITIONAL
    if kind in ("neg", "not"):
        level = SIGN if kind == "neg" else NOT
        return f"{'-' if kind == 'neg' else 'not '}{operand(0, level + 1 if kind == 'not' else POWER)}", level
    if kind in LEVELS:
        level = LEVELS[kind]
        left, right = (ATOM, SIGN) if kind == "**" else (level, level + 1)
        left = left + 1 if kind in COMPARISONS else left
        return f"{operand(0, left)} {kind} {operand(1, right)}", level
    return f"{kind}({', '.join(operand(i, CONDITIONAL) for i in range(len(args)))})", ATOM


def _number(value: Any, number: Callable[[Any], str]) -> tuple[str, int]:
    if type(value) is bool:
        return str(value).lower(), ATOM
    text = repr(value) if type(value) in (int, float) else f"({number(value)})"
    return text, SIGN if text.startswith("-") else ATOM
