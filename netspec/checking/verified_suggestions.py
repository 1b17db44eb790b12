"""Suggestions verified by re-running the check with one change.

If the inputs of a layer differ in size: padding for a layer before it. Otherwise another size of the input. If their
axes do not correspond, or a merge lacks an input, see :mod:`.merge_suggestions`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..diagnostics import LocatedError, clip, unpack
from ..language.reading.layers import Layer
from ..language.reading.values import read_value
from ..ops import TABLE, find
from ..text.reader import Text
from .spec import Spec, SpecResult

if TYPE_CHECKING:
    from .trial import Change, Trial

SIZE_CODES = frozenset(("NS510", "NS511", "NS512", "NS513", "NS546"))
"""Diagnostics that another size of the input may fix."""
RANK_CODES = frozenset(("NS501", "NS553"))
"""Diagnostics of operations that refuse the number of axes of their input."""
PADDING_CODES = frozenset(("NS512", "NS513"))
"""Diagnostics for which padding is tried first."""
MERGE_CODES = frozenset(("NS315", "NS516"))
"""Diagnostics that another merge may fix."""
PADDINGS = ("same", 1, 2, 3)
MAX_DISTANCE = 64
"""How far from the given size to search."""
SECONDS = 1.5
"""How long to search for each kind of problem."""
_AXES = ("height", "width", "sequence", "depth")


def with_suggestion(spec: Spec, result: SpecResult, settings: Mapping[str, Any] | None = None) -> SpecResult:
    """The result with help for the problems that an edit may fix, if one is found.

    These are all merges of one tensor, and the first problem with axes and with sizes.
    """
    document = result.document
    if document is None:
        return result
    if document.misread or any(d.code in RANK_CODES for d in result.diagnostics):
        from .word_suggestions import with_fitting  # loaded only where it is needed

        result = with_fitting(spec, result, _shape(spec, result, settings), RANK_CODES, settings)
    problems = [*result.diagnostics]
    edits: tuple[Change, ...] = ()
    until: dict[str, float] = {}
    for number, d in enumerate(problems):
        kind = d.code if d.code in MERGE_CODES else "sizes" if d.code in SIZE_CODES and d.help is None else None
        if kind is not None and (kind not in until or kind == "NS315"):
            from .trial import Trial  # loaded only for an invalid spec

            trial = Trial(spec, result, d, settings, until.setdefault(kind, monotonic() + SECONDS), edits)
            help_, changes = _suggestion(trial)
            edits += changes  # with the edits for problems before it, what follows a problem may be valid
            if help_ is not None:
                problems[number] = replace(d, help=help_)
    return replace(result, diagnostics=tuple(problems))


def _suggestion(trial: Trial) -> tuple[str | None, tuple[Change, ...]]:
    """Help for a problem, and the edits to a merge that it names."""
    code = trial.problem.code
    if code not in MERGE_CODES:
        return (_padding(trial) if code in PADDING_CODES else None) or _another_size(trial), ()
    from .merge_suggestions import corresponding_axes, forgotten_layer

    return (forgotten_layer(trial) if code == "NS315" else corresponding_axes(trial)) or (None, ())


def _padding(trial: Trial) -> str | None:
    """Padding for one layer before the problem, the nearest first."""
    at = trial.problem.location
    if at is None or not any(f"in {a}" in trial.problem.message for a in _AXES):
        return None
    before = [(location, layer) for layer in _unpadded(trial) if (location := unpack(layer.location)) < at]
    for location, layer in sorted(before, key=lambda pair: pair[0], reverse=True):
        for padding in PADDINGS:
            value = (layer.location, read_value(Text(padding, layer.location, plain=True)))
            if trial.fixes((layer, "args", {**layer.args, "padding": value})):
                name = f"'{clip(layer.name.text)}'" if layer.name is not None else layer.head_text
                return f"`padding: {padding}` in {name} (line {location.line}) fits"
    return None


def _unpadded(trial: Trial) -> Iterator[Layer]:
    """Layers with a window and without padding."""
    for position in trial.positions():
        layer = position.layer
        if layer.head_text in TABLE and "padding" not in layer.args:
            fields = find(layer.head_text).arguments
            if "padding" in fields and "output_padding" not in fields:
                yield layer


def _another_size(trial: Trial) -> str | None:
    axis = next((a for a in _AXES if f"in {a}" in trial.problem.message), None)
    document = trial.document
    if axis is None or len(document.inputs) != 1:
        return None
    form = document.inputs[0]
    shape = _shape(trial.spec, trial.result, trial.settings)
    if shape is None:
        return None
    from ..language.elaboration import declared_type

    type_ = declared_type(form, shape, document.layout == "channels_last")
    at = type_.axis(axis)
    if at is None:
        return None
    equal_axes = [a for a, n in enumerate(shape) if n == shape[at] and type_.channel != a]

    def fits(size: int) -> bool:
        return trial.fixes(shapes={form.name: tuple(size if a in equal_axes else n for a, n in enumerate(shape))})

    sizes = _nearest(trial, shape[at], fits)
    if not sizes:
        return None
    what = "size" if len(equal_axes) > 1 else axis
    step = sizes[-1] - sizes[0] if len(sizes) == 2 else 0
    if step > 1 and sizes[0] % step == 0 and fits(sizes[1] + step):
        return f"an input {what} that is a multiple of {step} fits: {sizes[0]} or {sizes[1]}"
    return f"an input {what} of {' or '.join(map(str, sizes))} fits"


def _nearest(trial: Trial, size: int, fits: Any) -> list[int]:
    """The nearest sizes below and above that fit."""
    sizes: list[int] = []
    for candidates in (_down(size), _up(size)):
        for candidate in candidates:
            if trial.is_over:
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
    from ..language.elaboration import input_shape
    from ..language.reading.evaluation import FailedInputError

    assert result.document is not None
    if len(result.document.inputs) != 1 or result.document.inputs[0].shape is None:
        return None
    try:
        return input_shape(result.document.inputs[0], spec.params(result.variant, settings))
    except (LocatedError, FailedInputError):
        return None
