"""Converts a graph to an ONNX model: every node by its rule, then the model's metadata."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import onnx

from netspec import __version__
from netspec.files import FileReadError, open_regular
from netspec.ir import Graph
from netspec.ir.axes_as_batch import axes_as_batch
from netspec.ir.axis_order import channels_first
from netspec.weights.weight_source import SeedSource, WeightSource

from .builder.emitter import Emitter, tensor_name
from .builder.runtime_sizes import RuntimeSizes
from .builder.value_info import input_value
from .file_options import Options
from .optimise import NodeChanges, make_plan
from .rules.all_nodes import convert_nodes
from .rules.rule_table import lower
from .writing.stream import Progress, save

if TYPE_CHECKING:
    from netspec.shapes.named_sizes import NamedDim

RUNNING = ("running_mean", "running_var", "num_batches_tracked")
"""Buffers of normalisations."""


def write(
    graph: Graph, path: Path, options: Options, source: WeightSource | None = None, progress: Progress | None = None
) -> None:
    """Writes the graph as an ONNX model; raises as :func:`netspec_onnx.export`.

    Args:
        graph: the network.
        path: the file.
        options: the options of the file.
        source: the source of the weights; the default is seed 0.
        progress: called with the bytes written and the total.
    """
    emitter, model = convert(graph, options)
    if source is None:
        source = SeedSource(0)
    save(path, model, emitter, source if options.weights else None, options.external_data, progress)


def convert(graph: Graph, options: Options) -> tuple[Emitter, onnx.ModelProto]:
    """Converts a graph to the ONNX graph, and a model without graph.

    Raises:
        UnsupportedError: operations without a rule.
        BackendError: NS712, an operator set without an element type of the graph; NS715, the model is too large.
    """
    options = options.for_graph(graph)
    emitter, model = lower_nodes(graph, options), model_without_graph(graph, options)
    if options.functions:
        from .local_functions import move_blocks_into_functions

        move_blocks_into_functions(emitter.graph, emitter, model)
    return emitter, model


def lower_nodes(graph: Graph, options: Options) -> Emitter:
    """Converts all nodes to ONNX nodes, with types and constants, and initialisers to be streamed.

    Raises:
        UnsupportedError: operations without a rule.
        BackendError: NS715, the model is too large.
    """
    lower.check(graph)
    graph = axes_as_batch(channels_first(graph))
    plan = make_plan(graph) if options.optimize else NodeChanges()
    emitter = Emitter(graph, options.operators, options.dtype, plan.alias, options.batch)
    sizes = RuntimeSizes(emitter)
    for name, value in graph.inputs.items():
        kind = graph.values[value]
        emitter.values[value] = emitter.types[name] = input_value(name, emitter.element(kind.dtype), kind.shape)
    convert_nodes(emitter, sizes, graph, plan)
    emitter.finish(weightless=not options.weights)
    return emitter


def model_without_graph(graph: Graph, options: Options) -> onnx.ModelProto:
    """Returns a model without graph: versions, and metadata of the spec."""
    model = onnx.ModelProto()
    model.ir_version = options.ir
    model.producer_name = "netspec"
    model.producer_version = __version__
    opset = model.opset_import.add()
    opset.domain = ""
    opset.version = options.operators
    if graph.doc:
        model.doc_string = graph.doc
    metadata = {
        "netspec.name": graph.name,
        "netspec.variant": graph.variant,
        "netspec.parameters": json.dumps(dict(graph.arguments), default=str, ensure_ascii=False),
        "netspec.dimensions": json.dumps({d.name: _promise(d) for d in graph.dims.values()}) if graph.dims else None,
        "netspec.buffers": _stored_buffers(graph),
        "netspec.version": __version__,
        "netspec.spec_sha256": spec_hash(graph),
    }
    for key, value in metadata.items():
        if value is not None:
            entry = model.metadata_props.add()
            entry.key, entry.value = key, value
    return model


def _stored_buffers(graph: Graph) -> str | None:
    """Returns the names of buffers that no operator identifies: gains of frozen norms, and stored tables; as JSON."""
    buffers = [p for p in graph.parameters if p.buffer and p.persistent]
    names = [tensor_name(p) for p in buffers if p.name.rpartition(".")[2] not in RUNNING]
    return json.dumps(names) if names else None


def _promise(dim: NamedDim) -> dict[str, int]:
    """Returns the default and the declared constraints of a named dimension."""
    promise = {"default": dim.default, "multiple_of": dim.multiple_of, "min": dim.min, "max": dim.max}
    return {key: n for key, n in promise.items() if n is not None and (n != 1 or key == "default")}


def spec_hash(graph: Graph) -> str | None:
    """Returns the SHA-256 of the text of the spec and its imports, or None if they cannot be read."""
    if not graph.files:
        return None
    digest = hashlib.sha256()
    try:
        for path in graph.files:
            with open_regular(path) as file:
                digest.update(file.read())
    except (FileReadError, OSError):
        return None
    return digest.hexdigest()
