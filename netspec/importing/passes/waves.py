"""Recognises tables of cosines and sines of ``position * theta ** (-i / n)``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from ...ops.argument import as_list
from ...weights.numpy_types import Array
from ..draft import Draft, DraftNetwork
from ..frequencies import bases, powers

Kind: TypeAlias = Literal["cos", "sin"]
ROUNDING = 1e-10
"""Error of cosines and sines of angles up to a million in double precision."""
SINGLE = 2.0**-24
"""Error of numbers up to 1 that are rounded to single precision."""


class Waves(NamedTuple):
    """A table of cosines or sines."""

    kind: Kind
    theta: float
    pairs: int
    positions: int
    table: Array


def waves_of(network: DraftNetwork) -> Mapping[int, Waves]:
    """Returns the tables of a network that contain waves, by value number.

    Tables that the source computed in single precision differ from the formula and are not replaced. Where only the
    rounded numbers are known, each must be the number of the formula, rounded.
    """
    tables: dict[int, Array] = {}
    for draft in network.drafts:
        table = _table(network, draft) if draft.operation == "buffer" else None
        if table is not None and table.dtype.kind == "f":
            tables[draft.outputs[0]] = table
    recognised: dict[int, Waves] = {}
    thetas: list[float] = []
    for kind in ("sin", "cos"):  # a sine is small where an angle is: its base is known better
        for value, table in tables.items():
            waves = _waves(table, kind, thetas) if value not in recognised else None
            if waves is not None:
                recognised[value] = waves
                thetas = list(dict.fromkeys([*thetas, waves.theta]))
    return recognised


def _table(network: DraftNetwork, buffer: Draft) -> Array | None:
    """Returns the numbers of a buffer, in double precision if known; None if a rule describes them."""
    name = buffer.weights.get("", "")
    table = network.exact_tables.get(name, network.tables.get(name))
    if table is not None:
        return np.asarray(table)
    init: Any = buffer.arguments.get("init")
    return np.asarray(as_list(init), buffer.arguments.get("dtype", "float32")) if isinstance(init, list) else None


def _waves(table: Array, kind: Kind, thetas: list[float]) -> Waves | None:
    """Returns the layout of a table: each angle once, twice in a row, or in both halves; or None."""
    sizes = [n for n in table.shape if n != 1]
    if len(sizes) != 2 or table.shape[-1] == 1:
        return None
    rows = np.asarray(table, np.float64).reshape(sizes)
    rounding = ROUNDING if table.dtype == np.float64 else SINGLE
    if not bool((rows[0] == (1 if kind == "cos" else 0)).all()):
        return None
    for columns in _columns(rows):
        for theta in (*thetas, *_thetas(columns[1], kind)):
            angles = np.outer(np.arange(len(rows)), powers(theta, columns.shape[1]))
            exact = np.cos(angles) if kind == "cos" else np.sin(angles)
            if bool((np.abs(columns - exact) <= rounding).all()):
                return Waves(kind, theta, columns.shape[1], sizes[0], np.asarray(table, np.float64))
    return None


def _columns(rows: Array) -> Iterator[Array]:
    half, rest = divmod(rows.shape[1], 2)
    if not rest and np.array_equal(rows[:, :half], rows[:, half:]):
        yield rows[:, :half]
    elif not rest and np.array_equal(rows[:, ::2], rows[:, 1::2]):
        yield rows[:, ::2]
    else:
        yield rows


def _thetas(row: Array, kind: Kind) -> Iterator[float]:
    """Yields candidate bases for the numbers of the second position."""
    if kind == "sin" and row.size > 1 and 0 < row[-1] < 1:
        yield from bases(float(np.arcsin(row[-1])), row.size)
