"""Random patterns of ``rearrange`` and ``einsum`` for tensors of given shapes."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from netspec.shapes.types import FLOATS

if TYPE_CHECKING:
    from .random_arguments import Placement

NAMES = [*"abcdefghijklmnopqrstuvwxyz", "height", "width", "channels", "sequence"]


class RandomSide:
    """Names for the axes of a tensor, some of which are divided.

    Args:
        r: the source of randomness.
        names: names that are free; those that are used are removed.
        sizes: receives the sizes that the pattern needs.
    """

    def __init__(self, r: Random, names: list[str], sizes: dict[str, int]) -> None:
        self.r = r
        self.names = names
        self.given = sizes
        self.sizes: dict[str, int] = {}

    def new(self, size: int) -> str:
        """A new name with a size."""
        name = self.names.pop(self.r.randrange(len(self.names)))
        self.sizes[name] = size
        return name

    def divided(self, n: int) -> str:
        """The text of an axis of that size."""
        if n == 1 and self.r.random() < 0.4:
            return "1"
        if self.r.random() < 0.6:
            return self.new(n)
        parts: list[str] = []
        rest = n
        for _ in range(self.r.randint(1, 2)):
            parts.append(self.new(divisor(self.r, rest)))
            rest //= self.sizes[parts[-1]]
        parts.append(self.new(rest))
        self.r.shuffle(parts)
        known = parts if self.r.random() < 0.2 else self.r.sample(parts, len(parts) - 1)
        self.given.update({name: self.sizes[name] for name in known})
        return f"({' '.join(parts)})"


def divisor(r: Random, n: int) -> int:
    """A random divisor."""
    return r.choice([d for d in range(1, n + 1) if n % d == 0])


def joined(r: Random, names: list[str]) -> str:
    """Names in a row, some of them in parentheses."""
    items: list[str] = []
    rest = [*names]
    while rest:
        count = r.choice([1, 1, 1, 2, 3])
        group, rest = rest[:count], rest[count:]
        items.append(group[0] if len(group) == 1 and r.random() < 0.95 else f"({' '.join(group)})")
    if r.random() < 0.15:
        items.insert(r.randint(0, len(items)), "1")
    return " ".join(items)


def random_pattern(s: Placement) -> str:
    """A pattern of ``rearrange``, with the sizes and the reduction that it needs among the arguments."""
    given: dict[str, int] = {}
    side = RandomSide(s.r, [*NAMES], given)
    rest = s.r.randint(0, s.x.rank) if s.chance(0.2) else s.x.rank
    left = [side.divided(n) for n in s.x.shape[:rest]] + ["..."] * (rest < s.x.rank or s.chance(0.05))
    names = [*side.sizes]
    if names and s.chance(0.35):
        s.args["by"] = s.r.choice(["sum", "max", "min", *(["mean", "prod"] if s.x.dtype in FLOATS else [])])
        names = s.r.sample(names, s.r.randint(0, len(names) - 1))
    if s.chance(0.6):
        s.r.shuffle(names)
    if s.chance(0.25):
        new = side.new(s.r.randint(1, 3))
        given[new] = side.sizes[new]
        names.insert(s.r.randint(0, len(names)), new)
    right = joined(s.r, names)
    if "..." in left:
        right = f"{right} ..." if s.chance(0.5) else f"... {right}"
    s.args.update(given)
    return f"{' '.join(left)} -> {right}"


def random_product(r: Random, shape: tuple[int, ...]) -> tuple[str, list[list[int]], dict[str, int]]:
    """A pattern of ``einsum`` for an input of a shape: the pattern, the shapes of further inputs, and sizes."""
    given: dict[str, int] = {}
    side = RandomSide(r, [*NAMES], given)
    sides = [" ".join(side.divided(n) for n in shape)]
    shapes: list[list[int]] = []
    for _ in range(r.choice([1, 1, 1, 2])):
        known = r.sample([*side.sizes], r.randint(0, min(3, len(side.sizes))))
        known += [side.new(r.randint(1, 4)) for _ in range(r.randint(0, 1))]
        r.shuffle(known)
        sides.append(" ".join(known))
        shapes.append([side.sizes[name] for name in known])
    right = r.sample([*side.sizes], r.randint(0, len(side.sizes)))
    return f"{', '.join(sides)} -> {joined(r, right)}", shapes, given
