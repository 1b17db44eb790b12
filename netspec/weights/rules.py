"""Rules by which the pieces of a parameter are filled: one for every kind of :class:`netspec.ops.base.Init`."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..ir import Parameter
from ..ops.common.initial import misfit, pairs
from . import tables
from .dtypes import Array, converted

PIECE = 1 << 20
"""Numbers in a piece; part of what a seed means."""

Rule: TypeAlias = Callable[[int, Array], None]
"""Fills a flat array of the parameter's type with piece number i."""
Draw: TypeAlias = Callable[[np.random.Generator, Array], None]


def key(seed: int, name: str) -> int:
    """What a parameter's numbers follow from. Raises ValueError for a seed that is not from 0 to 2**64 - 1."""
    if not 0 <= seed < 1 << 64:
        raise ValueError(f"a seed is a whole number from 0 to 2**64 - 1; found {seed}")
    digest = hashlib.blake2b(name.encode(), digest_size=16, key=seed.to_bytes(8, "little"))
    return int.from_bytes(digest.digest(), "little")


def rule_for(parameter: Parameter, seed: int) -> Rule:
    """What fills the pieces of a parameter. Raises ValueError where the initialiser does not fit the shape."""
    rule = _exact_rule(parameter, seed)
    if parameter.dtype != "bfloat16":
        return rule

    def rounded(i: int, out: Array) -> None:
        rule(i, out)
        out[...] = converted(out, "bfloat16")

    return rounded


def _exact_rule(parameter: Parameter, seed: int) -> Rule:
    kind, args = parameter.init
    if reason := misfit(parameter.init, parameter.shape):
        raise ValueError(f"init {reason}; '{parameter.name}' is {list(parameter.shape)}")
    if kind in _CONSTANTS or kind == "constant":
        number = converted(np.asarray(args[0] if kind == "constant" else _CONSTANTS[kind]), parameter.dtype)
        return lambda i, out: out.fill(number)
    if kind in _TABLES:
        flat = _TABLES[kind](parameter.shape, args)
        return lambda i, out: flat(i * PIECE, out)
    if kind == "orthogonal":
        return _given(_orthogonal(parameter, seed), parameter)
    if kind == "values":
        return _given(np.asarray(args[0]), parameter)
    draw = _distribution(parameter)
    stream = key(seed, parameter.name)
    drawn_in = np.dtype(np.float64 if parameter.dtype == "float64" else np.float32)

    def rule(i: int, out: Array) -> None:
        numbers = out if out.dtype == drawn_in else np.empty(out.size, drawn_in)
        draw(_generator(stream, i), numbers)
        if numbers is not out:
            out[...] = converted(numbers, parameter.dtype)

    return rule


def _generator(stream: int, piece: int) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(stream, spawn_key=(piece,))))


def _uniform(bound: float) -> Draw:
    def draw(g: np.random.Generator, out: Array) -> None:
        g.random(out=out, dtype=out.dtype.type)
        out *= out.dtype.type(2 * bound)
        out -= out.dtype.type(bound)

    return draw


def _normal(std: float) -> Draw:
    def draw(g: np.random.Generator, out: Array) -> None:
        g.standard_normal(out=out, dtype=out.dtype.type)
        out *= out.dtype.type(std)

    return draw


def _truncated_normal(std: float) -> Draw:
    def draw(g: np.random.Generator, out: Array) -> None:
        g.standard_normal(out=out, dtype=out.dtype.type)
        # What lies outside is drawn again from the piece's own stream: exact, and the same in any thread.
        outside = _outside(out)
        while outside.size:
            out[outside] = again = g.standard_normal(outside.size, dtype=out.dtype.type)
            outside = outside[np.abs(again) > 2]
        out *= out.dtype.type(std)

    return draw


def _outside(out: Array) -> NDArray[np.intp]:
    """Where numbers lie beyond two; searched in parts, to hold no second array of that size."""
    part = 1 << 16
    return np.concatenate([np.flatnonzero(np.abs(out[s : s + part]) > 2) + s for s in range(0, out.size, part)])


def _distribution(parameter: Parameter) -> Draw:
    """What to draw from; the named rules take their scale from the shape as ``torch.nn.init`` does.

    He et al. 2015 (``he``, for ReLU, by fan in), Glorot & Bengio 2010 (``xavier``), LeCun et al. 1998 (``lecun``).
    """
    kind, args = parameter.init
    if kind in _PLAIN:
        return _PLAIN[kind](float(args[0]))
    if kind not in _SCALES:
        raise ValueError(f"'{kind}' is no initialiser ('{parameter.name}')")
    distribution, squared = _SCALES[kind]
    return _PLAIN[distribution](math.sqrt(squared(*fans(parameter))))


def fans(parameter: Parameter) -> tuple[int, int]:
    """Fan in and fan out of a weight (out, in, *kernel)."""
    out, into, *kernel = parameter.shape
    taps = math.prod(kernel)
    return into * taps, out * taps


def _orthogonal(parameter: Parameter, seed: int) -> Array:
    """Orthonormal rows or columns, whichever are fewer, uniformly distributed (Saxe et al. 2014; Mezzadri 2007).

    Decomposed in float64, so that the order in which a BLAS adds does not show in the numbers.
    """
    rows, *rest = parameter.shape
    columns = math.prod(rest)
    flat = np.empty(rows * columns, np.float64)
    stream = key(seed, parameter.name)
    for i in range(-(-flat.size // PIECE)):
        _normal(1.0)(_generator(stream, i), flat[i * PIECE : (i + 1) * PIECE])
    matrix = flat.reshape(rows, columns)
    q, r = np.linalg.qr(matrix.T if rows < columns else matrix)
    q *= np.where(np.diag(r) < 0, -1.0, 1.0)
    return q.T if rows < columns else q


def _given(numbers: Array, parameter: Parameter) -> Rule:
    if numbers.size != parameter.elements:
        raise ValueError(f"init gives {numbers.size} numbers; '{parameter.name}' is {list(parameter.shape)}")
    flat = converted(numbers.reshape(-1), parameter.dtype)

    def rule(i: int, out: Array) -> None:
        out[...] = flat[i * PIECE : i * PIECE + out.size]

    return rule


_CONSTANTS = {"zeros": 0, "ones": 1}
_PLAIN: dict[str, Callable[[float], Draw]] = {
    "uniform": _uniform,
    "normal": _normal,
    "truncated_normal": _truncated_normal,
}
_SCALES: dict[str, tuple[str, Callable[[int, int], float]]] = {
    "he_normal": ("normal", lambda into, out: 2 / into),
    "he_uniform": ("uniform", lambda into, out: 6 / into),
    "xavier_normal": ("normal", lambda into, out: 2 / (into + out)),
    "xavier_uniform": ("uniform", lambda into, out: 6 / (into + out)),
    "lecun_normal": ("normal", lambda into, out: 1 / into),
}
"""Rule -> distribution, and from fan in and fan out the square of its scale: standard deviation or bound."""
_TABLES: dict[str, Callable[[tuple[int, ...], tuple[Any, ...]], tables.FlatRule]] = {
    "identity": lambda shape, _: tables.identity(shape),
    "relative_position_index": lambda _, sizes: tables.relative_position_index(pairs(sizes)),
    "log_relative_coordinates": lambda _, sizes: tables.log_relative_coordinates(sizes),
    "shifted_window_mask": lambda _, args: tables.shifted_window_mask(*args),
}
"""What is computed, from the shape and the arguments."""
