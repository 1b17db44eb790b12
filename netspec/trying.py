"""Help that has been tried before it is offered: the network laid out again with another size of the input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

from .diagnostics import Diagnostic
from .loading import Loaded, Spec

CODES = frozenset(("NS510", "NS511", "NS512", "NS513", "NS546"))
"""Faults that another size of the input may mend."""
FARTHEST = 64
SECONDS = 1.5
"""How far from the size that was given, and for how long, to look."""
_AXES = ("height", "width", "sequence", "depth")


def tried(spec: Spec, loaded: Loaded, settings: Mapping[str, Any] | None = None) -> Loaded:
    """The same, with help for the first fault that another size of the input mends."""
    for number, d in enumerate(loaded.diagnostics):
        if d.code in CODES and d.help is None:
            help_ = _another_size(spec, loaded, d, settings)
            if help_ is not None:
                better = (*loaded.diagnostics[:number], replace(d, help=help_), *loaded.diagnostics[number + 1 :])
                return replace(loaded, diagnostics=better)
            break
    return loaded


def _another_size(spec: Spec, loaded: Loaded, d: Diagnostic, settings: Mapping[str, Any] | None) -> str | None:
    axis = next((a for a in _AXES if f"in {a}" in d.message), None)
    doc = loaded.document
    if axis is None or doc is None or len(doc.inputs) != 1:
        return None
    form = doc.inputs[0]
    shape = _shape(spec, loaded, settings)
    if shape is None:
        return None
    last = doc.layout == "channels_last"
    from .types import input_type

    at = input_type(shape, form.dtype, last).axis(axis)
    if at is None:
        return None
    together = [a for a, n in enumerate(shape) if n == shape[at] and input_type(shape, form.dtype, last).channel != a]
    until = monotonic() + SECONDS

    def fits(size: int) -> bool:
        changed = tuple(size if a in together else n for a, n in enumerate(shape))
        again = spec.graph(loaded.variant, settings, {form.name: changed})
        return not any(o.place == d.place or o not in loaded.diagnostics for o in again.diagnostics)

    found = _nearest(shape[at], fits, until)
    if not found:
        return None
    what = "size" if len(together) > 1 else axis
    step = found[-1] - found[0] if len(found) == 2 else 0
    if step > 1 and found[0] % step == 0 and monotonic() < until and fits(found[1] + step):
        return f"an input {what} that is a multiple of {step} fits: {found[0]} or {found[1]}"
    return f"an input {what} of {' or '.join(map(str, found))} fits"


def _nearest(size: int, fits: Any, until: float) -> list[int]:
    """The nearest sizes below and above that fit."""
    found: list[int] = []
    for candidates in (_down(size), _up(size)):
        for candidate in candidates:
            if monotonic() > until:
                break
            if fits(candidate):
                found.append(candidate)
                break
    return found


def _down(size: int) -> Iterator[int]:
    yield from range(size - 1, max(size // 2, size - FARTHEST - 1), -1)


def _up(size: int) -> Iterator[int]:
    yield from range(size + 1, size + FARTHEST + 1)


def _shape(spec: Spec, loaded: Loaded, settings: Mapping[str, Any] | None) -> tuple[int, ...] | None:
    """The shape of the one input for this choice of parameters."""
    from .diagnostics import Fault
    from .language.outline import sizes

    assert loaded.document is not None
    try:
        return sizes(loaded.document.inputs[0], spec.params(loaded.variant, settings))
    except Fault:
        return None
