"""``expect``: facts that a spec states about itself, compared with the computed figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..analysis.network_figures import Analysis
from ..diagnostics import Diagnostic, LocatedError, clip, did_you_mean, unpack
from ..language.reading.evaluation import ParameterEnvironment
from ..language.reading.functions import describe_value as written
from ..language.reading.values import read_value
from ..ops.argument import as_list
from ..shapes.types import shape_text
from ..text.reader import List, Map, Text, Tree
from .spec import SpecResult

if TYPE_CHECKING:
    from ..analysis.receptive_field import Field

TOTALS: dict[str, Callable[[Analysis], int]] = {
    "params": lambda a: a.params,
    "trainable_params": lambda a: a.trainable_params,
    "macs": lambda a: a.macs,
    "activations": lambda a: a.activations,
    "connections": lambda a: a.connections,
}
KEYS = (*TOTALS, "receptive_field", "output", "shapes")

_SUFFIX = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
_NUMBER = r"(\d[\d_]*(?:\.\d+)?)\s*([kKMGBT]?)"
_BOUND = re.compile(rf"(<=|>=|<|>)\s*{_NUMBER}\Z")
_ABOUT = re.compile(rf"{_NUMBER}\s*(?:\+-|±)\s*(\d+(?:\.\d+)?)\s*%\Z")
_WORDS = "a number, or a bound: '<= 5M', '>= 200', '4.09G +- 1%'"


def check_expectations(loaded: SpecResult, analysis: Analysis) -> list[Diagnostic]:
    """What does not hold of the expectations for this choice of parameters.

    Where parameters were set from outside, the expectations are about another network: they are skipped, with a note.
    """
    out: list[Diagnostic] = []
    for tree in loaded.expect:
        if loaded.changed:
            names = ", ".join(loaded.changed)
            out.append(Diagnostic("NS603", f"expectations are not checked: {names} was set from outside",
                                  unpack(tree.location), severity="note"))
            continue
        out += (error.diagnostic for error in _faults(tree, analysis))
    return out


def _faults(tree: Tree, analysis: Analysis) -> Iterator[LocatedError]:
    if type(tree) is not Map:
        yield LocatedError("NS602", "expect must be a mapping", tree.location)
        return
    for key, (location, node, _) in tree.entries.items():
        try:
            got = read_value(node).evaluate(ParameterEnvironment(analysis.graph.arguments))
            if key in TOTALS:
                yield from _held(key, got, TOTALS[key](analysis), node)
            elif key == "receptive_field":
                yield from _field(got, analysis, node)
            elif key == "output":
                yield from _output(got, analysis, node)
            elif key == "shapes":
                yield from _shapes(node, analysis)
            else:
                yield LocatedError("NS602", f"nothing is known by the name '{clip(key)}'", location,
                            help=did_you_mean(key, KEYS) or f"expect holds {', '.join(KEYS)}")
        except LocatedError as fault:
            yield fault


def _held(key: str, expected: Any, got: int, node: Tree) -> Iterator[LocatedError]:
    """A number, exact or within bounds."""
    if type(expected) is float and expected.is_integer():
        expected = int(expected)
    if type(expected) is int:
        if expected != got:
            yield LocatedError(
                "NS601", f"{key} must be {expected:,}; found {got:,}", node.location, label=_off(expected, got)
            )
        return
    if isinstance(expected, str):
        text = expected.strip()
        if m := _BOUND.match(text):
            limit = float(m[2].replace("_", "")) * _SUFFIX[m[3]]
            if not {"<=": got <= limit, ">=": got >= limit, "<": got < limit, ">": got > limit}[m[1]]:
                yield LocatedError("NS601", f"{key} must be {clip(text)}; found {got:,}", node.location)
            return
        if m := _ABOUT.match(text):
            about = float(m[1].replace("_", "")) * _SUFFIX[m[2]]
            if abs(got - about) > about * float(m[3]) / 100:
                yield LocatedError("NS601", f"{key} must be {clip(text)}; found {got:,}", node.location,
                            label=_off(about, got))
            return
    raise LocatedError("NS602", f"{key} must be {_WORDS}; found {written(expected)}", node.location)


def _off(expected: float, got: int) -> str | None:
    if not expected:
        return None
    difference = got - expected
    return f"{difference:+,.0f} ({difference / expected:+.2%})"


def _field(expected: Any, analysis: Analysis, node: Tree) -> Iterator[LocatedError]:
    """The receptive field of the first output along every axis: one size, or the least and greatest."""
    both: list[Any] = [expected, expected] if type(expected) is int else as_list(expected)
    wanted = tuple(both)
    if len(both) != 2 or any(type(n) is not int for n in both):
        raise LocatedError(
            "NS602", f"receptive_field must be a number, or [least, greatest]; found {written(expected)}", node.location
        )
    first = next(iter(analysis.graph.outputs.values()))
    fields: tuple[Field, ...] = analysis.receptive_fields.of(first) or ()
    if not fields:
        yield LocatedError("NS601", "receptive_field: the output sees no axis of an input in steps", node.location)
    for f in fields:
        if f.size != wanted:
            said = f"{wanted[0]}" if wanted[0] == wanted[1] else f"{wanted[0]} to {wanted[1]}"
            yield LocatedError(
                "NS601", f"receptive_field must be {said}; found {f} in {f.axis} of {f.input}", node.location
            )
            return


def _output(expected: Any, analysis: Analysis, node: Tree) -> Iterator[LocatedError]:
    if type(node) is Map:
        shapes: dict[str, Any] = expected
        for name, shape in shapes.items():
            if name not in analysis.graph.outputs:
                raise LocatedError("NS604", f"there is no output '{clip(name)}'", node.location,
                            help=did_you_mean(name, analysis.graph.outputs))
            yield from _shape(f"output {name}", shape, analysis.graph.outputs[name], analysis, node)
        return
    yield from _shape("output", expected, next(iter(analysis.graph.outputs.values())), analysis, node)


def _shape(what: str, expected: Any, number: int, analysis: Analysis, node: Tree) -> Iterator[LocatedError]:
    if type(expected) is not list:
        raise LocatedError(
            "NS602", f"{what} must be a shape: a list of sizes; found {written(expected)}", node.location
        )
    got = analysis.graph.values[number].shape
    wanted: tuple[Any, ...] = tuple(as_list(expected))
    if wanted != got:
        yield LocatedError("NS601", f"{what} must be {shape_text(wanted)}; found {shape_text(got)}", node.location)


def _shapes(node: Tree, analysis: Analysis) -> Iterator[LocatedError]:
    if type(node) is not Map:
        raise LocatedError("NS602", "shapes must be a mapping of layers to shapes", node.location)
    values = analysis.graph.values_by_name
    for name, (location, inner, _) in node.entries.items():
        if name not in values:
            yield LocatedError("NS604", f"there is no layer '{clip(name)}'", location, help=did_you_mean(name, values))
            continue
        assert isinstance(inner, (Text, List, Map))
        expected = read_value(inner).evaluate(ParameterEnvironment(analysis.graph.arguments))
        yield from _shape(name, expected, values[name], analysis, inner)
