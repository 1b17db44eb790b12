"""Names layers after their weights, else after modules that contain only this layer, else after their operation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import count

from .. import limits
from ..ops import TABLE
from .draft import Draft, DraftInput, DraftNetwork

STEMS = {
    "batch_norm": "norm",
    "dot_product_attention": "attend",
    "global_avg_pool": "pool",
    "global_max_pool": "pool",
    "instance_norm": "norm",
    "layer_norm": "norm",
    "group_norm": "norm",
    "rms_norm": "norm",
    "rescale": "scale",
}
"""Names of layers for operations whose own names are unsuitable."""
ANY_INPUT = frozenset({"x", "inputs", "input_1", "input_tensor", "inp", "args_0", "0"})
"""Uninformative names of a single input."""


def legal_name(name: str) -> str:
    """Replaces the characters that a dotted name must not contain; permitted are letters, digits, ``_`` and, inside,
    ``-``.
    """
    parts = ["".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in p) for p in name.split(".")]
    return ".".join([part.strip("-")[: limits.NAME] or "_" for part in parts])


def declared_name(operation: str) -> str:
    """Returns the name in a spec of an operation of the source: ``fft_rfft`` for ``aten.fft_rfft.default``."""
    bare = operation.removeprefix("aten.").removesuffix(".default").removesuffix(".Tensor")
    name = re.sub(r"[^a-z0-9_]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare).lower()).strip("_")
    name = name if name[:1].isalpha() else f"op_{name}"
    return f"{name}_op" if name in TABLE else name


def own_prefix(draft: Draft) -> str:
    """Returns the name of a layer according to its tensors: ``layer1.conv`` for ``layer1.conv.weight``; empty if it has
    none.

    It is the name of the tensor itself if the operation has no local name for it (``parameter``).
    """
    for local, full in draft.weights.items():
        if not local:
            return full
        if full.endswith(f".{local}"):
            return full[: -len(local) - 1]
    return next(iter(draft.weights.values()), "").rpartition(".")[0]


def name_layers(network: DraftNetwork) -> None:
    """Names every draft, and renames inputs and outputs with names that are invalid in a spec.

    A layer with weights keeps its name in the source's state dict, so that state dicts are compatible. A draft that is
    the entire content of a module has the module's name; others are named after their module and their ``stem`` or
    operation, numbered if necessary.
    """
    weighted = _weighted_names(network)
    _name_inputs(network, weighted)
    names = _Names({*network.inputs, *filter(None, weighted)})
    names.add_inside(full for draft in network.drafts for full in draft.weights.values())
    names.add_inside(filter(None, weighted))
    sizes = Counter(call.key for draft in network.drafts for call in draft.calls)
    for draft, name in zip(network.drafts, weighted, strict=True):
        draft.name = name if name is not None else names.new(draft, sizes)
    network.outputs = {legal_name(name).replace(".", "_"): value for name, value in network.outputs.items()}


def _weighted_names(network: DraftNetwork) -> list[str | None]:
    """Returns for each draft the name according to its tensors; None if there is none, or another draft has it."""
    names: list[str | None] = []
    used_names: set[str] = set()
    for draft in network.drafts:
        name = legal_name(prefix) if (prefix := own_prefix(draft)) else None
        names.append(None if name in used_names else name)
        used_names |= {name} if name is not None else set()
    return names


def _name_inputs(network: DraftNetwork, names: Iterable[str | None]) -> None:
    """Gives inputs names that differ from those of layers and top-level modules."""
    tops = {name.partition(".")[0] for name in names if name is not None}
    tops |= {legal_name(draft.calls[0].path).partition(".")[0] for draft in network.drafts if draft.calls}
    renamed: dict[str, DraftInput] = {}
    for old, draft_input in network.inputs.items():
        name = "input" if len(network.inputs) == 1 and old in ANY_INPUT else legal_name(old).replace(".", "_")
        candidates = (name if i == 0 else f"{name}_{'input' if i == 1 else i}" for i in count())
        renamed[next(c for c in candidates if c not in tops and c not in renamed)] = draft_input
    network.inputs = renamed


class _Names:
    """The names in use, for generating new ones."""

    def __init__(self, used_names: set[str]) -> None:
        self.used = used_names
        self.inside = set[str]()
        """Prefixes of names: ``a`` and ``a.b`` of ``a.b.c``."""
        self.numbers: dict[str, int] = {}

    def add_inside(self, names: Iterable[str]) -> None:
        """Adds the prefixes of some names."""
        for name in names:
            dot = name.rfind(".")
            while dot > 0 and name[:dot] not in self.inside:
                self.inside.add(name[:dot])
                dot = name.rfind(".", 0, dot)

    def new(self, draft: Draft, sizes: Mapping[str, int]) -> str:
        """Returns a name for a draft without weights; ``sizes`` are the numbers of drafts in each module call."""
        path = legal_name(draft.calls[-1].path) if draft.calls and draft.calls[-1].path else ""
        stem = legal_name(draft.stem or _default_stem(draft)).replace(".", "_")
        if not path or sizes[draft.calls[-1].key] > 1 or path in self.inside:
            path = f"{path}.{stem}" if path else stem
        name = path
        while name in self.used or name in self.inside:
            number = self.numbers[path] = self.numbers.get(path, 0) + 1
            name = f"{path}_{number}"
        self.used.add(name)
        return name


def _default_stem(draft: Draft) -> str:
    if draft.opaque:
        return declared_name(draft.operation).removesuffix("_op")
    return STEMS.get(draft.operation, draft.operation)
