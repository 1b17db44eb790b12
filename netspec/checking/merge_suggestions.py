"""Verified suggestions for merges: a forgotten layer, or an edit that makes axes correspond."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ..diagnostics import Diagnostic, LocatedError, unpack
from ..language.reading.layers import Layer
from ..language.reading.references import read_references
from ..language.reading.written_values import read_value
from ..ops import TABLE, find
from ..text.yaml_reader import List, Text
from .recheck import Change, LayerContext, Recheck, tree

Edit: TypeAlias = "tuple[str, tuple[Change, ...]]"
"""Help text, and the changes that it describes."""
ALIGNMENTS = (
    "reshape: [-1, 1, 1]",
    "reshape: [-1, 1, 1, 1]",
    "unsqueeze: -1",
    "unsqueeze: 0",
    "permute: [1, 0]",
    "permute: [2, 0, 1]",
    "permute: [1, 2, 0]",
    "permute: [0, 2, 1]",
)
"""Layers that may make the axes of one input correspond to those of the others."""
ALIGNMENTS_FOR = {
    "concat": ("flatten", "unsqueeze: 0", "unsqueeze: -1"),
    "matmul": ("permute: [1, 0]", "permute: [0, 2, 1]"),
}
"""The same by operation, for operations that are not elementwise and join inputs with different numbers of axes."""
MOST_NAMES = 16
"""Maximum number of preceding layers to try."""


def forgotten_layer(recheck: Recheck) -> Edit | None:
    """Returns the layer that a merge of one tensor should also join, or all unread layers: help and changes."""
    context = recheck.context()
    if context is None or not context.before:
        return None
    merge, previous = context.layer, _name(context.before[-1])
    earlier = [name for name in map(_name, reversed(context.before[:-1])) if name]
    inputs = ["input"] if len(context.inputs) == 1 else [*context.inputs]
    # A sum usually adds the input of its block, a concatenation the nearest layer of the same size.
    candidates = [*earlier, *inputs] if merge.head_text == "concat" else [*inputs, *earlier]
    unread: list[str] = []
    for text in _texts(_names(merge), previous, candidates[:MOST_NAMES]):
        after = recheck.run(*(changes := _joining(merge, text)))
        if after is None:
            return None
        problems = recheck.problems(after)
        if not problems:
            return f"did you mean `{{{merge.head_text}: {text}}}`?", changes
        if all(p.code == "NS310" for p in problems):
            names = [name for name in map(_name, _containing(context, problems)) if name]
            unread = max(unread, names, key=len)
    if unread and previous is not None:
        text = f"[{', '.join([*(n for n in unread if n != previous), previous])}]"
        if recheck.fixes(*(changes := _joining(merge, text))):
            return f"did you mean `{{{merge.head_text}: {text}}}`?", changes
    return None


def corresponding_axes(recheck: Recheck) -> Edit | None:
    """Returns an edit that makes the axes of a merge correspond: `keepdims`, another shape, or a layer before it."""
    context = recheck.context()
    if context is None:
        return None
    return _kept_axes(recheck) or _longer_shape(recheck, context) or _layer_before(recheck, context)


def _alignments(recheck: Recheck, merge: Layer) -> tuple[str, ...]:
    return ALIGNMENTS if recheck.problem.code == "NS516" else ALIGNMENTS_FOR.get(merge.head_text, ALIGNMENTS)


def _kept_axes(recheck: Recheck) -> Edit | None:
    """Tries `keepdims: true` in the layers before the merge, nearest first."""
    at = recheck.problem.location
    assert at is not None
    layers = [(unpack(p.layer.location), p.layer) for p in recheck.contexts()]
    for location, layer in sorted([x for x in layers if x[0] < at], key=lambda x: x[0], reverse=True):
        if layer.head_text in TABLE and "keepdims" in find(layer.head_text).arguments and "keepdims" not in layer.args:
            value = (layer.location, read_value(Text(True, layer.location, plain=True)))
            change: Change = (layer, "args", {**layer.args, "keepdims": value})
            if _aligns(recheck, change, keeps_axes=True):
                return f"`keepdims: true` in {_described(layer)} (line {location.line}) fits", (change,)
    return None


def _longer_shape(recheck: Recheck, context: LayerContext) -> Edit | None:
    """Tries to add axes of size 1 to a merged parameter or buffer."""
    names = _names(context.layer) or ()
    for layer in context.before:
        if _name(layer) not in names or layer.head_text not in ("parameter", "buffer") or layer.primary is None:
            continue
        shape = layer.primary.node
        if not isinstance(shape, List) or not all(isinstance(item, Text) for item in shape.items):
            continue
        sizes = [item.raw for item in shape.items if isinstance(item, Text)]
        for count in (1, 2, 3):
            text = f"[{', '.join([*sizes, *['1'] * count])}]"
            change: Change = (layer, "primary", read_value(tree(text)))
            if _aligns(recheck, change):
                line = unpack(layer.location).line
                return f"`{{{layer.head_text}: {text}}}` in {_described(layer)} (line {line}) fits", (change,)
    return None


def _layer_before(recheck: Recheck, context: LayerContext) -> Edit | None:
    """Tries a layer between the merge and one of its inputs."""
    merge, op, names = context.layer, context.layer.head_text, _names(context.layer)
    alignments = _alignments(recheck, merge)
    previous = _name(context.before[-1]) if context.before else None
    if names is None:
        return None
    if not _is_list(merge):  # its first input is the previous layer, which a layer before it replaces
        for edit in alignments:
            inserted = context.inserted(_layer(recheck, edit, context, previous))
            if _aligns(recheck, inserted, shapes_a_vector=_is_vector(recheck, previous) and "shape" in edit):
                return f"`{_entry(edit, context, previous)}` before it fits", (inserted,)
        names = (previous, *names) if previous is not None else ()
    if context.layers.listed:
        return None
    for edit in alignments:
        for i, name in reversed([*enumerate(names)]):  # the first is often the larger one
            layer = f"{edit}, from: {name}"
            joined = f"[{', '.join([*names[:i], _aligned(name), *names[i + 1 :]])}]"
            inserted = context.inserted(_layer(recheck, layer, context, name))
            is_vector = _is_vector(recheck, name) and "shape" in edit
            changes = (inserted, *_joining(merge, joined))
            if _aligns(recheck, *changes, shapes_a_vector=is_vector):
                help = f"`{_entry(layer, context, name)}` before it and `{{{op}: {joined}}}` fit"
                return help + (_INNER_PRODUCT if _has_equal_shapes(recheck, op) else ""), changes
    return None


_INNER_PRODUCT = "; the inner product of vectors is `multiply`, then `{sum: -1}`"


def _has_equal_shapes(recheck: Recheck, op: str) -> bool:
    """Whether the problem is a matrix product of two tensors of one shape."""
    first, _, second = recheck.problem.message.partition("; found ")[2].partition(" and ")
    return op == "matmul" and bool(first) and first == second


def _is_vector(recheck: Recheck, name: str | None) -> bool:
    """Whether the problem is about the named input, which has a single axis."""
    return recheck.problem.message.startswith(f"{name} has 1 axis,")


def _aligns(recheck: Recheck, *changes: Change, shapes_a_vector: bool = False, keeps_axes: bool = False) -> bool:
    """Whether a merge is valid after changes and has the shape of one of its inputs, so that it does not repeat all.

    Changes that only shape a vector or keep axes are not checked for that. After a vector is shaped, the network may
    have the same problem further down.
    """
    at, after = recheck.problem.location, recheck.run(*changes)
    if after is None or at is None:
        return False
    problems = recheck.problems(after)
    if shapes_a_vector and problems:
        return all(p.code == "NS516" and p.location is not None and p.location > at for p in problems)
    if after.graph is None or problems:
        return not problems and (shapes_a_vector or keeps_axes)
    merges = [node for node in after.graph.nodes if node.trace.location == recheck.problem.location]
    return all(
        node.outputs[0].shape in [after.graph.values[v].shape for v in node.inputs]
        for node in merges
        if node.op.elementwise
    )


# -- names of layers ---------------------------------------------------------------------------------------------------
def _joining(merge: Layer, text: str) -> tuple[Change, ...]:
    """Returns the changes that make a merge join the layers named in a text."""
    others = {name: value for name, value in merge.args.items() if name != "from"}
    return (merge, "primary", read_value(tree(text))), (merge, "args", others), (merge, "source", None)


def _texts(written: tuple[str, ...] | None, previous: str | None, candidates: list[str]) -> Iterator[str]:
    """Yields names for a merge that gives none or one, likely ones first."""
    if not written:
        yield from candidates
        return
    if written[0] != previous:
        yield written[0]
        yield f"[{written[0]}, {previous}]"  # a parameter, which no layer reads by default
    yield from (f"[{written[0]}, {other}]" for other in candidates if other != written[0])


def _containing(context: LayerContext, problems: tuple[Diagnostic, ...]) -> list[Layer]:
    """Returns the layers before a merge whose text contains the problems."""
    starts = [unpack(layer.location) for layer in context.layers.items]
    at = [p.location for p in problems if p.location is not None]
    numbers = {sum(start <= location for start in starts) - 1 for location in at}
    return [layer for number, layer in enumerate(context.before) if number in numbers]


def _names(merge: Layer) -> tuple[str, ...] | None:
    """Returns the names that a merge joins; None if it gives none, or not only names."""
    value = merge.primary if merge.primary is not None else merge.args["from"][1] if "from" in merge.args else None
    try:
        references = read_references(value.node) if value is not None else merge.source
    except LocatedError:
        return None
    if references is None or not all(n.constant and "*" not in n.text for n in references.names):
        return None
    return tuple([n.text for n in references.names])


def _aligned(name: str | None) -> str:
    return f"{(name or 'input').rsplit('.', 1)[-1]}_aligned"


def _entry(layer: str, context: LayerContext, name: str | None) -> str:
    """Returns the text of a further layer to insert before a merge of ``name``."""
    return f"{{{layer}}}" if context.layers.listed else f"{_aligned(name)}: {{{layer}}}"


def _layer(recheck: Recheck, text: str, context: LayerContext, name: str | None) -> Layer:
    layer = recheck.layer(f"{_aligned(name)}: {{{text}}}")
    if context.layers.listed:
        layer.name = None
    return layer


def _is_list(merge: Layer) -> bool:
    value = merge.primary if merge.primary is not None else merge.args["from"][1] if "from" in merge.args else None
    return value is None or isinstance(value.node, List)


def _name(layer: Layer) -> str | None:
    """Returns the name of a layer, if it contains no expression."""
    return layer.name.text if layer.name is not None and "$" not in layer.name.text else None


def _described(layer: Layer) -> str:
    name = _name(layer)
    return f"'{name}'" if name is not None else layer.head_text
