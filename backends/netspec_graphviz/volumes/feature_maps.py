"""Which feature maps a network's figure shows, and what each is made from.

Layers that leave a map as it is (normalisation, activation, dropout), or only name its axes anew, show nothing of
their own: what comes after them is drawn from what came before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from netspec.analysis.network import Analysis
from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.ops import TABLE
from netspec.ops.base import Op
from netspec.shapes.types import CHANNELS, SEQUENCE, TensorType

from ..colours import kind_of
from ..diagram import Box, Plan, Port, plan
from ..operation_text import operation_text
from ..options import Options
from ..tree import Block, Layer, grow, times

FEW = 32
"""Maps up to which blocks are opened where no depth is given."""
MOST = 150
"""Maps that a figure may have."""
LONGEST = 24
"""Characters of a line below a map."""
_PASSING_FAMILIES = frozenset(("shape", "norm", "activation", "elementwise", "regularise"))
_PASSING = frozenset(("pad", "crop", "center_crop", "channel_shuffle"))


@dataclass(eq=False, slots=True)
class Map:
    """A feature map: a layer's result, that of a closed block, or an input."""

    number: int
    """Its place in the figure."""
    name: str
    """Full dotted name."""
    caption: tuple[str, ...]
    """What stands below, line by line: its name, then its operation."""
    type: TensorType
    kind: str | None
    """Kind of the layer; None for an input or a block."""
    sources: tuple[int, ...]
    """Numbers of the maps it is made from, the first of them the one it follows."""
    window: tuple[int, ...] = ()
    """The window, one size per axis, that is laid on its source."""
    parts: tuple[int, ...] = ()
    """Of a concatenation along the channels: how many come from where."""
    joint: str = ""
    """Of a sum or product of maps: its sign; it has no map of its own."""
    activated: bool = False
    block: bool = False
    """Whether it is the result of a closed block; ``kind`` is then that of most of its layers with weights."""
    copies: str = ""
    """``× 3`` where it is the last of several alike."""


@dataclass(slots=True)
class _Found:
    maps: list[Map] = field(default_factory=list[Map])
    sources: dict[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])
    """For each box the maps that its readers read."""


def feature_maps(analysis: Analysis, options: Options) -> list[Map]:
    """The maps of a network, in order; blocks open as chosen, or as far as the figure stays small.

    Raises:
        BackendError: NS722, there are too many for a figure.
    """
    if options.depth is not None or options.opened is not None:
        found = _maps(plan(analysis, options))
        if len(found) > MOST:
            raise BackendError(
                "NS722", f"the figure would have {len(found):,} feature maps; {MOST} is the most that is drawn",
                "a smaller --depth closes blocks",
            )
        return found
    tree = grow(analysis)
    for depth in range(_deepest(tree.root), 0, -1):
        names = frozenset(_single(tree.root, depth))
        if _boxes(tree.root, names) > 8 * FEW:
            continue
        found = _maps(plan(analysis, Options(opened=names)))
        if len(found) <= (FEW if depth > 1 else MOST):
            return found
    return _maps(plan(analysis, Options(depth=0)))


def _single(block: Block, depth: int) -> Iterator[str]:
    """Names of the blocks down to a depth, without those that stand for several: these stay closed."""
    if block.depth < depth and not block.others:
        yield block.name
        for child in block.children:
            if isinstance(child, Block):
                yield from _single(child, depth)


def _deepest(block: Block) -> int:
    return 1 + max((_deepest(c) for c in block.children if isinstance(c, Block)), default=0)


def _boxes(block: Block, opened: frozenset[str]) -> int:
    if block.name not in opened:
        return 1
    return sum(_boxes(c, opened) if isinstance(c, Block) else 1 for c in block.children)


def _maps(planned: Plan) -> list[Map]:
    into: dict[int, list[int]] = {}
    for edge in planned.edges:
        into.setdefault(edge.head, []).append(edge.tail)
    found = _Found()
    for box in planned.boxes:
        before = list(dict.fromkeys(s for tail in into.get(box.number, ()) for s in found.sources[tail]))
        # What a map follows is the newest of its sources: the others come in from the side.
        before.sort(reverse=True)
        made = _map(len(found.maps), box, planned, tuple(before))
        if made is None:
            found.sources[box.number] = tuple(before)
        else:
            found.sources[box.number] = (made.number,)
            found.maps.append(made)
    return found.maps


