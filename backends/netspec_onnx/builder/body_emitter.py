"""Adds the nodes of a region's body, either to the enclosing graph or to a graph of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import onnx

from .emitter import Emitter
from .value_info import Attribute, GraphValue

if TYPE_CHECKING:
    from netspec.ir import Graph, Parameter

    from .initialiser import Fold


class BodyEmitter(Emitter):
    """Collects the nodes of a body. Names, constants and initialisers are shared with the whole model.

    Args:
        around: the emitter of the enclosing graph.
        graph: the body.
        origin: the index of the region's node.
        weight: returns the value of a parameter of the body, in the current run.
        apart: whether the nodes are in a graph of their own.
    """

    def __init__(
        self, around: Emitter, graph: Graph, origin: int, weight: Callable[[Parameter], GraphValue], *, apart: bool
    ) -> None:
        self.__dict__.update(around.__dict__)
        self.outside = around
        self.graph = graph
        self.weight = weight
        self.region = origin
        self.alias = {}
        self.batch = None
        self.batch_size = None
        self.values: list[GraphValue | None] = [None] * len(graph.values)
        self.used = {v for v in range(len(graph.values)) if graph.use_count(v)} | set(graph.outputs.values())
        self._value_names: list[str | None] = [None] * len(graph.values)
        if apart:
            self.proto = onnx.GraphProto()
            self.origin: list[int] = []

    @property
    def root(self) -> Emitter:
        """The emitter of the model's graph."""
        return self.outside.root if isinstance(self.outside, BodyEmitter) else self.outside

    @property
    def files(self) -> tuple[str, ...]:
        """The files that locations refer to."""
        return self.root.graph.files

    def parameter(self, p: Parameter, fold: Fold | None = None) -> GraphValue:
        """The value of a parameter of the body in this run."""
        assert fold is None
        return self.weight(p)

    def constant(self, name: str, numbers: object, dtype: str, shape: tuple[int, ...] | None = None) -> GraphValue:
        """Adds a small constant to the model's graph."""
        return self.root.constant(name, numbers, dtype, shape)

    def node(
        self,
        kind: str,
        inputs: Sequence[GraphValue | None],
        outputs: Sequence[GraphValue],
        name: str,
        doc: str,
        origin: int,
        attributes: Mapping[str, Attribute],
    ) -> None:
        """Adds a node, which comes from the region."""
        super().node(kind, inputs, outputs, name, doc, self.region, attributes)
        self.root.undescribed.update(v.name for v in outputs)

    def size_node(
        self,
        kind: str,
        inputs: Sequence[GraphValue],
        outputs: Sequence[GraphValue],
        name: str,
        attributes: Mapping[str, Attribute],
    ) -> None:
        """Adds a node that computes a size, which may depend on values of the body."""
        self.node(kind, inputs, outputs, name, "", self.region, attributes)
