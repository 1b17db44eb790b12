"""Which keys a query of an attention reads: all, none ahead of it, those in a window around it."""

from __future__ import annotations

from ...shapes.reads import WHOLE, Along, AxisRead, ReadPattern
from ...shapes.sizes import Size, is_named, maximum


def key_reads(row: int, queries: Size, keys: Size, causal: bool, window: int | None) -> AxisRead:
    """How the axis of the keys is read along the axis ``row`` of the queries: a window bounds it."""
    if window is None or (type(queries) is int and type(keys) is int and window >= max(queries, keys)):
        return WHOLE
    return Along(row, ReadPattern(1, (range(1 - window, 1 if causal else window),)))


def twice_excluded(queries: Size, keys: Size, causal: bool, window: int | None) -> Size:
    """Twice the number of scores that ``causal`` and ``window`` exclude, which is an integer in every case.

    Raises:
        DimLimitError: the lengths depend on named dimensions in such a way that there is no formula.
    """
    total = 0
    if causal or window is not None:
        total = total + _twice_beyond(queries, keys, 1 if causal or window is None else window)
    if window is not None:
        total = total + _twice_beyond(keys, queries, window)
    return total


def _twice_beyond(n: Size, m: Size, distance: int) -> Size:
    """Twice the number of pairs of i < n and j < m with ``j >= i + distance``.

    They are m - distance for i = 0 and one less for each i after it, down to none, or to the last i.
    """
    reached = m.limited(distance) if is_named(m) and distance > 1 else distance  # a size is 1 or more
    most = m - reached if is_named(m) else maximum(m - distance, 0)
    rows = _lesser(n, m, most)
    return rows * (2 * most - rows + 1)


def _lesser(n: Size, m: Size, most: Size) -> Size:
    """``min(n, most)``, where ``most`` is less than m."""
    if type(n) is int and type(m) is int:
        return min(n, most)
    if type(difference := n - m) is int and difference >= 0:
        return most
    if is_named(n) and type(most) is int:
        return n.limited(most)
    if type(n) is int and is_named(most):
        return most.limited(n)
    from ...shapes.dims import DimLimitError

    raise DimLimitError("NS593", "the number of scores that are needed has no formula in these sizes")
