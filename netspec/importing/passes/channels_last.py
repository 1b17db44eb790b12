"""Uses ``layout: channels_last`` for networks with the channels last in all inputs and outputs."""

from __future__ import annotations

from typing import Any

from ...ops import TABLE, find
from ...shapes.types import CHANNELS, SPATIAL
from ..draft import ALONG_AN_AXIS, Draft, DraftInput, DraftNetwork, numbered_axes

WINDOWS = (
    "conv",
    "depthwise_conv",
    "max_pool",
    "avg_pool",
    "lp_pool",
    "adaptive_",
    "global_",
    "upsample",
    "batch_norm",
)
"""Prefixes of operations whose channel axis depends on the layout of the network."""
REDUCTIONS = ("mean", "max", "sum", "min")


class _StaysFirstError(Exception):
    """An operation counts axes, or reads images, in a way that requires channels first."""


def prefer_channels_last(network: DraftNetwork) -> None:
    """Converts a network to channels last if that requires no permutation; otherwise leaves it unchanged.

    tf2onnx, and netspec for networks with this layout, write a transposition after each input and before each output.
    If only such transpositions read an input, its last axis is the channels in any case.
    """
    _mark_inputs(network)
    if not any(
        draft_input.axes is not None and draft_input.axes[-1] == CHANNELS for draft_input in network.inputs.values()
    ):
        return
    try:
        change = _Change(network)
    except _StaysFirstError:
        return
    change.apply()


def _mark_inputs(network: DraftNetwork) -> None:
    """Marks the last axis of inputs as channels, if every reader moves it to the front."""
    readers = network.readers()
    for name, draft_input in network.inputs.items():
        rank = len(draft_input.shape)
        to_front = [rank - 1, *range(rank - 1)]
        orders = [
            d.arguments["order"] if d.operation == "permute" else None for d in readers.get(draft_input.value, ())
        ]
        if draft_input.axes is None and rank in (3, 4) and orders and all(order == to_front for order in orders):
            axes = (*SPATIAL[rank - 1], CHANNELS)
            network.inputs[name] = DraftInput(draft_input.value, draft_input.shape, draft_input.dtype, axes)


class _Change:
    """The conversion of each layer to channels last. Raises _StaysFirstError if one cannot be converted.

    ``moved`` are the values whose axes change their order, with their new shapes.
    """

    def __init__(self, network: DraftNetwork) -> None:
        self.network = network
        self.moved: dict[int, tuple[Any, ...]] = {}
        self.arguments: dict[int, dict[str, Any]] = {}
        """New arguments of drafts, by identity."""
        images = {v.value for v in network.inputs.values() if v.axes is not None and v.axes[-1] == CHANNELS}
        if any(len(v.shape) > 1 and v.value not in images for v in network.inputs.values()):
            raise _StaysFirstError
        for draft in network.drafts:
            self._draft(draft, images)
        if not self.moved.keys().isdisjoint(network.outputs.values()):
            raise _StaysFirstError

    def _draft(self, draft: Draft, images: set[int]) -> None:
        if draft.operation == "permute":
            self._permute(draft)
            return
        if not images.isdisjoint(draft.reads):
            raise _StaysFirstError
        windows = draft.operation.startswith(WINDOWS)
        if self.moved.keys().isdisjoint(draft.reads):
            large = any(len(self.network.shapes[v]) > 1 for v in (*draft.reads, *draft.outputs))
            if windows or (large and not self._counts_axes_alike(draft)):
                raise _StaysFirstError
            return
        if draft.opaque or len(draft.outputs) != 1 or draft.given_weights:
            raise _StaysFirstError
        (output,), arguments = draft.outputs, dict(draft.arguments)
        if any(v not in self.moved and len(self.network.shapes[v]) > 0 for v in draft.inputs):
            raise _StaysFirstError
        ranks = {len(self.moved[v]) for v in draft.inputs if v in self.moved}
        if len(ranks) != 1:
            raise _StaysFirstError
        (rank,) = ranks
        if windows and TABLE[draft.operation].window_rank in (0, rank - 1):
            axis = arguments.pop("axis", 0)
            if axis != 0:
                raise _StaysFirstError
            if draft.operation == "batch_norm":
                arguments["axis"] = rank - 1
        elif draft.operation == "pad" and (padded := numbered_axes(draft, rank)) is not None:
            arguments["axis"] = [(axis - 1) % rank for axis in padded]
        elif draft.operation in ("concat", "softmax", "log_softmax", *REDUCTIONS):
            axes = numbered_axes(draft, rank)
            if axes is None or "axis" not in arguments:
                raise _StaysFirstError
            moved = sorted((axis - 1) % rank for axis in axes)
            arguments["axis"] = moved[0] if len(moved) == 1 else moved
        elif not find(draft.operation).elementwise or _names_axes(draft):
            raise _StaysFirstError
        self.arguments[id(draft)] = arguments
        shape = self.network.shapes[output]
        if len(shape) == rank:
            self.moved[output] = (*shape[1:], shape[0])
        elif len(shape) > 1:
            raise _StaysFirstError

    @staticmethod
    def _counts_axes_alike(draft: Draft) -> bool:
        """Whether an operation on unchanged tensors is the same in both layouts."""
        if draft.operation in (*REDUCTIONS, *ALONG_AN_AXIS):
            return "axis" in draft.arguments
        if draft.operation in ("flatten", "reshape"):
            return "axes" not in draft.arguments
        return not draft.opaque and find(draft.operation).elementwise and not _names_axes(draft)

    def _permute(self, draft: Draft) -> None:
        (source,), order = draft.inputs, draft.arguments["order"]
        rank = len(order)
        if source not in self.moved and order == [rank - 1, *range(rank - 1)] and rank > 1:
            self.moved[draft.outputs[0]] = self.network.shapes[source]
        elif source not in self.moved or order != [*range(1, rank), 0]:
            raise _StaysFirstError

    def apply(self) -> None:
        """Applies the changes to drafts, shapes, inputs and layout of the network."""
        network = self.network
        for draft in list(network.drafts):
            draft.arguments = self.arguments.get(id(draft), draft.arguments)
            if draft.operation == "permute":
                network.replace_value(draft.outputs[0], draft.inputs[0])
        network.drafts = [draft for draft in network.drafts if draft.operation != "permute"]
        for value, shape in self.moved.items():
            network.shapes[value] = shape
        network.layout = "channels_last"
        network.inputs = {
            name: draft_input
            if draft_input.axes is None
            else DraftInput(draft_input.value, draft_input.shape, draft_input.dtype)
            for name, draft_input in network.inputs.items()
        }


def _names_axes(draft: Draft) -> bool:
    return (
        "axis" in draft.arguments
        or "for" in draft.arguments
        or any(isinstance(value, list) for value in draft.arguments.values())
    )
