"""From a graph to the parts of an ONNX model: every node through its rule, then the model around them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import onnx

from netspec.ir import Graph
from netspec.ir.axis_order import channels_first
from netspec.weights.weight_source import SeedSource, WeightSource

from .builder.emitter import Emitter, line_of
from .builder.site import Site
from .builder.value_info import input_value
from .optimise import Plan, plan_of
from .options import Options
from .rules.base import lower
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
    """The ONNX graph, and the model without it.

    Raises:
        UnsupportedError: operations without a rule, all of them named.
    """
    emitter, model = lowered(graph, options), around(graph, options)
    if options.functions:
        from .local_functions import with_functions

        with_functions(emitter.graph, emitter, model)
    return emitter, model


def lowered(graph: Graph, options: Options) -> Emitter:
    """All nodes, types and constants of the ONNX graph, and the initialisers that are to be streamed.

    Raises:
        UnsupportedError: operations without a rule, all of them named.
    """
    lower.check(graph)
    graph = channels_first(graph)
    plan = plan_of(graph) if options.optimize else Plan()
    emitter = Emitter(graph, options.operators, options.dtype, alias=plan.alias)
    for name, value in graph.inputs.items():
        kind = graph.values[value]
        made = input_value(name, emitter.element(kind.dtype), kind.shape)
        emitter.values[value] = emitter.types[name] = made
    for number, node in enumerate(graph.nodes):
        if number in plan.skipped:
            for value in node.values:
                emitter.values[value] = emitter.values[plan.alias[value]]
            continue
        line = line_of(graph, node.trace.location)
        results = lower(node.op, Site(emitter, node, number, line, plan.folds.get(number)))
        made_all = results if type(results) is tuple else (results,)
        for value, result in zip(node.values, made_all, strict=True):
            emitter.values[value] = result  # type: ignore[assignment]  # of either kind, as the table is
    emitter.finish(weightless=not options.weights)
    return emitter


def around(graph: Graph, options: Options) -> onnx.ModelProto:
    """The model without its graph: versions, and what is known of the spec."""
    model = onnx.ModelProto()
    model.ir_version = options.ir
    model.producer_name = "netspec"
    version = producer_version()
    model.producer_version = version
    opset = model.opset_import.add()
    opset.domain = ""
    opset.version = options.operators
    if graph.doc:
        model.doc_string = graph.doc
    facts = {
        "netspec.name": graph.name,
        "netspec.variant": graph.variant,
        "netspec.parameters": json.dumps(dict(graph.arguments), default=str, ensure_ascii=False),
        "netspec.version": version,
        "netspec.spec_sha256": hash_of(graph),
    }
    for key, value in facts.items():
        if value is not None:
            entry = model.metadata_props.add()
            entry.key, entry.value = key, value
    return model


def hash_of(graph: Graph) -> str | None:
    """SHA-256 of the spec's text, followed by that of the files that it uses; None where they are not at hand."""
    if not graph.files:
        return None
    digest = hashlib.sha256()
    try:
        for path in graph.files:
            with open(path, "rb") as file:
                digest.update(file.read())
    except OSError:
        return None
    return digest.hexdigest()


def producer_version() -> str:
    """The version of netspec."""
    import netspec

    known: str | None = getattr(netspec, "__version__", None)
    if known is not None:
        return known
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("netspec-compiler")
    except PackageNotFoundError:
        return "0"
