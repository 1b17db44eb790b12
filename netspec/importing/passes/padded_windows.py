"""Folds padding into windows, and recognises pooling over all positions."""

from __future__ import annotations

import math
from typing import Any

from ...ops import TABLE, find
from ...shapes.sizes import is_named
from ..draft import Draft, DraftNetwork, numbered_axes
from ..rewriting import Rewriting

PADDED = tuple(f"{name}{rank}d" for name in ("conv", "depthwise_conv") for rank in (1, 2, 3))
LOWEST = tuple(f"max_pool{rank}d" for rank in (1, 2, 3))
KEEP_CHANNELS = ("add", "batch_norm", "multiply", "dropout", "concat", "upsample", "rescale", "group_norm")


def simplify_windows(network: DraftNetwork) -> None:
    """Folds padding into windows, and recognises global pooling."""
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts("conv1d", "depthwise_conv1d"):
            _along_sequence(rewriting, draft)
        for draft in rewriting.drafts(*PADDED, *LOWEST):
            _absorb_padding(rewriting, draft)
        for draft in rewriting.drafts("adaptive_avg_pool2d", "mean", "max", "avg_pool2d"):
            _global_pool(rewriting, draft)
        _one_spelling(rewriting)


def _along_sequence(rewriting: Rewriting, draft: Draft) -> None:
    """Replaces a convolution between two transpositions by one along the first axis."""
    before = rewriting.maker(draft.inputs[0], "permute")
    after = rewriting.only_reader(draft.outputs[0], "permute")
    shape = rewriting.shape(draft.outputs[0])
    is_plain = rewriting.network.layout == "channels_first" and "axis" not in draft.arguments
    if (
        before is None
        or after is None
        or len(shape) != 2
        or not is_plain
        or rewriting.only_reader(draft.inputs[0]) is None
    ):
        return
    if before.arguments["order"] != [1, 0] or after.arguments["order"] != [1, 0]:
        return
    rewriting.change(draft, inputs=before.inputs, arguments={**draft.arguments, "axis": 0})
    rewriting.network.shapes[draft.outputs[0]] = shape[::-1]
    rewriting.replace(after.outputs[0], draft.outputs[0])


def _absorb_padding(rewriting: Rewriting, draft: Draft) -> None:
    """Folds a ``pad`` into the following window, as ``same`` if that is equivalent."""
    pad = rewriting.maker(draft.inputs[0], "pad")
    rank = len(rewriting.shape(draft.inputs[0])) - 1
    value = -math.inf if draft.operation in LOWEST else 0.0
    if pad is None or pad.arguments.get("mode", "zeros") != "zeros" or pad.arguments.get("value", 0.0) != value:
        return
    before = _pairs(draft.arguments.get("padding", 0), rank)
    channel, axes = _image_axes(rewriting, rank + 1)
    added = _added(pad, rank + 1, axes)
    if before is None or added is None or added[channel] != (0, 0):
        return
    if draft.arguments.get("padding_mode", "zeros") != "zeros" or (value and any(pair != (0, 0) for pair in before)):
        return
    if any(n < 0 for pair in added for n in pair):
        return
    pads = [(before[k][0] + added[axis][0], before[k][1] + added[axis][1]) for k, axis in enumerate(axes)]
    sizes = tuple([rewriting.shape(pad.inputs[0])[axis] for axis in axes])
    padding: Any = [list(pair) for pair in pads]
    if not any(map(is_named, sizes)) and pads == _same(draft, sizes):
        padding = "same"
    rewriting.change(draft, inputs=pad.inputs, arguments={**draft.arguments, "padding": padding})


def _one_spelling(rewriting: Rewriting) -> None:
    """Writes ``same`` for corresponding windows of modules of one class, if one uses it and the others are
    equivalent.
    """
    places: dict[tuple[str, ...], list[Draft]] = {}
    for draft in rewriting.drafts(*PADDED):
        if len(draft.calls) > 1:
            scope, call = draft.calls[-2], draft.calls[-1]
            places.setdefault((scope.class_name, call.path.removeprefix(scope.path), draft.operation), []).append(draft)
    for drafts in places.values():
        if any(draft.arguments.get("padding") == "same" for draft in drafts):
            for draft in drafts:
                if _is_same_anyway(rewriting, draft):
                    rewriting.change(draft, arguments={**draft.arguments, "padding": "same"})


