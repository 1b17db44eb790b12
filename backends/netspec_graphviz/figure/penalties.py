"""Penalties for choosing between figures, and the available font sizes."""

from __future__ import annotations

from typing import ClassVar

SIZES = ((7.5, 6.6), (7.0, 6.3), (6.5, 6.0), (6.0, 6.0))
"""Font sizes in boxes and beside them, in points. Volumes use the first of each pair."""
MOST_PARTS = 4
SCALES = (2.6, 2.4, 2.2, 2.0, 1.8, 1.6, 1.4, 1.2, 1.0)
"""Factors by which a figure for a slide may be enlarged."""


class Penalties:
    """The penalties of a figure. ``docs/drawings.md`` lists them."""

    arguments: ClassVar[dict[int | None, float]] = {None: 0.0, 3: 1.5, 2: 4.0, 1: 7.0}
    """For showing at most this number of arguments in a box."""
    no_names = 3.0
    no_names_in_insets = 0.7
    no_shapes = 5.0
    no_params = 1.2
    point_of_text = 2.2
    """For each point by which the font size in boxes is below 7.5."""
    part = 0.6
    """For each part of the trunk after the first."""
    segments_as_note = 2.5
    lines: ClassVar[dict[int, float]] = {1: 0.0, 2: 1.5, 3: 3.0}
    """For allowing this number of lines in a box."""
    inserted = 0.7
    """For each box beside the trunk that is moved to its line, in a row of its own."""
    ladders = 0.8
    """For drawing fans as ladders."""
    folded = 1.0
    """For merging equal consecutive layers into one box."""
    closed = 6.0
    """For closing blocks that are used only once."""
    not_shown = 12.0
    """For each class of blocks whose contents are omitted; only tried if nothing else fits."""
    no_table = 2.0
    """For writing the values of letters in the boxes of the overview; only tried if nothing else fits."""
    height = 1 / 70
    """For each point of height."""
    enlargement = -6.0
    """For each unit of the factor by which a slide is enlarged."""


def sizes_for(min_text: float) -> list[tuple[float, float]]:
    """Returns the font sizes that are at least ``min_text``, the largest first."""
    if min_text > SIZES[-1][1]:
        pairs = [(max(text, min_text), max(detail, min_text)) for text, detail in SIZES]
        return list(dict.fromkeys(pairs))
    return [*SIZES, *([(max(min_text, 5.5), max(min_text, 5.5))] if min_text < 6.0 else ())]
