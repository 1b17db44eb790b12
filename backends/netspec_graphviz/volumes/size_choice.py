"""Chooses sizes and detail: the figure with the best score among those that fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..figure.penalties import SIZES
from .placed_figures import CaptionStyle, PlacedMaps

TOPS = (108.0, 96.0, 84.0, 72.0, 62.0, 53.0, 45.0, 38.0, 32.0, 26.0)
"""Candidate side lengths of the largest map, in points."""
THICKNESSES = (3.0, 2.6, 2.2, 1.8, 1.5, 1.25, 1.0, 0.8, 0.6, 0.45, 0.3, 0.2)
"""Candidate factors for the thickness of maps."""
ENOUGH = (60.0, 0.6)
"""Side length and thickness at which a figure is large enough."""
LEVELS: tuple[tuple[int | None, bool], ...] = ((None, True), (1, True), (0, True), (0, False))
"""Levels of detail in captions: maximum number of arguments, and whether names are shown."""
LEVEL_COSTS = (0.0, 0.6, 1.2, 3.0)
"""Score deducted for each level."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The sizes and detail of a candidate figure."""

    top: float
    thickness: float
    style: CaptionStyle
    level: int
    rows: int

    @property
    def score(self) -> float:
        """Score of the figure without its height."""
        return (
            0.022 * self.top
            + 0.6 * self.thickness
            + 0.5 * self.style.text
            - LEVEL_COSTS[self.level]
            - 0.9 * (self.rows - 1)
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """A figure that fits."""

    trial: Trial
    placed: PlacedMaps
    height: float
    """Its height with the legend."""
    score: float


Place = Callable[[Trial], PlacedMaps | None]
Height = Callable[[PlacedMaps, Trial], float]


def texts_from(min_text: float) -> list[float]:
    """Returns the candidate font sizes."""
    return [text for text, _ in SIZES if text >= min_text] or [min_text]


def choose(
    place: Place, height: Height, room: tuple[float, float], min_text: float, rows: Sequence[int] = (1,)
) -> Chosen | None:
    """Returns the best figure that fits, or None.

    Args:
        place: places the maps with given sizes and detail, or returns None if that is impossible.
        height: returns the height of the figure with its legend.
        room: width and height.
        min_text: minimum font size.
        rows: candidate numbers of rows.
    """
    best: Chosen | None = None
    for level, (arguments, names) in enumerate(LEVELS):
        for text in texts_from(min_text):
            style = CaptionStyle(text, arguments, names)
            for n in rows:
                best = _best_of_tops(place, height, room, style, level, n, best)
            # Smaller text and shorter captions are only for figures that would otherwise be small.
            if best is not None and best.trial.top >= ENOUGH[0] and best.trial.thickness >= ENOUGH[1]:
                return best
    return best


def _best_of_tops(
    place: Place,
    height: Height,
    room: tuple[float, float],
    style: CaptionStyle,
    level: int,
    rows: int,
    best: Chosen | None,
) -> Chosen | None:
    """Returns the best figure with one style, or ``best`` if that is better."""
    if _thickest(place, height, room, TOPS[-1], style, level, rows) is None:
        return best
    for top in TOPS:
        # A figure's height can only reduce its score.
        if best is not None and Trial(top, THICKNESSES[0], style, level, rows).score <= best.score:
            continue
        result = _thickest(place, height, room, top, style, level, rows)
        if result is not None and (best is None or result.score > best.score):
            best = result
        if result is not None and result.trial.thickness == THICKNESSES[0]:
            break
    return best


def _thickest(
    place: Place, height: Height, room: tuple[float, float], top: float, style: CaptionStyle, level: int, rows: int
) -> Chosen | None:
    """Finds the figure with the thickest maps that fits, by bisection."""
    low, high = 0, len(THICKNESSES) - 1
    best: Chosen | None = None
    while low <= high:
        middle = (low + high) // 2
        trial = Trial(top, THICKNESSES[middle], style, level, rows)
        placed = place(trial)
        if placed is None:
            return None
        whole = height(placed, trial)
        if placed.width <= room[0] and whole <= room[1]:
            best = Chosen(trial, placed, whole, trial.score - whole / 400)
            high = middle - 1
        else:
            low = middle + 1
    return best


def fits(place: Place, height: Height, room: tuple[float, float], min_text: float, rows: Sequence[int] = (1,)) -> bool:
    """Whether the smallest figure, with the least detail, fits."""
    level = len(LEVELS) - 1
    style = CaptionStyle(min(texts_from(min_text)), *LEVELS[level])
    for n in rows:
        trial = Trial(TOPS[-1], THICKNESSES[-1], style, level, n)
        placed = place(trial)
        if placed is not None and placed.width <= room[0] and height(placed, trial) <= room[1]:
            return True
    return False
