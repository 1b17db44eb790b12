"""Read patterns against convolutions done one position at a time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.shapes.reads import (
    SAME_POSITION,
    WHOLE,
    Along,
    Fixed,
    ReadPattern,
    pointwise_reads,
    reads_except,
    transposed_reads,
    whole_reads,
    window_reads,
)
from netspec.shapes.types import TensorType, input_type

SMALL = st.integers(1, 5)


def positions(pattern: ReadPattern, j: int) -> list[int]:
    """The input positions that an output position reads."""
    period = len(pattern.rows)
    return [j // period * pattern.step + t for t in pattern.rows[j % period]]


@given(SMALL, SMALL, SMALL, st.integers(0, 4), st.integers(0, 20))
@settings(deadline=None)
def test_windows(size: int, stride: int, dilation: int, before: int, j: int) -> None:
    pattern = window_reads(size, stride, dilation, before)
    assert positions(pattern, j) == [j * stride - before + t * dilation for t in range(size)]


@given(SMALL, SMALL, SMALL, st.integers(0, 4), st.integers(0, 20))
@settings(deadline=None)
def test_transposed_windows(size: int, stride: int, dilation: int, before: int, j: int) -> None:
    pattern = transposed_reads(size, stride, dilation, before)
    expected = sorted(i for i in range(-40, 41) for t in range(size) if j == stride * i - before + dilation * t)
    assert positions(pattern, j) == expected


def test_transposed_rows_are_a_sequence() -> None:
    rows = transposed_reads(3, 2, 1, 0).rows
    assert len(rows) == 2
    assert [list(r) for r in rows[0:2]] == [list(rows[0]), list(rows[1])]
    with pytest.raises(IndexError):
        rows[2]


def test_large_windows_cost_nothing() -> None:
    assert len(window_reads(10**9, 1, 1, 0).rows[0]) == 10**9
    assert len(transposed_reads(10**9, 10**9, 1, 0).rows) == 10**9


def test_reads_by_axis() -> None:
    x = input_type((3, 8, 1))
    y = input_type((3, 8, 5))
    assert pointwise_reads(x, y) == (Along(0, SAME_POSITION), Along(1, SAME_POSITION), Fixed(0, 0))
    assert pointwise_reads(TensorType((8, 5), "float32", ("", "")), y) == (
        Along(1, SAME_POSITION),
        Along(2, SAME_POSITION),
    )
    assert whole_reads(x) == (WHOLE, WHOLE, WHOLE)
    assert reads_except(x, 1) == (Along(0, SAME_POSITION), WHOLE, Along(2, SAME_POSITION))
