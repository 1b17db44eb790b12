"""Functions that fill the pieces of a parameter: one for every kind of :class:`netspec.ops.weight.Init`."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..ir import Parameter
from ..ops.common.init_argument import misfit, pairs
from ..ops.common.init_scale import SCALES, fans
from ..ops.weight import Origin
from . import computed_initialisers
from .numpy_types import Array, convert, numpy_dtype

PIECE = 1 << 20
"""Size of a piece. The numbers for a given seed depend on it."""
PANEL = 256
"""Number of columns that are orthogonalised together."""

POWER_STEPS = 15
"""Power steps before the first step of training, as in PyTorch."""

PieceFiller: TypeAlias = Callable[[int, Array], None]
"""Fills a flat array of the parameter's type with the piece of that index."""
Sampler: TypeAlias = Callable[[np.random.Generator, Array], None]
"""Fills a flat float array with numbers sampled from a distribution."""


def stream_key(seed: int, name: str) -> int:
    """Returns the key of a parameter's random stream. Raises ValueError for a seed outside 0 to 2**64 - 1."""
    if not 0 <= seed < 1 << 64:
        raise ValueError(f"a seed is an integer from 0 to 2**64 - 1; found {seed}")
    digest = hashlib.blake2b(name.encode(), digest_size=16, key=seed.to_bytes(8, "little"))
    return int.from_bytes(digest.digest(), "little")


def piece_filler(parameter: Parameter, seed: int) -> PieceFiller:
    """Returns the function that fills a parameter's pieces.

    Raises ValueError if the initialiser does not fit the shape.
    """
    fill = _exact_filler(parameter, seed)
    if parameter.dtype != "bfloat16":
        return fill

    def fill_rounded(index: int, out: Array) -> None:
        fill(index, out)
        out[...] = convert(out, "bfloat16")

    return fill_rounded


def _exact_filler(parameter: Parameter, seed: int) -> PieceFiller:
    kind, args = parameter.init
    if reason := misfit(parameter.init, parameter.shape):
        raise ValueError(f"init {reason}; '{parameter.name}' is {list(parameter.shape)}")
    if kind in _CONSTANTS or kind == "constant":
        number = convert(np.asarray(args[0] if kind == "constant" else _CONSTANTS[kind]), parameter.dtype)
        return lambda _, out: out.fill(number)
    if kind in _COMPUTED:
        fill_from = _COMPUTED[kind](parameter.shape, args)
        return lambda index, out: fill_from(index * PIECE, out)
    if kind == "orthogonal":
        return _copy(_orthogonal(parameter, seed), parameter)
    if kind == "values":
        return _copy(np.asarray(args[0]), parameter)
    if kind in _OF_WEIGHTS:
        *rest, source = args
        return _copy(_OF_WEIGHTS[kind](_whole(source, seed), *rest), parameter)
    sample = _distribution(parameter)
    key = stream_key(seed, parameter.name)
    sampled_type = np.dtype(np.float64 if parameter.dtype == "float64" else np.float32)

    def fill(index: int, out: Array) -> None:
        numbers = out if out.dtype == sampled_type else np.empty(out.size, sampled_type)
        sample(_generator(key, index), numbers)
        if numbers is not out:
            out[...] = convert(numbers, parameter.dtype)

    return fill


def _generator(key: int, piece: int) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(key, spawn_key=(piece,))))


def _uniform(bound: float) -> Sampler:
    def sample(g: np.random.Generator, out: Array) -> None:
        g.random(out=out, dtype=out.dtype.type)
        out *= out.dtype.type(2 * bound)
        out -= out.dtype.type(bound)

    return sample


def _normal(std: float) -> Sampler:
    def sample(g: np.random.Generator, out: Array) -> None:
        g.standard_normal(out=out, dtype=out.dtype.type)
        out *= out.dtype.type(std)

    return sample


def _truncated_normal(std: float) -> Sampler:
    def sample(g: np.random.Generator, out: Array) -> None:
        g.standard_normal(out=out, dtype=out.dtype.type)
        # Numbers beyond two are resampled from the piece's own stream: exact, and the same in any thread.
        outside = _outside(out)
        while outside.size:
            out[outside] = again = g.standard_normal(outside.size, dtype=out.dtype.type)
            outside = outside[np.abs(again) > 2]
        out *= out.dtype.type(std)

    return sample


def _outside(out: Array) -> NDArray[np.intp]:
    """Indices of numbers beyond two; searched part by part, to avoid a second array of that size."""
    part = 1 << 16
    return np.concatenate([np.flatnonzero(np.abs(out[s : s + part]) > 2) + s for s in range(0, out.size, part)])


