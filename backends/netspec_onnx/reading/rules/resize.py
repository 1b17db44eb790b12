"""Padding, cropping and resizing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from netspec.diagnostics import clip
from netspec.importing.batch import BatchAxis
from netspec.shapes.sizes import Size, is_named, is_same, scale
from netspec.weights.numpy_types import Array

from ...builder.common_nodes import PAD_MODES
from ...builder.resize_forms import CUBIC_COEFFICIENT, RESIZE_FORMS, find_resize_form
from ..batch import item_axis, off_axes, with_batch_first
from ..constant_folding import bounded
from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor

MODES = {onnx: ours for ours, onnx in PAD_MODES.items()}
"""Padding modes by their ONNX names."""


@rule("Pad")
def pad(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``pad`` of the axes that change; negative amounts crop."""
    x = inputs.need(0)
    amounts = r.integers(node, "pads", inputs)
    axes = r.integers(node, "axes", inputs) or list(range(x.rank))
    if amounts is None or len(amounts) != 2 * len(axes):
        raise refused("malformed", "the number of pads does not fit the axes")
    pads = {a % x.rank: [amounts[k], amounts[k + len(axes)]] for k, a in enumerate(axes)}
    pads = {a: p for a, p in pads.items() if not (is_same(p[0], 0) and is_same(p[1], 0))}
    if not pads:
        return x
    x = off_axes(r, x, list(pads))
    places = {item_axis(x, a): p for a, p in sorted(pads.items())}
    arguments: dict[str, Any] = {"amount": list(places.values()), "axis": list(places)}
    mode = node.attribute("mode", "constant")
    value = r.numbers(node, "value", inputs)
    if mode != "constant":
        if mode not in MODES:
            raise refused("argument", f"mode '{clip(mode)}' has no equivalent")
        arguments["mode"] = MODES[mode]
    elif value:
        arguments["value"] = value
    (number,) = r.emit("pad", [r.number(x)], arguments)
    return r.output_value(number, x.batch, x.shared)