def _map(number: int, box: Box, planned: Plan, sources: tuple[int, ...]) -> Map | None:
    """A box's map; None where it shows nothing of its own."""
    content = box.content
    if isinstance(content, Port):
        if not content.is_input:
            return None
        dtype = content.type.dtype if content.type.dtype != "float32" else ""
        return Map(number, content.name, (_named(content.name), dtype), _read_as(content, planned), None, ())
    if isinstance(content, Block):
        if content.result is None or not sources:
            return None
        whole = content.name[: len(content.name) - len(content.scope.local_name)] + content.label
        caption = (_named(whole or planned.graph.name), clip(content.scope.block or "", LONGEST))
        return Map(number, content.name, caption, planned.graph.values[content.result], _leading(content), sources,
                   block=True, copies=times(content))
    return _layer_map(number, content, box, planned, sources)


def _leading(block: Block) -> str | None:
    kinds: dict[str, int] = {}
    for operation, n in block.operations.items():
        kind = kind_of(operation).name
        kinds[kind] = kinds.get(kind, 0) + n
    leading = [k for k in ("conv", "attention", "recurrent", "dense") if k in kinds]
    return max(leading, key=kinds.__getitem__, default=None)


def _layer_map(number: int, layer: Layer, box: Box, planned: Plan, sources: tuple[int, ...]) -> Map | None:
    node = layer.nodes[0]
    op, family = node.op, TABLE[node.op.name].family
    if family == "learned" or family in _PASSING_FAMILIES or op.name in _PASSING or (not sources and node.inputs):
        return None
    activated = len(layer.nodes) > 1 or any(kind_of(x.nodes[0].op.name).name == "activation" for x in box.attached)
    caption = (_named(layer.name), *(clip(text, LONGEST) for text in _short(op).split(", ")))
    kind, type_ = kind_of(op.name).name, layer.nodes[-1].outputs[0]
    if family == "merge" and op.name not in ("concat", "matmul"):
        if len(sources) < 2:
            return None
        sign = {"add": "+", "subtract": "–", "multiply": "×", "divide": "÷"}.get(op.name, op.name[:3])
        return Map(number, layer.name, caption, type_, kind, sources, joint=sign, activated=activated)
    parts: tuple[int, ...] = ()
    if op.name == "concat":
        types = planned.graph.inputs_of(node)
        axis = type_.channel
        if axis is not None and axis == getattr(op, "axis", None):
            parts = tuple(t.shape[axis] for t in types)
    return Map(number, layer.name, caption, type_, kind, sources, _window(op), parts, activated=activated,
               copies=times(layer))


def _read_as(port: Port, planned: Plan) -> TensorType:
    """An input's type; one of two axes that windows of one axis are laid on is channels by length."""
    type_, value = port.type, planned.graph.inputs[port.name]
    readers = planned.graph.readers(value)
    if type_.rank == 2 and any(node.op.rank == 1 and not node.op.channels_last for node in readers):
        return TensorType(type_.shape, type_.dtype, (CHANNELS, SEQUENCE))
    return type_


def _named(name: str) -> str:
    """A name, of a long one its end."""
    while len(name) > LONGEST and "." in name:
        name = name.partition(".")[2]
    return clip(name, LONGEST)


def _short(op: Op) -> str:
    """The operation without the number of its filters or units, which the figure shows."""
    text = operation_text(op)
    value = str(getattr(op, "filters", getattr(op, "units", "")))
    for start in (f"{op.name} {value}, ", f"{op.name} {value}"):
        if value and text.startswith(start):
            text = f"{op.name} {text[len(start) :]}".strip()
            break
    return text.split(", padding")[0].split(", groups")[0]


def _window(op: Op) -> tuple[int, ...]:
    """The window of a convolution or pooling over one axis or more."""
    family = TABLE[op.name].family
    if family not in ("conv", "pool") or op.name.startswith(("conv_transpose", "adaptive", "global")):
        return ()
    sizes: Any = getattr(op, "kernel", None) or getattr(op, "size", ())
    return tuple(sizes)
