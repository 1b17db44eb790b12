"""Warns of layers that were probably meant to read what the layer before them reads."""

from __future__ import annotations

from collections.abc import Container, Iterator
from itertools import pairwise

from ...diagnostics import Diagnostic, clip, unpack
from ...ops import TABLE, find
from ...text.yaml_reader import List, Text
from ..reading.activations import activation_text
from ..reading.document import Document
from ..reading.layers import Layer, Layers
from ..reading.records import plain_value
from ..reading.references import OutputDeclaration
from .elaboration_problems import Problems


def warn_of_sibling_layers(document: Document, linear: Container[str], problems: Problems) -> None:
    """Warns of a linear layer without ``from`` after another one that is used beside it.

    This is so for heads (``mu`` and ``logvar``), projections (``q``, ``k`` and ``v``) and branches whose ``from`` was
    forgotten: such a network is valid, but each of them reads the one before.

    Args:
        document: the document.
        linear: operations of which two in a row are one linear map.
        problems: receives the warnings.
    """
    scopes = [(document.layers, document.outputs), *((b.layers, b.outputs) for b in document.blocks.values())]
    for layers, outputs in scopes:
        if layers is not None:
            _warn_of_scope(layers, outputs or (), linear, problems)


def _warn_of_scope(
    layers: Layers, outputs: tuple[OutputDeclaration, ...], linear: Container[str], problems: Problems
) -> None:
    """Warns of the layers of one scope, and of those in place in it."""
    uses: dict[str, set[int]] | None = None
    before = "input"
    for first, second in pairwise(layers.items):
        are_linear = _runs_once(first, linear) and _runs_once(second, linear)
        if are_linear and second.source is None and not layers.listed:
            uses = _uses(layers, outputs) if uses is None else uses
            what = _what_is_wrong(first, second, uses)
            if what is not None:
                _warn(first, second, what, before, problems)
        before = first.name.text if first.name is not None else before
    for layer in layers.items:
        if layer.inner is not None:
            _warn_of_scope(layer.inner, layer.outputs or (), linear, problems)


def _what_is_wrong(first: Layer, second: Layer, uses: dict[str, set[int]]) -> str | None:
    """How the first layer shows that the second should not read it; None if it does not."""
    assert first.name is not None
    assert second.name is not None
    readers = uses.get(first.name.text)
    if readers is None:
        return None
    if first.activation is not None:
        return "a softmax that is used elsewhere" if activation_text(first.activation) == "softmax" else None
    beside = not readers.isdisjoint(uses.get(second.name.text, ()))
    if beside or _arguments(first) == _arguments(second):
        return f"a {first.head_text} layer without activation that is used elsewhere"
    return None


def _warn(first: Layer, second: Layer, what: str, before: str, problems: Problems) -> None:
    """Warns that the second layer reads the first."""
    assert first.name is not None
    assert second.name is not None
    name = clip(first.name.text)
    read = first.source.names[0].text if first.source is not None and first.source.names else before
    problems.warn(
        Diagnostic(
            "NS528",
            f"'{clip(second.name.text)}' reads '{name}', {what}",
            unpack(second.location),
            help=f"`from: {clip(read)}` if it should read what '{name}' reads; `from: {name}` if it is meant",
        ),
        None,
    )


def _runs_once(layer: Layer, operations: Container[str]) -> bool:
    """Whether a layer is one of some operations, with a constant name, and is there once."""
    keys = (layer.repeat, layer.each, layer.map, layer.over, layer.route, layer.when)
    named = layer.name is not None and layer.name.constant
    return named and layer.head_text in operations and all(key is None for key in keys)


def _arguments(layer: Layer) -> tuple[object, ...]:
    """What a layer says besides its name."""
    primary = plain_value(layer.primary.node) if layer.primary is not None else None
    return layer.head_text, primary, {name: plain_value(value.node) for name, (_, value) in layer.args.items()}


def _uses(layers: Layers, outputs: tuple[OutputDeclaration, ...]) -> dict[str, set[int]]:
    """For every name that is read, the numbers of the layers that read it; -1 stands for the outputs."""
    uses: dict[str, set[int]] = {}
    for output in outputs:
        uses.setdefault(output.source.text, set()).add(-1)
    for number, layer in enumerate(layers.items):
        for name in _names_read(layer):
            uses.setdefault(name, set()).add(number)
    return uses


def _names_read(layer: Layer) -> Iterator[str]:
    """The names that a layer reads, under ``from`` or in a merge."""
    if layer.source is not None:
        yield from (reference.text for reference in layer.source.names)
    if layer.primary is not None and layer.head_text in TABLE and find(layer.head_text).primary == "from":
        node = layer.primary.node
        names = node.items if type(node) is List else [node]
        yield from (name.raw for name in names if type(name) is Text)
