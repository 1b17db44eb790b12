"""The order in which the slots of a block are resolved, and the input sizes that expressions may refer to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...blocks import ABSENT
from .block_lines import BlockLine, BlockText, Slot, slots_of
from .expression_search import Base
from .kinds import CHANNELS, OTHER, SIZES, kind_of


def kind_of_slot(line: BlockLine, slot: Slot) -> str:
    """Returns what the number in a slot counts: channels, sizes, or something else."""
    if line.head.is_use:
        return next((p.kind for p in line.head.block.parameters if p.name == slot.argument), OTHER)
    return kind_of(line.head, slot.argument)


def resolution_order(argument: str) -> int:
    """Sort key for resolving slots: sizes are derived from channels, and padding from kernels and dilation."""
    return {"shape": 1, "size": 1, "padding": 2}.get(argument, 0)


def slots_in_order(line: BlockLine) -> Iterator[tuple[Slot, bool]]:
    """Yields the slots of a line, each with whether it belongs only to the first copy of a chain."""
    for tree in line.arguments.values():
        for slot in slots_of(tree):
            yield slot, False
    if line.copies is not None:
        for name, slots in line.copies.slots.items():
            kind = line.copies.kinds[name]
            for n, slot in reversed([*enumerate(slots)]):
                yield slot, kind == "first" and n == 0
        yield line.copies.count, False


def input_features(text: BlockText, names: Sequence[str]) -> Iterator[Base]:
    """Yields the sizes of a block's inputs as named in expressions."""
    for name, types in zip(names, text.types, strict=True):
        known = [t for t in types if t is not None]
        if len({t.rank for t in known}) != 1:
            continue
        for axis in range(known[0].rank):
            roles = {str(t.axes[axis]) for t in known}
            role = roles.pop() if len(roles) == 1 else ""
            word = ("features" if known[0].rank <= 2 else "channels") if role == CHANNELS else role
            values = tuple(ABSENT if t is None else t.shape[axis] for t in types)
            expression = f"{name}.{word}" if word else f"{name}.shape[{axis}]"
            yield Base(expression, values, CHANNELS if role == CHANNELS else SIZES, of_input=True)


def half_of(value: Any) -> Any:
    """Returns half a kernel size, rounded down; ABSENT if it is not an integer."""
    return value // 2 if type(value) is int else ABSENT


def negative(value: Any) -> Any:
    """Negates an integer; returns anything else unchanged."""
    return -value if type(value) is int else value


def times(a: Sequence[Any], b: Sequence[Any]) -> list[Any]:
    """Multiplies two columns; ABSENT where a factor is not an integer."""
    return [x * y if type(x) is type(y) is int else ABSENT for x, y in zip(a, b, strict=True)]
