"""Suggestions verified by re-running the check with one change.

If the inputs of a layer differ in size: padding for a layer before it. Otherwise another size of the input.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

from ..diagnostics import Diagnostic, clip, unpack
from ..language.reading.layers import Layer, Layers
from ..language.reading.values import read_value
from ..ops import TABLE, find
from ..text.reader import Text
from .spec import Spec, SpecResult

CODES = frozenset(("NS510", "NS511", "NS512", "NS513", "NS546"))
"""Diagnostics that another size of the input may fix."""
RANK_CODES = frozenset(("NS501", "NS553"))
"""Diagnostics of operations that refuse the number of axes of their input."""
PADDED = frozenset(("NS512", "NS513"))
"""Diagnostics for which padding is tried first."""
PADDINGS = ("same", 1, 2, 3)
MAX_DISTANCE = 64
SECONDS = 1.5
"""How far from the given size to search, and for how long."""
_AXES = ("height", "width", "sequence", "depth")


def with_suggestion(spec: Spec, result: SpecResult, settings: Mapping[str, Any] | None = None) -> SpecResult:
    """The result with better help: operations and axes that fit, and padding or another size of the input for the
    first problem that one of them fixes."""
    document = result.document
    if document is not None and (document.unread or any(d.code in RANK_CODES for d in result.diagnostics)):
        from .word_suggestions import with_fitting  # loaded only where it is needed

        result = with_fitting(spec, result, _shape(spec, result, settings), RANK_CODES, settings)
    for number, d in enumerate(result.diagnostics):
        if d.code in CODES and d.help is None:
            until = monotonic() + SECONDS
            help_ = _padding(spec, result, d, settings, until) if d.code in PADDED else None
            help_ = help_ or _another_size(spec, result, d, settings, until)
            if help_ is not None:
                better = (*result.diagnostics[:number], replace(d, help=help_), *result.diagnostics[number + 1 :])
                return replace(result, diagnostics=better)
            break
    return result


def _padding(
    spec: Spec, result: SpecResult, d: Diagnostic, settings: Mapping[str, Any] | None, until: float
) -> str | None:
    """Padding for one layer before the problem, the nearest first."""
    doc = result.document
    if doc is None or d.location is None or not any(f"in {a}" in d.message for a in _AXES):
        return None
    scopes = [doc.layers, *(b.layers for b in doc.blocks.values() if b.document is doc)]
    before = [(location, layer) for layer in _unpadded(scopes) if (location := unpack(layer.location)) < d.location]
    for location, layer in sorted(before, key=lambda pair: pair[0], reverse=True):
        for padding in PADDINGS:
            if monotonic() > until:
                return None
            layer.args["padding"] = (layer.location, read_value(Text(padding, layer.location, plain=True)))
            try:
                changed_result = spec.elaborate(result.variant, settings)
            finally:
                del layer.args["padding"]
            if _is_fixed(changed_result, result, d):
                name = f"'{clip(layer.name.text)}'" if layer.name is not None else layer.head_text
                return f"`padding: {padding}` in {name} (line {location.line}) fits"
    return None


def _unpadded(scopes: Iterable[Layers | None]) -> Iterator[Layer]:
    """Layers with a window and without padding."""
    for layers in scopes:
        for layer in layers.items if layers is not None else ():
            yield from _unpadded([layer.inner])
            if layer.head_text in TABLE and "padding" not in layer.args:
                fields = find(layer.head_text).arguments
                if "padding" in fields and "output_padding" not in fields:
                    yield layer


def _is_fixed(changed_result: SpecResult, before: SpecResult, d: Diagnostic) -> bool:
    """Whether the problem is fixed and no new one appeared."""
    return not any(o.location == d.location or o not in before.diagnostics for o in changed_result.diagnostics)


def _another_size(
    spec: Spec, result: SpecResult, d: Diagnostic, settings: Mapping[str, Any] | None, until: float
) -> str | None:
    axis = next((a for a in _AXES if f"in {a}" in d.message), None)
    doc = result.document
    if axis is None or doc is None or len(doc.inputs) != 1:
        return None
    form = doc.inputs[0]
    shape = _shape(spec, result, settings)
    if shape is None:
        return None
    last = doc.layout == "channels_last"
    from ..language.elaboration import declared_type

    type_ = declared_type(form, shape, last)
    at = type_.axis(axis)
    if at is None:
        return None
    equal_axes = [a for a, n in enumerate(shape) if n == shape[at] and type_.channel != a]

    def fits(size: int) -> bool:
        changed = tuple(size if a in equal_axes else n for a, n in enumerate(shape))
        return _is_fixed(spec.elaborate(result.variant, settings, {form.name: changed}), result, d)

    sizes = _nearest(shape[at], fits, until)
    if not sizes:
        return None
    what = "size" if len(equal_axes) > 1 else axis
    step = sizes[-1] - sizes[0] if len(sizes) == 2 else 0
    if step > 1 and sizes[0] % step == 0 and monotonic() < until and fits(sizes[1] + step):
        return f"an input {what} that is a multiple of {step} fits: {sizes[0]} or {sizes[1]}"
    return f"an input {what} of {' or '.join(map(str, sizes))} fits"


def _nearest(size: int, fits: Any, until: float) -> list[int]:
    """The nearest sizes below and above that fit."""
    sizes: list[int] = []
    for candidates in (_down(size), _up(size)):
        for candidate in candidates:
            if monotonic() > until:
                break
            if fits(candidate):
                sizes.append(candidate)
                break
    return sizes


def _down(size: int) -> Iterator[int]:
    yield from range(size - 1, max(size // 2, size - MAX_DISTANCE - 1), -1)


def _up(size: int) -> Iterator[int]:
    yield from range(size + 1, size + MAX_DISTANCE + 1)


def _shape(spec: Spec, result: SpecResult, settings: Mapping[str, Any] | None) -> tuple[int, ...] | None:
    """The shape of the one input for this choice of parameters."""
    from ..diagnostics import LocatedError
    from ..language.elaboration import input_shape
    from ..language.reading.evaluation import FailedInputError

    assert result.document is not None
    if len(result.document.inputs) != 1 or result.document.inputs[0].shape is None:
        return None
    try:
        return input_shape(result.document.inputs[0], spec.params(result.variant, settings))
    except (LocatedError, FailedInputError):
        return None
