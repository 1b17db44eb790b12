"""Modules that correspond to one operation and are imported as a whole: multi-head attention."""

# Attributes of modules have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch.fx import Node

from netspec.importing import CannotImportError, ModuleCall

from .reader import ProgramReader, UnknownInputError
from .rules.attention import allows_all, is_causal_mask
from .symbolic_sizes import Sizes
from .values import ProgramTensor

ATTENTION = "torch.nn.modules.activation.MultiheadAttention"


class WholeModules:
    """The modules of a program that may be imported as a whole.

    Args:
        module: the source; None if only its program is available.
        graph_nodes: all nodes of the program.
        sizes: symbolic sizes of the program.
    """

    def __init__(self, module: torch.nn.Module | None, graph_nodes: Sequence[Node], sizes: Sizes) -> None:
        self._module = module
        self._sizes = sizes
        self._nodes: dict[str, list[Node]] = {}
        """The nodes of each call of such a module, by key."""
        for node in graph_nodes:
            for key, (_, cls) in (node.meta.get("nn_module_stack") or {}).items():
                if _class_name(cls) == ATTENTION:
                    self._nodes.setdefault(key, []).append(node)
        self._done: dict[str, bool] = {}
        self._results: dict[Node, ProgramTensor] = {}

    def covers(
        self, calls: Sequence[ModuleCall], node: Node, reader: ProgramReader, values: Mapping[Node, Any]
    ) -> bool:
        """Whether a node belongs to a module that is imported as a whole, which happens at its first node."""
        call = next((c for c in calls if c.class_name == ATTENTION), None)
        if call is None or self._module is None or call.key not in self._nodes:
            return False
        if call.key not in self._done:
            try:
                self._done[call.key] = self._take(call, calls, reader, values)
            except (CannotImportError, UnknownInputError):
                self._done[call.key] = False
        return self._done[call.key]

    def result(self, node: Node) -> ProgramTensor | None:
        """Returns the result of a module at its last node; None at earlier nodes."""
        return self._results.get(node)

    def _take(
        self, call: ModuleCall, calls: Sequence[ModuleCall], reader: ProgramReader, values: Mapping[Node, Any]
    ) -> bool:
        assert self._module is not None
        module: Any = self._module.get_submodule(call.path)
        nodes = self._nodes[call.key]
        inside = set(nodes)
        results = [n for n in nodes if any(user not in inside for user in n.users)]
        kernels = [n for n in nodes if "scaled_dot_product_attention" in str(n.target)]
        if module.bias_k is not None or module.add_zero_attn or len(results) != 1 or len(kernels) > 1:
            return False
        sources = _inputs(nodes, inside, values)
        mask = _mask(kernels, values)
        if mask is None:
            return False
        sources = [s for s in sources if not s.is_constant]
        if not 1 <= len(sources) <= 3 or not all(_has_batch_at(s, 0 if module.batch_first else 1) for s in sources):
            return False
        return self._emit(module, call, calls, reader, [reader.placed(s) for s in sources], mask, results[0])

    def _emit(
        self,
        module: Any,
        call: ModuleCall,
        calls: Sequence[ModuleCall],
        reader: ProgramReader,
        sources: list[ProgramTensor],
        mask: dict[str, Any],
        result: Node,
    ) -> bool:
        """Adds the draft of an attention; returns whether one operation can express it."""
        query = sources[0]
        masking = _masking(reader, query, mask)
        if masking is None or (module.in_proj_bias is None) != (module.out_proj.bias is None):
            return False
        is_causal, layers = masking
        arguments = _arguments(module) | ({"causal": True} if is_causal else {})
        prefix = f"{call.path}." if call.path else ""
        weights = {name: prefix + name for name in _weight_names(module)}
        inside_calls = tuple(calls[: [c.key for c in calls].index(call.key) + 1])
        (number,) = reader.emit(
            "attention", sources, [query.plain], arguments, layers, weights=weights, calls=inside_calls
        )
        meta = self._sizes.meta(result.meta["val"])
        assert meta is not None
        self._results[result] = query.placed_as(number, shape=meta.shape)
        return True


