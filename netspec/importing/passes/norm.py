"""Recognises decomposed normalisations by comparing values with those of ``layer_norm``, ``rms_norm``, …."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...shapes.sizes import is_named
from ...weights.numpy_types import Array
from ..draft import Draft, DraftNetwork, numbered_axes
from ..draft_expressions import expression_of, value_of
from ..rewriting import Rewriting
from ..views import root
from .draft_trees import growing_trees

REDUCTIONS: Mapping[str, Callable[..., Any]] = {"mean": np.mean, "sum": np.sum, "var": np.var}
MOST = 14
"""Maximum number of drafts in a normalisation."""
LARGEST = 1 << 20
"""Maximum number of elements of the example for comparing a normalisation."""
SCALES = 1e-2, 3e-4
"""Scales of examples, small enough for the ``eps`` of norms to have an effect."""
ONE_AXIS = ("layer_norm", "rms_norm", "channel_scale", "batch_norm")
"""Operations that support any single axis."""


def simplify_norms(network: DraftNetwork) -> None:
    """Recognises normalisations by value, and folds the following gains and shifts into them."""
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts("multiply", "divide", "formula"):
            _recognise(rewriting, draft)
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts(*ONE_AXIS):
            _between_permutes(rewriting, draft)
        for draft in rewriting.drafts("layer_norm", "rms_norm"):
            if draft.arguments.get("affine") is False:
                _add_gain(rewriting, draft)
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts("layer_norm", "rms_norm"):
            _over_heads(rewriting, draft)
        for draft in rewriting.drafts("multiply"):
            _scale_channels(rewriting, draft)


# -- by value ----------------------------------------------------------------------------------------------------------
def _recognise(rewriting: Rewriting, draft: Draft) -> None:
    """Replaces a draft, together with its predecessors, by the equivalent normalisation."""
    shape = rewriting.shape(draft.outputs[0])
    if any(is_named(n) for n in shape):
        return
    best: tuple[str, dict[str, Any], list[int]] | None = None
    for drafts, leaves in growing_trees(rewriting, draft, _belongs, MOST):
        reductions = {_axes(d, len(shape)) for d in drafts if d.operation in REDUCTIONS}
        if len(leaves) != 1 or len(reductions) != 1 or rewriting.shape(leaves[0]) != shape:
            continue
        (axes,) = reductions
        if axes is None:
            continue
        norm = _norm(drafts, leaves[0], axes, [n if a in axes else min(n, 2) for a, n in enumerate(shape)])
        if norm is not None:
            best = (*norm, list(leaves))
    if best is not None:
        rewriting.change(draft, best[0], best[2], best[1])


def _belongs(draft: Draft) -> bool:
    return draft.operation in (*REDUCTIONS, "expand") or _is_one(draft) or expression_of(draft) is not None


def _is_one(draft: Draft) -> bool:
    """Whether a draft is a constant of ones."""
    return draft.operation == "buffer" and draft.arguments.get("init") == "ones"


def _axes(reduction: Draft, rank: int) -> tuple[int, ...] | None:
    axes = numbered_axes(reduction, rank)
    return tuple(sorted(axes)) if axes is not None else None


def _norm(
    drafts: Sequence[Draft], leaf: int, axes: tuple[int, ...], shape: list[int]
) -> tuple[str, dict[str, Any]] | None:
    """Returns the normalisation that drafts compute from a leaf along axes, and its arguments; or None."""
    if math.prod(shape) > LARGEST:
        return None
    random = np.random.default_rng(0)
    examples = [random.normal(size=shape) * scale + scale / 2 for scale in SCALES]
    results = [_run(drafts, leaf, x) for x in examples]
    if any(r is None or r.shape != x.shape for r, x in zip(results, examples, strict=True)):
        return None
    for eps in (0.0, *sorted(_numbers(drafts))):
        for operation, norm in (("rms_norm", _rms_norm), ("layer_norm", _layer_norm), ("l2_normalize", _l2_normalize)):
            with np.errstate(all="ignore"):
                expected = [norm(x, axes, eps) for x in examples]
            if all(
                r is not None and np.allclose(r, e, rtol=1e-6, atol=0) for r, e in zip(results, expected, strict=True)
            ):
                arguments: dict[str, Any] = {"axis": list(axes) if len(axes) > 1 else sum(axes)}
                if operation != "l2_normalize":
                    return operation, {**arguments, "eps": eps, "affine": False}
                return operation, arguments | ({"eps": eps} if eps else {})
    return None


def _run(drafts: Sequence[Draft], leaf: int, example: Array) -> Array | None:
    """Returns the value of the first of some drafts, which are in reverse order of computation."""
    values: dict[int, Array] = {leaf: example}
    for draft in reversed(drafts):
        inputs = [values[v] for v in draft.inputs]
        if draft.operation in REDUCTIONS:
            axes = _axes(draft, inputs[0].ndim)
            assert axes is not None
            keep = bool(draft.arguments.get("keepdims", False))
            values[draft.outputs[0]] = np.asarray(REDUCTIONS[draft.operation](inputs[0], axis=axes, keepdims=keep))
        elif draft.operation == "expand":
            values[draft.outputs[0]] = inputs[0]
        elif _is_one(draft):
            values[draft.outputs[0]] = np.ones(())
        else:
            text = expression_of(draft)
            value = value_of(text, inputs) if text is not None else None
            if value is None:
                return None
            values[draft.outputs[0]] = value
    return values[drafts[0].outputs[0]]


def _numbers(drafts: Sequence[Draft]) -> set[float]:
    """Returns the small positive numbers in drafts, which are candidates for ``eps``."""
    candidates: set[float] = set()
    for draft in drafts:
        text = expression_of(draft)
        if text is not None:
            constants = [n.value for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Constant)]
            candidates |= {float(v) for v in constants if isinstance(v, float) and 0 < v < 0.1}
    return candidates


def _layer_norm(x: Array, axes: tuple[int, ...], eps: float) -> Any:
    mean = x.mean(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(x.var(axis=axes, keepdims=True) + eps)


def _rms_norm(x: Array, axes: tuple[int, ...], eps: float) -> Any:
    return x / np.sqrt(np.square(x).mean(axis=axes, keepdims=True) + eps)


def _l2_normalize(x: Array, axes: tuple[int, ...], eps: float) -> Any:
    return x / np.maximum(np.sqrt(np.square(x).sum(axis=axes, keepdims=True)), eps)


# -- other axes --------------------------------------------------------------------------------------------------------
def _between_permutes(rewriting: Rewriting, norm: Draft) -> None:
    """Removes a permutation and its inverse around a norm by changing the norm's axis."""
    before = rewriting.maker(norm.inputs[0], "permute")
    after = rewriting.only_reader(norm.outputs[0], "permute")
    if before is None or after is None or rewriting.network.layout != "channels_first":
        return
    order: list[int] = list(before.arguments["order"])
    if [order[axis] for axis in after.arguments["order"]] != list(range(len(order))):
        return
    axes = numbered_axes(norm, len(order)) if "axis" in norm.arguments else [0]
    if axes is None or len(axes) != 1 or ("axis" not in norm.arguments and norm.operation != "batch_norm"):
        return
    rewriting.change(norm, inputs=before.inputs, arguments={**norm.arguments, "axis": order[axes[0]]})
    rewriting.network.shapes[norm.outputs[0]] = rewriting.shape(before.inputs[0])
    rewriting.replace(after.outputs[0], norm.outputs[0])


