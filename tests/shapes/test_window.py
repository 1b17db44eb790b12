"""Window arithmetic against its definition: windows laid over an axis one by one."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.shapes.shape_error import ShapeError
from netspec.shapes.window import (
    Window,
    has_empty_window,
    multiple_within,
    output_size,
    transposed_output_size,
    window_padding,
)


def no_position() -> ShapeError:
    """The error of a window that does not fit."""
    return ShapeError("NS510", "the window does not fit")


def starts(n: int, w: Window) -> list[int]:
    """The first positions of the windows that fit an axis with its padding."""
    before, after = window_padding(n, w)
    return list(range(-before, n + after - w.extent + 1, w.stride))


@pytest.mark.parametrize(
    ("n", "w"),
    [
        (n, Window(size, stride, dilation, (before, after)))
        for n, size, stride, dilation, before, after in product((1, 5, 8), (1, 2, 3), (1, 2, 3), (1, 2), (0, 1), (0, 1))
    ],
)
def test_output_size_counts_the_windows_that_fit(n: int, w: Window) -> None:
    expected = len(starts(n, w))
    if not expected:
        with pytest.raises(ShapeError):
            output_size(n, w, no_position)
    else:
        assert output_size(n, w, no_position) == expected


@pytest.mark.parametrize(("pads", "n", "stride", "expected", "padding"), [
    ("same", 7, 2, 4, (1, 1)), ("same", 8, 2, 4, (0, 1)), ("same", 5, 1, 5, (1, 1)), ("valid", 7, 2, 3, (0, 0)),
    ("causal", 7, 1, 7, (2, 0)),
])  # fmt: skip
def test_padding_by_word(pads: str, n: int, stride: int, expected: int, padding: tuple[int, int]) -> None:
    w = Window(3, stride, 1, pads)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # a word
    assert window_padding(n, w) == padding
    assert output_size(n, w, no_position) == expected


@pytest.mark.parametrize(("n", "expected"), [(7, 3), (8, 4), (9, 4)])
def test_ceil_mode_counts_a_window_that_starts_inside(n: int, expected: int) -> None:
    assert output_size(n, Window(3, 2, 1, (0, 0), ceil_mode=True), no_position) == expected


@given(
    st.integers(1, 12), st.integers(1, 4), st.integers(1, 4), st.integers(1, 12), st.integers(0, 20), st.integers(0, 20)
)
@settings(deadline=None)
def test_empty_windows(n: int, size: int, stride: int, dilation: int, before: int, after: int) -> None:
    w = Window(size, stride, dilation, (before, after))
    if before + after >= w.extent:  # otherwise a window may lie before or after all elements
        return
    windows = starts(n, w)
    empty = any(not any(0 <= first + t * dilation < n for t in range(size)) for first in windows)
    assert has_empty_window(n, w, len(windows), AssertionError) is empty


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 39), st.integers(0, 39))
@settings(deadline=None)
def test_multiple_within(step: int, modulus: int, low: int, high: int) -> None:
    low, high = low % modulus, high % modulus

    def inside(r: int) -> bool:
        return low <= r <= high if low <= high else r >= low or r <= high

    expected = next((i for i in range(modulus) if inside(i * step % modulus)), None)
    assert multiple_within(step, modulus, low, high) == expected


@pytest.mark.parametrize(("w", "output_padding", "expected"), [
    (Window(3, 2, 1, (1, 1)), None, 9), (Window(3, 2, 1, (1, 1)), 1, 10), (Window(3, 2, 1, "valid"), None, 11),
    (Window(3, 2, 1, "same"), None, 10), (Window(2, 3, 1, "same"), None, 15), (Window(3, 1, 2, (0, 0)), None, 9),
])  # fmt: skip
def test_transposed_output_size(w: Window, output_padding: int | None, expected: int) -> None:
    assert transposed_output_size(5, w, output_padding, no_position) == expected


def test_a_transposed_window_that_leaves_nothing() -> None:
    with pytest.raises(ShapeError):
        transposed_output_size(1, Window(1, 1, 1, (1, 1)), None, no_position)
