"""Names of the axes that a pattern gives."""

from __future__ import annotations

from collections.abc import Sequence

from ...shapes.types import AXIS_NAMES, CHANNELS, SEQUENCE, SYNONYMS, GuessedName, TensorType, is_known
from .pattern_sizes import Group, Layout
from .regroup import WINDOW_AXES


def output_names(layout: Layout, types: Sequence[TensorType]) -> tuple[str, ...]:
    """The names of the output's axes.

    An axis that stays alone keeps its name, and a full word (``height``) is one. Of an axis of a single input that is
    divided, the only part that stays alone keeps the name, as a guess. Joined axes are the channels if these are among
    them, or if there is no other axis; a sequence if all of them are window axes; and what the whole axis among them
    is if the others are parts.
    """
    alone, parts = _origins(layout, types)
    single = [group[0] for group in layout.output if len(group) == 1]
    for axis, divided in parts.items() if len(types) == 1 else ():
        staying = [name for name in divided if name in single]
        if len(staying) == 1 and staying[0] not in alone and types[axis[0]].axes[axis[1]]:
            alone[staying[0]] = GuessedName(types[axis[0]].axes[axis[1]])
    names: list[str] = []
    for group in layout.output:
        if len(group) == 1:
            names.append(SYNONYMS.get(group[0], group[0]) if group[0] in AXIS_NAMES else alone.get(group[0], ""))
        else:
            names.append(_joined(group, alone, len(layout.output)) if group else "")
    return _unique(names, [len(group) == 1 and group[0] in AXIS_NAMES for group in layout.output])


def _origins(layout: Layout, types: Sequence[TensorType]) -> tuple[dict[str, str], dict[tuple[int, int], list[str]]]:
    """The names of axes that are alone in an input, the first that has it; and the names that axes are divided into."""
    alone: dict[str, str] = {}
    parts: dict[tuple[int, int], list[str]] = {}
    for i, (groups, x) in enumerate(zip(layout.inputs, types, strict=True)):
        for a, group in enumerate(groups):
            if len(group) == 1:
                word = group[0]
                name = SYNONYMS.get(word, word) if word in AXIS_NAMES else x.axes[a]
                if name and not alone.get(word):
                    alone[word] = name
            elif group:
                parts[i, a] = list(group)
    return alone, parts


def _joined(group: Group, alone: dict[str, str], count: int) -> str:
    """The name of an axis that joins several."""
    members = [alone.get(name, "") for name in group]
    named = [name for name in members if name]
    if CHANNELS in named or (count == 1 and len(named) == len(members)):
        is_certain = any(map(is_known, named))
        return CHANNELS if is_certain else GuessedName(CHANNELS)
    if len(named) == len(members) and all(name in WINDOW_AXES for name in named):
        return SEQUENCE if any(map(is_known, named)) else GuessedName(SEQUENCE)
    return GuessedName(named[0]) if len(named) == 1 else ""


def _unique(names: list[str], certain: list[bool]) -> tuple[str, ...]:
    """The names, each at one axis: the one that the pattern gives, a known one, or none of them."""
    out = list(names)
    for name in {n for n in names if n and names.count(n) > 1}:
        places = [p for p, n in enumerate(names) if n == name]
        chosen = [p for p in places if certain[p]] or [p for p in places if is_known(names[p])]
        for p in places:
            if chosen != [p]:
                out[p] = ""
    return tuple(out)
