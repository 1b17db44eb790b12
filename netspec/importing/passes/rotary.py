"""Recognises decomposed rotary embeddings, products with cosines and sines, by comparing values with ``rotary``."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...shapes.sizes import is_named
from ...weights.numpy_types import Array
from ..draft import Draft, DraftNetwork
from ..rewriting import Rewriting
from ..views import VIEWS, ViewStep, moved
from .heads import part_of, sources_of
from .waves import Waves, waves_of

LINEAR = VIEWS | {"add", "concat", "multiply", "rescale", "subtract"}
"""The operations of which a rotation consists."""
MOST = 24
"""Maximum number of drafts in a rotation."""
LARGEST = 1 << 24
"""Maximum number of elements of the example for comparing a rotation."""
TOLERANCE = 1e-6
"""Absolute tolerance for normal random numbers, because the tables are in single precision."""


class Rotation(NamedTuple):
    """The effect of a group of drafts on a value."""

    theta: float
    dims: int
    """Number of rotated features; negative for the last ones."""
    pairs: str
    position_axis: int


def simplify_rotary(network: DraftNetwork) -> None:
    """Replaces rotations of pairs of features by ``rotary``."""
    waves = waves_of(network)
    if not waves:
        return
    known: dict[str, Rotation | None] = {}
    with Rewriting(network) as rewriting:
        for draft in reversed(list(rewriting.drafts("add", "concat", "reshape"))):
            if rewriting.maker(draft.outputs[0]) is draft and rewriting.readers(draft.outputs[0]):
                _recognise(rewriting, draft, waves, known)


def _recognise(rewriting: Rewriting, end: Draft, waves: Mapping[int, Waves], known: dict[str, Rotation | None]) -> None:
    """Replaces a draft, together with its predecessors, by the equivalent rotation."""
    shape = rewriting.shape(end.outputs[0])
    if len(shape) < 2 or any(is_named(n) for n in shape) or math.prod(shape) > LARGEST:
        return
    for group, source in _groups(rewriting, end, waves):
        if rewriting.shape(source) != shape:
            continue
        key = _signature(rewriting, group, source, waves)
        if key not in known:
            known[key] = _rotation(rewriting, group, source, waves)
        rotation = known[key]
        if rotation is not None:
            _replace(rewriting, end, source, rotation)
            return


def _groups(rewriting: Rewriting, end: Draft, waves: Mapping[int, Waves]) -> Iterator[tuple[list[Draft], int]]:
    """Yields groups of drafts that compute the value of the last one from a single other value and both kinds of waves.

    Each group is in the order of computation.
    """
    group: list[Draft] = []
    frontier, kinds = {end.outputs[0]}, set[str]()
    while len(group) < MOST:
        makers = [m for v in frontier if (m := rewriting.maker(v)) is not None and m.operation in LINEAR]
        if not makers:
            return
        latest = max(makers, key=lambda m: rewriting.order[id(m)])
        group.insert(0, latest)
        frontier -= set(latest.outputs)
        for value in latest.inputs:
            if value in waves:
                kinds.add(waves[value].kind)
            else:
                frontier.add(value)
        if len(frontier) == 1 and len(kinds) == 2:
            yield group, next(iter(frontier))


def _signature(rewriting: Rewriting, group: Sequence[Draft], source: int, waves: Mapping[int, Waves]) -> str:
    """Returns a key for the effect of a group, so that each kind is evaluated once."""
    numbers = {source: "x"}
    parts = [str(rewriting.shape(source))]
    for draft in group:
        inputs = [f"wave {v}" if v in waves else numbers[v] for v in draft.inputs]
        numbers |= {value: f"{len(numbers)}" for value in draft.outputs}
        parts.append(f"{draft.operation} {inputs} {draft.arguments} {rewriting.shape(draft.outputs[0])}")
    return "\n".join(parts)


def _rotation(rewriting: Rewriting, group: Sequence[Draft], source: int, waves: Mapping[int, Waves]) -> Rotation | None:
    """Returns the rotation that a group computes, or None."""
    read = [waves[v] for draft in group for v in draft.inputs if v in waves]
    shape = rewriting.shape(source)
    x = np.random.default_rng(0).standard_normal(shape)
    values = {source: x} | {v: waves[v].table for draft in group for v in draft.inputs if v in waves}
    for draft in group:
        for output, value in enumerate(draft.outputs):
            values[value] = _value(rewriting, draft, output, values)
    actual = values[group[-1].outputs[0]]
    (first, *rest) = read
    if any((w.theta, w.pairs, w.positions) != (first.theta, first.pairs, first.positions) for w in rest):
        return None
    for axis in (-2, -3):
        if len(shape) < -axis or shape[axis] != first.positions:
            continue
        for dims in (2 * first.pairs, -2 * first.pairs):
            for pairs in ("halves", "interleaved"):
                rotation = Rotation(first.theta, dims, pairs, axis)
                if abs(dims) <= shape[-1] and np.allclose(actual, _rotated(x, rotation), rtol=0, atol=TOLERANCE):
                    return rotation
    return None


def _value(rewriting: Rewriting, draft: Draft, output: int, values: Mapping[int, Array]) -> Array:
    """Evaluates an output of a linear draft."""
    inputs = [values[v] for v in draft.inputs]
    result: Array
    match draft.operation:
        case "add":
            result = sum(inputs[1:], inputs[0])
        case "subtract":
            result = inputs[0] - inputs[1]
        case "multiply":
            result = math.prod(inputs[1:], start=inputs[0])
        case "rescale":
            result = inputs[0] * draft.arguments.get("factor", 1.0) + draft.arguments.get("offset", 0.0)
        case "concat":
            result = np.concatenate(inputs, axis=draft.arguments["axis"])
        case _:
            result = moved(inputs[0], [ViewStep(draft, output)], rewriting.network.shapes)
    return result


def _rotated(x: Array, rotation: Rotation) -> Array:
    """Evaluates ``rotary`` along the last axis."""
    count = abs(rotation.dims) // 2
    start = 0 if rotation.dims > 0 else x.shape[-1] - 2 * count
    positions = np.arange(x.shape[rotation.position_axis], dtype=np.float64)
    angles = positions[:, None] * np.power(rotation.theta, -np.arange(count) / count)
    angles = angles.reshape(angles.shape[0], *(1,) * (-rotation.position_axis - 2), count)
    first = range(start, start + count) if rotation.pairs == "halves" else range(start, start + 2 * count, 2)
    second = [i + (count if rotation.pairs == "halves" else 1) for i in first]
    a, b = x[..., list(first)], x[..., second]
    out = x.copy()
    out[..., list(first)] = a * np.cos(angles) - b * np.sin(angles)
    out[..., second] = b * np.cos(angles) + a * np.sin(angles)
    return out


def _replace(rewriting: Rewriting, end: Draft, source: int, rotation: Rotation) -> None:
    """Replaces the value of a draft by ``rotary`` over (…, positions, all features)."""
    shape = rewriting.shape(source)
    theta = int(rotation.theta) if rotation.theta.is_integer() else rotation.theta
    arguments: dict[str, Any] = {"theta": theta} if theta != 10_000 else {}
    arguments |= {"dims": rotation.dims} if abs(rotation.dims) != shape[-1] else {}
    arguments |= {"pairs": rotation.pairs} if rotation.pairs != "halves" else {}
    if len(shape) == 2:
        rewriting.change(end, "rotary", [source], {"heads": 1, **arguments})
        return
    *front, heads, positions, head = shape
    order = [*range(len(front)), len(front) + 1, len(front), len(front) + 2]
    if rotation.position_axis == -3:
        heads, positions = positions, heads
        (source,) = rewriting.add_before(end, "permute", [source], (*front, heads, positions, head), {"order": order})
    joined = _without_heads(rewriting, end, source)
    arguments = {"heads": heads, **arguments}
    (turned,) = rewriting.add_before(end, "rotary", [joined], (*front, positions, heads * head), arguments)
    apart = (*front, positions, heads, head)
    if rotation.position_axis == -2:
        (turned,) = rewriting.add_before(end, "reshape", [turned], apart, {"shape": list(apart)})
        rewriting.change(end, "permute", [turned], {"order": order})
    else:
        rewriting.change(end, "reshape", [turned], {"shape": list(apart)})


def _without_heads(rewriting: Rewriting, end: Draft, source: int) -> int:
    """Reshapes (…, heads, positions, features) to (…, positions, all features), before a draft."""
    *front, heads, positions, head = rewriting.shape(source)
    part = part_of(rewriting, source)
    if part is not None and part.heads == heads:
        return sources_of(rewriting, end, [part], [tuple(front)], [positions])[0]
    order = [*range(len(front)), len(front) + 1, len(front), len(front) + 2]
    apart, whole = (*front, positions, heads, head), (*front, positions, heads * head)
    (moved_back,) = rewriting.add_before(end, "permute", [source], apart, {"order": order})
    return rewriting.add_before(end, "reshape", [moved_back], whole, {"shape": list(whole)})[0]
