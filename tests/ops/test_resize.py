from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from netspec.shapes.reads import WHOLE, Along, Fixed, ReadPattern
from netspec.shapes.types import TensorType

from .function import Tensors, assert_reads, results
from .support import argument_errors, make, shape_error

Row = tuple[str, dict[str, Any], tuple[int, ...], Callable[[torch.Tensor], Tensors]]

EXACT: list[Row] = [
    ("pad", {"amount": 1}, (2, 3, 4), lambda x: F.pad(x, (1, 1, 1, 1))),
    ("pad", {"amount": [1, 2]}, (2, 3, 4), lambda x: F.pad(x, (1, 2, 1, 2))),
    ("pad", {"amount": [[1, 2], [0, 3]], "value": 1.5}, (2, 3, 4), lambda x: F.pad(x, (0, 3, 1, 2), value=1.5)),
    ("pad", {"amount": 2, "axis": "channels"}, (2, 3, 4), lambda x: F.pad(x, (0, 0, 0, 0, 2, 2))),
    ("pad", {"amount": [[1, 0], [0, 2]], "axis": [2, 0]}, (2, 3, 4), lambda x: F.pad(x, (1, 0, 0, 0, 0, 2))),
    ("pad", {"amount": [2, 0]}, (3, 4), lambda x: F.pad(x, (0, 0, 2, 0))),
    ("pad", {"amount": 0, "mode": "reflect"}, (2, 3, 4), lambda x: x),
    ("crop", {"amount": 1}, (2, 3, 4), lambda x: x[:, :, 1:-1, 1:-1]),
    ("crop", {"amount": [1, 0]}, (2, 3, 4), lambda x: x[:, :, 1:, 1:]),
    ("crop", {"amount": [[0, 1], [2, 1]]}, (2, 3, 4), lambda x: x[:, :, :-1, 2:-1]),
    ("crop", {"amount": [0, 2], "axis": "sequence"}, (5, 3), lambda x: x[:, :-2]),
    ("center_crop", {"size": 2}, (2, 4, 5), lambda x: x[:, :, 1:3, 1:3]),
    ("center_crop", {"size": [4, 1]}, (2, 4, 5), lambda x: x[:, :, :, 2:3]),
    ("upsample", {"scale": 2}, (1, 3, 4), lambda x: F.interpolate(x, scale_factor=2)),
    ("upsample", {"scale": [1, 3]}, (2, 3, 2), lambda x: F.interpolate(x, scale_factor=(1, 3))),
    ("upsample", {"scale": 1.5}, (1, 4, 6), lambda x: F.interpolate(x, scale_factor=1.5)),
    ("upsample", {"size": [5, 3]}, (1, 3, 7), lambda x: F.interpolate(x, size=(5, 3))),
    ("upsample", {"scale": 2, "mode": "trilinear", "align_corners": True}, (1, 2, 3, 2),
     lambda x: F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=True)),
    ("upsample", {"size": [7, 5], "mode": "bilinear", "align_corners": True}, (1, 4, 3),
     lambda x: F.interpolate(x, size=(7, 5), mode="bilinear", align_corners=True)),
    ("upsample", {"size": 1, "mode": "bilinear", "align_corners": True}, (1, 4, 3),
     lambda x: F.interpolate(x, size=(1, 1), mode="bilinear", align_corners=True)),
    ("upsample", {"size": 3, "mode": "bilinear"}, (1, 3, 3), lambda x: x * 1),
    ("channel_shuffle", {"groups": 3}, (6, 2, 2), lambda x: F.channel_shuffle(x, 3)),
    ("channel_shuffle", {"groups": 2}, (8, 1, 1), lambda x: F.channel_shuffle(x, 2)),
]  # fmt: skip

COVERED: list[Row] = [
    # More is said to be read than PyTorch reads: at borders, where the input is taken as going on, and where an
    # axis is read along two axes of the output.
    ("pad", {"amount": 1, "mode": "circular"}, (2, 3, 4), lambda x: F.pad(x, (1, 1, 1, 1), "circular")),
    ("pixel_shuffle", {"factor": 2}, (8, 2, 3), lambda x: F.pixel_shuffle(x, 2)),
    ("pixel_shuffle", {"factor": 3}, (9, 1, 2), lambda x: F.pixel_shuffle(x, 3)),
    ("pixel_unshuffle", {"factor": 2}, (2, 4, 6), lambda x: F.pixel_unshuffle(x, 2)),
    ("upsample", {"scale": 2, "mode": "bilinear"}, (1, 3, 4),
     lambda x: F.interpolate(x, scale_factor=2, mode="bilinear")),
    ("upsample", {"scale": 0.5, "mode": "bilinear"}, (1, 5, 4),
     lambda x: F.interpolate(x, scale_factor=0.5, mode="bilinear")),
    ("upsample", {"size": [7, 2], "mode": "bicubic"}, (1, 4, 5),
     lambda x: F.interpolate(x, size=(7, 2), mode="bicubic")),
    ("upsample", {"size": [7, 6], "mode": "bicubic", "align_corners": True}, (1, 4, 3),
     lambda x: F.interpolate(x, size=(7, 6), mode="bicubic", align_corners=True)),
]  # fmt: skip

