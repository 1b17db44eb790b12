"""Names for the axes of a spec's inputs: those of the spec, or invented names for axes of given sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..diagnostics import LocatedError
from ..language.elaboration import declared_type, input_shape
from ..language.reading.dimensions import bind_dimensions
from ..language.reading.evaluation import FailedInputError
from ..shapes.named_sizes import NamedDim, NamedSizes, equal_names
from ..shapes.types import TensorType, is_known
from .spec import Spec

LETTERS = {"depth": "T", "height": "H", "width": "W", "sequence": "n"}
"""Letters by the names of axes."""


class NamedAxis(NamedTuple):
    """An axis of an input with an invented name."""

    input: str
    axis: int
    role: str
    """The name of the axis (``height``); empty if it is unknown."""


class NamedInputs(NamedTuple):
    """The inputs of a spec with names for their sizes."""

    named: NamedSizes
    shapes: Mapping[str, tuple[int, ...]] | None
    """Shapes that contain invented names; None if the spec has named dimensions."""
    axes: Mapping[str, tuple[NamedAxis, ...]]
    """The axes of each invented name."""


def name_inputs(
    spec: Spec,
    variant: str | None,
    settings: Mapping[str, Any] | None = None,
    *,
    tolerant: bool = False,
    sizes: Mapping[str, int] | None = None,
) -> NamedInputs | None:
    """Returns names for the sizes of the inputs; None if there is a problem with the inputs.

    If all sizes are numbers, every axis but the channels gets a name, and axes that must be equal share one name.

    Args:
        spec: the spec.
        variant: name of a variant; None for the defaults.
        settings: values of parameters.
        tolerant: whether to collect conditions that fail at the given sizes, rather than to report errors.
        sizes: numbers for named dimensions of the spec, instead of their defaults.
    """
    document = spec.document
    if document is None or document.dims is None:
        return None
    try:
        parameters = spec.params(variant, settings)
        if document.dims:
            dims = bind_dimensions(document.dims, parameters)
            dims = [dim._replace(default=(sizes or {}).get(dim.name, dim.default)) for dim in dims]
            return NamedInputs(NamedSizes(dims, fix=True, tolerant=tolerant), None, {})
        floating = "float32"
        if document.dtype is not None:
            from ..language.reading.element_types import document_type

            floating = document_type(document.dtype, parameters)
        types = {
            d.name: declared_type(d, input_shape(d, parameters), document.layout == "channels_last", floating)
            for d in document.inputs
            if d.shape is not None
        }
    except (LocatedError, FailedInputError):
        return None
    axes = _open_axes(types)
    name_of = {letter: letter for letter, _, _ in axes}
    shapes = {name: list(type_.shape) for name, type_ in types.items()}
    while True:
        names = [(name_of[letter], axis, n) for letter, axis, n in axes]
        made_up = {name: NamedDim(name, n) for name, _, n in names}
        named = NamedSizes(made_up.values(), fix=True, tolerant=tolerant)
        spec.elaborate(variant, settings, _with_names(shapes, names, named), named=named)
        pairs = [pair for c in named.conditions if (pair := equal_names(c)) is not None]
        pair = next(((a, b) for a, b in pairs if named.defaults[a] == named.defaults[b]), None)
        if pair is None:
            break
        order = [letter for letter, _, _ in axes]
        keep, drop = sorted(pair, key=order.index)
        name_of = {letter: keep if name == drop else name for letter, name in name_of.items()}
    result = NamedSizes(named.dims.values(), fix=True, tolerant=tolerant)
    by_name: dict[str, tuple[NamedAxis, ...]] = {}
    for name, axis, _ in names:
        by_name[name] = (*by_name.get(name, ()), axis)
    return NamedInputs(result, _with_names(shapes, names, result), by_name)


def _open_axes(types: Mapping[str, TensorType]) -> list[tuple[str, NamedAxis, int]]:
    """Returns all axes but the channels, each with a distinct letter and its size."""
    axes: list[tuple[str, NamedAxis, int]] = []
    for name, type_ in types.items():
        for a, n in enumerate(type_.shape):
            role = type_.axes[a]
            if not (a == type_.channel and is_known(role)):
                letter = _letter(role, len(axes), {used for used, _, _ in axes})
                axes.append((letter, NamedAxis(name, a, role), n))
    return axes


def _with_names(
    shapes: dict[str, list[int]], names: list[tuple[str, NamedAxis, int]], named: NamedSizes
) -> dict[str, tuple[int, ...]]:
    """Returns the shapes with names for the sizes of some axes."""
    shapes = {name: list(shape) for name, shape in shapes.items()}
    for name, axis, _ in names:
        shapes[axis.input][axis.axis] = named.size(name)
    return {name: tuple(shape) for name, shape in shapes.items()}


def _letter(role: str, number: int, used_names: set[str]) -> str:
    """Returns an unused name for an axis."""
    letter = LETTERS.get(role, "d")
    if letter not in used_names:
        return letter
    return next(name for i in range(2, number + 3) if (name := f"{letter}{i}") not in used_names)
