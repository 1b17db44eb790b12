"""Infers the modules of layers from names of weights and from neighbouring layers, if nodes do not name them."""

from __future__ import annotations

from collections.abc import Mapping

from netspec.importing import Draft, DraftNetwork
from netspec.ops import TABLE, find

from .hierarchy import calls_of

JOINS = ("add", "multiply", "subtract", "maximum", "average")


def place_in_scopes(network: DraftNetwork) -> None:
    """Assigns modules to all drafts, if less than half of them have any.

    A layer with weights is in the module that its tensors name: ``layer1.0`` for ``layer1.0.conv1.weight``. An
    activation is in the module of its input. A sum is in the module of those inputs that nothing else reads (a residual
    is also read by the block), and a concatenation in the common module of all inputs. A layer that only one module
    reads is in that module if the module reads the same input elsewhere. Everything else is outside.
    """
    if sum(bool(draft.calls) for draft in network.drafts) * 2 > len(network.drafts):
        return
    scopes: dict[int, str] = {}
    for draft in network.drafts:
        prefix = _prefix(draft)
        if prefix:
            scopes[id(draft)] = prefix.rpartition(".")[0]
    if not any(scopes.values()):
        return
    producers, readers = network.producers(), network.readers()
    order = {id(draft): number for number, draft in enumerate(network.drafts)}
    weighted = frozenset(scopes)
    for draft in network.drafts:
        if id(draft) not in scopes:
            scopes[id(draft)] = _scope(draft, scopes, producers, readers, weighted, order)
        draft.calls = calls_of(scopes[id(draft)])


def _prefix(draft: Draft) -> str:
    """Returns the name of a layer with its own weights."""
    for local, full in draft.weights.items():
        return full.removesuffix(f".{local}") if local else full
    return ""


def _scope(
    draft: Draft,
    scopes: Mapping[int, str],
    producers: Mapping[int, Draft],
    readers: Mapping[int, list[Draft]],
    weighted: frozenset[int],
    order: Mapping[int, int],
) -> str:
    before = [producers[v] for v in draft.inputs if v in producers]
    if not before:
        return ""
    if draft.operation in JOINS and len(draft.inputs) == 2:
        branches = [d for d in before if all(len(readers[v]) == 1 for v in d.outputs if v in readers)]
        if len(branches) == 1 or not branches:
            return scopes[id(branches[0] if branches else max(before, key=lambda d: order[id(d)]))]
    if draft.operation == "concat" or draft.operation in JOINS:
        return _common([scopes[id(d)] for d in before])
    if len(before) == 1 and draft.operation in TABLE and find(draft.operation).elementwise:
        return scopes[id(before[0])]
    after = {scopes[id(d)] for v in draft.outputs for d in readers.get(v, ()) if id(d) in weighted}
    if len(after) == 1 and len(draft.inputs) == 1:
        (scope,) = after
        others = [d for d in readers.get(draft.inputs[0], ()) if d is not draft and id(d) in weighted]
        if any(scopes[id(d)] == scope for d in others):
            return scope
    return _common([scopes[id(d)] for d in before]) if len(before) > 1 else ""


def _common(paths: list[str]) -> str:
    """Returns the common prefix of all paths."""
    common = paths[0].split(".")
    for path in paths[1:]:
        parts = path.split(".")
        length = next((k for k, (a, b) in enumerate(zip(common, parts, strict=False)) if a != b), None)
        common = common[: min(len(common), len(parts)) if length is None else length]
    return ".".join(common)
