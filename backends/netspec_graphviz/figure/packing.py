"""Places insets beside the overview, below it, or both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

BESIDE = 1.5
"""Distance from the overview to the insets on its right, relative to the gap between insets."""
BELOW = 1.125
"""Distance from the overview to the insets below it, relative to the gap between insets."""

Size: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Packing:
    """The positions of all insets, and the total size. The overview is in the upper left corner."""

    places: tuple[tuple[int, float, float], ...]
    """Number of each inset and its upper left corner."""
    width: float
    height: float


def packings(overview: Size, insets: Sequence[Size], room: float, gap: float = 8.0) -> Iterator[Packing]:
    """Yields placements of the insets with a total width of at most ``room``."""
    width, height = overview
    if not insets:
        yield Packing((), width, height)
        return
    free = room - width - BESIDE * gap
    if max(w for w, _ in insets) <= free:
        yield from _in_columns(overview, insets, free, gap)
    orders = [list(range(len(insets)))]
    by_height = sorted(orders[0], key=lambda i: -insets[i][1])
    if by_height != orders[0]:
        orders.append(by_height)
    for order in orders:
        yield _on_shelves((), width, height, order, insets, room, gap)
    for order in (*orders, sorted(orders[0], key=lambda i: -insets[i][0] * insets[i][1])):
        packing = _in_gaps(overview, insets, order, room, gap)
        if packing is not None:
            yield packing
    beside, y, wide = list[tuple[int, float, float]](), 0.0, 0.0
    for i, (w, h) in enumerate(insets):
        if w <= free and y + h <= height + 4.0:
            beside.append((i, width + BESIDE * gap, y))
            y += h + gap
            wide = max(wide, w)
    chosen = {i for i, _, _ in beside}
    if beside and len(beside) < len(insets):
        bottom = max(height, y - gap)
        for order in orders:
            rest = [i for i in order if i not in chosen]
            yield _on_shelves(tuple(beside), width + BESIDE * gap + wide, bottom, rest, insets, room, gap)


def _in_columns(overview: Size, insets: Sequence[Size], room: float, gap: float) -> Iterator[Packing]:
    """Yields placements in columns to the right of the overview, for several column heights."""
    width, height = overview
    seen: set[tuple[float, float]] = set()
    for limit in (max(height, *(h for _, h in insets)), 1.3 * height, 1.8 * height, float("inf")):
        x = y = wide = tall = 0.0
        places: list[tuple[int, float, float]] = []
        for n, (w, h) in enumerate(insets):
            if y and y + h > limit:
                x, y, wide = x + wide + gap, 0.0, 0.0
            places.append((n, width + BESIDE * gap + x, y))
            wide = max(wide, w)
            y += h + gap
            tall = max(tall, y - gap)
        if x + wide <= room and (x, tall) not in seen:
            seen.add((x, tall))
            yield Packing(tuple(places), width + BESIDE * gap + x + wide, max(height, tall))


def _in_gaps(overview: Size, insets: Sequence[Size], order: Sequence[int], room: float, gap: float) -> Packing | None:
    """Places each inset as high as possible above the lower edges of those placed before; None if that fails."""
    width, height = overview
    if width > room:
        return None
    edges = [(0.0, width + BESIDE * gap, height + BELOW * gap), (width + BESIDE * gap, room + gap, 0.0)]
    places: list[tuple[int, float, float]] = []
    for i in order:
        w, h = insets[i]
        starts = [x for x, _, _ in edges if x + w <= room]
        if not starts:
            return None
        tops = [(max(y for a, b, y in edges if a < x + w + gap and x < b), x) for x in starts]
        y, x = min(tops)
        places.append((i, x, y))
        right = x + w + gap
        left = [(a, min(b, x), e) for a, b, e in edges if a < x]
        rest = [(max(a, right), b, e) for a, b, e in edges if b > right]
        edges = [*left, (x, right, y + h + gap), *rest]
    return Packing(
        tuple(places),
        max([width, *(x + insets[i][0] for i, x, _ in places)]),
        max([height, *(y + insets[i][1] for i, _, y in places)]),
    )


def _on_shelves(
    placed: tuple[tuple[int, float, float], ...],
    width: float,
    height: float,
    order: Sequence[int],
    insets: Sequence[Size],
    room: float,
    gap: float,
) -> Packing:
    """Yields placements of the remaining insets side by side on shelves below."""
    places = list(placed)
    y, x, tall = height + BELOW * gap, 0.0, 0.0
    for i in order:
        w, h = insets[i]
        if x and x + w > room:
            x, y, tall = 0.0, y + tall + gap, 0.0
        places.append((i, x, y))
        x += w + gap
        width = max(width, x - gap)
        tall = max(tall, h)
    return Packing(tuple(places), width, y + tall)
