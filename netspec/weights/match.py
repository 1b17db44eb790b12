"""Which tensor of a weight file goes to which parameter, what is left over, and how that is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from ..diagnostics import clip
from ..limits import DOTTED_NAME
from ..shapes.types import shown
from .order import by_order
from .rename import Rule, renamed
from .weight_file import WeightFile

if TYPE_CHECKING:
    from ..ir import Parameter

LISTED = 20
"""Lines of one kind in a report; the rest are counted."""


class Missing(NamedTuple):
    """A parameter that the file has nothing for."""

    name: str
    shape: tuple[int, ...]
    candidates: tuple[str, ...]
    """Unused names in the file that are like it, those of its shape first."""


class Unexpected(NamedTuple):
    """A tensor of the file that no parameter takes."""

    name: str
    shape: tuple[int, ...]


class Mismatched(NamedTuple):
    """A parameter whose tensor in the file has another shape."""

    name: str
    wanted: tuple[int, ...]
    file_name: str
    found: tuple[int, ...]


@dataclass(frozen=True)
class Match:
    """How a graph's parameters and a file's tensors go together."""

    assignments: Mapping[str, str]
    """Parameter -> name in the file."""
    missing: tuple[Missing, ...] = ()
    unexpected: tuple[Unexpected, ...] = ()
    mismatched: tuple[Mismatched, ...] = ()
    offered: Mapping[str, str] | None = None
    """What is missing -> what is left over, where order and shapes say it and it has not been asked for."""
    idle: tuple[Rule, ...] = ()
    """Renamings that fit no name."""

    @property
    def complete(self) -> bool:
        """Whether every parameter has its tensor and every tensor its parameter."""
        return not (self.missing or self.unexpected or self.mismatched)


def match(
    parameters: Iterable[Parameter], file: WeightFile, rename: Sequence[Rule] = (), in_order: bool = False
) -> Match:
    """Matches by name after renaming; with ``in_order`` also, for what is left, by order and shape.

    Only what a state dict holds is looked for. Batch normalisation's ``num_batches_tracked``, which older files
    lack, keeps its initial value without being missed, and is ignored where only the file has it.

    Raises:
        RenameError: two tensors would have one name.
    """
    wanted = [p for p in parameters if p.persistent]
    names, idle = renamed(file.names, rename)
    assignments: dict[str, str] = {}
    mismatched: list[Mismatched] = []
    absent: list[Parameter] = []
    for p in wanted:
        name = names.pop(p.name, None)
        if name is None:
            absent.append(p)
        elif file.shape(name) != p.shape:
            mismatched.append(Mismatched(p.name, p.shape, name, file.shape(name)))
        else:
            assignments[p.name] = name
    absent = [p for p in absent if not _counter(p.name)]
    left = {new: old for new, old in names.items() if not _counter(new)}
    offered = None
    if absent and left:
        offered = by_order(absent, {new: file.shape(old) for new, old in left.items()}, file.ordered)
    if offered is not None:
        offered = {name: left[new] for name, new in offered.items()}
        if in_order:
            assignments |= offered
            return Match(assignments, mismatched=tuple(mismatched), idle=tuple(idle))
    return Match(
        assignments,
        tuple(_missing(absent, left, file)),
        tuple(Unexpected(old, file.shape(old)) for old in left.values()),
        tuple(mismatched),
        offered,
        tuple(idle),
    )


def _counter(name: str) -> bool:
    return name.rpartition(".")[2] == "num_batches_tracked"


def _missing(absent: list[Parameter], left: Mapping[str, str], file: WeightFile) -> Iterable[Missing]:
    by_shape: dict[tuple[int, ...], list[str]] = {}
    for new, old in left.items():
        by_shape.setdefault(file.shape(old), []).append(new)
    for i, p in enumerate(absent):
        near: list[str] = []
        # Only for those that are shown, and among so many: comparing texts is slow.
        if i < LISTED:
            near = _near(p.name, by_shape.get(p.shape, ())) or _near(p.name, left)
        yield Missing(p.name, p.shape, tuple(left[new] for new in near))


def _near(name: str, known: Iterable[str]) -> list[str]:
    return get_close_matches(name, [k for k in known if len(k) <= DOTTED_NAME][:500], n=3, cutoff=0.5)


def text(found: Match, file: str = "the file") -> list[str]:
    """The report as lines for a terminal, each clean of control characters; one line when all went together."""
    count = len(found.assignments)
    out = [f"{count} tensor{'' if count == 1 else 's'} of {clip(file, 200)} matched"]
    out += _part(
        "missing", "not in the file", len(found.missing),
        [
            f"{_name(m.name)} {shown(m.shape)}"
            + (f"; near: {', '.join(map(_name, m.candidates))}" if m.candidates else "")
            for m in found.missing[:LISTED]
        ],
    )
    out += _part(
        "unexpected", "only in the file", len(found.unexpected),
        [f"{_name(u.name)} {shown(u.shape)}" for u in found.unexpected[:LISTED]],
    )
    out += _part(
        "mismatched", "of another shape in the file", len(found.mismatched),
        [
            f"{_name(m.name)} is {shown(m.wanted)}; the file has {shown(m.found)}"
            + (f" under '{_name(m.file_name)}'" if m.file_name != m.name else "")
            for m in found.mismatched[:LISTED]
        ],
    )
    if found.offered is not None:
        out += _part(
            "offered", "what is missing and what is left over agree in order and shapes", len(found.offered),
            [f"{_name(name)} <- {_name(old)}" for name, old in list(found.offered.items())[:LISTED]],
        )
    out += [f"renaming '{clip(r.old)}={clip(r.new)}' fits no name in the file" for r in found.idle]
    return out


def _name(name: str) -> str:
    return clip(name, 120)


def _part(title: str, meaning: str, count: int, lines: list[str]) -> list[str]:
    if not count:
        return []
    out = [f"{title} ({count}): {meaning}", *(f"  {line}" for line in lines)]
    if count > len(lines):
        out.append(f"  … and {count - len(lines)} more")
    return out
