"""ONNX's own test cases (name, attributes, shapes) as chains of our operations.

Shapes alone are meant: which neighbours a ``Resize`` weighs, in which order ``DepthToSpace`` takes channels, or what
a ``BatchNormalization`` does in training is not a matter here. Operators over windows leave the batch axis out;
those over any axes (``Transpose``, ``Concat``, …) take ONNX's batch axis as one more axis.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from netspec.shapes.types import TensorType

from .support import BuiltOp, make

Shape = tuple[int, ...]
TABLE = Path(__file__).parent.parent / "data" / "onnx_shapes.csv"


class Row(NamedTuple):
    """One of ONNX's test cases."""

    case: str
    op: str
    attributes: dict[str, Any]
    inputs: list[Shape]
    integers: dict[str, list[int]]
    """Values of inputs that are integers, by name."""
    outputs: list[Shape]

    def per_axis(self, name: str, default: int, n: int) -> list[int]:
        """An attribute with one number for each of n axes."""
        numbers: list[int] = self.attributes.get(name, [default] * n)
        return numbers


def shapes(text: str) -> list[Shape]:
    """Shapes from their JSON."""
    shapes: list[list[int]] = json.loads(text)
    return [tuple(shape) for shape in shapes]


def rows() -> list[Row]:
    """The whole table."""
    out: list[Row] = []
    with TABLE.open(newline="", encoding="utf-8") as file:
        for r in csv.DictReader(file):
            given, built = (shapes(r[k]) for k in ("input_shapes", "output_shapes"))
            out.append(Row(r["case"], r["op"], json.loads(r["attributes"]), given, json.loads(r["int_inputs"]), built))
    return out


SCALES: dict[str, list[float]] = {
    # The values of the inputs called scales, from onnx/backend/test/case/node/resize.py and upsample.py.
    "test_resize_upsample_scales_nearest": [1.0, 1.0, 2.0, 3.0],
    "test_resize_downsample_scales_nearest": [1.0, 1.0, 0.6, 0.6],
    "test_resize_upsample_scales_linear": [1.0, 1.0, 2.0, 2.0],
    "test_resize_upsample_scales_linear_align_corners": [1.0, 1.0, 2.0, 2.0],
    "test_resize_downsample_scales_linear": [1.0, 1.0, 0.6, 0.6],
    "test_resize_downsample_scales_linear_align_corners": [1.0, 1.0, 0.6, 0.6],
    "test_resize_upsample_scales_cubic": [1.0, 1.0, 2.0, 2.0],
    "test_resize_upsample_scales_cubic_align_corners": [1.0, 1.0, 2.0, 2.0],
    "test_resize_downsample_scales_cubic": [1.0, 1.0, 0.8, 0.8],
    "test_resize_downsample_scales_cubic_align_corners": [1.0, 1.0, 0.8, 0.8],
    "test_resize_upsample_scales_cubic_A_n0p5_exclude_outside": [1.0, 1.0, 2.0, 2.0],
    "test_resize_downsample_scales_cubic_A_n0p5_exclude_outside": [1.0, 1.0, 0.8, 0.8],
    "test_resize_upsample_scales_cubic_asymmetric": [1.0, 1.0, 2.0, 2.0],
    "test_resize_downsample_scales_linear_antialias": [1.0, 1.0, 0.6, 0.6],
    "test_resize_downsample_scales_cubic_antialias": [1.0, 1.0, 0.6, 0.6],
    "test_resize_upsample_scales_nearest_axes_2_3": [2.0, 3.0],
    "test_resize_upsample_scales_nearest_axes_3_2": [3.0, 2.0],
    "test_resize_downsample_scales_linear_half_pixel_symmetric": [1.0, 1.0, 1.0, 0.6],
    "test_resize_upsample_scales_linear_half_pixel_symmetric": [1.0, 1.0, 2.3, 2.94],
    "test_upsample_nearest": [1.0, 1.0, 2.0, 3.0],
}


def plain(shape: Shape) -> TensorType:
    """A tensor of which no axis is known."""
    return TensorType(shape, "float32", ("",) * len(shape))


def chain(x: TensorType, *steps: tuple[str, dict[str, Any]]) -> TensorType:
    """Operations one after the other."""
    for name, args in steps:
        (x,) = make(name, x, **args).outputs
    return x


def batched(row: Row, *built: Shape) -> list[Shape]:
    """Shapes with ONNX's batch axis before them."""
    return [(row.inputs[0][0], *shape) for shape in built]


