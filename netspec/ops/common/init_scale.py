"""Initialisers whose scale follows from the shape: He et al. 2015, Glorot & Bengio 2010, LeCun et al. 1998."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..weight import Init

SCALES: dict[str, tuple[str, Callable[[int, int], float]]] = {
    "he_normal": ("normal", lambda fan_in, fan_out: 2 / fan_in),
    "he_uniform": ("uniform", lambda fan_in, fan_out: 6 / fan_in),
    "xavier_normal": ("normal", lambda fan_in, fan_out: 2 / (fan_in + fan_out)),
    "xavier_uniform": ("uniform", lambda fan_in, fan_out: 6 / (fan_in + fan_out)),
    "lecun_normal": ("normal", lambda fan_in, fan_out: 1 / fan_in),
}
"""Distribution by rule, and the square of its scale (standard deviation or bound) from fan in and fan out."""


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """Fan in and fan out of a weight (out, in, *kernel)."""
    fan_out, fan_in, *kernel = shape
    positions = math.prod(kernel)
    return fan_in * positions, fan_out * positions


def stacked_init(init: Init, shape: Sequence[int], count: int) -> Init | None:
    """The initial values of a number of stacked tensors of a shape; None if there is no such rule."""
    if init.kind in SCALES:
        distribution, squared = SCALES[init.kind]
        return Init(distribution, (math.sqrt(squared(*fans(shape))),))
    if init.kind == "values":
        values: Any = init.args[0]
        return Init("values", ((values,) * count,))
    known = ("zeros", "ones", "constant", "uniform", "normal", "truncated_normal")
    return init if init.kind in known else None
