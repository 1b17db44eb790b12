"""Suggestions verified by repeating the check with one change.

If sizes do not fit: other sizes of the input (:mod:`.size_suggestions`), or padding for an earlier layer. If the axes
of the inputs of a layer do not correspond, or a merge lacks an input, see :mod:`.merge_suggestions`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..diagnostics import Diagnostic, LocatedError, clip, unpack
from ..language.reading.layers import Layer
from ..language.reading.written_values import read_value
from ..ops import TABLE, find
from ..text.yaml_reader import Text
from .spec import Spec, SpecResult

if TYPE_CHECKING:
    from .recheck import Change, Recheck

SIZE_CODES = frozenset(("NS510", "NS511", "NS512", "NS513", "NS546"))
"""Diagnostics that another input size may fix."""
RANK_CODES = frozenset(("NS501", "NS553"))
"""Diagnostics of operations that reject the number of axes of their input."""
PADDING_CODES = frozenset(("NS512", "NS513"))
"""Diagnostics for which padding is tried first."""
MERGE_CODES = frozenset(("NS315", "NS514", "NS516"))
"""Diagnostics that another merge, or another shape of one of its inputs, may fix."""
PADDINGS: dict[str, tuple[str | int, ...]] = {"padding": ("same", 1, 2, 3), "output_padding": (1, 2, 3)}
NEAREST = 6
"""Number of layers whose padding is tried even if other sizes fit."""
SECONDS = 1.5
"""Time limit of the search for each kind of problem."""
_AXES = ("height", "width", "sequence", "depth")


def with_suggestion(spec: Spec, result: SpecResult, settings: Mapping[str, Any] | None = None) -> SpecResult:
    """Returns the result with help for the problems that an edit can fix, if one is found.

    Help is searched for all problems with merges, and for the first problem with sizes.
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
        kind = _kind(d)
        if kind is not None and (kind not in until or kind in MERGE_CODES):
            from .recheck import Recheck  # loaded only for an invalid spec

            recheck = Recheck(spec, result, d, settings, until.setdefault(kind, monotonic() + SECONDS), edits)
            help_, changes = _suggestion(recheck)
            edits += changes  # with the edits for earlier problems, the rest of the network may be valid
            if help_ is not None:
                problems[number] = replace(d, help=help_)
    return replace(result, diagnostics=tuple(problems))


def _kind(d: Diagnostic) -> str | None:
    """Returns the kind of suggestion to try: ``sizes``, or a code of :data:`MERGE_CODES`; None for none."""
    if d.code in MERGE_CODES:
        return d.code if d.help is None or d.code in ("NS315", "NS516") else None
    if d.code not in SIZE_CODES or d.help is not None:
        return None
    ranks = {shape.count(",") for shape in re.findall(r" is (?:\w+ )?\(([^()]*)\)", d.label or "")}
    return "NS516" if len(ranks) > 1 else "sizes"


def _suggestion(recheck: Recheck) -> tuple[str | None, tuple[Change, ...]]:
    """Returns help for a problem, and the edits to a merge that it describes."""
    code = _kind(recheck.problem)
    if code not in MERGE_CODES:
        from .size_suggestions import other_sizes  # loaded only where it is needed

        sizes = other_sizes(recheck)
        padding = _padding(recheck, NEAREST if sizes else None) if recheck.problem.code in PADDING_CODES else None
        return "; or ".join(filter(None, (sizes, padding))) or None, ()
    from .merge_suggestions import corresponding_axes, forgotten_layer

    return (forgotten_layer(recheck) if code == "NS315" else corresponding_axes(recheck)) or (None, ())


def _padding(recheck: Recheck, most: int | None) -> str | None:
    """Suggests padding for one of the ``most`` nearest layers before the problem; of the output if transposed."""
    at = recheck.problem.location
    if at is None or not any(f"in {a}" in recheck.problem.message for a in _AXES):
        return None
    before = [(location, *edit) for edit in _unpadded(recheck) if (location := unpack(edit[0].location)) < at]
    for location, layer, argument in sorted(before, key=lambda edit: edit[0], reverse=True)[:most]:
        for padding in PADDINGS[argument]:
            value = (layer.location, read_value(Text(padding, layer.location, plain=True)))
            if recheck.fixes((layer, "args", {**layer.args, argument: value})):
                name = f"'{clip(layer.name.text)}'" if layer.name is not None else layer.head_text
                return f"`{argument}: {padding}` in {name} (line {location.line}) fits"
    return None


def _unpadded(recheck: Recheck) -> Iterator[tuple[Layer, str]]:
    """Yields layers with a window, and the padding argument that they lack."""
    for context in recheck.contexts():
        layer = context.layer
        if layer.head_text in TABLE:
            arguments = find(layer.head_text).arguments
            argument = "output_padding" if "output_padding" in arguments else "padding"
            if argument in arguments and argument not in layer.args:
                yield layer, argument


def _shape(spec: Spec, result: SpecResult, settings: Mapping[str, Any] | None) -> tuple[int, ...] | None:
    """Returns the shape of the only input for this choice of parameters."""
    from ..language.elaboration import input_shape
    from ..language.reading.evaluation import FailedInputError

    assert result.document is not None
    if len(result.document.inputs) != 1 or result.document.inputs[0].shape is None:
        return None
    try:
        return input_shape(result.document.inputs[0], spec.params(result.variant, settings))
    except (LocatedError, FailedInputError):
        return None
