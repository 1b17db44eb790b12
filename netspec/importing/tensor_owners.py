"""Assigns each tensor of the source to a layer, such that state dicts of the source fit the spec by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..ops import TABLE, find
from .draft import Draft, DraftNetwork
from .layer_names import legal_name, own_prefix

RUNNING = frozenset({"running_mean", "running_var", "num_batches_tracked"})
"""Local names of tensors that are not trained."""


def settle_weights(network: DraftNetwork, weight_shapes: Mapping[str, Sequence[int]]) -> None:
    """Assigns each tensor to its first draft, under the draft's name and a local one.

    Later drafts share it. A tensor with another form of name, such as a bias of another module, becomes a
    ``parameter``, which is given to the layer as its weight.

    Args:
        network: modified.
        weight_shapes: shapes of the source's tensors by name.
    """
    owners: dict[str, tuple[Draft, str]] = {}
    names: set[str] = set()
    drafts: list[Draft] = []
    for draft in network.drafts:
        shared = {local: owners[full] for local, full in draft.weights.items() if full in owners}
        draft.weights = {local: full for local, full in draft.weights.items() if local not in shared}
        if "" in shared:  # a parameter that is a weight of another layer, too
            network.weight_values[draft.outputs[0]] = shared[""]
            continue
        draft.shared_weights = shared
        parameters = _parameters_apart(network, draft, names, weight_shapes)
        if draft.weights:
            names.add(legal_name(own_prefix(draft)))
        for owner in (*parameters, draft):
            owners |= {full: (owner, local) for local, full in owner.weights.items()}
            drafts.append(owner)
    network.drafts = drafts


def _parameters_apart(
    network: DraftNetwork, draft: Draft, names: set[str], weight_shapes: Mapping[str, Sequence[int]]
) -> list[Draft]:
    """Creates parameters for the tensors of a draft whose names differ from those of its weights, and gives them to the
    draft.
    """
    operation = find(draft.operation) if draft.operation in TABLE else None
    if not draft.weights or "" in draft.weights or operation is None or not operation.takes_weights:
        return []
    prefix = own_prefix(draft)
    if legal_name(prefix) in names:
        prefix = ""
    parameters: list[Draft] = []
    for local, full in list(draft.weights.items()):
        if prefix and full == f"{prefix}.{local}":
            continue
        del draft.weights[local]
        shape = tuple(weight_shapes[full])
        value = network.value(shape)
        kind = "buffer" if local in RUNNING else "parameter"
        calls = tuple([call for call in draft.calls if not call.path or full.startswith(f"{call.path}.")])
        parameter = Draft(kind, [], {"shape": list(shape)}, [value], calls, {"": full}, origin=draft.origin)
        parameter.frozen = draft.frozen and kind == "parameter"
        parameters.append(parameter)
        draft.given_weights[local] = value
    return parameters
