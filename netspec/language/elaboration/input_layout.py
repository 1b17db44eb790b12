"""Warns of inputs whose channels appear to come last."""

from __future__ import annotations

from collections.abc import Mapping

from ...diagnostics import Diagnostic, clip, unpack
from ...text.yaml_reader import List, Text, Tree
from ..reading.document import Document, InputDeclaration
from .draft_graph import DraftGraph
from .elaboration_problems import Problems

IMAGE_CHANNELS = (1, 3, 4)
"""Numbers of channels of grey, colour, and transparent images."""
LEAST_SIDE = 16
"""Minimum height and width of images, and length of sequences, that are assumed."""


def warn_of_input_layout(document: Document, graph: DraftGraph, inputs: Mapping[str, int], problems: Problems) -> None:
    """Warns of inputs of (height, width, channels) that a 2d window reads although no ``layout`` is given.

    The same applies to (length, channels) and 1d windows. Such a network is valid, but the window slides over the
    channels.
    """
    if document.has_layout:
        return
    for declaration in document.inputs:
        value = inputs.get(declaration.name)
        if value is not None and declaration.shape is not None and looks_channels_last(graph.types[value].shape):
            shape = graph.types[value].shape
            window_rank = len(shape) - 1
            reader = next(
                (node for node in graph.nodes if node.op.window_rank == window_rank and value in node.inputs), None
            )
            if reader is not None:
                sizes = f"{shape[0]} channels of {' × '.join(map(str, shape[1:]))}" + (
                    " positions" if window_rank == 1 else ""
                )
                message = f"'{clip(declaration.name)}' is read as {sizes}: without 'layout', the channels come first"
                line = reader.trace.location.line
                axes = "axis" if window_rank == 1 else "two axes"
                note = f"'{clip(reader.layer)}' ({reader.op.name}, line {line}) slides over the last {axes}"
                reordered = _reordered(declaration, declaration.shape.node, shape)
                help = f"`layout: channels_last`, or {reordered}; `layout: channels_first` if it is meant"
                location = unpack(declaration.shape.location)
                problems.warn(Diagnostic("NS527", message, location, notes=(note,), help=help), None)


def looks_channels_last(shape: tuple[int, ...]) -> bool:
    """Whether an input shape probably ends in channels: an image, or a sequence of features."""
    return len(shape) in (2, 3) and shape[-1] in IMAGE_CHANNELS and min(shape[:-1]) >= LEAST_SIDE


def _reordered(declaration: InputDeclaration, node: Tree, shape: tuple[int, ...]) -> str:
    """Returns the shape with the channels first, as it should be written."""
    sizes = [n.raw for n in node.items if type(n) is Text] if type(node) is List else []
    *positions, channels = sizes if len(sizes) == len(shape) else map(str, shape)
    return f"`{declaration.name}: [{', '.join([channels, *positions])}]`"
