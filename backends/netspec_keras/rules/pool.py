"""Pooling."""

from __future__ import annotations

from typing import Any

from netspec.diagnostics import clip
from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT

from ..call import LayerCall, Result, short
from .conv import window_rank
from .layouts import check_layout
from .table import layer


@layer("MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D")
def pool(call: LayerCall) -> Result:
    """Maximum or average pooling; averages exclude padding."""
    settings, rank = call.settings, window_rank(call)
    check_layout(call, rank)
    size = settings.sizes("pool_size", rank)
    stride = settings.sizes("strides", rank, size)
    padding = settings.text("padding", "valid").lower()
    if padding not in ("valid", "same"):
        raise CannotImportError(ARGUMENT, f"padding '{clip(padding)}' has no equivalent")
    arguments: dict[str, Any] = {"size": short(size)}
    if stride != size:
        arguments["stride"] = short(stride)
    if padding == "same" and any(n > 1 for n in (*size, *stride)):
        arguments["padding"] = "same"
    if call.layer.class_name.startswith("Max"):
        return call.add(f"max_pool{rank}d", **arguments)
    if "padding" in arguments:
        arguments["count_include_pad"] = False
    return call.add(f"avg_pool{rank}d", **arguments)


@layer(*(f"Adaptive{kind}Pooling{n}D" for kind in ("Average", "Max") for n in (1, 2, 3)))
def adaptive_pool(call: LayerCall) -> Result:
    """Maximum or average pooling to a given number of positions."""
    rank = window_rank(call)
    check_layout(call, rank)
    kind = "max" if "Max" in call.layer.class_name else "avg"
    return call.add(f"adaptive_{kind}_pool{rank}d", size=short(call.settings.sizes("output_size", rank)))


@layer(*(f"Global{kind}Pooling{n}D" for kind in ("Average", "Max") for n in (1, 2, 3)))
def global_pool(call: LayerCall) -> Result:
    """Global maximum or average pooling."""
    rank = window_rank(call)
    channel = check_layout(call, rank)
    kind = "max" if "Max" in call.layer.class_name else "avg"
    if kind == "avg":
        call.refuse_masks()
    keepdims = True if call.settings.flag("keepdims", False) else None
    if call.input.type.channel == channel:
        return call.add(f"global_{kind}_pool", keepdims=keepdims)
    axes = [a for a in range(rank + 1) if a != channel]
    return call.add("max" if kind == "max" else "mean", axis=axes[0] if rank == 1 else axes, keepdims=keepdims)
