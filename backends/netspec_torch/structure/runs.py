"""Decides whether all runs of a mapped layer call the same submodule."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from .body import Member, Use, flat, member_content
from .levels import Level


class Runs:
    """The levels within mapped layers, for all runs together.

    Args:
        root: the tree of names.
        submodule: builds the submodule of a level.
    """

    def __init__(self, root: Level, submodule: Callable[[Level], Member]) -> None:
        self._submodule = submodule
        self._levels: dict[str, list[Level]] = {}
        """Levels within mapped layers, by the names of their modules."""
        self._differ: dict[str, tuple[bool, bool]] = {}
        stack = [(root, False)]
        while stack:
            level, within = stack.pop()
            if within:
                self._levels.setdefault(level.stored, []).append(level)
            inner = within or level.is_runs
            stack += [(item, inner) for item in reversed(level.items) if isinstance(item, Level)]

    def are_one_module(self, level: Level) -> bool:
        """Whether a level is the same module in every run."""
        if len(self._levels.get(level.stored, ())) < 2:
            return True
        return not self._compared(level)[0]

    def differ_in_shapes(self, level: Level) -> bool:
        """Whether the shapes of results within a level differ between runs."""
        return len(self._levels.get(level.stored, ())) > 1 and self._compared(level)[1]

    def _compared(self, level: Level) -> tuple[bool, bool]:
        """Returns whether the runs differ as modules, and whether they differ in shapes."""
        known = self._differ.get(level.stored)
        if known is None:
            members = [self._submodule(each) for each in self._levels[level.stored]]
            whole = [member_content(member) for member in members]
            for member in members:
                forget_shapes(member)
            without: list[Hashable] = [member_content(member) for member in members]
            known = (any(x != without[0] for x in without), any(x != whole[0] for x in whole))
            self._differ[level.stored] = known
        return known


def forget_shapes(member: Member) -> None:
    """Removes the shapes of results from the bodies of a member."""
    for each in flat([member]):
        if isinstance(each, Use):
            each.body.forget_shapes()
