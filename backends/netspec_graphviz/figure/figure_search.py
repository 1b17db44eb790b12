"""Searches for the most informative figure that fits the given space.

Every choice that omits information or makes the figure harder to read has a penalty (:mod:`.penalties`). Choices are
tried in order of penalty until no better figure is possible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil

from netspec.analysis.network_figures import Analysis
from netspec.backend import BackendError
from netspec_picture.lengths import inches

from ..options import MAX_LENGTH, Room
from .composition import Composition
from .contents import FigureNetwork
from .penalties import SCALES, Penalties
from .variant import Variant

MOST_OMITTED = 8
"""Maximum number of attempts to omit the contents of further blocks."""


def compose(analysis: Analysis, room: Room, title: str | None = None) -> Composition:
    """Returns the best figure that fits, with a title above it.

    Raises:
        BackendError: NS722, the network has too many layers outside of blocks; NS725, no figure fits.
    """
    composer = Composer(analysis, title)
    best = composer.best(room)
    if best is None:
        raise BackendError(
            "NS725",
            f"no figure with text of at least {room.min_text:g} pt fits into "
            f"{inches(room.width)} × {inches(room.height)}",
            _way_out(composer, room),
        )
    return best


def _way_out(composer: Composer, room: Room) -> str:
    """Suggests a change with which a figure would fit."""
    width = _least(room.width, lambda size: composer.best(replace(room, width=size)) is not None)
    if width is not None:
        return f"the least width that fits is {inches(width)}; smaller text may fit, too: --min-text"
    wide = replace(room, width=1.5 * room.width)
    height = _least(room.height, lambda size: composer.best(replace(wide, height=size)) is not None)
    if height is not None:
        return f"no width fits; {inches(wide.width)} × {inches(height)} does"
    scaled = _least(room.width, lambda size: composer.best(_in_proportion(room, size)) is not None, MAX_LENGTH)
    if scaled is not None:
        return f"{inches(scaled)} × {inches(_in_proportion(room, scaled).height)} fits"
    return "leave out --width: the drawing then has the size that it needs, and --depth closes blocks"


def _in_proportion(room: Room, width: float) -> Room:
    """Scales the room to a width, keeping its proportions."""
    return replace(room, width=width, height=room.height * width / room.width)


def _least(size: float, fits: Callable[[float], bool], most: float | None = None) -> float | None:
    """Returns the smallest length from ``size`` to ``most`` (default 3 × ``size``) that fits, or None."""
    most = 3 * size if most is None else most
    low, high = size, size * 1.3
    while not fits(high):
        if high >= most:
            return None
        low, high = high, high * 1.3
    while high / low > 1.04:
        middle = (low + high) / 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return ceil(high / 3.6) * 3.6


class Composer:
    """Searches figures of one network. Placed parts are cached for further searches with other sizes."""

    def __init__(self, analysis: Analysis, title: str | None = None) -> None:
        network = self.network = FigureNetwork(analysis, title)
        self._without: dict[tuple[frozenset[str], bool], Variant] = {}
        closing = (False, True) if network.closes_more else (False,)
        self.variants = [
            Variant(network, fold=fold, close_all=close_all) for close_all in closing for fold in (False, True)
        ]

    def best(self, room: Room) -> Composition | None:
        """Returns the best figure that fits, or None."""
        if not room.enlarge:
            return self._best(room, 1.0, float("inf")) or self._without_details(room)
        best: Composition | None = None
        for scale in SCALES:
            gain = Penalties.enlargement * scale
            limit = best.penalty - gain if best is not None else float("inf")
            if limit <= 0:
                break
            inner = Room(room.width / scale, room.height / scale, False, room.min_text / scale)
            candidate = self._best(inner, scale, limit)
            if candidate is not None:
                best = candidate
        return best or self._without_details(room)

    def _without_details(self, room: Room) -> Composition | None:
        """Returns the best figure with the values of letters in boxes, or without the contents of some blocks.

        Omits the largest blocks until the others fit, then shows again those that fit after all.
        """
        omitted: list[str] = []
        variant = self._fitting(omitted, room)
        while variant is None and len(omitted) < MOST_OMITTED:
            largest = self._reduced(omitted, table=False).largest_insets(room)
            if not largest:
                return None
            omitted += sorted(largest)
            variant = self._fitting(omitted, room)
        for key in reversed(omitted):
            rest = [each for each in omitted if each != key]
            fitting = None if variant is None else self._fitting(rest, room)
            if fitting is not None:
                omitted, variant = rest, fitting
        candidate = None if variant is None else variant.best(room, float("inf"))
        if candidate is None:
            everything = [inset.key for inset in self.variants[-1].contents.insets]
            candidate = self._reduced(everything, table=True).best(room, float("inf"))
        return candidate

    def _fitting(self, omitted: Sequence[str], room: Room) -> Variant | None:
        """Returns the variant without the contents of blocks, with a table if possible, or None if none fits."""
        variants = (self._reduced(omitted, table=table) for table in (True, False))
        return next((variant for variant in variants if variant.fits(room)), None)

    def _reduced(self, omitted: Sequence[str], *, table: bool) -> Variant:
        """Returns the variant with the least detail, without the contents of some blocks."""
        key = frozenset(omitted), table
        if key not in self._without:
            close_all = self.variants[-1].close_all
            self._without[key] = Variant(self.network, fold=True, close_all=close_all, table=table, omitted=key[0])
        return self._without[key]

    def _best(self, room: Room, scale: float, limit: float) -> Composition | None:
        best: Composition | None = None
        for variant in self.variants:
            if variant.penalty >= limit or not variant.differs():
                continue
            candidate = variant.best(room, limit)
            if candidate is not None:
                best, limit = candidate, candidate.penalty
        if best is None:
            return None
        gain = Penalties.enlargement * scale if scale != 1.0 or room.enlarge else 0.0
        return _scaled(best, scale, gain)


def _scaled(composition: Composition, scale: float, gain: float) -> Composition:
    return replace(composition, penalty=composition.penalty + gain, scale=scale)