MODES: list[Row] = [
    ("pad", {"amount": 2, "mode": "reflect"}, (2, 3, 4), lambda x: F.pad(x, (2, 2, 2, 2), "reflect")),
    ("pad", {"amount": [0, 3], "mode": "replicate"}, (2, 3, 4), lambda x: F.pad(x, (0, 3, 0, 3), "replicate")),
    ("pad", {"amount": 3, "mode": "circular"}, (2, 3, 4), lambda x: F.pad(x, (3, 3, 3, 3), "circular")),
    (
        "upsample",
        {"scale": 2, "mode": "linear"},
        (7, 3),
        lambda x: F.interpolate(x.mT, scale_factor=2, mode="linear").mT,
    ),
]


@pytest.mark.parametrize(
    ("name", "args", "shape", "function"),
    EXACT + COVERED + MODES,
    ids=lambda v: v.__name__ if callable(v) else str(v)[:40],
)
def test_shapes_are_pytorchs(
    name: str, args: dict[str, Any], shape: tuple[int, ...], function: Callable[[torch.Tensor], Tensors]
) -> None:
    built = make(name, shape, **args)
    assert [built.shape] == results(function, built)
    assert built.axes == built.inputs[0].axes
    assert (built.weights, built.macs, built.connections) == ((), 0, 0)


@pytest.mark.parametrize(
    ("name", "args", "shape", "function"), EXACT, ids=lambda v: v.__name__ if callable(v) else str(v)[:40]
)
def test_reads_what_pytorch_reads(
    name: str, args: dict[str, Any], shape: tuple[int, ...], function: Callable[[torch.Tensor], Tensors]
) -> None:
    assert_reads(function, make(name, shape, **args))


@pytest.mark.parametrize(
    ("name", "args", "shape", "function"),
    [r for r in COVERED if "mode" not in r[1]],
    ids=lambda v: v.__name__ if callable(v) else str(v)[:40],
)
def test_reads_all_that_pytorch_reads(
    name: str, args: dict[str, Any], shape: tuple[int, ...], function: Callable[[torch.Tensor], Tensors]
) -> None:
    assert_reads(function, make(name, shape, **args), exact=False)


