"""Matches the tensors of a weight file with parameters, and reports unmatched ones on either side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from ..limits import DOTTED_NAME
from .order_matching import match_by_order
from .renaming import RenameRule, rename_all
from .weight_file import WeightFile

if TYPE_CHECKING:
    from ..ir import Parameter

LISTED = 20
"""Maximum number of problems of a kind that a report lists; the rest are counted."""


class Missing(NamedTuple):
    """A parameter without a tensor in the file."""

    name: str
    shape: tuple[int, ...]
    candidates: tuple[str, ...]
    """Unused tensors with a similar name, those of the same shape first."""


class Unexpected(NamedTuple):
    """A tensor of the file that belongs to no parameter."""

    name: str
    shape: tuple[int, ...]


class Mismatched(NamedTuple):
    """A parameter whose tensor in the file has another shape."""

    name: str
    expected: tuple[int, ...]
    file_name: str
    actual: tuple[int, ...]


@dataclass(frozen=True)
class Match:
    """The result of matching the tensors of a file to the parameters of a graph."""

    assignments: Mapping[str, str]
    """Name in the file by name of the parameter."""
    missing: tuple[Missing, ...] = ()
    unexpected: tuple[Unexpected, ...] = ()
    mismatched: tuple[Mismatched, ...] = ()
    suggested: Mapping[str, str] | None = None
    """An unused tensor for every missing parameter, where order and shapes agree and ``in_order`` was not set."""
    unused_rules: tuple[RenameRule, ...] = ()
    """Rename rules that matched no name."""

    @property
    def complete(self) -> bool:
        """Whether every parameter has its tensor and every tensor its parameter."""
        return not (self.missing or self.unexpected or self.mismatched)


def match(
    parameters: Iterable[Parameter], file: WeightFile, rename: Sequence[RenameRule] = (), in_order: bool = False
) -> Match:
    """Matches by name after renaming; with ``in_order``, matches the rest by order and shape.

    Only persistent parameters are matched. Batch normalisation's ``num_batches_tracked``, absent from older files,
    keeps its initial value and is not reported as missing; it is ignored if only the file has it.

    Raises:
        RenameError: two tensors would have the same name.
        FileReadError: the elements of a tensor are not numbers that can be read.
    """
    names, unused_rules = rename_all(file.names, rename)
    assignments: dict[str, str] = {}
    mismatched: list[Mismatched] = []
    missing: list[Parameter] = []
    for p in parameters:
        if not p.persistent:
            continue
        name = names.pop(p.name, None)
        if name is None:
            missing.append(p)
            continue
        file.check(name)
        if file.shape(name) != p.shape:
            mismatched.append(Mismatched(p.name, p.shape, name, file.shape(name)))
        else:
            assignments[p.name] = name
    missing = [p for p in missing if not _is_counter(p.name)]
    unused = {new: old for new, old in names.items() if not _is_counter(new)}
    suggested = None
    if missing and unused:
        suggested = match_by_order(missing, {new: file.shape(old) for new, old in unused.items()}, file.ordered)
    if suggested is not None:
        suggested = {name: unused[new] for name, new in suggested.items()}
        if in_order:
            for name in suggested.values():
                file.check(name)
            assignments |= suggested
            return Match(assignments, mismatched=tuple(mismatched), unused_rules=tuple(unused_rules))
    return Match(
        assignments,
        tuple(_missing(missing, unused, file)),
        tuple(Unexpected(old, file.shape(old)) for old in unused.values()),
        tuple(mismatched),
        suggested,
        tuple(unused_rules),
    )


def _is_counter(name: str) -> bool:
    return name.rpartition(".")[2] == "num_batches_tracked"


def _missing(missing: list[Parameter], unused: Mapping[str, str], file: WeightFile) -> Iterable[Missing]:
    by_shape: dict[tuple[int, ...], list[str]] = {}
    for new, old in unused.items():
        by_shape.setdefault(file.shape(old), []).append(new)
    for i, p in enumerate(missing):
        similar: list[str] = []
        # Comparing texts is slow: only for problems that are listed.
        if i < LISTED:
            similar = _similar(p.name, by_shape.get(p.shape, ())) or _similar(p.name, unused)
        yield Missing(p.name, p.shape, tuple(unused[new] for new in similar))


def _similar(name: str, known: Iterable[str]) -> list[str]:
    return get_close_matches(name, [k for k in known if len(k) <= DOTTED_NAME][:500], n=3, cutoff=0.5)
