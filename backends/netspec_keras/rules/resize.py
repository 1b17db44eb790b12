"""Padding, cropping and resizing."""

from __future__ import annotations

from typing import Any

from netspec.diagnostics import clip
from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT, BATCH, INVALID_SOURCE
from netspec.shapes import is_same

from ..call import LayerCall, Result, short
from ..json_values import is_list
from .conv import window_rank
from .layouts import check_layout
from .table import layer, operation

MODES = {"nearest": None, "bilinear": "bilinear"}


def _amounts(call: LayerCall, key: str, rank: int) -> list[list[int]]:
    """Returns the amounts before and after each axis, which Keras may give as one number, or one per axis."""
    value = call.settings.values.get(key)
    items: list[Any] = [value] * rank if type(value) is int else list(value) if is_list(value) else []
    if rank == 1 and len(items) == 2:
        items = [items]
    pairs = [[n, n] if type(n) is int else list(n) if is_list(n) else [] for n in items]
    if len(pairs) != rank or any(
        len(p) != 2 or any(type(n) is not int or not 0 <= n < 1 << 31 for n in p) for p in pairs
    ):
        raise CannotImportError(INVALID_SOURCE, f"'{key}' must be an integer, or a pair of integers for each axis")
    return pairs


def _bordered(call: LayerCall, operation_name: str, key: str) -> Result:
    rank = window_rank(call)
    channel = check_layout(call, rank)
    pairs = _amounts(call, key, rank)
    axis = None if call.input.type.channel == channel else [a for a in range(rank + 1) if a != channel]
    same = all(p == pairs[0] for p in pairs)
    amount: Any = pairs[0][0] if same and pairs[0][0] == pairs[0][1] else pairs[0] if same else pairs
    if amount == 0:
        return call.input
    if same and not isinstance(amount, int) and rank > 1:
        amount = pairs
    return call.add(operation_name, amount=amount, axis=axis)


@layer("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def zero_padding(call: LayerCall) -> Result:
    """Zero padding of the window axes."""
    return _bordered(call, "pad", "padding")


@layer("Cropping1D", "Cropping2D", "Cropping3D")
def cropping(call: LayerCall) -> Result:
    """Crops the borders of the window axes."""
    return _bordered(call, "crop", "cropping")


@layer("UpSampling1D", "UpSampling2D", "UpSampling3D")
def up_sampling(call: LayerCall) -> Result:
    """Repeats positions, or interpolates between their centres."""
    rank = window_rank(call)
    check_layout(call, rank)
    mode = call.settings.text("interpolation", "nearest")
    if mode not in MODES:
        raise CannotImportError(ARGUMENT, f"interpolation '{clip(mode)}' has no equivalent")
    return call.add("upsample", scale=short(call.settings.sizes("size", rank)), mode=MODES[mode])


@layer("Resizing")
def resizing(call: LayerCall) -> Result:
    """Changes the resolution by interpolation without smoothing."""
    settings = call.settings
    check_layout(call, 2)
    for key in ("crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"):
        settings.require(key, False)
    size = [settings.integer("height"), settings.integer("width")]
    return _resized(call, size, settings.text("interpolation", "bilinear"))


def _resized(call: LayerCall, size: list[int], mode: str) -> Result:
    if mode not in MODES:
        raise CannotImportError(ARGUMENT, f"interpolation '{clip(mode)}' has no equivalent")
    axes = (0, 1) if call.channels_last else (1, 2)
    before = [call.input.shape[a] for a in axes]
    if mode == "nearest" and any(type(n) is not int or target % n for n, target in zip(before, size, strict=True)):
        raise CannotImportError(
            ARGUMENT, "interpolation 'nearest' to a size that is not a multiple of the input's has no equivalent"
        )
    return call.add("upsample", size=short(size), mode=MODES[mode])


@operation("Resize")
def resize_function(call: LayerCall) -> Result:
    """``keras.ops.image.resize``."""
    if call.argument(3, "antialias", False):
        raise CannotImportError(ARGUMENT, "antialias has no equivalent")
    for key in ("crop_to_aspect_ratio", "pad_to_aspect_ratio"):
        if call.argument(None, key, False):
            raise CannotImportError(ARGUMENT, f"{key} has no equivalent")
    size = call.argument(1, "size")
    if not is_list(size) or len(size) != 2 or any(type(n) is not int for n in size):
        raise CannotImportError(ARGUMENT, "size must be a pair of integers")
    return _resized(call, list(size), str(call.argument(2, "interpolation", "bilinear")))


@layer("CenterCrop")
def center_crop(call: LayerCall) -> Result:
    """Crops the centre of an image that is at least as large."""
    check_layout(call, 2)
    size = [call.settings.integer("height"), call.settings.integer("width")]
    axes = (0, 1) if call.channels_last else (1, 2)
    before = [call.input.shape[a] for a in axes]
    if any(type(n) is not int or n < target for n, target in zip(before, size, strict=True)):
        raise CannotImportError(ARGUMENT, "images smaller than the crop are resized, which has no equivalent")
    return call.add("center_crop", size=short(size))


@layer("RandomCrop")
def random_crop(call: LayerCall) -> Result:
    """A crop that preserves the image size; other crops resize in inference."""
    size = [call.settings.integer("height"), call.settings.integer("width")]
    axes = (0, 1) if call.channels_last else (1, 2)
    if call.input.rank != 3 or not all(is_same(call.input.shape[a], n) for a, n in zip(axes, size, strict=True)):
        raise CannotImportError(ARGUMENT, "it resizes images in inference, which has no equivalent")
    call.walk.note(call.layer, "left out: it changes images in training only")
    return call.input


@operation("Pad")
def pad_function(call: LayerCall) -> Result:
    """Padding before and after axes."""
    widths, mode = call.argument(1, "pad_width"), call.argument(2, "mode", "constant")
    value = call.argument(3, "constant_values", None)
    rank = call.input.rank
    if not is_list(widths) or len(widths) != rank + 1:
        raise CannotImportError(ARGUMENT, "pad_width must have a pair of integers for each axis")
    pairs: list[list[Any]] = [list(w) if is_list(w) else [w, w] for w in widths]
    if any(len(p) != 2 or any(type(n) is not int or n < 0 for n in p) for p in pairs):
        raise CannotImportError(ARGUMENT, "pad_width must have a pair of integers for each axis")
    if pairs[0] != [0, 0]:
        raise CannotImportError(BATCH, "it pads the batch axis")
    modes = {"constant": None, "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    if mode not in modes or (value is not None and type(value) not in (int, float)):
        raise CannotImportError(ARGUMENT, f"mode '{clip(str(mode))}' has no equivalent")
    axes = [a for a in range(rank) if pairs[a + 1] != [0, 0]]
    if not axes:
        return call.input
    amounts = [pairs[a + 1] for a in axes]
    return call.add("pad", amount=amounts, axis=axes, mode=modes[mode], value=float(value) if value else None)
