"""Initial values of a parameter, determined by a seed and the parameter's full name.

A parameter is sampled in pieces of 2**20 numbers. Each piece has its own generator: SFC64 (Doty-Humphrey 2010, a
quarter faster than Philox for normal numbers), seeded by ``SeedSequence`` with the BLAKE2b hash of the parameter's
name, keyed by the seed, and with the piece's index. The numbers therefore depend on neither order, threads, backend nor
other layers, and a large tensor is never held whole.

Numbers are sampled in float32 (in float64 for a float64 parameter) and then converted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from ..ir import Parameter
from .initialisers import PIECE, piece_filler
from .numpy_types import Array, numpy_dtype

AHEAD = 2
"""Number of pieces that the pool computes ahead while the caller uses one."""


def pieces(parameter: Parameter, seed: int, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
    """Yields the initial values in order, as flat arrays of 2**20 elements (the last may be shorter).

    With a pool, the next pieces are computed while one is used; do not call this from one of the pool's threads.

    Raises:
        ValueError: the initialiser does not fit the shape.
    """
    if not parameter.elements:
        return
    fill_piece = piece_filler(parameter, seed)
    dtype = numpy_dtype(parameter.dtype)
    total = parameter.elements
    count = -(-total // PIECE)

    def compute(index: int) -> Array:
        out = np.empty(min(PIECE, total - index * PIECE), dtype)
        fill_piece(index, out)
        return out

    if pool is None or count == 1:
        yield from map(compute, range(count))
        return
    pending: deque[Future[Array]] = deque()
    try:
        for index in range(count):
            if len(pending) == AHEAD:
                yield pending.popleft().result()
            pending.append(pool.submit(compute, index))
        while pending:
            yield pending.popleft().result()
    finally:
        for future in pending:
            future.cancel()


def values(parameter: Parameter, seed: int, pool: ThreadPoolExecutor | None = None) -> Array:
    """The initial values as one array of the parameter's shape; raises as :func:`pieces`."""
    out = np.empty(parameter.shape, numpy_dtype(parameter.dtype))
    fill(out, parameter, seed, pool)
    return out


def fill(out: Array, parameter: Parameter, seed: int, pool: ThreadPoolExecutor | None = None) -> None:
    """Writes the initial values into ``out``, an array with as many elements, of any element type.

    Raises:
        ValueError: the number of elements differs; and as :func:`pieces`.
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
    fill_piece = piece_filler(parameter, seed)

    def compute(index: int) -> None:
        fill_piece(index, flat[index * PIECE : (index + 1) * PIECE])

    indices = range(-(-flat.size // PIECE))
    deque(map(compute, indices) if pool is None or len(indices) == 1 else pool.map(compute, indices), maxlen=0)
