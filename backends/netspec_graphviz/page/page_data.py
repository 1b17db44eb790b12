"""The data of the page: one list of blocks, runs of copies and layers, with parents before their children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netspec.analysis.figures import Figures
from netspec.analysis.network_figures import Analysis
from netspec.diagnostics import clean
from netspec.ir import Node
from netspec.ir.at_sizes import type_at_default
from netspec.ops.base import Op, Types
from netspec.report import CheckResult, RowSelection
from netspec.report.json import data as report
from netspec.report.table_columns import field_text
from netspec.report.total_lines import sizes_text, total_lines
from netspec.shapes.sizes import is_named
from netspec.shapes.types import TensorType, compact_shape

from ..colours import KINDS, kind_of, shade
from ..figure_tree import Block, FigureItem, Layer, build_figure_tree
from ..operation_text import node_text, shape_text
from ..read_roles import ReadRole, read_roles
from .layer_facts import argument_rows, coverage_rows, initial_values, value_text
from .layer_formulas import formula_lines
from .spec_lines import SpecLines

if TYPE_CHECKING:
    from netspec.weights import WeightSource

    from .weight_figures import WeightFigures

VERSION = 3
ROLES: tuple[ReadRole, ...] = ("tensor", "skip", "positions", "size")
"""The purpose of a read; the data contains the index."""
SHADES = 20


def page_data(analysis: Analysis, files: SpecLines, weights: WeightSource | None = None) -> dict[str, Any]:
    """Returns the data of the page, with the figures of the report and, if weights are given, their statistics.

    Raises:
        FileReadError: the weights can no longer be read.
    """
    graph = analysis.graph
    selection = RowSelection(analysis, analysis.layers)
    rows = report(CheckResult("", selection=selection))
    figures = None
    if weights is not None:
        from .weight_figures import WeightFigures  # needs NumPy

        figures = WeightFigures(weights)
    items = _ItemList(analysis, files, rows, figures)
    items.add_network()
    title = graph.name + (f"@{graph.variant}" if graph.variant else "")
    return {
        "version": VERSION,
        "title": clean(title),
        "doc": _one_line(graph.doc),
        "cite": _one_line(graph.cite),
        "layout": graph.layout,
        "params": [[clean(k), value_text(v)] for k, v in graph.arguments.items()],
        "figures": rows["totals"],
        "at": sizes_text(graph),
        "totals": [[t.label, t.value, t.note] for t in total_lines(selection)],
        "inputs": [
            {"name": clean(name), "item": items.inputs[name], **_type(t)} for name, t in graph.input_types.items()
        ],
        "operations": {
            name: op.description for name, op in sorted({node.op.name: node.op for node in graph.nodes}.items())
        },
        "kinds": [{"name": k.name, "title": k.title} for k in KINDS.values()],
        "shades": [shade(i / SHADES) for i in range(SHADES + 1)],
        "files": files.data(),
        "traces": files.traces,
        "items": items.items,
        "tensors": None if figures is None else figures.tensors,
    }


class _ItemList:
    """Builds the list of items."""

    def __init__(
        self, analysis: Analysis, files: SpecLines, rows: dict[str, Any], weights: WeightFigures | None
    ) -> None:
        self.analysis = analysis
        self.graph = analysis.graph
        self.files = files
        self.weights = weights
        self.items: list[dict[str, Any]] = []
        self.inputs: dict[str, int] = {}
        self.figures: dict[str, dict[str, Any]] = {row["name"]: row for row in rows["layers"]}
        self.rows = {row.name: i for i, row in enumerate(analysis.layers)}
        self.roles = read_roles(analysis.graph)
        self.producers: dict[int, list[int]] = {}
        """For every value, the item that computes it and the index of the output."""
        self.arguments: dict[tuple[Op, Types], list[list[Any]]] = {}

    def add_network(self) -> None:
        """Adds the whole network: its inputs, its blocks and layers, its outputs."""
        root = build_figure_tree(self.analysis).root
        top = self._add(-1, "network", "", "", **self._figures(root.figures), holds=self._holds(root), trace=-1)
        for name, value in self.graph.inputs.items():
            kind = _type(self.graph.values[value])
            self.inputs[name] = self._add(top, "input", name, name, **kind)
            self.producers[value] = [self.inputs[name], 0]
        for child in root.children:
            self._add_item(child, top)
        for name, value in self.graph.outputs.items():
            kind = _type(self.graph.values[value])
            self._add(top, "output", name, name, reads=[(value, 0)], **kind)
        for item in self.items:
            if "reads" in item:
                item["reads"] = [self.producers[v] + ([number] if number else []) for v, number in item["reads"]]

    def _add(self, parent: int, what: str, name: str, label: str, /, **more: Any) -> int:
        self.items.append({"is": what, "in": parent, "name": clean(name), "label": clean(label), **more})
        return len(self.items) - 1

    def _add_item(self, child: FigureItem, parent: int) -> None:
        copies = [child, *child.further_copies]
        if len(copies) > 1:
            parent = self._add_run(child, copies, parent)
        for copy in copies:
            if isinstance(copy, Layer):
                self._add_layer(copy, parent)
            else:
                self._add_block(copy, parent)

    def _add_run(self, first: FigureItem, copies: Sequence[FigureItem], parent: int) -> int:
        """Adds an item for a run of equal copies."""
        figures = Figures.sum(copy.figures for copy in copies)
        if isinstance(first, Block):
            what, holds, trace = first.scope.block, self._holds(first), self.files.number(first.scope.trace)
            doc = first.scope.doc
        else:
            node = first.nodes[0]
            what, holds, trace = node.op.name, [[node.op.name, 1]], self.files.number(node.trace)
            doc = node.doc
        scope = first.name[: len(first.name) - len(_local_name(first))]
        return self._add(
            parent,
            "run",
            scope + first.label,
            first.label,
            block=what and clean(what),
            copies=len(copies),
            **self._figures(figures),
            holds=holds,
            trace=trace,
            doc=_one_line(doc),
        )

    def _add_block(self, block: Block, parent: int) -> None:
        scope = block.scope
        values = self.graph.values
        here = self._add(
            parent,
            "block",
            scope.name,
            scope.local_name,
            block=scope.block and clean(scope.block),
            arguments=[[clean(k), value_text(v), False] for k, v in scope.arguments.items()],
            copy=list(scope.copy) if scope.copy else None,
            takes=[_port(name, values[v]) for name, v in scope.inputs.items()],
            gives=[_port(name, values[v]) for name, v in scope.outputs],
            left_out=[clean(name) for name in scope.left_out],
            **self._figures(block.figures),
            holds=self._holds(block),
            trace=self.files.number(scope.trace),
            doc=_one_line(scope.doc),
        )
        for child in block.children:
            self._add_item(child, here)

    def _add_layer(self, layer: Layer, parent: int) -> None:
        row, first = layer.row, layer.nodes[0]
        figures = self.figures[row.name]
        owners = layer.all_nodes if layer.nodes[0].given_weights else layer.nodes
        values = {v for node in layer.all_nodes for v in node.values}
        fields = self.analysis.receptive_fields.of(row.value)
        here = self._add(
            parent,
            "layer",
            row.name,
            _local_name(layer),
            **{
                k: figures[k]
                for k in (
                    "op",
                    "params",
                    "trainable_params",
                    "buffers",
                    "macs",
                    "flops",
                    "activations",
                    "connections",
                    "receptive_field",
                )
            },
            row=self.rows[row.name],
            kind=kind_of(first.op.name).name,
            detail=clean(" + ".join(node_text(node, self.graph) for node in layer.nodes)),
            **_type(row.output),
            results=_output_rows(layer.nodes[-1]),
            field=field_text(fields),
            sees=coverage_rows(self.analysis, row.value),
            reads=[
                (v, ROLES.index(self.roles.get((node, k), "tensor")))
                for node in layer.all_nodes
                for k, v in enumerate(node.reads)
                if v not in values
            ],
            arguments=[[node.op.name, self._arguments(node)] for node in layer.nodes],
            weights=[self._weight(node, i) for node in owners for i in range(len(node.weights))],
            filters=None if self.weights is None else self.weights.filters(owners),
            formulas=formula_lines(self.analysis, layer.nodes),
            trace=self.files.number(first.trace),
            doc=_one_line(row.doc),
        )
        for node in layer.all_nodes:
            for k, v in enumerate(node.values):
                self.producers[v] = [here, k]

    def _arguments(self, node: Node) -> list[list[Any]]:
        """Returns the arguments of an operation; cached for equal layers."""
        key = (node.op, self.graph.inputs_of(node))
        result = self.arguments.get(key)
        if result is None:
            result = self.arguments[key] = argument_rows(*key)
        return result

    def _weight(self, node: Node, number: int) -> list[Any]:
        """Returns the name, shape, size, initial values and remarks of a weight, and the index of its statistics."""
        local, p = node.weights[number]
        marks = [] if p.trainable or p.buffer else ["frozen"]
        if p.buffer:
            marks.append("buffer")
        if p.name != (f"{node.name}.{local}" if local else node.name):
            full_name = f"{node.stored}.{local}" if local else node.stored
            marks.append(f"of all runs: {clean(p.name)}" if p.name == full_name else f"shared: {clean(p.name)}")
        row = [clean(local or p.name), shape_text(p.shape), p.elements, initial_values(p.init), ", ".join(marks)]
        return [*row, None if self.weights is None else self.weights.number(p)]

    def _figures(self, figures: Figures) -> dict[str, int]:
        return {
            "params": figures.params,
            "trainable_params": figures.trainable_params,
            "buffers": figures.buffers,
            "macs": figures.macs,
            "flops": figures.flops,
            "activations": figures.activations,
            "connections": figures.connections,
        }

    def _holds(self, block: Block) -> list[list[Any]]:
        held: Mapping[str, int] = block.operations
        return [[name, n] for name, n in held.items()]


def _local_name(item: FigureItem) -> str:
    """Returns the name of an item within its scope."""
    if isinstance(item, Block):
        return item.scope.local_name
    scope = item.row.scope.name
    return item.name[len(scope) + 1 :] if scope and item.name.startswith(scope + ".") else item.name


def _type(t: TensorType) -> dict[str, Any]:
    """A type: its sizes as numbers, and as texts if some depend on named dimensions."""
    sizes: dict[str, Any] = {"shape": list(type_at_default(t).shape)}
    if any(map(is_named, t.shape)):
        sizes["sizes"] = [compact_shape((n,)) for n in t.shape]
    return {**sizes, "dtype": t.dtype, "axes": list(t.axes)}


def _port(name: str, t: TensorType) -> list[str]:
    """An input or output of a block: its name, its shape with the names of dimensions, and in numbers."""
    return [clean(name), shape_text(t.shape), shape_text(type_at_default(t).shape)]


def _output_rows(node: Node) -> list[list[Any]]:
    """Names and shapes of the outputs, if there are several."""
    if len(node.outputs) < 2:
        return []
    names = node.op.output_names(len(node.outputs))
    return [_port(name, t) for name, t in zip(names, node.outputs, strict=True)]


def _one_line(text: str | None) -> str | None:
    return None if text is None else clean(text.strip().replace("\n", " "))
