"""Converts a graph to an ONNX model: every node by its rule, then the model's metadata."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import onnx

from netspec import __version__, limits
from netspec.backend import BackendError
from netspec.files import FileReadError, open_regular
from netspec.ir import Graph
from netspec.ir.axis_order import channels_first
from netspec.weights.weight_source import SeedSource, WeightSource

from .builder.emitter import Emitter, source_line
from .builder.site import Site
from .builder.value_info import input_value
from .file_options import Options
from .optimise import Plan, make_plan
from .rules.rule_table import lower
from .writing.stream import Progress, save


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
    """Converts a graph to the ONNX graph, and the model without it.

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
    """Converts every node: nodes, types and constants of the ONNX graph, and the initialisers to be streamed.

    Raises:
        UnsupportedError: operations without a rule.
        BackendError: NS715, the model is too large.
    """
    lower.check(graph)
    graph = channels_first(graph)
    plan = make_plan(graph) if options.optimize else Plan()
    emitter = Emitter(graph, options.operators, options.dtype, alias=plan.alias)
    for name, value in graph.inputs.items():
        kind = graph.values[value]
        emitter.values[value] = emitter.types[name] = input_value(name, emitter.element(kind.dtype), kind.shape)
    for number, node in enumerate(graph.nodes):
        if number in plan.omitted:
            for value in node.values:
                emitter.values[value] = emitter.values[plan.alias[value]]
            continue
        line = source_line(graph, node.trace.location)
        results = lower(node.op, Site(emitter, node, number, line, plan.folds.get(number)))
        each = results if type(results) is tuple else (results,)
        for value, result in zip(node.values, each, strict=True):
            emitter.values[value] = result  # type: ignore[assignment]  # Value is a tuple, too
        if emitter.count > limits.ONNX_PARTS:
            message = f"the model has more than {limits.ONNX_PARTS:,} nodes, constants and weights"
            raise BackendError("NS715", message, "a smaller network", file=graph.files[0] if graph.files else None)
    emitter.finish(weightless=not options.weights)
    return emitter


def model_without_graph(graph: Graph, options: Options) -> onnx.ModelProto:
    """The model without its graph: versions, and metadata of the spec."""
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
        "netspec.version": __version__,
        "netspec.spec_sha256": spec_hash(graph),
    }
    for key, value in metadata.items():
        if value is not None:
            entry = model.metadata_props.add()
            entry.key, entry.value = key, value
    return model


def spec_hash(graph: Graph) -> str | None:
    """SHA-256 of the text of the spec and of the files that it uses, or None if they cannot be read."""
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
