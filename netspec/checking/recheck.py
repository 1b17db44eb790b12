"""Repeats the check with a changed layer to see whether that fixes a problem, then reverts the change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ..diagnostics import Diagnostic, LocatedError, unpack
from ..language.reading.document import Block, Document
from ..language.reading.layers import Layer, LayerReader, Layers
from ..text.yaml_reader import Tree, read
from .spec import Spec, SpecResult

if TYPE_CHECKING:
    from ..shapes.named_sizes import NamedSizes

Change: TypeAlias = "tuple[object, str, Any]"
"""An object, the name of an attribute, and a new value for it."""


class LayerContext(NamedTuple):
    """A layer with its neighbours."""

    layer: Layer
    layers: Layers
    owner: Document | Block | Layer
    inputs: tuple[str, ...]
    """Names of the inputs of the scope."""

    @property
    def number(self) -> int:
        """The index of the layer in its scope, from 0."""
        return next(i for i, layer in enumerate(self.layers.items) if layer is self.layer)

    @property
    def before(self) -> tuple[Layer, ...]:
        """The preceding layers in its scope."""
        return self.layers.items[: self.number]

    def inserted(self, layer: Layer) -> Change:
        """Returns the change that inserts another layer before it."""
        items = (*self.before, layer, *self.layers.items[self.number :])
        return self.owner, "inner" if isinstance(self.owner, Layer) else "layers", self.layers._replace(items=items)


class Recheck:
    """Repeats the check with changes, to see whether they fix a problem.

    Args:
        spec: the spec.
        result: the result that has the problem.
        problem: the problem.
        settings: parameters that were set from outside.
        until: deadline on the monotonic clock.
        others: changes that fix other problems, applied in every run so that the network may become valid.
    """

    def __init__(
        self,
        spec: Spec,
        result: SpecResult,
        problem: Diagnostic,
        settings: Mapping[str, Any] | None,
        until: float,
        others: tuple[Change, ...] = (),
    ) -> None:
        self.spec = spec
        self.result = result
        self.problem = problem
        self.settings = settings
        self.others = others
        self.until = until

    @property
    def document(self) -> Document:
        """The document; it exists, since the problem was found after reading it."""
        assert self.result.document is not None
        return self.result.document

    @property
    def is_over(self) -> bool:
        """Whether the time is used up."""
        return monotonic() > self.until

    def run(
        self,
        *changes: Change,
        shapes: Mapping[str, tuple[int, ...]] | None = None,
        sizes: Mapping[str, int] | None = None,
        named: NamedSizes | None = None,
    ) -> SpecResult | None:
        """Returns the result after changes; None if the time is used up."""
        if self.is_over:
            return None
        changes = (*self.others, *changes)
        before = [(owner, name, getattr(owner, name)) for owner, name, _ in changes]
        try:
            for owner, name, value in changes:
                setattr(owner, name, value)
            if named is None and sizes is None:
                sizes = self.result.sizes
            return self.spec.elaborate(self.result.variant, self.settings, shapes, sizes=sizes, named=named)
        finally:
            for owner, name, value in reversed(before):
                setattr(owner, name, value)

    def problems(self, after: SpecResult) -> tuple[Diagnostic, ...]:
        """Returns the errors in a result after changes that are new, or still at the same location."""
        at, errors = self.problem.location, [o for o in after.diagnostics if o.severity == "error"]
        return tuple([o for o in errors if o.location == at or o not in self.result.diagnostics])

    def fixes(
        self,
        *changes: Change,
        shapes: Mapping[str, tuple[int, ...]] | None = None,
        sizes: Mapping[str, int] | None = None,
    ) -> bool:
        """Whether the changes fix the problem without causing a new one."""
        after = self.run(*changes, shapes=shapes, sizes=sizes)
        return after is not None and not self.problems(after)

    def contexts(self) -> Iterator[LayerContext]:
        """Yields all layers written in the spec itself."""
        document = self.document
        if document.layers is not None:
            inputs = tuple([declaration.name for declaration in document.inputs])
            yield from _contexts(document.layers, document, inputs)
        for block in document.blocks.values():
            if block.document is document and block.layers is not None:
                yield from _contexts(block.layers, block, block.inputs)

    def context(self) -> LayerContext | None:
        """Returns the layer with the problem; None if it is not written in the spec itself."""
        at = self.problem.location
        return next((p for p in self.contexts() if unpack(p.layer.head_location) == at), None)

    def layer(self, text: str) -> Layer:
        """Parses a layer from a text of key and value: ``name: {relu, from: x}``."""

        def report(error: LocatedError) -> None:
            raise error

        return LayerReader(self.document.blocks, report).layers(tree(text), "layers").items[0]


def tree(text: str) -> Tree:
    """Returns the tree of a non-empty text."""
    node = read(text, 0)
    assert node is not None
    return node


def _contexts(layers: Layers, owner: Document | Block | Layer, inputs: tuple[str, ...]) -> Iterator[LayerContext]:
    for layer in layers.items:
        yield LayerContext(layer, layers, owner, inputs)
        if layer.inner is not None:
            yield from _contexts(layer.inner, layer, layer.inputs or ("input",))
