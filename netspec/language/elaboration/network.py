"""A whole document elaborated: inputs, layers, outputs, and what was forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ... import limits
from ...diagnostics import Diagnostic, LocatedError, clip
from ...ir import Graph, Scope
from ...ops.base import items_of
from ...shapes.types import input_type
from ..reading.document import Document, InputForm
from ..reading.evaluation import ParameterEnvironment
from ..reading.functions import shown
from .names import Entry, FailedInputError, Level
from .nodes import LimitError, amend
from .scopes import Elaborator


def elaborate(
    document: Document, params: Mapping[str, Any], *, variant: str | None = None, files: tuple[str, ...] = (),
    shapes: Mapping[str, tuple[int, ...]] | None = None,
) -> tuple[Graph | None, Elaborator]:
    """The graph of a document with its parameters bound, None where something is wrong; and the pass, for its account.

    ``shapes`` replaces shapes of inputs by name (for help that is tried before it is offered).
    """
    run = Elaborator(document, params)
    root = Scope("", None)
    level = Level(root, None, run.params, {}, document)
    try:
        graph = _whole(run, level, document, variant, files, shapes or {})
    except LimitError as stop:
        run.report(stop.error, level, document.location)
        graph = None
    return (None if run.diagnostics else graph), run


def _whole(
    run: Elaborator, level: Level, document: Document, variant: str | None, files: tuple[str, ...],
    shapes: Mapping[str, tuple[int, ...]],
) -> Graph | None:
    for form in document.inputs:
        try:
            shape = shapes.get(form.name) or sizes(form, run.params)
            value = run.value(input_type(shape, form.dtype, document.layout == "channels_last"), None)
            level.inputs[form.name] = Entry(form.name, value)
        except LocatedError as fault:
            run.report(fault, level, form.location)
            level.inputs[form.name] = Entry(form.name, None)
    if not document.inputs:  # what is wrong with them has been said
        level.inputs["input"] = Entry("input", None)
    inputs = {name: e.value for name, e in level.inputs.items() if e.value is not None}
    amend(level.scope, inputs=inputs)
    if document.layers is None:
        return None
    first = next(iter(level.inputs.values())) if len(level.inputs) == 1 else None
    last = run.layers(document.layers, level, {}, first)
    found: dict[str, int] = {}
    try:
        for name, entry in _outputs(run, level, document, last):
            if name in found:
                raise LocatedError("NS303", f"there are two outputs named '{clip(name)}'", document.location)
            if entry.value is not None:
                found[name] = entry.value
    except (LocatedError, FailedInputError) as fault:
        if isinstance(fault, LocatedError):
            run.report(fault, level, document.location)
    run.close(level, tuple(found.items()))
    if not run.nodes and not document.layers.items:
        empty = LocatedError("NS308", "a network needs at least one layer", document.layers.location)
        run.report(empty, level, document.location)
    forgotten(run, level, tuple(found.values()), inputs, document)
    return Graph(
        document.name, variant, inputs, found, tuple(run.nodes), tuple(run.types), level.scope, files,
        dict(run.params), document.layout, document.doc, document.cite, document.requires,
    )


def _outputs(run: Elaborator, level: Level, document: Document, last: Entry | None) -> list[tuple[str, Entry]]:
    """The public names of the outputs and what they stand for."""
    if document.outputs is None:
        return [(last.full.rsplit(".", 1)[-1] or "output", last)] if last is not None and last.full else []
    given = list(run.outputs(document.outputs, level, {}))
    return [(name or e.full, e) for name, e in given]


def sizes(form: InputForm, params: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape of an input. Raises LocatedError."""
    got = form.shape.at(ParameterEnvironment(params))
    if type(got) is not list:
        raise LocatedError("NS222", f"the shape of '{form.name}' must be a list of sizes; found {shown(got)}",
                    form.shape.location)
    out: list[int] = []
    for item in items_of(got):
        size = int(item) if type(item) is float and item.is_integer() else item
        if isinstance(size, str) and size.isidentifier():
            raise LocatedError("NS223", f"'{clip(size)}' names a dimension that is unknown until run time: "
                        "this version needs a number", form.shape.location,
                        help=f"make it a parameter: params: {{{clip(size)}: …}} and ${clip(size)} in the shape")
        if type(size) is not int or size < 1:
            raise LocatedError("NS222", f"a size of '{form.name}' must be a positive whole number; found {shown(size)}",
                        form.shape.location)
        if size >= limits.SIZE:
            raise LocatedError(
                "NS915", f"a size of '{form.name}' is {size:,}: sizes stay below 2^40", form.shape.location
            )
        out.append(size)
    if not out:
        raise LocatedError("NS222", f"the shape of '{form.name}' must have at least one size", form.shape.location)
    return tuple(out)


def forgotten(
    run: Elaborator, level: Level, outputs: tuple[int, ...], inputs: Mapping[str, int], document: Document
) -> None:
    """Report every layer whose result reaches no output, at the last one of what was forgotten."""
    if not outputs:
        return
    reached = _reached(run, outputs)
    for node in run.nodes:
        if not any(v in reached or v in run.referenced for v in node.values):
            inner = Level(node.scope, None, {}, {}, document)
            location = node.trace.location
            problem = Diagnostic("NS310", f"the result of '{clip(node.layer)}' reaches no output",
                                 help="something was meant to read it: name it in 'from', or among the outputs")
            run.report_at(problem, inner, location)
    for name, value in inputs.items():
        if value not in reached and value not in run.referenced:
            form = next(f for f in document.inputs if f.name == name)
            fault = LocatedError("NS311", f"the input '{clip(name)}' is not read by any layer", form.location)
            run.report(fault, level, form.location)


def _reached(run: Elaborator, outputs: tuple[int, ...]) -> set[int]:
    """Values that outputs depend on. Of a block with several outputs, one that is read makes all of them count."""
    together: dict[int, tuple[int, ...]] = {}
    seen_scopes: set[int] = set()
    for node in run.nodes:
        scope = node.scope
        while scope.parent is not None and id(scope) not in seen_scopes:
            seen_scopes.add(id(scope))
            if len(scope.outputs) > 1:
                values = tuple(v for _, v in scope.outputs)
                together.update(dict.fromkeys(values, values))
            scope = scope.parent
    reached: set[int] = set()
    stack = list(outputs)
    while stack:
        v = stack.pop()
        if v in reached:
            continue
        reached.add(v)
        stack += together.get(v, ())
        maker = run.producer[v]
        if maker is not None:
            reached.update(maker.values)
            stack += maker.inputs
    return reached
