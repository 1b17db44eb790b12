"""Which feature maps the volume style shows, and which maps each is computed from.

Layers that keep the shape of a map (normalisation, activation, dropout), or only rearrange its axes, are not shown: the
layers that read them are connected to what they read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from netspec.analysis.network_figures import Analysis
from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.ir.at_sizes import type_at_default
from netspec.ops import family_of
from netspec.ops.base import Op
from netspec.shapes.types import CHANNELS, SEQUENCE, TensorType

from ..colours import kind_of
from ..diagram import Box, Diagram, Port, build_diagram
from ..edge_roles import Edge, combined_role
from ..figure_tree import Block, Layer, build_figure_tree, multiplier
from ..operation_text import operation_text
from ..options import Options
from ..read_roles import ReadRole

PREFERRED_MAPS = 32
"""Number of maps up to which blocks are opened, if no depth is given."""
MAX_MAPS = 150
MAX_LINE = 24
"""Characters of a line below a map."""
_HIDDEN_FAMILIES = frozenset(("shape", "norm", "activation", "elementwise", "regularise"))
_HIDDEN_OPERATIONS = frozenset(("pad", "crop", "center_crop", "channel_shuffle"))


@dataclass(eq=False, slots=True)
class Map:
    """A feature map: the output of a layer or of a closed block, or an input."""

    number: int
    """Its index in the figure."""
    name: str
    """Full dotted name."""
    caption: tuple[str, ...]
    """The lines below it: its name, then its operation."""
    named_type: TensorType
    """Its type, with the names of dimensions."""
    kind: str | None
    """Kind of the layer; None for an input or a block."""
    sources: tuple[int, ...]
    """Numbers of the maps it is computed from; it is placed after the first."""
    window: tuple[int, ...] = ()
    """The window, one size per axis, that is drawn on its source."""
    parts: tuple[int, ...] = ()
    """For a concatenation of channels: the number of channels of each input."""
    joint: str = ""
    """For a sum or product of maps: its sign, which is drawn instead of a volume."""
    activated: bool = False
    """Whether an activation is applied to it."""
    block: bool = False
    """Whether it is the output of a closed block; ``kind`` is then that of most of its layers with weights."""
    copies: str = ""
    """``× 3`` if it is the last of several identical ones."""
    roles: tuple[ReadRole, ...] = ()
    """How each of them is read."""
    letters: str = ""
    """The letters of its weights, if others have the same."""

    @property
    def type(self) -> TensorType:
        """Its type, with the defaults of named dimensions."""
        return type_at_default(self.named_type)


def feature_maps(analysis: Analysis, options: Options) -> list[Map]:
    """The maps of a network, in order. Without a depth, blocks are opened as far as the figure stays small.

    Raises:
        BackendError: NS722, there are more than :data:`MAX_MAPS`.
    """
    if options.depth is not None or options.opened is not None:
        maps = _maps(build_diagram(analysis, options))
        if len(maps) > MAX_MAPS:
            raise BackendError(
                "NS722",
                f"the figure would have {len(maps):,} feature maps; the limit is {MAX_MAPS}",
                "a smaller --depth closes blocks",
            )
        return maps
    tree = build_figure_tree(analysis)
    for depth in range(_max_depth(tree.root), 0, -1):
        names = frozenset(_single_blocks(tree.root, depth))
        if _count_boxes(tree.root, names) > 8 * PREFERRED_MAPS:
            continue
        maps = _maps(build_diagram(analysis, Options(opened=names)))
        if len(maps) <= (PREFERRED_MAPS if depth > 1 else MAX_MAPS):
            return maps
    return _maps(build_diagram(analysis, Options(depth=0)))


def _single_blocks(block: Block, depth: int) -> Iterator[str]:
    """Names of the blocks down to a depth, except those that stand for several copies: these stay closed."""
    if block.depth < depth and not block.further_copies:
        yield block.name
        for child in block.children:
            if isinstance(child, Block):
                yield from _single_blocks(child, depth)


def _max_depth(block: Block) -> int:
    return 1 + max((_max_depth(c) for c in block.children if isinstance(c, Block)), default=0)


def _count_boxes(block: Block, opened: frozenset[str]) -> int:
    if block.name not in opened:
        return 1
    return sum(_count_boxes(c, opened) if isinstance(c, Block) else 1 for c in block.children)


def _maps(diagram: Diagram) -> list[Map]:
    incoming: dict[int, list[Edge]] = {}
    for edge in diagram.edges:
        incoming.setdefault(edge.head, []).append(edge)
    maps: list[Map] = []
    visible: dict[int, dict[int, ReadRole]] = {}
    """For each box the maps that represent its output, and how it is read from them."""
    for box in diagram.boxes:
        roles: dict[int, list[ReadRole]] = {}
        for edge in incoming.get(box.number, ()):
            for source, role in visible[edge.tail].items():
                roles.setdefault(source, []).append(edge.role if role == "tensor" else role)
        # A map is placed after its latest source; the other sources are connected from the side.
        sources = {source: combined_role(roles[source]) for source in sorted(roles, reverse=True)}
        new = _map(len(maps), box, diagram, tuple(sources))
        if new is None:
            visible[box.number] = sources
        else:
            new.roles = tuple(sources.values())
            new.letters = box.letters
            visible[box.number] = {new.number: "tensor"}
            maps.append(new)
    return maps


def _map(number: int, box: Box, diagram: Diagram, sources: tuple[int, ...]) -> Map | None:
    """The map of a box; None if it is not shown."""
    content = box.content
    if isinstance(content, Port):
        if not content.is_input:
            return None
        dtype = content.type.dtype if content.type.dtype != "float32" else ""
        return Map(number, content.name, (_short_name(content.name), dtype), _input_type(content, diagram), None, ())
    if isinstance(content, Block):
        if content.value is None or not sources:
            return None
        full_label = content.name[: len(content.name) - len(content.scope.local_name)] + content.label
        caption = (_short_name(full_label or diagram.graph.name), clip(content.scope.block or "", MAX_LINE))
        return Map(
            number,
            content.name,
            caption,
            diagram.graph.values[content.value],
            _main_kind(content),
            sources,
            block=True,
            copies=multiplier(content),
        )
    return _layer_map(number, content, box, diagram, sources)


def _main_kind(block: Block) -> str | None:
    """The most frequent kind of layer with weights in a block."""
    kinds: dict[str, int] = {}
    for operation, n in block.operations.items():
        kind = kind_of(operation).name
        kinds[kind] = kinds.get(kind, 0) + n
    candidates = [k for k in ("conv", "attention", "recurrent", "dense") if k in kinds]
    return max(candidates, key=kinds.__getitem__, default=None)


def _layer_map(number: int, layer: Layer, box: Box, diagram: Diagram, sources: tuple[int, ...]) -> Map | None:
    node = layer.nodes[0]
    op, family = node.op, family_of(node.op.name)
    if (
        family == "learned"
        or family in _HIDDEN_FAMILIES
        or op.name in _HIDDEN_OPERATIONS
        or (not sources and node.inputs)
    ):
        return None
    kind, type_ = kind_of(op.name).name, layer.nodes[-1].outputs[0]
    activated = len(layer.nodes) > 1 or any(kind_of(x.nodes[0].op.name).name == "activation" for x in box.attached)
    caption = (_short_name(layer.name), *(clip(text, MAX_LINE) for text in _short_operation(op).split(", ")))
    if family == "merge" and op.name not in ("concat", "matmul"):
        if len(sources) < 2:
            return None
        sign = {"add": "+", "subtract": "–", "multiply": "×", "divide": "÷"}.get(op.name, op.name[:3])
        return Map(number, layer.name, caption, type_, kind, sources, joint=sign, activated=activated)
    parts: tuple[int, ...] = ()
    if op.name == "concat":
        types = diagram.graph.inputs_of(node)
        axis = type_.channel
        if axis is not None and axis == getattr(op, "axis", None):
            parts = tuple(type_at_default(t).shape[axis] for t in types)
    return Map(
        number,
        layer.name,
        caption,
        type_,
        kind,
        sources,
        _window(op),
        parts,
        activated=activated,
        copies=multiplier(layer),
    )


def _input_type(port: Port, diagram: Diagram) -> TensorType:
    """The type of an input. Two axes that a 1-D window is applied to are channels and length."""
    type_, value = port.type, diagram.graph.inputs[port.name]
    readers = diagram.graph.readers(value)
    if type_.rank == 2 and any(node.op.window_rank == 1 and not node.op.channels_last for node in readers):
        return TensorType(type_.shape, type_.dtype, (CHANNELS, SEQUENCE))
    return type_


def _short_name(name: str) -> str:
    """A name, shortened to its end if it is long."""
    while len(name) > MAX_LINE and "." in name:
        name = name.partition(".")[2]
    return clip(name, MAX_LINE)


def _short_operation(op: Op) -> str:
    """The operation without the number of its filters or units, which the volume shows."""
    text = operation_text(op)
    value = str(getattr(op, "filters", getattr(op, "units", "")))
    for start in (f"{op.name} {value}, ", f"{op.name} {value}"):
        if value and text.startswith(start):
            text = f"{op.name} {text[len(start) :]}".strip()
            break
    return text.split(", padding")[0].split(", groups")[0]


def _window(op: Op) -> tuple[int, ...]:
    """The window of a convolution or pooling, one size per axis; empty for anything else."""
    family = family_of(op.name)
    if family not in ("conv", "pool") or op.name.startswith(("conv_transpose", "adaptive", "global")):
        return ()
    sizes: Any = getattr(op, "kernel", None) or getattr(op, "size", ())
    return tuple(sizes)
