from __future__ import annotations

import pytest

from netspec.ops.argument import ArgumentError
from netspec.shapes.shape_error import ShapeError

from .onnx_rows import CHAINS, SCALES, Row, Shape, rows

ROWS = {row.case: row for row in rows()}

NO_DILATION = "PyTorch's average and power-average pooling have no dilation"
INDICES = "the places of the greatest values are not an output"
ONLY_2D = "power-average pooling is over two window axes"
ASPECT = "sizes that keep the ratio of the axes are an expression's business"
UNEXPRESSED: dict[str, str] = {
    "test_averagepool_2d_dilations": NO_DILATION,
    "test_averagepool_3d_dilations_large_count_include_pad_is_0_ceil_mode_is_False": NO_DILATION,
    "test_averagepool_3d_dilations_large_count_include_pad_is_0_ceil_mode_is_True": NO_DILATION,
    "test_averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_False": NO_DILATION,
    "test_averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_True": NO_DILATION,
    "test_averagepool_3d_dilations_small": NO_DILATION,
    "test_lppool_1d_default": ONLY_2D,
    "test_lppool_2d_dilations": NO_DILATION,
    "test_lppool_3d_default": ONLY_2D,
    "test_maxpool_with_argmax_2d_precomputed_pads": INDICES,
    "test_maxpool_with_argmax_2d_precomputed_strides": INDICES,
    "test_reshape_allowzero_reordered": "sizes are 1 or more",
    "test_resize_downsample_sizes_nearest_not_larger": ASPECT,
    "test_resize_downsample_sizes_nearest_not_smaller": ASPECT,
    "test_resize_upsample_sizes_nearest_not_larger": ASPECT,
    "test_resize_upsample_sizes_nearest_not_smaller": ASPECT,
}
"""What our operations cannot say, and why."""


def outcome(row: Row) -> list[Shape] | None:
    """Shapes that our operations give; None where an operation or argument is missing or refused."""
    try:
        return CHAINS[row.op](row)
    except (KeyError, ArgumentError, ShapeError):
        return None


def test_the_table_is_whole() -> None:
    assert len(ROWS) == 180
    assert set(UNEXPRESSED) <= set(ROWS)
    assert set(SCALES) <= set(ROWS)
    assert {row.op for row in ROWS.values()} == set(CHAINS)


@pytest.mark.parametrize("case", [case for case in ROWS if case not in UNEXPRESSED])
def test_shapes_are_onnx(case: str) -> None:
    row = ROWS[case]
    assert CHAINS[row.op](row) == row.outputs


@pytest.mark.parametrize("case", UNEXPRESSED)
def test_what_is_not_expressed_still_is_not(case: str) -> None:
    assert outcome(ROWS[case]) != ROWS[case].outputs
