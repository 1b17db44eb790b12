"""Suggestions about words and shapes for an invalid spec, verified by elaborating it with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..diagnostics import Diagnostic
from ..language.elaboration.repairs import Repairs
from ..shapes.types import input_type
from ..text.writer import flow_style
from .spec import Spec, SpecResult


def with_fitting(
    spec: Spec,
    result: SpecResult,
    shape: tuple[int, ...] | None,
    codes: Collection[str],
    settings: Mapping[str, Any] | None,
) -> SpecResult:
    """Returns the result with suggested operations, and suggested axes of the input, that fit a layer's input.

    Args:
        spec: the spec.
        result: the result without this help.
        shape: the shape of the only input, if it is known.
        codes: codes of operations that reject the number of axes of their input.
        settings: values of parameters.
    """
    result = with_fitting_words(spec, result, settings)
    return with_fitting_axes(spec, result, shape, codes, settings) if shape is not None else result


def with_fitting_words(spec: Spec, result: SpecResult, settings: Mapping[str, Any] | None = None) -> SpecResult:
    """Returns the result with the operations that fit their inputs, for ambiguous words such as ``conv``.

    All unreadable layers are elaborated as their translations to find the shapes of their inputs.
    """
    assert result.document is not None
    misread = [u for u in result.document.misread if u.translation is not None and u.translation.by_window_rank]
    for layer in misread:
        layer.window_rank = None
    if not misread:
        return result
    spec.elaborate(result.variant, settings, repairs=Repairs(), sizes=result.sizes)
    helps = {
        u.problem.diagnostic: u.help(u.window_rank)
        for u in misread
        if u.problem is not None and u.window_rank is not None
    }
    better = tuple(replace(d, help=helps[d]) if helps.get(d) else d for d in result.diagnostics)
    return replace(result, diagnostics=better)


def with_fitting_axes(
    spec: Spec,
    result: SpecResult,
    shape: tuple[int, ...],
    codes: Collection[str],
    settings: Mapping[str, Any] | None = None,
) -> SpecResult:
    """Returns the result with help for the first rejected number of axes, if one axis is missing or extra."""
    for number, d in enumerate(result.diagnostics):
        if d.code in codes:
            help_ = _other_axes(spec, result, d, shape, settings)
            if help_ is not None:
                better = (*result.diagnostics[:number], replace(d, help=help_), *result.diagnostics[number + 1 :])
                return replace(result, diagnostics=better)
            break
    return result


def _other_axes(
    spec: Spec, result: SpecResult, d: Diagnostic, shape: tuple[int, ...], settings: Mapping[str, Any] | None
) -> str | None:
    assert result.document is not None
    (declaration,) = result.document.inputs
    last = result.document.layout == "channels_last"
    for changed, reason in _candidates(shape, declaration.dtype or "float32", last):
        after = spec.elaborate(result.variant, settings, {declaration.name: changed}, sizes=result.sizes)
        if not any(o.location == d.location or o not in result.diagnostics for o in after.diagnostics):
            text = f"{reason}: {declaration.name}: {flow_style(list(changed))}"
            return f"{text}; or {d.help}" if d.help is not None and len(shape) == 2 else text
    return None


def _candidates(shape: tuple[int, ...], dtype: str, channels_last: bool) -> Iterator[tuple[tuple[int, ...], str]]:
    """Yields shapes that may have been meant, and the reasons."""
    if len(shape) >= 4:
        yield shape[1:], "the batch axis is implied"
    if len(shape) == 2 and input_type(shape, dtype).dtype.startswith(("float", "bfloat")):
        yield (*shape, 1) if channels_last else (1, *shape), "an image has an axis for its channels"
    if len(shape) in (2, 3):
        yield shape[1:], "the batch axis is implied"
