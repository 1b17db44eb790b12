"""Formulas of sizes and costs, with the numbers of a layer put in."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..shapes.sizes import Size, is_named


class Derivation(NamedTuple):
    """A number and its derivation. The formula with the values put in can be evaluated as it stands.

    ``floor((224 + 1 + 1 - 3) / 1) + 1``, for example.
    """

    what: str
    rule: str
    """The formula in words."""
    worked: str
    """The formula with the layer's values."""
    result: Size
    note: str = ""


def product(*numbers: Size) -> str:
    """``64 * 3 * 3``."""
    return " * ".join(map(factor, numbers)) or "1"


def factor(size: Size) -> str:
    """A size as a factor: a sum or a quotient of named dimensions in brackets, ``((H + 1)//2)``."""
    text = outer = str(size)
    if not is_named(size):
        return text
    while (shorter := re.sub(r"\([^()]*\)", "", outer)) != outer:
        outer = shorter
    return f"({text})" if " " in outer or "/" in outer else text
