"""Detects layers named like a weight, a part or an output of another layer."""

from __future__ import annotations

from collections.abc import Sequence

from ...diagnostics import LocatedError, clip
from ...ops.base import Op
from ...shapes.types import TensorType
from .draft_graph import DottedName, DraftGraph, DraftNode
from .elaboration_problems import Problems

_LISTED = 8
"""Maximum number of names of weights or outputs in a note."""


def report_collisions(names: list[DottedName], graph: DraftGraph, problems: Problems) -> None:
    """Reports every dotted layer name that belongs to another layer.

    Layers and weights share one namespace, that of the state dict, and outputs are referred to in the same way. Only
    dotted names can collide. Names that no layer has, such as ``fc.bias`` if ``fc`` has no bias, are available.
    """
    nodes = {node.name: node for node in graph.nodes}
    for dotted in names:
        start = len(dotted.scope.name) + 1 if dotted.scope.name else 0
        dot = dotted.name.find(".", start)
        while dot > 0:
            owner = nodes.get(dotted.name[:dot])
            error = _collision(dotted.name[start:], owner, dotted.name[dot + 1 :], graph) if owner is not None else None
            if error is not None:
                problems.add(error, dotted.scope.trace, dotted.location)
                break
            dot = dotted.name.find(".", dot + 1)


def _collision(name: str, owner: DraftNode, inner: str, graph: DraftGraph) -> LocatedError | None:
    """Returns the error for a layer ``name``, called ``inner`` in ``owner``; None if that has no such name."""
    weights = [weight for weight, _ in owner.weights]
    outputs = owner.op.output_names(len(owner.outputs)) if len(owner.outputs) > 1 else ()
    other, has, removed = clip(name[: -len(inner) - 1]), f"the weights {_listing(weights)}", None
    if weights == [""]:
        message, has = f"'{clip(name)}' is inside '{other}', which is a single tensor", ""
    elif (weight := next((w for w in weights if f"{inner}.".startswith(f"{w}.")), None)) is not None:
        relation = "is the name of a weight of" if weight == inner else f"is inside the weight '{weight}' of"
        message = f"'{clip(name)}' {relation} '{other}'"
        removed = _argument_without(owner.op, weight, graph.types_of(owner.inputs))
    elif any(w.startswith(f"{inner}.") for w in weights):
        message = f"'{clip(name)}' is the name of a part of '{other}'"
    elif inner in outputs:
        message, has = f"'{clip(name)}' is the name of an output of '{other}'", f"the outputs {_listing(outputs)}"
    else:
        return None
    help = f"rename one of them: '{clip(name).replace('.', '_')}', for example"
    if removed is not None:
        help = f"`{removed}: false` in '{other}' leaves out its own, or {help}"
    line, with_ = owner.trace.location.line, f" with {has}" if has else ""
    note = f"'{other}' is defined on line {line}: {owner.op.name}{with_}"
    return LocatedError("NS314", message, help=help, notes=[note])


def _listing(names: Sequence[str]) -> str:
    return ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else "")


def _argument_without(op: Op, weight: str, inputs: tuple[TensorType, ...]) -> str | None:
    """The argument of an operation that, set to false, leaves out a weight; None if there is none."""
    for name in ("bias", "affine"):
        if getattr(op, name, False) is True:
            try:
                rest = [w.name for w in op.replace(**{name: False}).weights(*inputs)]
            except ValueError:  # `init` names the weight
                continue
            if not any(w == weight or w.startswith(f"{weight}.") for w in rest):
                return name
    return None
