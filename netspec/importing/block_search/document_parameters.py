"""Parameters and defaults of the whole document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ...blocks import ABSENT
from ...ir import Graph
from ...ops.argument import as_list
from .block_lines import BlockLine, BlockText, Slot, walk_lines
from .column_order import kind_of_slot
from .copy_runs import typed_value
from .kinds import CHANNELS, SIZES

COMMON = ("bias", "eps", "momentum", "affine", "padding_mode", "bias_key_value", "negative_slope")
"""Arguments that may become defaults of the document."""
OFTEN = 3
"""Minimum number of layers of an operation that must share an argument for it to become a default."""
LARGEST_MULTIPLE = 8


def common_arguments(texts: Sequence[BlockText]) -> dict[str, dict[str, Any]]:
    """Moves arguments that all layers of an operation share into defaults of the document, and returns these."""
    lines = [line for text in texts for line in walk_lines(text) if line.head.kind == "layer"]
    operations: dict[str, list[BlockLine]] = {}
    for line in lines:
        operations.setdefault(line.head.operation, []).append(line)
    out: dict[str, dict[str, Any]] = {}
    for operation, mine in operations.items():
        for argument in COMMON:
            slots = [line.arguments.get(argument) for line in mine]
            if len(mine) < OFTEN or not all(isinstance(s, Slot) and s.expression is None and s.known for s in slots):
                continue
            values = [slot.value for slot in slots if isinstance(slot, Slot)]
            if len(set(map(typed_value, values))) == 1:
                out.setdefault(operation, {})[argument] = values[0]
                for line in mine:
                    del line.arguments[argument]
    return out


def document_parameters(graph: Graph, texts: Sequence[BlockText]) -> dict[str, Any]:
    """Returns the document's parameters: the number of classes, and the width, depth, … of a transformer-like stream.

    The corresponding numbers in the texts are replaced by expressions.
    """
    out: dict[str, Any] = {}
    classes = class_slot(texts[0])
    if classes is not None:
        classes.expression = "classes"
        out["classes"] = classes.value
    out |= widths(texts)
    if classes is not None and out.get("vocabulary") == classes.value:
        classes.expression = "vocabulary"
        del out["classes"]
    return out


def class_slot(root: BlockText) -> Slot | None:
    """Returns the slot with the units of the last layer, if that is dense and the network has a single output."""
    text = root
    if len(text.outputs) != 1:
        return None
    number, _ = text.outputs[0]
    while number >= 0:
        line = text.lines[number]
        if line.text is not None and len(line.text.outputs) == 1:
            text = line.text
            number, _ = text.outputs[0]
            continue
        slot = line.arguments.get("units")
        if line.head.operation == "dense" and "activation" not in line.arguments:
            usable = isinstance(slot, Slot) and slot.expression is None and line.share is None
            return slot if isinstance(slot, Slot) and usable and slot.value > 1 else None
        passes = line.head.operation in ("softmax", "log_softmax", "dropout")
        if not passes or not line.reads:
            return None
        number, _ = line.reads[0]
    return None


def widths(texts: Sequence[BlockText]) -> dict[str, Any]:
    """Returns the width of a stream that passes through a chain of blocks, with heads, depth and vocabulary.

    Multiples of the width become expressions.
    """
    chains = [line for text in texts for line in walk_lines(text) if line.copies is not None and is_repeated(line)]
    streams = Counter(width for line in chains if (width := stream_width(line)) is not None)
    if not streams or len(streams) > 1:
        return {}
    ((width, _),) = streams.items()
    split_shapes(texts, width)
    slots = [
        (line, slot)
        for text in texts
        for line in walk_lines(text)
        for slot in line.own_slots()
        if slot.expression is None and slot.constant and slot.value is not ABSENT
    ]
    if not _name_multiples(slots, width):
        return {}
    named = _name_counts([slot for _, slot in slots])
    counts = [line.copies.count for line in chains if line.copies is not None]
    if len(counts) == 1 and counts[0].expression is None:
        counts[0].expression = "depth"
        named["depth"] = counts[0].value
    return {"width": width} | named


def _name_multiples(slots: Sequence[tuple[BlockLine, Slot]], width: int) -> bool:
    """Makes multiples of the width expressions of it; False, and none are, if there are fewer than :data:`OFTEN`."""
    multiples = {width: "width"} | {n * width: f"{n} * width" for n in range(2, LARGEST_MULTIPLE + 1)}
    matching = [
        slot
        for line, slot in slots
        if type(slot.value) is int
        and slot.value in multiples
        and slot.argument not in ("heads", "vocabulary")
        and kind_of_slot(line, slot) in (CHANNELS, SIZES)
    ]
    if len(matching) < OFTEN:
        return False
    for slot in matching:
        slot.expression = multiples[slot.value]
    return True


def _name_counts(slots: Sequence[Slot]) -> dict[str, Any]:
    """Makes the vocabulary and the number of heads parameters, where each is the same everywhere; their values."""
    vocabularies = {slot.value for slot in slots if slot.argument == "vocabulary"}
    matching = {
        "vocabulary": [
            slot
            for slot in slots
            if slot.argument in ("vocabulary", "units") and slot.value in vocabularies and slot.expression is None
        ],
        "heads": [slot for slot in slots if slot.argument == "heads"],
    }
    named: dict[str, Any] = {}
    for name, same in matching.items():
        if len({slot.value for slot in same}) == 1:
            named[name] = same[0].value
            for slot in same:
                slot.expression = name
    return named


def split_shapes(texts: Sequence[BlockText], width: int) -> None:
    """Splits shapes of learned tables that contain the width, so that each number has its own slot."""
    for text in texts:
        for line in walk_lines(text):
            slot = line.arguments.get("shape")
            if line.head.operation != "parameter" or not isinstance(slot, Slot):
                continue
            values = as_list(slot.value)
            if slot.expression is None and width in values:
                line.arguments["shape"] = [Slot("shape", (value,)) for value in values]


def is_repeated(line: BlockLine) -> bool:
    """Whether a chain has more than one copy."""
    assert line.copies is not None
    return line.copies.count.expression is not None or any(count > 1 for count in line.copies.count.known)


def stream_width(line: BlockLine) -> int | None:
    """Returns the number of features that a chain of copies keeps; None if its input is not a sequence of features."""
    types = line.head.block.text.types
    known = [t for t in types[0] if t is not None] if types else []
    if not known or any(t.rank != 2 or t.channel != 1 for t in known):
        return None
    sizes = {t.shape[t.channel] for t in known if t.channel is not None}
    width = sizes.pop()
    return width if not sizes and type(width) is int else None
