"""Parameters and their values: defaults, variants, ``--set``, and the arguments of blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..diagnostics import Fault
from ..text.reader import Tree
from .document import TYPES, Document, Param
from .expressions import Env
from .functions import shown
from .templates import Value, value

EnvOf = Callable[[dict[str, Any]], Env]
"""The environment in which a default is worked out, given the parameters before it."""


def bound(
    params: tuple[Param, ...], given: Mapping[str, tuple[int, Any]], env_of: EnvOf, outer: Mapping[str, Any],
    missing: Callable[[Param], Fault],
) -> dict[str, Any]:
    """Values of all parameters, on top of the ones around them.

    Args:
        params: the parameters, in order.
        given: locations and values of those that are given.
        env_of: makes the environment for a default's expression.
        outer: parameters around these (a document's, for a block's).
        missing: makes the fault for one that must be given and is not.

    Raises:
        Fault: a value that does not fit its parameter, or is missing.
    """
    values = dict(outer)
    for param in params:
        if param.name in given:
            location, got = given[param.name]
            values[param.name] = checked(param, got, location)
        elif param.required:
            raise missing(param)
        else:
            default = param.default
            assert isinstance(default, Value)
            values[param.name] = checked(param, default.at(env_of(values)), default.location)
    return values


def checked(param: Param, got: Any, location: int) -> Any:
    """The value as the parameter's type has it. Raises Fault NS219."""
    kind = param.type
    if kind is not None:
        if kind == "int" and type(got) is float and got.is_integer():
            got = int(got)
        wanted = TYPES[kind]
        if type(got) not in wanted:
            raise Fault("NS219", f"'{param.name}' must be of type {kind}; found {shown(got)}", location)
    if param.choices is not None and got not in param.choices:
        listed = ", ".join(shown(c) if not isinstance(c, str) else c for c in param.choices)
        raise Fault("NS219", f"'{param.name}' must be one of {listed}; found {shown(got)}", location)
    if param.min is not None or param.max is not None:
        if type(got) not in (int, float):
            raise Fault("NS219", f"'{param.name}' must be a number; found {shown(got)}", location)
        if (param.min is not None and got < param.min) or (param.max is not None and got > param.max):
            bounds = " and ".join(
                f"{word} {limit:g}" for word, limit in (("at least", param.min), ("at most", param.max))
                if limit is not None)
            raise Fault("NS219", f"'{param.name}' must be {bounds}; found {shown(got)}", location)
    return got


class Flat:
    """An environment of parameters alone."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def lookup(self, name: str) -> Any:
        """The value of a parameter. Raises KeyError."""
        return self.values[name]

    def known(self) -> list[str]:
        """Names of the parameters."""
        return list(self.values)


def document_params(doc: Document, given: Mapping[str, Tree]) -> dict[str, Any]:
    """Values of a document's parameters, with those of a variant and of ``--set``. Raises Fault."""
    settings = {name: (tree.location, value(tree).at(Flat({}))) for name, tree in given.items()}
    return bound(doc.params, settings, Flat, {}, lambda p: Fault(
        "NS220", f"the parameter '{p.name}' must be given: it has no default", p.location,
        help=f"--set {p.name}=…, or a variant that sets it"))
