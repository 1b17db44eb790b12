"""Small pieces for the tests of single collaborators: documents, scopes, entries and layers as they are written."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from netspec.diagnostics import LocatedError, Location
from netspec.ir import Trace
from netspec.language.elaboration.draft_graph import DraftGraph, ScopeTree
from netspec.language.elaboration.names import Entry, LexicalScope
from netspec.language.reading.document import Document, read_document
from netspec.language.reading.layers import Layer, LayerReader
from netspec.ops.weight import Init
from netspec.shapes.types import input_type
from netspec.text.yaml_reader import read

HEAD = "netspec: 1\ninput: [3, 8, 8]\nlayers: [relu]\n"


def fail(error: LocatedError) -> None:
    """A report for texts that must have no problem."""
    raise error


def document_of(text: str = HEAD) -> Document:
    """The document of a text."""
    result = read_document(read(text), "net", fail)
    assert result is not None
    return result


def read_layer(text: str, blocks: Collection[str] = ()) -> Layer:
    """A layer as it is written in a list, where there are these blocks."""
    node = read(f"- {text}")
    assert node is not None
    return LayerReader(blocks, fail).layers(node, "layers").items[0]


def lexical_scope(
    *, tree: ScopeTree | None = None, parent: LexicalScope | None = None, **parameters: Any
) -> LexicalScope:
    """A scope without layers; it is the root of its tree."""
    root = (tree if tree is not None else ScopeTree()).root
    return LexicalScope(root, parent, parameters, {}, document_of())


def add_image(graph: DraftGraph, *shape: int) -> int:
    """A further input of the network: the number of its value."""
    return graph.add_input(input_type(shape))


def define(scope: LexicalScope, **values: int | None) -> None:
    """Give names to values; None is a layer that failed."""
    for name, value in values.items():
        scope.names[name] = Entry(name, value)


TRACE = Trace(Location(0, 3, 1), None, "relu")
"""A trace for nodes whose text does not matter."""
ZEROS = Init("zeros")
"""An initialiser that does not matter."""