def _distribution(parameter: Parameter) -> Sampler:
    """Returns a parameter's distribution; named rules derive its scale from the shape as ``torch.nn.init`` does.

    He et al. 2015 (``he``, for ReLU, by fan in), Glorot & Bengio 2010 (``xavier``), LeCun et al. 1998 (``lecun``).
    """
    kind, args = parameter.init
    if kind in _SAMPLERS:
        return _SAMPLERS[kind](float(args[0]))
    if kind not in SCALES:
        raise ValueError(f"'{kind}' is not an initialiser ('{parameter.name}')")
    distribution, squared_scale = SCALES[kind]
    return _SAMPLERS[distribution](math.sqrt(squared_scale(*fans(parameter.shape))))


def _orthogonal(parameter: Parameter, seed: int) -> Array:
    """Returns orthonormal rows or columns, whichever are fewer, uniformly distributed (Saxe 2014; Mezzadri 2007).

    Decomposed in float64, so that a BLAS's order of summation does not affect the numbers.
    """
    rows, *rest = parameter.shape
    columns = math.prod(rest)
    flat = np.empty(rows * columns, np.float64)
    key = stream_key(seed, parameter.name)
    for i in range(-(-flat.size // PIECE)):
        _normal(1.0)(_generator(key, i), flat[i * PIECE : (i + 1) * PIECE])
    matrix = flat.reshape(rows, columns)
    _orthonormalise(matrix.T if rows < columns else matrix)
    return matrix


def _orthonormalise(matrix: Array) -> None:
    """Replaces the columns by those of Q in the decomposition Q R whose R has a positive diagonal, some at a time.

    Block Gram-Schmidt, done twice, which keeps the columns orthogonal to machine precision (Barlow & Smoktunowicz
    2013). It needs no second matrix, and no single call takes long, so that a signal is soon answered.
    """
    for start in range(0, matrix.shape[1], PANEL):
        before, panel = matrix[:, :start], matrix[:, start : start + PANEL]
        for _ in range(2):
            panel -= before @ (before.T @ panel)
        q, r = np.linalg.qr(panel)
        panel[...] = q * np.where(np.diag(r) < 0, -1.0, 1.0)


def _whole(source: Origin, seed: int) -> Array:
    """Returns the initial values of a stored weight, in double precision."""
    parameter = Parameter(source.name, source.shape, source.init, dtype=source.dtype)
    fill = piece_filler(parameter, seed)
    values = np.empty(parameter.elements, numpy_dtype(source.dtype))
    for index in range(-(-parameter.elements // PIECE)):
        fill(index, values[index * PIECE : (index + 1) * PIECE])
    return values.reshape(source.shape).astype(np.float64)


def _norm(weight: Array, axis: int) -> Array:
    """Returns the Euclidean norm at each position of an axis."""
    others = tuple(a for a in range(weight.ndim) if a != axis)
    norm: Array = np.sqrt(np.square(weight).sum(others, keepdims=True))
    return norm


def _singular_vector(weight: Array, side: int, axis: int) -> Array:
    """Returns the left (0) or right (1) singular vector of the largest singular value, by power iteration."""
    matrix = np.moveaxis(weight, axis, 0).reshape(weight.shape[axis], -1)
    right = np.full(matrix.shape[1], matrix.shape[1] ** -0.5)
    left = np.zeros(matrix.shape[0])
    for _ in range(POWER_STEPS):
        left = _normalised(matrix @ right)
        right = _normalised(matrix.T @ left)
    return right if side else left


def _normalised(vector: Array) -> Array:
    return vector / max(float(np.sqrt(np.square(vector).sum())), 1e-12)


def _copy(numbers: Array, parameter: Parameter) -> PieceFiller:
    """Returns a filler that copies the pieces of an array."""
    if numbers.size != parameter.elements:
        raise ValueError(f"init has {numbers.size} numbers; '{parameter.name}' is {list(parameter.shape)}")
    flat = convert(numbers.reshape(-1), parameter.dtype)

    def fill(index: int, out: Array) -> None:
        out[...] = flat[index * PIECE : index * PIECE + out.size]

    return fill


def _formula(shape: tuple[int, ...], args: tuple[Any, ...]) -> computed_initialisers.RangeFiller:
    from .formula_values import formula  # few networks have formulas

    return formula(shape, args[0])


_CONSTANTS = {"zeros": 0, "ones": 1}
_SAMPLERS: dict[str, Callable[[float], Sampler]] = {
    "uniform": _uniform,
    "normal": _normal,
    "truncated_normal": _truncated_normal,
}
_COMPUTED: dict[str, Callable[[tuple[int, ...], tuple[Any, ...]], computed_initialisers.RangeFiller]] = {
    "identity": lambda shape, _: computed_initialisers.identity(shape),
    "relative_position_index": lambda _, sizes: computed_initialisers.relative_position_index(pairs(sizes)),
    "log_relative_coordinates": lambda _, sizes: computed_initialisers.log_relative_coordinates(sizes),
    "shifted_window_mask": lambda _, args: computed_initialisers.shifted_window_mask(*args),
    "formula": _formula,
}
"""Initialisers computed from the shape and the arguments."""
_OF_WEIGHTS: dict[str, Callable[..., Array]] = {"norm": _norm, "singular_vector": _singular_vector}
"""Initialisers computed from the initial values of another weight."""
