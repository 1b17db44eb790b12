"""Names of a module's outputs."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import torch
from torch.utils import _pytree as pytree


def output_names(program: torch.export.ExportedProgram) -> list[str]:
    """Returns for each output tensor its key in the returned structure (``last_hidden_state``), or its index."""
    spec = program.call_spec.out_spec
    count = len(program.graph_signature.user_outputs)
    if spec is None or spec.num_leaves != count:
        return _numbered(count)
    try:
        returned = pytree.tree_unflatten(list(range(count)), spec)
        paths = [path for path, _ in pytree.tree_flatten_with_path(returned)[0]]
    except (TypeError, ValueError, KeyError, RuntimeError):
        return _numbered(count)
    names = ["_".join(_key_name(key) for key in path) for path in paths]
    return [name if name and not name.isdigit() else f"output{name}" for name in names] or _numbered(count)


def _key_name(key: object) -> str:
    for attribute in ("key", "idx", "name"):
        if (name := getattr(key, attribute, None)) is not None:
            return str(name)
    return str(key)


def _numbered(count: int) -> list[str]:
    return [f"output{number}" for number in range(count)] if count > 1 else ["output"]
