"""The keys ``share``, ``freeze``, ``dtype`` and ``unused`` of a layer. Loaded only for layers that use them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from ...diagnostics import LocatedError, clip, suggestion
from ..reading.element_types import floating_type
from ..reading.evaluation import Environment, FailedInputError
from ..reading.expression_functions import describe_value, is_list
from ..reading.references import Reference
from ..reading.written_values import WrittenValue
from .copies import Instance
from .draft_graph import DraftGraph
from .environment import Cells
from .names import Entry, LexicalScope, StandIn
from .resolver import Resolver
from .sharing import Freeze, SharedWeights, Sharing

_LISTED = 8
"""Maximum number of names of weights in a help text."""


def build_with_keys(
    instance: Instance, build: Callable[[Instance], Entry], resolver: Resolver, sharing: Sharing
) -> Entry:
    """Applies the keys of a layer while ``build`` elaborates it.

    Raises:
        LocatedError: NS309, there is nothing to share; NS316, there is no weight of a name in ``freeze``; NS318, it
            cannot be ``unused``; NS570, its type is not a floating-point type; and as ``build``.
        FailedInputError: the weights to share are unknown, because of a problem that has been reported.
    """
    layer, scope, cells = instance.layer, instance.scope, instance.copy.cells
    environment = resolver.environment(scope, cells)
    shared: SharedWeights | None = None
    error: LocatedError | None = None
    if layer.share is not None:
        owner = find_owner(layer.share, scope, cells, resolver)
        if owner is not None:
            owner_name, error = owner
            shared = SharedWeights(instance.name, owner_name)
    freeze = read_freeze(layer.freeze, instance.name, environment) if layer.freeze is not None else None
    if layer.dtype is not None:
        dtype = floating_type(layer.dtype.evaluate(environment), layer.dtype.location)
        instance = instance._replace(dtype=dtype)
    with sharing.applied(shared, freeze, instance.dtype):
        entry = build(instance)
    if layer.freeze is not None and freeze is not None:
        check_freeze(freeze, layer.freeze, sharing.weights())
    if layer.unused is not None:
        mark_unused(layer.unused, entry, resolver.graph, environment)
    if shared is not None and error is not None and not shared.count:
        if sharing.is_unknown(shared):
            raise FailedInputError
        raise error
    return entry


def find_owner(
    share: Reference, scope: LexicalScope, cells: Cells, resolver: Resolver
) -> tuple[str, LocatedError] | None:
    """Returns the full name of the layer whose weights are shared, and the error to raise if none of its weights fit.

    It may be a prefix of dotted names that is not a layer itself: ``t`` for the layer ``t.weight``. None if ``share``
    is ``false``.
    """
    try:
        entry = resolver.optional(share, "'share'", scope, cells)
    except LocatedError as error:
        name = share.evaluate(resolver.environment(scope, cells))
        if error.code != "NS301" or not isinstance(name, str):
            raise
        return scope.draft.full_name(name), error
    if entry is None:
        return None
    if isinstance(entry, StandIn):
        message = f"'{clip(entry.name)}' {entry.omission}: it has no weights to share"
        raise LocatedError("NS304", message, share.location)
    if entry.value is None:
        raise FailedInputError
    name = clip(entry.full_name)
    message = f"nothing to share: no weight of '{name}' has the name, shape and type of one here"
    return entry.full_name, LocatedError("NS309", message, share.location)


def read_freeze(value: WrittenValue, layer: str, environment: Environment) -> Freeze | None:
    """Returns the ``freeze`` of a layer (full name); None if it is ``false``.

    Raises:
        LocatedError: NS203, it is neither true nor false nor names.
    """
    frozen = value.evaluate(environment)
    if type(frozen) is bool:
        return Freeze(layer) if frozen else None
    names = [*frozen] if is_list(frozen) else [frozen]
    if not all(type(name) is str and name for name in names):
        message = f"freeze must be true, false or names of weights; found {describe_value(frozen)}"
        raise LocatedError("NS203", message, value.location)
    return Freeze(layer, tuple(names))


def check_freeze(freeze: Freeze, value: WrittenValue, weights: Iterable[str]) -> None:
    """Raises LocatedError NS316 if a name in ``freeze`` is not that of a weight; ``weights`` are all full names."""
    missing = [name for name in freeze.names or () if name not in freeze.matched]
    if missing:
        start = f"{freeze.layer}."
        known = [name[len(start) :] for name in weights if name.startswith(start)]
        raise unknown_weight(missing[0], f"'{clip(freeze.layer)}'", known, value.location)


def unknown_weight(name: str, owner: str, known: list[str], location: int) -> LocatedError:
    """Returns NS316: a layer (``owner``, for the message) has no weight of that name."""
    help = suggestion(name, known, partial(_listing, known))
    return LocatedError("NS316", f"{owner} has no weight '{clip(name)}'", location, help=help)


def weights_of_block(name: str, location: int) -> LocatedError:
    """Returns NS316 for ``weights`` on a block, which has no weights of its own."""
    help = "'weights' belongs to an operation, here one in the block"
    return LocatedError(
        "NS316", f"a block has no weights of its own; found 'weights' beside '{name}'", location, help=help
    )


def _listing(known: list[str]) -> str:
    listed = ", ".join(clip(name) for name in known[:_LISTED]) + (", …" if len(known) > _LISTED else "")
    return f"its weights are {listed}" if known else "it has no weights"


def mark_unused(value: WrittenValue, entry: Entry, graph: DraftGraph, environment: Environment) -> None:
    """Marks the result of a layer as read if it is ``unused``.

    Raises:
        LocatedError: NS203, it is neither true nor false; NS318, its operation cannot be unused.
    """
    unused = value.evaluate(environment)
    if type(unused) is not bool:
        message = f"unused must be true or false; found {describe_value(unused)}"
        raise LocatedError("NS203", message, value.location)
    if not unused or entry.value is None:
        return
    graph.read.add(entry.value)
    node = graph.producers[entry.value]
    if node is None or node.name != entry.full_name or not node.op.may_be_unused:
        message = "only a parameter, buffer or embedding can be unused: its weights stay"
        help = "remove the layer, or name it among the outputs with 'when: false'"
        raise LocatedError("NS318", message, value.location, help=help)
    graph.read.update(node.values)
