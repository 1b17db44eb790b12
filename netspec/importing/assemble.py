"""Converts drafts to a graph by elaborating their flat spec, so that types and weights are those that a spec has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..checking.spec import Spec, SpecResult
from ..diagnostics import Diagnostic
from ..ir import Graph
from ..shapes.sizes import at_default
from ..shapes.types import shape_text
from .draft import Draft, DraftNetwork, Shape
from .flat_document import FlatDocument
from .import_refused import ImportRefused
from .layer_names import name_layers
from .problems import INVALID_SOURCE, OTHER_SHAPE, UNKNOWN_WEIGHT, ImportDiagnostic
from .tensor_owners import settle_weights

ROUNDS = 12
"""Maximum number of layers that are made opaque, one after another, to find problems after them."""


def assemble(network: DraftNetwork, weight_shapes: Mapping[str, Sequence[int]], *, opaque: bool = False) -> Graph:
    """Returns the graph of a network's flat spec.

    Args:
        network: modified: its layers are named, and problems found by netspec are added.
        weight_shapes: shapes of the source's tensors by name, in the source's state dict.
        opaque: whether operations without an equivalent become operations that the spec declares.

    Raises:
        ImportRefused: the network has problems: those of the reader, and everything that netspec rejects.
    """
    network.remove_unread()
    if not network.drafts:
        no_layers = ImportDiagnostic.of(INVALID_SOURCE, "", "every output is an input: there are no layers")
        raise ImportRefused(network.problems or [no_layers])
    settle_weights(network, weight_shapes)
    name_layers(network)
    _name_only_output(network)
    result, refused = _elaborate(network)
    network.problems += [_problem(*problem) for problem in refused]
    if result.graph is not None:
        shapes = {**weight_shapes, **{name: table.shape for name, table in network.tables.items()}}
        network.problems += [*_other_shapes(network, result.graph), *_unknown_weights(network, result.graph, shapes)]
    blocking = [p for p in network.problems if not (opaque and p.opaque)]
    if blocking or result.graph is None:
        raise ImportRefused(network.problems)
    return result.graph


def weight_names(network: DraftNetwork) -> dict[str, str]:
    """Returns the source's name for each tensor of the spec, for a network that :func:`assemble` has named."""
    names: dict[str, str] = {}
    for draft in network.drafts:
        for local, full in draft.weights.items():
            names[f"{draft.name}.{local}" if local else draft.name] = full
    return names


def _elaborate(network: DraftNetwork) -> tuple[SpecResult, list[tuple[Draft | None, Diagnostic]]]:
    """Elaborates the network's document; returns the result and the problems that netspec finds.

    A rejected layer is treated as opaque, so that layers that depend on it are checked, too.
    """
    refused: list[tuple[Draft | None, Diagnostic]] = []
    replaced: list[Draft] = []
    document = FlatDocument(network)
    result = _result(document)
    for _ in range(ROUNDS):
        if result.graph is not None:
            break
        errors = [(_draft_of(document, d), d) for d in result.diagnostics if d.severity == "error"]
        opaque = {id(draft) for draft in replaced}
        refused += [(draft, d) for draft, d in errors if draft is None or opaque.isdisjoint(_weight_owners(draft))]
        drafts = {id(draft): draft for draft, _ in errors if draft is not None and not draft.opaque}
        if not drafts:
            break
        for draft in drafts.values():
            draft.opaque = True
        replaced += drafts.values()
        document = FlatDocument(network)
        result = _result(document)
    for draft in replaced:
        draft.opaque = False
    order = {id(draft): number for number, draft in enumerate(network.drafts)}
    return result, sorted(refused, key=lambda problem: order.get(id(problem[0]), -1))


def _name_only_output(network: DraftNetwork) -> None:
    """Renames a single output with an uninformative name after its layer, as in a spec without ``output``."""
    if len(network.outputs) == 1 and (next(iter(network.outputs)) == "output" or next(iter(network.outputs)).isdigit()):
        (value,) = network.outputs.values()
        draft = network.producers().get(value)
        parts = draft.name.split(".") if draft is not None else []
        name = next((part for part in reversed(parts) if not part.isdigit()), "")
        if name and name not in network.inputs:
            network.outputs = {name: value}


def _result(document: FlatDocument) -> SpecResult:
    return Spec("the imported network", document.text, folder=Path()).elaborate()


def _draft_of(document: FlatDocument, diagnostic: Diagnostic) -> Draft | None:
    """Returns the draft that a problem concerns; None if it concerns an input or the network."""
    return document.drafts.get(diagnostic.location.line) if diagnostic.location is not None else None


def _weight_owners(draft: Draft) -> list[int]:
    """Returns the identities of the drafts whose weights a draft shares."""
    return [id(owner) for owner, _ in draft.shared_weights.values()]


def _problem(draft: Draft | None, refused: Diagnostic) -> ImportDiagnostic:
    operation, place = (draft.operation, _place(draft)) if draft is not None else ("", "")
    return ImportDiagnostic.of(refused.code, operation, refused.message, place)


def _place(draft: Draft) -> str:
    return draft.origin or draft.name


def _other_shapes(network: DraftNetwork, graph: Graph) -> Iterator[ImportDiagnostic]:
    """Yields problems for results whose shapes differ from those of the source."""
    nodes = {node.name: node for node in graph.nodes}
    for draft in network.drafts:
        if draft.opaque:
            continue
        for value, result in zip(draft.outputs, nodes[draft.name].outputs, strict=False):
            inferred, source_shape = _numbers(result.shape), network.shapes[value]
            if inferred != _numbers(source_shape):
                reason = f"the output shape is {shape_text(inferred)}; in the source it is {shape_text(source_shape)}"
                yield ImportDiagnostic.of(OTHER_SHAPE, draft.operation, reason, _place(draft))


def _numbers(shape: Shape) -> Shape:
    """Returns a shape with named dimensions at their defaults."""
    return tuple([at_default(size) for size in shape])


def _unknown_weights(
    network: DraftNetwork, graph: Graph, shapes: Mapping[str, Sequence[int]]
) -> Iterator[ImportDiagnostic]:
    """Yields problems for tensors of the spec that the source lacks, or has in another shape.

    Running counts may be missing.
    """
    names = weight_names(network)
    drafts = {draft.name: draft for draft in network.drafts}
    for parameter in graph.parameters:
        source = names.get(parameter.name)
        if not parameter.persistent or (source is None and parameter.buffer):
            continue
        owner = drafts.get(parameter.name) or drafts.get(parameter.name.rpartition(".")[0])
        operation, place = (owner.operation, _place(owner)) if owner is not None else ("", parameter.name)
        if source is None:
            reason = f"the source has no tensor '{parameter.name}'"
        elif tuple(shapes[source]) != parameter.shape:
            actual, expected = shape_text(tuple(shapes[source])), shape_text(parameter.shape)
            reason = f"'{source}' has the shape {actual}; in the spec it has {expected}"
        else:
            continue
        yield ImportDiagnostic.of(UNKNOWN_WEIGHT, operation, reason, place)
