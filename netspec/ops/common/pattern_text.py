"""The patterns of ``rearrange`` and ``einsum`` as they are written: names for the axes of tensors."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ... import limits
from ...diagnostics import clip
from ...shapes.shape_error import ShapeError

_TOKEN = re.compile(r"\s*(?:([A-Za-z_][A-Za-z0-9_]*)|([0-9]+)|(->|\.\.\.|[(),])|(\S))")
REST = "..."
"""The axes that a pattern leaves alone."""
ARROW = "->"
_FORM = 'a pattern is like "c h w -> (h w) c"'


class AxisPattern(NamedTuple):
    """What one axis is made of, or all axes that are left alone."""

    names: tuple[str, ...]
    """The names that it joins; none for an axis of size 1. ``...`` stands for the axes that are left alone."""
    is_rest: bool = False
    """Whether it is ``...`` outside of parentheses, which stands for any number of axes."""


Side = tuple[AxisPattern, ...]


class Pattern(NamedTuple):
    """A pattern: a side for each input, and one for the output."""

    text: str
    inputs: tuple[Side, ...]
    output: Side

    @property
    def quoted(self) -> str:
        """The pattern in a message."""
        return f'"{clip(self.text)}"'

    @property
    def left(self) -> dict[str, None]:
        """All names of the inputs, in order."""
        return {name: None for side in self.inputs for name in names_of(side)}

    @property
    def right(self) -> dict[str, None]:
        """All names of the output, in order."""
        return dict.fromkeys(names_of(self.output))

    def side_text(self, number: int) -> str:
        """One side as it is written; the output is the last."""
        sides = [*self.text.partition(ARROW)[0].split(","), self.text.partition(ARROW)[2]]
        return clip(" ".join(sides[number].split()))


def names_of(side: Side) -> list[str]:
    """All names of a side, in order."""
    return [name for item in side for name in item.names]


def item_text(names: tuple[str, ...]) -> str:
    """The parts of one axis, as written: ``c``, ``(y p)``, ``1``."""
    return names[0] if len(names) == 1 else f"({' '.join(names)})" if names else "1"


@lru_cache(maxsize=1024)
def read_pattern(text: str) -> Pattern:
    """Read a pattern. Raises ShapeError NS425, or NS919 for one that is too long."""
    if len(text) > limits.PATTERN:
        raise _fault(text, f"is longer than {limits.PATTERN:,} characters", "NS919", help="shorter names")
    left, arrow, right = text.partition(ARROW)
    if not arrow or ARROW in right:
        how_many = "two" if arrow else "no"
        raise _fault(text, f"has {how_many} '->' between its two sides")
    inputs = tuple(_side(text, part, "left") for part in left.split(","))
    if "," in right:
        raise _fault(text, "has a ',' on the right: there is one output")
    pattern = Pattern(text, inputs, _side(text, right, "right"))
    count = len({**pattern.left, **pattern.right})
    if count > limits.PATTERN_AXES:
        raise too_many_axes(pattern, count)
    return pattern


def too_many_axes(pattern: Pattern, count: int) -> ShapeError:
    """NS919: a pattern has too many axes."""
    message = f"the pattern {pattern.quoted} has {count} axes: there are at most {limits.PATTERN_AXES}"
    return ShapeError("NS919", message, help="'reshape' joins some of them first", argument="pattern")


def _fault(text: str, what: str, code: str = "NS425", *, help: str | None = None) -> ShapeError:
    return ShapeError(code, f'the pattern "{clip(text)}" {what}', help=help or _FORM, argument="pattern")


def _side(text: str, part: str, side: str) -> Side:
    items: list[AxisPattern] = []
    group: list[str] | None = None
    seen: set[str] = set()
    for match in _TOKEN.finditer(part):
        name, number, sign, other = match.groups()
        if other is not None:
            raise _fault(text, f"has a '{clip(other)}', which means nothing in a pattern", help=_HELP.get(other))
        if number is not None and number != "1":
            help = f"name the axis, and give its size as a key: `k: {clip(number)}`"
            raise _fault(text, f"has the number {clip(number)}: only 1 stands for itself", help=help)
        if sign == "(":
            if group is not None:
                raise _fault(text, "has parentheses within parentheses")
            group = []
        elif sign == ")":
            if group is None:
                raise _fault(text, "has a ')' without a '('")
            items.append(AxisPattern(tuple(group)))
            group = None
        else:
            word = name or sign
            if word in seen:
                raise _fault(text, f"has '{clip(word)}' twice on the {side}", help="each axis has a name of its own")
            if word == REST and group is not None and side == "left":
                raise _fault(text, "has '...' in parentheses on the left: which sizes it has would not follow")
            names = [word] if word is not None else []
            seen.update(names)
            if group is not None:
                group += names
            else:
                items.append(AxisPattern(tuple(names), word == REST))
    if group is not None:
        raise _fault(text, "has a '(' without a ')'")
    return tuple(items)


_HELP = {
    "…": "three dots, '...', stand for axes that are left alone",
    ".": "three dots, '...', stand for axes that are left alone",
    "→": "'->' stands between the two sides",
    "*": "parentheses join axes: (h w)",
    "[": "parentheses join axes: (h w)",
    "-": "names have letters, digits and '_'; '->' stands between the two sides",
}
