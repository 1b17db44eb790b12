"""The channel axis of Keras layers."""

from __future__ import annotations

from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT, INVALID_SOURCE

from ..call import LayerCall


def check_layout(call: LayerCall, rank: int) -> int:
    """Returns the channel axis of an input with ``rank`` window axes.

    Raises:
        CannotImportError: NS842, the layer's layout differs from that of others; NS846, the input has other axes.
    """
    ours = "channels_last" if call.channels_last else "channels_first"
    layout = call.settings.values.get("data_format") or ours
    if layout != ours:
        raise CannotImportError(ARGUMENT, f"data_format {layout} differs from that of other layers")
    if call.input.rank != rank + 1:
        raise CannotImportError(
            INVALID_SOURCE, f"its input must have {rank + 1} axes, not {call.input.rank}, without the batch"
        )
    return rank if call.channels_last else 0


def channel_axis(call: LayerCall, axis: int) -> int | None:
    """Returns the argument ``axis`` of an operation along the channels: None if that is the default."""
    return None if call.input.type.channel == axis else axis


def channel_or_last_axis(call: LayerCall, axis: int) -> int | None:
    """The same for operations whose default is the last axis if the channels are unknown."""
    type = call.input.type
    if type.channel is None and axis == type.rank - 1:
        return None
    return channel_axis(call, axis)