@rule("Resize", "Upsample")
def resize(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``upsample`` if the coordinates are PyTorch's; otherwise, nearest neighbours by ``gather``."""
    x = with_batch_first(r, inputs.need(0))
    scales, sizes = _scales_and_sizes(r, node, inputs, x)
    before = x.shape[2:]
    after = tuple(sizes[2:]) if sizes is not None else tuple(map(_scaled, before, (scales or [])[2:]))
    examples = x.shape[0] if r.literal is None else r.literal
    keeps_channels = scales is None or all(n == 1 for n in scales[:2])
    keeps_sizes = sizes is None or (is_same(sizes[1], x.shape[1]) and is_same(sizes[0], examples))
    if not keeps_channels or not keeps_sizes:
        raise refused("argument", "resizing the channels or the batch has no equivalent")
    if all(map(is_same, before, after)):
        return x
    amount = _amount(scales, after)
    if node.attribute("mode", "nearest") == "nearest":
        return _nearest(r, node, x, before, after, scales, amount)
    (number,) = r.emit("upsample", [r.number(x)], _interpolation(node, after, amount))
    return r.output_value(number, BatchAxis(0), x.shared)


def _scales_and_sizes(
    r: Site, node: OnnxNode, inputs: Inputs, x: SourceTensor
) -> tuple[list[Any] | None, list[Any] | None]:
    """The scales or the sizes of all axes; None for the others. Raises CannotImportError."""
    scales = _none_if_empty(r.integers(node, "scales", inputs))
    sizes = _none_if_empty(r.integers(node, "sizes", inputs)) if node.operator == "Resize" else None
    if (scales is None) == (sizes is None):
        raise refused("malformed", "exactly one of scales and sizes must be given")
    if node.attributes.get("axes"):
        axes = [a % x.rank for a in node.attributes["axes"]]
        scales = None if scales is None else [scales[axes.index(k)] if k in axes else 1 for k in range(x.rank)]
        sizes = None if sizes is None else [sizes[axes.index(k)] if k in axes else x.shape[k] for k in range(x.rank)]
    if len(scales or sizes or []) != x.rank:
        raise refused("malformed", "the number of scales or sizes does not fit the axes")
    if node.attribute("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise refused("argument", "keep_aspect_ratio_policy has no equivalent")
    return scales, sizes


def _interpolation(node: OnnxNode, after: tuple[Size, ...], amount: dict[str, Any]) -> dict[str, Any]:
    """The arguments of ``upsample`` in a mode that interpolates. Raises CannotImportError if it has no equivalent."""
    mode, rank = node.attribute("mode", "nearest"), len(after)
    coordinates = node.attribute("coordinate_transformation_mode", "asymmetric")
    form = find_resize_form(mode, coordinates, rank, single=any(is_same(n, 1) for n in after))
    if not any(f.onnx_mode == mode and rank in f.axes for f in RESIZE_FORMS):
        raise refused("argument", f"mode '{clip(mode)}' over {rank} axes has no equivalent")
    if form is None:
        raise refused("argument", f"coordinates '{clip(coordinates)}' have no equivalent in mode '{clip(mode)}'")
    if node.attribute("exclude_outside", 0):
        raise refused("argument", "exclude_outside: 1 has no equivalent")
    coefficient = node.attribute("cubic_coeff_a", CUBIC_COEFFICIENT)
    if form.mode == "bicubic" and not math.isclose(coefficient, CUBIC_COEFFICIENT):
        raise refused("argument", f"cubic_coeff_a must be {CUBIC_COEFFICIENT}")
    arguments = {"size": list(after), "align_corners": True} if form.align_corners else amount
    antialias = {"antialias": True} if node.attribute("antialias", 0) else {}
    return {"mode": form.mode, **arguments, **antialias}


def _none_if_empty(numbers: list[Any] | None) -> list[Any] | None:
    return numbers or None


def _scaled(size: Size, by: Any) -> Size:
    if float(by).is_integer():
        return size * int(by)
    shortest = float(str(np.float32(by)))
    message = f"a size that has a name cannot be scaled by {shortest:g}: rounding changes the result for some numbers"
    return scale(size, shortest if is_named(size) else by, lambda: refused("argument", message))


def _amount(scales: list[Any] | None, after: tuple[Size, ...]) -> dict[str, Any]:
    """Returns ``scale`` or ``size`` of ``upsample``, as a single number if all are equal."""
    if scales is None:
        return {"size": list(after)}
    factors = [int(s) if float(s).is_integer() else float(str(np.float32(s))) for s in scales[2:]]
    return {"scale": factors[0] if len(set(factors)) == 1 else factors}


def _nearest(
    r: Site,
    node: OnnxNode,
    x: SourceTensor,
    before: tuple[Size, ...],
    after: tuple[Size, ...],
    scales: list[Any] | None,
    amount: dict[str, Any],
) -> SourceTensor:
    """``upsample`` if ONNX and PyTorch choose the same neighbours everywhere, otherwise ``gather`` along each axis."""
    integral = scales is not None and all(float(s).is_integer() for s in scales)
    if any(is_named(n) for n in (*before, *after)):
        tried = [(8, 8 * int(s)) for s in (scales or [])[2:]] if integral else None
        if tried is None or not all(_same_neighbours(node, n, m) for n, m in tried):
            raise refused("argument", "nearest neighbours of a named size require PyTorch's coordinates")
    elif not all(map(_same_neighbours, [node] * len(before), before, after, (scales or [None] * 9)[2:])):
        for k, (n, m) in enumerate(zip(before, after, strict=True)):
            if n != m:
                rows = r.number(r.constant(_neighbours(node, n, m, (scales or [None] * 9)[k + 2])))
                (number,) = r.emit("gather", [r.number(x)], {"axis": k + 1}, layers={"index": rows})
                x = r.output_value(number, BatchAxis(0), x.shared)
        return x
    (number,) = r.emit("upsample", [r.number(x)], amount)
    return r.output_value(number, BatchAxis(0), x.shared)


def _same_neighbours(node: OnnxNode, n: int, m: int, by: float | None = None) -> bool:
    """Whether ONNX's nearest neighbours equal PyTorch's, which rounds ``i * n / m`` down."""
    step = np.float32(1 / by) if by else np.float32(n) / np.float32(m)
    ours = np.minimum(np.floor(np.arange(bounded(m), dtype=np.float32) * step), n - 1)
    return np.array_equal(_neighbours(node, n, m, by), ours.astype(np.int64))


def _neighbours(node: OnnxNode, n: int, m: int, by: float | None = None) -> Array:
    """Returns the positions that ONNX's ``Resize`` reads for each of ``m`` positions of ``n``."""
    coordinates = node.attribute("coordinate_transformation_mode", "asymmetric")
    factor = np.float32(by) if by else np.float32(m) / np.float32(n)
    i = np.arange(bounded(m), dtype=np.float32)
    if coordinates == "asymmetric":
        at = i / factor
    elif coordinates in ("half_pixel", "pytorch_half_pixel"):
        at = (i + np.float32(0.5)) / factor - np.float32(0.5) if m > 1 or coordinates == "half_pixel" else i * 0
    elif coordinates == "align_corners":
        at = i * (n - 1) / (m - 1) if m > 1 else i * 0
    else:
        raise refused("argument", f"coordinates '{clip(coordinates)}' have no equivalent in mode 'nearest'")
    mode = node.attribute("nearest_mode", "floor")
    if mode == "round_prefer_floor":
        at = np.ceil(at - np.float32(0.5))
    elif mode == "round_prefer_ceil":
        at = np.floor(at + np.float32(0.5))
    else:
        at = np.ceil(at) if mode == "ceil" else np.floor(at)
    out: Array = np.clip(at, 0, n - 1).astype(np.int64)
    return out