def _arguments(module: Any) -> dict[str, Any]:
    """Returns the arguments of ``attention`` except its mask."""
    arguments: dict[str, Any] = {"heads": module.num_heads}
    if module.in_proj_bias is None:
        arguments["bias"] = False
    if module.dropout:
        arguments["drop"] = module.dropout
    return arguments


def _weight_names(module: Any) -> list[str]:
    """Returns the names of an attention's weights, including biases."""
    inputs = ["in_proj_weight"] if module.in_proj_weight is not None else [f"{x}_proj_weight" for x in "qkv"]
    biases = ["in_proj_bias", "out_proj.bias"] if module.in_proj_bias is not None else []
    return [*inputs, "out_proj.weight", *biases]


def _masking(
    reader: ProgramReader, query: ProgramTensor, mask: dict[str, Any]
) -> tuple[bool, dict[str, ProgramTensor]] | None:
    """Returns whether an attention is causal, and any other mask; None if the mask depends on the input."""
    if mask.get("causal") or "mask" not in mask:
        return bool(mask.get("causal")), {}
    value: ProgramTensor = mask["mask"]
    if not value.is_constant:
        return None
    assert query.batch is not None
    value = reader.one_example(value, 4, replace(query.batch, axis=0))
    known = value.known
    assert known is not None
    n, m = known.shape[-2:]
    if is_causal_mask(known, n, m):
        return True, {}
    if allows_all(known):
        return False, {}
    squeezed = known.reshape(known.shape[-2:] if known.numel() == n * m else known.shape[-3:])
    return False, {"mask": replace(value, shape=tuple(squeezed.shape), known=squeezed)}


def _has_batch_at(value: ProgramTensor, axis: int) -> bool:
    """Whether the axis is the batch only."""
    return value.is_batched and value.batch is not None and value.batch.axis == axis and value.batch.alone


def _inputs(nodes: Sequence[Node], inside: set[Node], values: Mapping[Node, Any]) -> list[ProgramTensor]:
    """Returns query, key and value, in the order in which they are projected."""
    outside: list[Node] = []
    for node in nodes:
        for source in node.all_input_nodes:
            value = values.get(source)
            is_input = isinstance(value, ProgramTensor) and value.tensor_name is None and value.known is None
            if source not in inside and source not in outside and is_input:
                outside.append(source)
    outside.sort(key=lambda source: _projection(nodes, source))
    return [values[source] for source in outside]


def _projection(nodes: Sequence[Node], start: Node) -> int:
    """Returns the index of the first linear map in a module that uses a value."""
    reached = {start}
    for number, node in enumerate(nodes):
        if not reached.isdisjoint(node.all_input_nodes):
            if str(node.target).startswith(("aten.linear", "aten.addmm", "aten.mm")):
                return number
            reached.add(node)
    return len(nodes)


def _mask(kernels: Sequence[Node], values: Mapping[Node, Any]) -> dict[str, Any] | None:
    """Returns the mask of an attention with a single kernel call: ``causal``, ``mask``, or nothing; None if unclear."""
    if not kernels:
        return None
    (kernel,) = kernels
    mask = kernel.kwargs.get("attn_mask", kernel.args[3] if len(kernel.args) > 3 else None)
    if bool(kernel.kwargs.get("is_causal", kernel.args[5] if len(kernel.args) > 5 else False)):
        return {"causal": True}
    if mask is None:
        return {}
    value = values.get(mask) if isinstance(mask, Node) else None
    return {"mask": value} if isinstance(value, ProgramTensor) else None


def _class_name(cls: Any) -> str:
    return cls if isinstance(cls, str) else f"{cls.__module__}.{cls.__qualname__}"