def _is_same_anyway(rewriting: Rewriting, draft: Draft) -> bool:
    """Whether the padding of a window preserves every input size, as ``same`` does."""
    rank = len(rewriting.shape(draft.inputs[0])) - 1
    arguments = draft.arguments
    kernel, stride, dilation = (_per_axis(arguments.get(key, 1), rank) for key in ("kernel", "stride", "dilation"))
    pairs = [(d * (k - 1) // 2,) * 2 for k, d in zip(kernel, dilation, strict=True)]
    odd = all(d * (k - 1) % 2 == 0 for k, d in zip(kernel, dilation, strict=True))
    return odd and set(stride) == {1} and _pairs(arguments.get("padding", 0), rank) == pairs


def _pairs(padding: Any, rank: int) -> list[tuple[int, int]] | None:
    """Returns padding before and after along each axis; None for a word."""
    if isinstance(padding, str):
        return [(0, 0)] * rank if padding == "valid" else None
    values: list[Any] = list(padding) if isinstance(padding, (list, tuple)) else [padding] * rank  # pyright: ignore[reportUnknownArgumentType] - of a draft
    values = values * rank if len(values) == 1 else values
    return [(v[0], v[1]) if isinstance(v, (list, tuple)) else (v, v) for v in values]  # pyright: ignore[reportUnknownVariableType] - of a draft


def _image_axes(rewriting: Rewriting, rank: int) -> tuple[int, list[int]]:
    """Returns the channel axis of an image, and the other axes."""
    channel = 0 if rewriting.network.layout == "channels_first" else rank - 1
    return channel, [axis for axis in range(rank) if axis != channel]


def _added(pad: Draft, rank: int, default: list[int]) -> list[tuple[int, int]] | None:
    """Returns the amounts that a ``pad`` adds before and after each axis; by default along these axes."""
    axes = numbered_axes(pad, rank) if "axis" in pad.arguments else default
    if axes is None:
        return None
    amount: Any = pad.arguments["amount"]
    if isinstance(amount, int):
        amounts = [(amount, amount)] * len(axes)
    elif all(isinstance(a, int) for a in amount):
        amounts = [(amount[0], amount[1])] * len(axes)
    else:
        amounts = [(a[0], a[1]) for a in amount]
    out = [(0, 0)] * rank
    for axis, pair in zip(axes, amounts, strict=True):
        out[axis] = pair
    return out


def _same(draft: Draft, sizes: tuple[int, ...]) -> list[tuple[int, int]]:
    """Returns the amounts of ``same`` padding."""
    rank = len(sizes)
    arguments = draft.arguments
    kernel = _per_axis(arguments.get("kernel", arguments.get("size")), rank)
    stride = _per_axis(arguments.get("stride", kernel if draft.operation in LOWEST else 1), rank)
    dilation = _per_axis(arguments.get("dilation", 1), rank)
    out: list[tuple[int, int]] = []
    for n, k, s, d in zip(sizes, kernel, stride, dilation, strict=True):
        total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        out.append((total // 2, total - total // 2))
    return out


def _per_axis(value: Any, rank: int) -> list[int]:
    values: list[int] = list(value) if isinstance(value, (list, tuple)) else [value]  # pyright: ignore[reportUnknownArgumentType] - of a draft
    return values * rank if len(values) == 1 else values


# -- pooling -----------------------------------------------------------------------------------------------------------
def _global_pool(rewriting: Rewriting, draft: Draft) -> None:
    """Replaces pooling over all positions of an image by ``global_avg_pool`` or ``global_max_pool``."""
    shape = rewriting.shape(draft.inputs[0])
    if len(shape) != 3:
        return
    channel, axes = _image_axes(rewriting, 3)
    height, width = (shape[axis] for axis in axes)
    vector = (shape[channel],)
    if draft.operation in ("mean", "max"):
        all_positions = numbered_axes(draft, 3) == axes and len(draft.outputs) == 1
        if all_positions and _is_image(rewriting, draft.inputs[0]):
            keep = {"keepdims": True} if draft.arguments.get("keepdims") else {}
            rewriting.change(
                draft, "global_max_pool" if draft.operation == "max" else "global_avg_pool", arguments=keep
            )
        return
    size = draft.arguments["size"]
    if draft.operation == "avg_pool2d":
        plain = set(draft.arguments) <= {"size", "stride"} and _per_axis(size, 2) == [height, width]
        if not plain or is_named(height) or is_named(width) or height * width == 1:
            return
    elif set(_per_axis(size, 2)) != {1}:
        return
    after = rewriting.only_reader(draft.outputs[0], "reshape", "flatten", "squeeze")
    if after is not None and rewriting.shape(after.outputs[0]) == vector:
        rewriting.change(draft, "global_avg_pool", arguments={})
        rewriting.network.shapes[draft.outputs[0]] = vector
        rewriting.replace(after.outputs[0], draft.outputs[0])
    else:
        rewriting.change(draft, "global_avg_pool", arguments={"keepdims": True})


def _is_image(rewriting: Rewriting, value: int) -> bool:
    """Whether the first of three axes is certainly the channels, according to preceding windows or an input."""
    for _ in range(40):
        draft = rewriting.maker(value)
        if draft is None:
            draft_input = next(i for i in rewriting.network.inputs.values() if i.value == value)
            return draft_input.axes is None
        if draft.operation not in TABLE or not draft.inputs:
            return False
        if TABLE[draft.operation].window_rank:
            return TABLE[draft.operation].window_rank == 2
        if draft.operation not in KEEP_CHANNELS and not find(draft.operation).is_activation:
            return False
        value = draft.inputs[0]
    return False
