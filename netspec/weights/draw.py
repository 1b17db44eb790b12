"""Initial values by seed and full name of a parameter.

Every parameter is drawn in pieces of 2**20 numbers, each from a generator of its own: SFC64 (Doty-Humphrey 2010,
which takes a quarter less time than Philox for normal numbers), seeded by ``SeedSequence`` with the BLAKE2b hash of the
parameter's name under the seed, and the number of the piece. So the numbers depend on neither order, threads, backend
nor other layers, and a large tensor is never held whole.

Numbers are drawn in float32 (in float64 for a parameter of that type) and then converted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from ..ir import Parameter
from .dtypes import Array, numpy_dtype
from .rules import PIECE, rule_for

AHEAD = 2
"""Pieces that a pool works on while the one before them is used."""


def pieces(parameter: Parameter, seed: int, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
    """The initial values in order, as flat arrays of 2**20 elements (the last may be shorter).

    With a pool, further pieces are drawn in it while one is used; do not call it from one of the pool's threads.
    Raises ValueError where the initialiser does not fit the shape.
    """
    if not parameter.elements:
        return
    rule = rule_for(parameter, seed)
    dtype = numpy_dtype(parameter.dtype)
    total = parameter.elements
    count = -(-total // PIECE)

    def one(i: int) -> Array:
        out = np.empty(min(PIECE, total - i * PIECE), dtype)
        rule(i, out)
        return out

    if pool is None or count == 1:
        for i in range(count):
            yield one(i)
        return
    waiting: deque[Future[Array]] = deque()
    try:
        for i in range(count):
            if len(waiting) == AHEAD:
                yield waiting.popleft().result()
            waiting.append(pool.submit(one, i))
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def values(parameter: Parameter, seed: int, pool: ThreadPoolExecutor | None = None) -> Array:
    """The initial values as one array of the parameter's shape; raises as :func:`pieces`."""
    out = np.empty(parameter.shape, numpy_dtype(parameter.dtype))
    fill(out, parameter, seed, pool)
    return out


def fill(out: Array, parameter: Parameter, seed: int, pool: ThreadPoolExecutor | None = None) -> None:
    """Writes the initial values into ``out``, which has as many elements and any element type.

    Raises:
        ValueError: another number of elements, or as :func:`pieces`.
    """
    if out.size != parameter.elements:
        raise ValueError(f"'{parameter.name}' has {parameter.elements} elements; the array has {out.size}")
    if not out.size:
        return
    if not (out.flags.c_contiguous and out.dtype == numpy_dtype(parameter.dtype)):
        start = 0
        for piece in pieces(parameter, seed, pool):
            out.flat[start : start + piece.size] = piece
            start += piece.size
        return
    flat = out.reshape(-1)
    rule = rule_for(parameter, seed)

    def one(i: int) -> None:
        rule(i, flat[i * PIECE : (i + 1) * PIECE])

    count = -(-flat.size // PIECE)
    if pool is None or count == 1:
        for i in range(count):
            one(i)
    else:
        deque(pool.map(one, range(count)), maxlen=0)