def along(n: int, args: dict[str, Any], mode: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """What we and PyTorch say that output positions (rows) read along one axis, borders apart.

    PyTorch's answer is what every input position alone gives; a weight that is zero comes out as 1e-17 at times.
    """
    two = mode == "bicubic"
    axes = ("channels", "height", "width") if two else ("channels", "sequence")
    built = make("upsample", TensorType((1, n, n)[: len(axes)], "float32", axes), mode=mode, **args)
    x = torch.eye(n, dtype=torch.float64)[:, None]
    if two:
        x = x[..., None].expand(-1, -1, -1, n)
    corners = None if mode == "nearest" else args.get("align_corners", False)
    out = F.interpolate(x, args.get("size"), args.get("scale"), mode, corners)
    actual = (out[:, 0, :, 0] if two else out[:, 0]).abs().gt(1e-9).numpy().T
    read = built.reads()[0]
    assert read is not None
    pattern = read[1].pattern if isinstance(read[1], Along) else ReadPattern(0, ((0,),))
    period, count = len(pattern.rows), built.outputs[0].shape[1]
    rows = [[j // period * pattern.step + t for t in pattern.rows[j % period]] for j in range(count)]
    inner = [j for j, row in enumerate(rows) if row[0] >= 0 and row[-1] < n]
    expected = np.array([[i in rows[j] for i in range(n)] for j in inner], dtype=bool).reshape(len(inner), n)
    return expected, actual[inner]


@pytest.mark.parametrize("n", range(1, 10))
@pytest.mark.parametrize("align", [False, True])
def test_linear_interpolation_reads_pytorchs_neighbours(n: int, align: bool) -> None:
    for m in range(1, 20):
        expected, actual = along(n, {"size": m, "align_corners": align}, "linear")
        assert np.array_equal(expected, actual), m


@pytest.mark.parametrize("n", range(1, 10))
def test_nearest_interpolation_reads_pytorchs_neighbour(n: int) -> None:
    for m in range(1, 20):
        expected, actual = along(n, {"size": m}, "nearest")
        assert np.array_equal(expected, actual), m


@pytest.mark.parametrize("n", range(4, 9))
@pytest.mark.parametrize("align", [False, True])
def test_cubic_interpolation_reads_pytorchs_neighbours(n: int, align: bool) -> None:
    for m in range(1, 20):
        expected, actual = along(n, {"size": m, "align_corners": align}, "bicubic")
        assert np.array_equal(expected, actual), m


@pytest.mark.parametrize("scale", [0.5, 1.5, 2.0, 2.5, 3.0, 0.75])
@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_a_scale_is_the_step_even_where_sizes_round(scale: float, mode: str) -> None:
    expected, actual = along(7, {"scale": scale}, mode)
    assert np.array_equal(expected, actual)


@settings(max_examples=200, deadline=None)
@given(n=st.integers(1, 400), scale=st.floats(0.05, 8.0))
def test_scaled_sizes_are_pytorchs(n: int, scale: float) -> None:
    x = TensorType((1, n), "float32", ("channels", "sequence"))
    if int(n * scale) < 1:
        return
    out = F.interpolate(torch.empty(1, 1, n), scale_factor=scale).shape[-1]
    assert make("upsample", x, scale=scale).shape == (1, out)


def test_what_interpolation_reads() -> None:
    def read(n: int, **args: Any) -> Any:
        reads = make("upsample", TensorType((1, n), "float32", ("channels", "sequence")), **args).reads()[0]
        assert reads is not None
        return reads[1]

    assert read(4, scale=3) == Along(1, ReadPattern(1, ((0,), (0,), (0,))))
    assert read(4, scale=2, mode="linear") == Along(1, ReadPattern(1, ((-1, 0), (0, 1))))
    assert read(4, scale=3, mode="linear") == Along(1, ReadPattern(1, ((-1, 0), (0,), (0, 1))))
    assert read(3, size=5, mode="linear", align_corners=True) == Along(1, ReadPattern(1, ((0,), (0, 1))))
    assert read(3, size=1, mode="linear", align_corners=True) == Fixed(0, 0)
    assert read(5000, size=5001, mode="linear") is WHOLE


def test_the_size_of_another_layer() -> None:
    image, other = (4, 9, 11), (7, 5, 6)
    assert make("center_crop", image, other, like=True).shape == (4, 5, 6)
    assert make("upsample", image, (7, 20, 30), like=True, mode="bilinear").shape == (4, 20, 30)
    assert make("center_crop", image, other, like=True).reads() == (
        (Along(0, ReadPattern(1, ((0,),))), Along(1, ReadPattern(1, ((2,),))), Along(2, ReadPattern(1, ((2,),)))),
        None,
    )
    assert make("upsample", image, (7, 20, 30), like=True).reads()[1] is None


def test_all_axes_but_the_channels_wherever_they_are() -> None:
    last = TensorType((4, 6, 8), "float32", ("height", "width", "channels"))
    unknown = TensorType((4, 6, 8), "float32", ("", "", ""))
    assert make("pad", last, amount=1).shape == (6, 8, 8)
    assert make("upsample", last, scale=2).shape == (8, 12, 8)
    assert make("pixel_shuffle", last, factor=2).shape == (8, 12, 2)
    assert make("pixel_unshuffle", last, factor=2).shape == (2, 3, 32)
    assert make("pad", unknown, amount=1).shape == (4, 8, 10)
    assert make("pad", unknown, amount=1, channels_last=True).shape == (6, 8, 8)
    assert make("pad", (4, 6, 8), amount=1, channels_last=True).shape == (6, 8, 8)
    assert make("pad", TensorType((4,), "float32", ("",)), amount=1).shape == (6,)


IMAGE = (8, 4, 6)
PAIR = TensorType((4, 6), "float32", ("", ""))

ERRORS: list[tuple[str, dict[str, Any], list[Any], str]] = [
    ("pad", {"amount": 1}, [PAIR], "NS540: 'pad' works on all axes but the channels, which are unknown in (4, 6)"),
    ("pad", {"amount": 1}, [(8,)], "NS540: 'pad' works on all axes but the channels; (8) has no other"),
    ("pad", {"amount": [[1, 1]] * 3}, [IMAGE], "NS546: 'pad' takes one amount for each axis, 2 here; found 3"),
    ("pad", {"amount": 4, "mode": "reflect"}, [IMAGE],
     "NS550: 'pad' with mode reflect needs as many positions as it adds, not counting the border itself; height has 4 for 4"),
    ("pad", {"amount": 5, "mode": "circular"}, [IMAGE],
     "NS550: 'pad' with mode circular needs as many positions as it adds; height has 4 for 5"),
    ("pad", {"amount": 1, "mode": "replicate", "value": 0.5}, [IMAGE],
     "NS550: 'pad' fills with a value in mode zeros; found value 0.5 and mode replicate"),
    ("crop", {"amount": 2}, [IMAGE], "NS551: 'crop' must leave something of height: 4 of 4 are removed"),
    ("center_crop", {"size": 5}, [IMAGE],
     "NS551: 'center_crop' must not exceed its input in height: 5 of 4"),
    ("center_crop", {"like": True}, [IMAGE, (1, 4, 7)],
     "NS551: 'center_crop' must not exceed its input in width: 7 of 6"),
    ("center_crop", {}, [IMAGE], "NS552: 'center_crop' takes one of size or like; found none"),
    ("upsample", {"scale": 2, "size": 8}, [IMAGE],
     "NS552: 'upsample' takes one of scale, size or like; found scale and size"),
    ("upsample", {"scale": 0.1}, [IMAGE], "NS551: 'upsample' must leave something of height: 0.1 times 4"),
    ("upsample", {"scale": 2, "mode": "linear"}, [IMAGE],
     "NS553: mode linear of 'upsample' is for one window axis; (8, 4, 6) has two window axes"),
    ("upsample", {"scale": 2, "mode": "bicubic"}, [(8, 2, 4, 6)],
     "NS553: mode bicubic of 'upsample' is for two window axes; (8, 2, 4, 6) has three window axes"),
    ("upsample", {"scale": 2, "align_corners": True}, [IMAGE],
     "NS553: align_corners of 'upsample' needs a mode that interpolates; found nearest"),
    ("upsample", {"like": True}, [IMAGE, (4, 8)],
     "NS554: 'upsample' takes its size from a layer with the same number of window axes; found 2 and 1"),
    ("upsample", {"scale": [2, 2, 2]}, [IMAGE], "NS546: 'upsample' takes one scale for each axis, 2 here; found 3"),
    ("pixel_shuffle", {"factor": 2}, [(4, 8)],
     "NS555: 'pixel_shuffle' works on images, of two window axes; found (4, 8)"),
    ("pixel_shuffle", {"factor": 3}, [IMAGE], "NS556: 9 must divide channels for 'pixel_shuffle' by 3; found 8"),
    ("pixel_unshuffle", {"factor": 3}, [IMAGE], "NS556: 3 must divide height for 'pixel_unshuffle' by 3; found 4"),
    ("channel_shuffle", {"groups": 3}, [IMAGE], "NS556: 3 groups must divide channels for 'channel_shuffle'; found 8"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "args", "inputs", "message"), ERRORS, ids=lambda v: v.__name__ if callable(v) else str(v)[:40]
)
def test_rules_that_do_not_hold(name: str, args: dict[str, Any], inputs: list[Any], message: str) -> None:
    assert shape_error(name, *inputs, **args) == message


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("pad", {"amount": -1.5}, "amount must be a number, [before, after], or a list of such pairs, one per axis"),
    ("pad", {"amount": [1, 2, 3]}, "amount must be a number, [before, after], or a list of such pairs, one per axis"),
    ("pad", {"amount": [1, [1, 1]]}, "amount must be a number, [before, after], or a list of such pairs, one per axis"),
    ("pad", {}, "'pad' needs 'amount'"),
    ("pad", {"amount": 1, "mode": "mirror"}, "mode must be zeros, reflect, replicate or circular"),
    ("upsample", {"scale": 0}, "scale must be a number above 0, or a list of one per axis"),
    ("upsample", {"scale": 2, "mode": "cubic"}, "mode must be nearest, linear, bilinear, trilinear or bicubic"),
    ("center_crop", {"size": 0}, "size must be a positive integer, or a list of one per axis"),
    ("pixel_shuffle", {"factor": 0}, "factor must be a positive integer"),
]


@pytest.mark.parametrize(("name", "args", "message"), REFUSED, ids=lambda v: v.__name__ if callable(v) else str(v)[:40])
def test_arguments_that_do_not_hold(name: str, args: dict[str, Any], message: str) -> None:
    assert argument_errors(name, IMAGE, **args) == [message]
