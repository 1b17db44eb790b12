"""``receptive_field`` under ``expect``: one size for all axes, or a size for each axis, or for each input and axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from ..analysis.network_figures import Analysis
from ..diagnostics import LocatedError, clip, suggestion
from ..language.reading.expression_functions import describe_value
from ..ops.argument import as_list
from ..text.yaml_reader import Map, Tree

if TYPE_CHECKING:
    from ..analysis.receptive_field import Field

_FORMS = "a number, [least, greatest], or 'all'"
_WORDS = ("all", "varies")
_Entry: TypeAlias = tuple[str, Any, Tree]
"""A key of a mapping, its value, and the node of the value."""


def failed_fields(expected: Any, node: Tree, analysis: Analysis) -> Iterator[LocatedError]:
    """Yields problems with the expected receptive field of the first output: at most one for each value."""
    fields = analysis.receptive_fields.of(next(iter(analysis.graph.outputs.values()))) or ()
    if not fields:
        yield LocatedError("NS601", "receptive_field: the output has no axis that steps along an input", node.location)
    elif _is_mapping(expected):
        for key, value, inner in _entries(expected, node):
            along = [f for f in fields if f.axis == key]
            if along:
                yield from _failed(value, inner, along)
            elif key in analysis.graph.inputs:
                yield from _failed_of_input(key, value, inner, [f for f in fields if f.input == key])
            else:
                yield _unknown(key, inner, [*dict.fromkeys(f.axis for f in fields), *analysis.graph.inputs])
    else:
        yield from _failed(expected, node, fields)


def _failed_of_input(name: str, expected: Any, node: Tree, fields: Sequence[Field]) -> Iterator[LocatedError]:
    """Yields the problems with the receptive field on one input."""
    if not _is_mapping(expected):
        yield from _failed(expected, node, fields)
        return
    for key, value, inner in _entries(expected, node):
        along = [f for f in fields if f.axis == key]
        if along:
            yield from _failed(value, inner, along)
        else:
            yield _unknown(key, inner, [f.axis for f in fields], f" of '{clip(name)}'")


def _failed(expected: Any, node: Tree, fields: Sequence[Field]) -> Iterator[LocatedError]:
    """Yields the first of some receptive fields whose size differs, or the problem with the expected size."""
    size = _size(expected)
    if size is None:
        message = f"receptive_field must be {_FORMS}; found {describe_value(expected)}"
        yield LocatedError("NS602", message, node.location)
        return
    for field in fields:
        if field.size != size:
            message = f"receptive_field must be {_text(size)}; found {field} in {field.axis} of {field.input}"
            yield LocatedError("NS601", message, node.location)
            return


def _text(size: tuple[int, int] | str) -> str:
    if isinstance(size, str):
        return size
    return f"{size[0]}" if size[0] == size[1] else f"{size[0]} to {size[1]}"


def _size(expected: Any) -> tuple[int, int] | str | None:
    """Returns a size in the form of :class:`~netspec.analysis.receptive_field.Field`; None if it is invalid."""
    if type(expected) is int:
        return expected, expected
    if isinstance(expected, str):
        return expected if expected in _WORDS else None
    sizes = as_list(expected)
    if len(sizes) != 2 or any(type(n) is not int for n in sizes):
        return None
    return sizes[0], sizes[1]


def _is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def _entries(expected: Mapping[str, Any], node: Tree) -> Iterator[_Entry]:
    written = node.entries if type(node) is Map else {}
    for key, value in expected.items():
        yield key, value, written[key][1] if key in written else node


def _unknown(key: str, node: Tree, known: Sequence[str], where: str = "") -> LocatedError:
    help_ = suggestion(key, known, f"the axes and inputs are {', '.join(map(clip, known))}" if known else None)
    what = "axis" if where else "axis or input"
    return LocatedError("NS604", f"there is no {what} '{clip(key)}'{where}", node.location, help=help_)
