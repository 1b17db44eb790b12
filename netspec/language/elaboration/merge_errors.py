"""Errors of operations that merge tensors."""

from __future__ import annotations

from functools import partial

from ...diagnostics import LocatedError, clip
from ..reading.references import References
from .names import LexicalScope


def single_input(name: str, scope: LexicalScope, names: References | None, location: int) -> LocatedError:
    """Returns NS315 for a merge of one tensor, which has no effect. ``names`` are its given names, if any."""
    only = f"'{clip(names.names[0].text)}'" if names is not None else "the previous layer"
    message = f"'{name}' joins tensors, but has only one: {only}"
    return LocatedError("NS315", message, location, help=partial(_example, name, scope, names))


def same_input(name: str, names: References, location: int) -> LocatedError:
    """Returns NS315 for a merge of a tensor with itself, when the named layer is also the previous one."""
    only = clip(names.names[0].text)
    message = f"'{name}' would join '{only}' with itself: it is also the previous layer"
    return LocatedError("NS315", message, location, help=f"name another layer; `[{only}, {only}]` if it is meant")


def _example(name: str, scope: LexicalScope, names: References | None) -> str:
    """Returns an example of a merge with existing names."""
    if not scope.names:
        return "it is the first layer of its scope: a merge follows the layers that it joins"
    previous = next(reversed(scope.names))
    visible = [n for n in scope.visible_names() if n != previous and not n.isdigit()]
    other = clip("input" if "input" in visible else visible[0] if visible else "NAME")
    if names is None:
        return f"`{{{name}: {other}}}` joins the previous layer and '{other}'"
    first = clip(names.names[0].text)
    if first == other:
        return f"`{{{name}: {first}}}` joins the previous layer and '{first}'"
    return f"`{{{name}: [{first}, {other}]}}` joins these two; `{{{name}: {first}}}` the previous layer and '{first}'"
