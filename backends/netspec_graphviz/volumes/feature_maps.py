"""Selects the feature maps that the volume style shows, and connects them.

Layers that keep the shape of a map (normalisation, activation, dropout) or only permute its axes are not shown; their
readers are connected to their inputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from netspec.analysis.network_figures import Analysis
from netspec.backend import BackendError
from netspec.ir import Graph
from netspec.ir.at_sizes import type_at_default
from netspec.ops import family_of
from netspec.ops.base import Op
from netspec.ops.merge import Concat
from netspec.shapes.types import CHANNELS, SEQUENCE, TensorType

from ..colours import kind_of
from ..diagram import Box, Diagram, Frame, Port, build_diagram
from ..edge_roles import Edge, combined_role
from ..figure.cell_text import QUIET, arguments_of, segment_text, written_argument
from ..figure.cells import plain_text
from ..figure_tree import Block, Layer, build_figure_tree
from ..options import Options
from ..read_roles import ReadRole
from .maps import Map
from .opened_blocks import openings

PREFERRED_MAPS = 32
"""Maximum number of maps for which blocks are opened if no depth is given."""
MAX_MAPS = 150
SIGNS = {"add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "maximum": "max", "average": "avg"}
_HIDDEN_FAMILIES = frozenset(("shape", "norm", "activation", "elementwise", "regularise", "formulas", "learned"))
_WITH_WEIGHTS = frozenset(("conv", "dense", "recurrent", "attention", "block"))
"""Kinds of maps that carry the letter of an enclosing open block."""
_HIDDEN_OPERATIONS = frozenset(("pad", "crop", "center_crop", "channel_shuffle"))


def feature_maps(analysis: Analysis, options: Options) -> Iterator[list[Map]]:
    """Yields lists of the network's maps; without a given depth, with fewer and fewer blocks open.

    Raises:
        BackendError: NS722, there are more than :data:`MAX_MAPS`.
    """
    if options.depth is not None or options.opened is not None:
        maps = _maps(build_diagram(analysis, Options(depth=options.depth, opened=options.opened)))
        if len(maps) > MAX_MAPS:
            raise BackendError(
                "NS722",
                f"the figure would have {len(maps):,} feature maps; the limit is {MAX_MAPS}",
                "a smaller --depth closes blocks",
            )
        yield maps
        return
    tree = build_figure_tree(analysis)
    tried: set[frozenset[str]] = set()
    some = False
    for names in openings(tree.root):
        if names in tried or _count_boxes(tree.root, names) > 8 * PREFERRED_MAPS:
            continue
        tried.add(names)
        maps = _maps(build_diagram(analysis, Options(opened=names)))
        if len(maps) <= PREFERRED_MAPS:
            some = True
            yield maps
    if not some:
        maps = _maps(build_diagram(analysis, Options(depth=1)))
        yield maps if len(maps) <= MAX_MAPS else _maps(build_diagram(analysis, Options(depth=0)))


def _count_boxes(block: Block, opened: frozenset[str]) -> int:
    if block.name not in opened:
        return 1
    return sum(_count_boxes(c, opened) if isinstance(c, Block) else 1 for c in block.children)


def _maps(diagram: Diagram) -> list[Map]:
    incoming: dict[int, list[Edge]] = {}
    for edge in diagram.edges:
        incoming.setdefault(edge.head, []).append(edge)
    frames = _frames(diagram.root)
    maps: list[Map] = []
    visible: dict[int, dict[int, ReadRole]] = {}
    """For each box, the maps that represent its output, and the role in which it reads them."""
    for box in diagram.boxes:
        roles: dict[int, list[ReadRole]] = {}
        for edge in incoming.get(box.number, ()):
            for source, role in visible[edge.tail].items():
                roles.setdefault(source, []).append(edge.role if role == "tensor" else role)
        sources: dict[int, ReadRole] = {}
        for source in sorted(roles, reverse=True):
            sources[source] = combined_role(roles[source])
        new = _map(len(maps), box, diagram, sources)
        if new is None:
            visible[box.number] = sources
            continue
        copies, letters = frames[box.frame]
        new.letters = box.letters or (letters if new.kind in _WITH_WEIGHTS else "")
        new.copies *= copies
        new.values = tuple(dict.fromkeys(_values(box, diagram.graph)))
        if new.parts:
            new.parts = _parts(new, box, diagram, incoming, visible)
        visible[box.number] = {new.number: "tensor"}
        maps.append(new)
    return maps


def _values(box: Box, graph: Graph) -> Iterator[int]:
    """Yields the numbers of the values that a box represents, the last one first."""
    if isinstance(box.content, Port):
        return
    for item in (*reversed(box.attached), box.content):
        value = item.value
        while value is not None:
            yield value
            node = graph.producer(value)
            passes = node is not None and node.op.identity_in_inference
            value = node.inputs[0] if node is not None and passes and node.inputs else None


def _frames(root: Frame) -> dict[Frame, tuple[int, str]]:
    """Returns for each frame the number of copies that its contents represent, and the letters of its weights."""
    out = {root: (1, root.letters)}
    pending = [root]
    while pending:
        frame = pending.pop()
        copies, letters = out[frame]
        for child in frame.children:
            if isinstance(child, Frame):
                out[child] = copies * (1 + len(child.block.further_copies)), child.letters or letters
                pending.append(child)
    return out


def _map(number: int, box: Box, diagram: Diagram, sources: dict[int, ReadRole]) -> Map | None:
    """Returns the map of a box, or None if it is not shown."""
    content = box.content
    from_, roles = tuple(sources), tuple(sources.values())
    if isinstance(content, Port):
        if not content.is_input:
            return None
        return Map(number, content.name, content.name, _input_type(content, diagram), None, "", (), ())
    if isinstance(content, Block):
        if content.value is None or not sources:
            return None
        type_ = diagram.graph.values[content.value]
        title, copies = _block_title(content)
        return Map(number, content.name, _label(content.name, content.label), type_, "block", title, from_, roles,
                   copies=copies)  # fmt: skip
    return _layer_map(number, content, box, diagram, sources)


def _block_title(block: Block) -> tuple[str, int]:
    """Returns the class of a block, or of all the blocks in a chain, and the number of copies."""
    copies = 1 + len(block.further_copies)
    if block.scope.block:
        return block.scope.block, copies
    classes = {c.scope.block if isinstance(c, Block) else None for c in block.children}
    name = next(iter(classes)) if len(classes) == 1 else None
    if name is None:
        return "block", copies
    return name, copies * sum(1 + len(c.further_copies) for c in block.children)


def _layer_map(number: int, layer: Layer, box: Box, diagram: Diagram, sources: dict[int, ReadRole]) -> Map | None:
    node = layer.nodes[0]
    op, family = node.op, family_of(node.op.name)
    if family in _HIDDEN_FAMILIES or op.name in _HIDDEN_OPERATIONS or (not sources and node.inputs):
        return None
    if op.keeps_values:
        return None  # the same values in a different order
    is_sum = family == "merge" and op.elementwise
    if is_sum and len(sources) < 2:
        return None
    type_ = layer.nodes[-1].outputs[0]
    names = tuple(diagram.graph.value_name(v).rsplit(".", 1)[-1] for v in node.inputs)
    arguments = {
        name: plain_text(written_argument(op, name, text).runs)
        for name, text in arguments_of(op, names).items()
        if name not in ("filters", "units")
    }
    return Map(
        number,
        layer.name,
        _frame_label(layer, box),
        type_,
        kind_of(op.name).name,
        op.name,
        tuple(sources),
        tuple(sources.values()),
        arguments,
        _segments(layer, box),
        _window(op),
        ((0, 0),) if isinstance(op, Concat) and type_.channel == op.axis else (),
        SIGNS.get(op.name, op.name[:3]) if is_sum else "",
        1 + len(layer.further_copies),
    )


def _segments(layer: Layer, box: Box) -> tuple[str, ...]:
    nodes = [*layer.nodes[1:], *(node for attached in box.attached for node in attached.nodes)]
    return tuple(segment_text(node.op.name) for node in nodes if node.op.name not in QUIET)


def _parts(
    new: Map, box: Box, diagram: Diagram, incoming: dict[int, list[Edge]], visible: dict[int, dict[int, ReadRole]]
) -> tuple[tuple[int, int], ...]:
    """Returns the parts of a concatenation: for each input, its number of channels and its source map."""
    assert isinstance(box.content, Layer)
    node = box.content.nodes[0]
    axis = new.named_type.channel
    sizes = [type_at_default(t).shape[axis] for t in diagram.graph.inputs_of(node) if axis is not None]
    tails = [max(visible[edge.tail], default=-1) for edge in incoming.get(box.number, ())]
    if len(tails) != len(sizes):
        return tuple((size, -1) for size in sizes)
    return tuple(zip(sizes, tails, strict=True))


def _frame_label(layer: Layer, box: Box) -> str:
    """Returns the name of a layer, or of a block that consists of just this layer."""
    from .opened_blocks import is_single_layer

    block = box.frame.block
    if block.depth and is_single_layer(block):
        return _label(block.name, block.label)
    return _label(layer.name, layer.label)


def _label(name: str, label: str) -> str:
    """Returns the last part of a name that is not a number."""
    text = label if not name.endswith(label) else name.rsplit(".", 1)[-1]
    if not text.replace("–", "").replace(".", "").isdigit():
        return text
    before = [part for part in name.split(".")[:-1] if not part.isdigit()]
    return before[-1] if before else ""


def _input_type(port: Port, diagram: Diagram) -> TensorType:
    """Returns the type of an input. The two axes of an input to 1-D windows are named channels and length."""
    type_, value = port.type, diagram.graph.inputs[port.name]
    readers = diagram.graph.readers(value)
    if type_.rank == 2 and any(node.op.window_rank == 1 and not node.op.channels_last for node in readers):
        return TensorType(type_.shape, type_.dtype, (CHANNELS, SEQUENCE))
    return type_


def _window(op: Op) -> tuple[int, ...]:
    """The window of a convolution or pooling, one size per axis; empty for anything else."""
    family = family_of(op.name)
    if family not in ("conv", "pool") or op.name.startswith(("conv_transpose", "adaptive", "global", "max_unpool")):
        return ()
    sizes: Any = getattr(op, "kernel", None) or getattr(op, "size", ())
    return tuple(sizes)