def padding(row: Row, kernel: list[int], strides: list[int], dilations: list[int]) -> Any:
    """Pairs for each axis from ``pads`` or ``auto_pad``; the word where the language has it."""
    n = len(kernel)
    auto = row.attributes.get("auto_pad", "NOTSET")
    if auto == "SAME_UPPER":
        return "same"
    if auto == "SAME_LOWER":
        sizes = zip(row.inputs[0][2:], kernel, strides, dilations, strict=True)
        totals = [max((-(-x // s) - 1) * s + d * (k - 1) + 1 - x, 0) for x, k, s, d in sizes]
        return [[t - t // 2, t // 2] for t in totals]
    pads = row.attributes.get("pads", [0] * (2 * n))
    return [[pads[a], pads[n + a]] for a in range(n)]


def windowed(row: Row, stem: str, kernel: list[int], size: str, **args: Any) -> BuiltOp:
    """An operation over windows; its arguments are given where they are not the usual ones."""
    n = len(kernel)
    strides, dilations = row.per_axis("strides", 1, n), row.per_axis("dilations", 1, n)
    args.update({size: kernel, "stride": strides, "padding": padding(row, kernel, strides, dilations)})
    if any(d != 1 for d in dilations):
        args["dilation"] = dilations
    if row.attributes.get("ceil_mode"):
        args["ceil_mode"] = True
    return make(f"{stem}{n}d", row.inputs[0][1:], **args)


def pool(stem: str) -> Callable[[Row], list[Shape]]:
    def run(row: Row) -> list[Shape]:
        args = {"count_include_pad": row.attributes.get("count_include_pad", 0) == 1} if stem == "avg_pool" else {}
        return batched(row, windowed(row, stem, row.attributes["kernel_shape"], "size", **args).shape)

    return run


def conv(row: Row) -> list[Shape]:
    weight = row.inputs[1]
    built = windowed(row, "conv", list(weight[2:]), "kernel", filters=weight[0], bias=False)
    assert built.shapes == {"weight": weight}
    return batched(row, built.shape)


def conv_transpose(row: Row) -> list[Shape]:
    weight, kernel = row.inputs[1], list(row.inputs[1][2:])
    n, groups = len(kernel), row.attributes.get("group", 1)
    args: dict[str, Any] = {"filters": weight[1] * groups, "groups": groups, "bias": False}
    extra = row.per_axis("output_padding", 0, n)
    if "output_shape" in row.attributes:
        strides, dilations = row.per_axis("strides", 1, n), row.per_axis("dilations", 1, n)
        full = [
            s * (x - 1) + e + d * (k - 1) + 1
            for s, x, e, d, k in zip(strides, row.inputs[0][2:], extra, dilations, kernel, strict=True)
        ]
        over = [f - expected for f, expected in zip(full, row.attributes["output_shape"], strict=True)]
        extra = [e + max(-o, 0) for e, o in zip(extra, over, strict=True)]
        row = row._replace(
            attributes={
                **row.attributes,
                "pads": [max(o, 0) // 2 for o in over] + [max(o, 0) - max(o, 0) // 2 for o in over],
            }
        )
    if any(extra):
        args["output_padding"] = extra
    built = windowed(row, "conv_transpose", kernel, "kernel", **args)
    assert built.shapes == {"weight": weight}
    return batched(row, built.shape)


def batch_norm(row: Row) -> list[Shape]:
    built = make("batch_norm", row.inputs[0][1:])
    states = [built.shapes[name] for name in ("running_mean", "running_var")]
    assert row.inputs[1:] == [built.shapes["weight"], built.shapes["bias"], *states]
    return [*batched(row, built.shape), *(states if row.attributes.get("training_mode") else [])]


def depth_to_space(row: Row) -> list[Shape]:
    r, (_, c, h, w) = row.attributes["blocksize"], row.inputs[0]
    x = TensorType((c, h, w), "float32", ("channels", "height", "width"))
    if row.attributes.get("mode", "DCR") == "CRD":
        return batched(row, chain(x, ("pixel_shuffle", {"factor": r})).shape)
    return batched(
        row,
        chain(
            x,
            ("reshape", {"shape": [r, r, c // r**2, h, w]}),
            ("permute", {"order": [2, 3, 0, 4, 1]}),
            ("reshape", {"shape": [c // r**2, h * r, w * r]}),
        ).shape,
    )


def space_to_depth(row: Row) -> list[Shape]:
    r, (_, c, h, w) = row.attributes["blocksize"], row.inputs[0]
    image = TensorType((c, h, w), "float32", ("channels", "height", "width"))
    ours = chain(image, ("pixel_unshuffle", {"factor": r}))
    theirs = chain(
        image,
        ("reshape", {"shape": [c, h // r, r, w // r, r]}),
        ("permute", {"order": [2, 4, 0, 1, 3]}),
        ("reshape", {"shape": [-1, h // r, w // r]}),
    )
    assert ours.shape == theirs.shape
    return batched(row, theirs.shape)


def flatten(row: Row) -> list[Shape]:
    x, axis = plain(row.inputs[0]), row.attributes.get("axis", 1) % len(row.inputs[0])
    front = [("flatten", {"end": axis - 1})] if axis else [("unsqueeze", {"axis": 0})]
    return [chain(x, ("flatten", {"start": axis}), *front).shape]


def gemm(row: Row) -> list[Shape]:
    a, b = (
        chain(plain(shape), ("permute", {"order": [1, 0]})) if row.attributes.get(name) else plain(shape)
        for shape, name in zip(row.inputs, ("transA", "transB"), strict=False)
    )
    (product,) = make("matmul", a, b).outputs
    product = chain(product, ("rescale", {"factor": row.attributes.get("alpha", 1.0)}))
    if len(row.inputs) == 2:
        return [product.shape]
    bias = chain(plain(row.inputs[2]), ("rescale", {"factor": row.attributes.get("beta", 1.0)}))
    return [make("add", product, bias).shape]


def pad(row: Row) -> list[Shape]:
    axes = row.integers.get("axes", list(range(len(row.inputs[0]))))
    pads, n = row.integers["pads"], len(axes)
    mode = {"constant": "zeros", "edge": "replicate", "wrap": "circular"}.get(row.attributes["mode"], "reflect")
    amount = [[pads[i], pads[n + i]] for i in range(n)]
    return [make("pad", plain(row.inputs[0]), amount=amount, axis=axes, mode=mode).shape]


def reshape(row: Row) -> list[Shape]:
    zero = row.attributes.get("allowzero", 0)
    shape = [row.inputs[0][a] if n == 0 and not zero else n for a, n in enumerate(row.integers["shape"])]
    return [make("reshape", plain(row.inputs[0]), shape=shape).shape]


def resize(row: Row) -> list[Shape]:
    image, axes = row.inputs[0], row.attributes.get("axes")
    order = [a - 2 for a in axes] if axes else range(-2, len(image) - 2)
    scales = SCALES.get(row.case)
    by_axis = dict(zip(order, scales or row.integers[""], strict=True))
    assert scales or all(image[a + 2] == n for a, n in by_axis.items() if a < 0)
    args: dict[str, Any] = {"scale" if scales else "size": [by_axis[0], by_axis[1]]}
    args["mode"] = {"linear": "bilinear", "cubic": "bicubic"}.get(row.attributes["mode"], "nearest")
    corners = row.attributes.get("coordinate_transformation_mode") == "align_corners"
    return batched(row, make("upsample", image[1:], align_corners=corners and args["mode"] != "nearest", **args).shape)


def transpose(row: Row) -> list[Shape]:
    backwards = list(range(len(row.inputs[0])))[::-1]
    return [make("permute", plain(row.inputs[0]), order=row.attributes.get("perm", backwards)).shape]


def unsqueeze(row: Row) -> list[Shape]:
    rank = len(row.inputs[0]) + len(row.integers["axes"])
    axes = sorted(a % rank for a in row.integers["axes"])
    return [chain(plain(row.inputs[0]), *(("unsqueeze", {"axis": a}) for a in axes)).shape]


CHAINS: dict[str, Callable[[Row], list[Shape]]] = {
    "AveragePool": pool("avg_pool"),
    "BatchNormalization": batch_norm,
    "Concat": lambda row: [make("concat", *map(plain, row.inputs), axis=row.attributes["axis"]).shape],
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "DepthToSpace": depth_to_space,
    "Flatten": flatten,
    "Gemm": gemm,
    "GlobalAveragePool": lambda row: batched(row, make("global_avg_pool", row.inputs[0][1:], keepdims=True).shape),
    "GlobalMaxPool": lambda row: batched(row, make("global_max_pool", row.inputs[0][1:], keepdims=True).shape),
    "LpPool": pool("lp_pool"),
    "MaxPool": pool("max_pool"),
    "Pad": pad,
    "Reshape": reshape,
    "Resize": resize,
    "SpaceToDepth": space_to_depth,
    "Squeeze": lambda row: [make("squeeze", plain(row.inputs[0]), axis=row.integers["axes"]).shape],
    "Transpose": transpose,
    "Unsqueeze": unsqueeze,
    "Upsample": resize,
}
"""Shapes of the outputs by ONNX's operator."""
