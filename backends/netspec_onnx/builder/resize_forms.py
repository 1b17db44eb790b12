"""The modes of ``upsample`` as attributes of ONNX's ``Resize``; shared by the writer and the reader."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CUBIC_COEFFICIENT", "RESIZE_FORMS", "ResizeForm", "find_resize_form", "resize_attributes"]

CUBIC_COEFFICIENT = -0.75
"""The coefficient ``cubic_coeff_a`` of PyTorch, which is the default of ``Resize``."""
_LIKE_HALF_PIXEL = "pytorch_half_pixel"
"""Coordinates that equal ``half_pixel`` if the result has at least two positions.

PyTorch uses ``half_pixel`` even for a single one.
"""


class ResizeForm(NamedTuple):
    """A mode of ``upsample`` and its name in ``Resize``."""

    mode: str
    align_corners: bool
    axes: tuple[int, ...]
    """The supported numbers of window axes."""
    onnx_mode: str
    coordinates: str
    """``coordinate_transformation_mode``"""
    nearest_mode: str | None = None
    """None for modes that interpolate."""


RESIZE_FORMS = (
    ResizeForm("nearest", False, (1, 2, 3), "nearest", "asymmetric", "floor"),
    *(
        ResizeForm(mode, align_corners, (axes,), onnx_mode, coordinates)
        for mode, axes, onnx_mode in (
            ("linear", 1, "linear"),
            ("bilinear", 2, "linear"),
            ("trilinear", 3, "linear"),
            ("bicubic", 2, "cubic"),
        )
        for align_corners, coordinates in ((False, "half_pixel"), (True, "align_corners"))
    ),
)


def resize_attributes(mode: str, align_corners: bool) -> dict[str, str]:
    """The attributes of ``Resize`` for a mode of ``upsample``."""
    form = next(f for f in RESIZE_FORMS if (f.mode, f.align_corners) == (mode, align_corners))
    attributes = {"mode": form.onnx_mode, "coordinate_transformation_mode": form.coordinates}
    return attributes if form.nearest_mode is None else {**attributes, "nearest_mode": form.nearest_mode}


def find_resize_form(onnx_mode: str, coordinates: str, axes: int, *, single: bool) -> ResizeForm | None:
    """Returns the interpolating form with these attributes of ``Resize``; None if no mode is equivalent.

    Args:
        onnx_mode: the attribute ``mode``.
        coordinates: the attribute ``coordinate_transformation_mode``.
        axes: the number of window axes.
        single: whether an axis of the result has a single position.
    """
    if coordinates == _LIKE_HALF_PIXEL and not single:
        coordinates = "half_pixel"
    onnx_names = (onnx_mode, coordinates)
    return next((f for f in RESIZE_FORMS if (f.onnx_mode, f.coordinates) == onnx_names and axes in f.axes), None)