# -- gains -------------------------------------------------------------------------------------------------------------
def _add_gain(rewriting: Rewriting, norm: Draft) -> None:
    """Folds the gain, and for layer norm the shift, that its only readers apply into a norm."""
    shape = rewriting.shape(norm.outputs[0])
    if "axis" not in norm.arguments:
        return
    axis = norm.arguments["axis"]
    axes = [axis] if isinstance(axis, int) else list(axis)
    if axes != list(range(len(shape) - len(axes), len(shape))):
        return
    sizes = tuple(shape[a] for a in axes)
    gain = _learned(rewriting, norm.outputs[0], "multiply", sizes)
    if gain is None:
        return
    reader, tensors = gain
    weights = {"weight": tensors}
    arguments = {key: value for key, value in norm.arguments.items() if key != "affine"}
    last = reader
    if norm.operation == "layer_norm":
        shift = _learned(rewriting, reader.outputs[0], "add", sizes)
        if shift is not None:
            last, weights["bias"] = shift
        else:
            arguments["bias"] = False
    norm.weights, norm.calls = weights, last.calls
    rewriting.change(norm, arguments=arguments)
    rewriting.replace(last.outputs[0], norm.outputs[0])


def _over_heads(rewriting: Rewriting, norm: Draft) -> None:
    """Replaces a norm of each head, between views that split and join the heads, by a norm with ``heads``."""
    before = rewriting.maker(norm.inputs[0], "reshape")
    after = rewriting.only_reader(norm.outputs[0], "reshape", "flatten")
    split = rewriting.shape(norm.inputs[0])
    if before is None or after is None or len(split) < 2 or is_named(split[-1]) or is_named(split[-2]):
        return
    whole = (*split[:-2], split[-2] * split[-1])
    is_last = "axis" in norm.arguments and numbered_axes(norm, len(split)) == [len(split) - 1]
    if rewriting.shape(before.inputs[0]) != whole or rewriting.shape(after.outputs[0]) != whole or not is_last:
        return
    rewriting.change(
        norm, inputs=before.inputs, arguments={**norm.arguments, "axis": len(whole) - 1, "heads": split[-2]}
    )
    rewriting.network.shapes[norm.outputs[0]] = whole
    rewriting.replace(after.outputs[0], norm.outputs[0])


