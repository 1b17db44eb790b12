"""Patterns by their definition: a loop over the values of all names. Slow, and without reshapes and transpositions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Groups = tuple[tuple[str, ...], ...]
START = {"sum": 0.0, "mean": 0.0, "prod": 1.0, "max": -np.inf, "min": np.inf}


def groups(side: str, rest: int) -> Groups:
    """The names that each axis of a side joins; ``...`` is so many axes."""
    out: list[tuple[str, ...]] = []
    for item in side.replace("(", " ( ").replace(")", " ) ").split(" ( "):
        inside, closed, after = item.partition(")")
        if closed:
            out.append(tuple(n for word in inside.split() for n in _names(word, rest)))
            inside = after
        for word in inside.split():
            out += [()] if word == "1" else [(name,) for name in _names(word, rest)]
    return tuple(out)


def _names(word: str, rest: int) -> list[str]:
    return [] if word == "1" else [f"...{i}" for i in range(rest)] if word == "..." else [word]


def place(names: Groups, at: Mapping[str, int], sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The indices along axes that join names."""
    out: list[int] = []
    for group in names:
        index = 0
        for name in group:
            index = index * sizes[name] + at[name]
        out.append(index)
    return tuple(out)


def evaluate(pattern: str, sizes: Mapping[str, int], by: str, inputs: Sequence[Array]) -> Array:
    """What a pattern makes of arrays without a batch; ``sizes`` has the size of every name."""
    left, right = pattern.split("->")
    rest = sum(name.startswith("...") for name in sizes)
    sides, output = [groups(side, rest) for side in left.split(",")], groups(right, rest)
    shape = tuple(int(np.prod([sizes[n] for n in group], dtype=int)) for group in output)
    out = np.full(shape, START[by], dtype=np.float64)
    names = [*dict.fromkeys(n for side in (*sides, output) for group in side for n in group)]
    for indices in product(*(range(sizes[n]) for n in names)):
        at = dict(zip(names, indices, strict=True))
        value = np.prod([x[place(side, at, sizes)] for x, side in zip(inputs, sides, strict=True)], dtype=np.float64)
        target = place(output, at, sizes)
        if by in ("sum", "mean"):
            out[target] += value
        else:
            out[target] = {"prod": out[target] * value, "max": max(out[target], value), "min": min(out[target], value)}[
                by
            ]
    if by == "mean":
        gone = [n for side in sides for group in side for n in group if n not in {m for g in output for m in g}]
        out /= np.prod([sizes[n] for n in gone])
    return out


def reads(pattern: str, sizes: Mapping[str, int], number: int = 0) -> npt.NDArray[np.bool_]:
    """Which elements of an input each element of the output depends on: (*output shape, *input shape)."""
    left, right = pattern.split("->")
    rest = sum(name.startswith("...") for name in sizes)
    side, output = groups(left.split(",")[number], rest), groups(right, rest)
    shapes = [int(np.prod([sizes[n] for n in group], dtype=int)) for group in (*output, *side)]
    out = np.zeros(shapes, dtype=bool)
    names = [*dict.fromkeys(n for group in (*side, *output) for n in group)]
    for indices in product(*(range(sizes[n]) for n in names)):
        at = dict(zip(names, indices, strict=True))
        out[(*place(output, at, sizes), *place(side, at, sizes))] = True
    return out
