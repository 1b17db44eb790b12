"""The values of parameters in a scope: those of a document, or the arguments of a use of a block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from ...diagnostics import LocatedError, clip, suggestion
from ..reading.document import Block, Document
from ..reading.evaluation import Charge, Environment, ParameterEnvironment, charge_nothing
from ..reading.layers import Layer
from ..reading.parameters import bind
from ..reading.records import describe


class DocumentParameters:
    """The values of the parameters of a spec and of the files that it uses."""

    def __init__(self, document: Document, values: dict[str, Any], charge: Charge = charge_nothing) -> None:
        self._values: dict[Document, dict[str, Any]] = {document: values}
        self._charge = charge

    def environment(self, document: Document) -> ParameterEnvironment:
        """The environment of expressions that see only the parameters of a document."""
        return self._environment(self.of(document))

    def _environment(self, values: Mapping[str, Any]) -> ParameterEnvironment:
        return ParameterEnvironment(values, self._charge)

    def of(self, document: Document) -> dict[str, Any]:
        """Returns the parameter values visible to the layers of a document; for a used file, the defaults."""
        values = self._values.get(document)
        if values is None:
            optional = tuple(p for p in document.params if p.default is not None or p.failed)
            values = bind(optional, {}, self._environment, {}, _never_missing)
            self._values[document] = values
        return values


def _never_missing(parameter: object) -> LocatedError:
    raise AssertionError(f"{parameter} has no default")


def _listing(known: Iterable[str]) -> str | None:
    names = ", ".join(known)
    return f"its parameters are {names}" if names else None


def block_arguments(
    layer: Layer, block: Block, is_first: bool, environment: Environment
) -> tuple[dict[str, tuple[int, Any]], list[LocatedError]]:
    """The arguments that a layer passes to a block: locations and values by the names of the block's parameters.

    Args:
        layer: the layer that uses the block.
        block: the block.
        is_first: whether the arguments under ``first`` hold too.
        environment: the names that the arguments may use.

    Returns:
        The arguments, and all problems with them: NS213, the block has no such parameter; NS211, one is given twice.

    Raises:
        LocatedError: an expression cannot be evaluated.
    """
    problems: list[LocatedError] = []
    known = {p.name: p for p in block.params}
    primary = block.params[0].name if block.params else None
    first = layer.first or {}
    arguments: dict[str, tuple[int, Any]] = {}
    if layer.primary is not None:
        if primary is None:
            message = f"'{block.name}' has no parameter, and is given {describe(layer.primary.node)}"
            problems.append(LocatedError("NS213", message, layer.primary.location))
        else:
            arguments[primary] = (layer.primary.location, layer.primary.evaluate(environment))
    for name, (location, value) in {**layer.args, **(first if is_first else {})}.items():
        if name not in known:
            message = f"'{block.name}' has no parameter '{clip(name)}'"
            problems.append(
                LocatedError("NS213", message, location, help=suggestion(name, known, partial(_listing, known)))
            )
        elif layer.primary is not None and name == primary and name not in first:
            problems.append(LocatedError("NS211", f"'{clip(name)}' is given twice", location))
        else:
            arguments[name] = (value.location, value.evaluate(environment))
    return arguments, problems