def _learned(rewriting: Rewriting, value: int, operation: str, sizes: tuple[int, ...]) -> tuple[Draft, str] | None:
    """Returns the only reader of a value, if it combines it with a learned tensor of these sizes, and the tensor's
    name.
    """
    reader = rewriting.only_reader(value, operation, "channel_scale")
    if reader is not None and reader.operation == "channel_scale" and operation == "multiply":
        return (reader, reader.weights["weight"]) if "weight" in reader.weights else None
    if reader is None or reader.operation != operation or len(reader.inputs) != 2:
        return None
    other = next(v for v in reader.inputs if v != value)
    maker = rewriting.maker(other, "parameter")
    if maker is None or rewriting.shape(other) != sizes or "" not in maker.weights or maker.frozen:
        return None
    return reader, maker.weights[""]


def _scale_channels(rewriting: Rewriting, draft: Draft) -> None:
    """Replaces a product with a learned vector along one axis (ConvNeXt's gains) by ``channel_scale``."""
    if len(draft.inputs) != 2 or draft.arguments:
        return
    for x, gain in (draft.inputs, draft.inputs[::-1]):
        base, steps = root(rewriting, gain)
        vector = rewriting.maker(base, "parameter")
        if not steps or any(step.draft.operation not in ("reshape", "squeeze", "unsqueeze") for step in steps):
            continue
        if vector is None or set(vector.arguments) != {"shape"} or len(rewriting.shape(vector.outputs[0])) != 1:
            continue
        shape, sizes = rewriting.shape(x), rewriting.shape(gain)
        axes = [axis for axis, n in enumerate(sizes) if is_named(n) or n != 1]
        if len(axes) != 1 or len(sizes) > len(shape) or shape != rewriting.shape(draft.outputs[0]):
            continue
        axis = axes[0] + len(shape) - len(sizes)
        if shape[axis] == sizes[axes[0]]:
            draft.weights, draft.frozen = {"weight": vector.weights[""]}, vector.frozen
            rewriting.change(draft, "channel_scale", [x], {"axis": axis})
            return
