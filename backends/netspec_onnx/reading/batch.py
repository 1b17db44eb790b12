"""Tracks the batch axis through reshapes, transpositions and broadcasting, by counting elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from netspec.importing import CannotImportError
from netspec.importing.batch import BatchAxis, quotient
from netspec.shapes.sizes import Size, at_default, is_named, is_same, product

from .emit import Emitter
from .errors import refused, shape_text, shapes_text
from .values import Shape, SourceTensor, broadcast_shapes, full_shape, resolved


def item_axis(x: SourceTensor, axis: int) -> int:
    """Returns the index of an axis without the batch axis. Raises CannotImportError NS843 for the batch axis itself."""
    axis %= max(x.rank, 1)
    if x.batch is None:
        return axis
    if axis == x.batch.axis and x.batch.alone:
        raise refused("batch", "it operates along the batch axis")
    if axis == x.batch.axis:
        raise refused("batch", "it operates along an axis that the batch was merged into")
    return axis - 1 if axis > x.batch.axis and x.batch.alone else axis


def with_plain_batch(e: Emitter, x: SourceTensor) -> SourceTensor:
    """Makes the batch axis an ordinary axis of size 1, if the file is for a single example or the value is shared.

    Raises CannotImportError NS843 if examples differ along it.
    """
    x = e.placed(x)
    if x.batch is None:
        return x
    if not (e.single or x.shared):
        raise refused("batch", "it operates along the batch axis")
    return e.output_value(e.reshaped(x, x.shape), None)


def off_axes(e: Emitter, x: SourceTensor, axes: Sequence[int]) -> SourceTensor:
    """Ensures that none of these axes is the batch axis; see :func:`with_plain_batch`."""
    x = e.placed(x)
    if x.batch is not None and any(a % x.rank == x.batch.axis for a in axes):
        return with_plain_batch(e, x)
    return x


def with_batch_first(e: Emitter, x: SourceTensor) -> SourceTensor:
    """Ensures that the batch is the first axis, as windows require.

    Raises CannotImportError NS843 if it is elsewhere.
    """
    x = e.placed(x)
    if x.batch is not None and x.batch.axis == 0 and x.batch.alone:
        return x
    if x.batch is None and x.rank and is_same(x.shape[0], 1):
        return e.output_value(e.reshaped(x, x.shape[1:]), BatchAxis(0), not e.single)
    if x.batch is None and not e.single:
        raise refused("batch", "its input has no batch axis")
    raise refused("batch", "the first axis of its input must be the batch alone")


def view(e: Emitter, x: SourceTensor, shape: Shape, batch: BatchAxis | None, shared: bool = False) -> SourceTensor:
    """Returns the same elements with another shape in the source."""
    size: Size = 1 if shared else e.batch
    item = replace(x, shape=shape, batch=batch, number=None).item_shape
    number = e.reshaped(x, item)
    return SourceTensor(full_shape(item, batch, size), x.dtype, number, batch, shared and batch is not None)


def reshape(e: Emitter, x: SourceTensor, target: Sequence[Size], literal: int | None = None) -> SourceTensor:
    """Reshapes a value. ``literal`` is the number of examples for which the file was written, if it is fixed.

    Raises:
        CannotImportError: NS846, the sizes do not fit; NS843, the batch is mixed with other axes.
    """
    x = e.placed(x)
    if x.batch is None:
        return view(e, x, resolved(target, product(x.shape)), None)
    left = product(x.shape[: x.batch.axis]) * x.batch.outer
    right = product(x.shape[x.batch.axis + 1 :]) * x.batch.inner
    size: Size = 1 if x.shared else e.batch
    has_name = any(mentions(n, e.batch) for n in target)
    if literal is not None and not x.shared and not has_name:
        numbers = resolved(target, left * literal * right)
        place = _places(numbers, left, literal, right, x.batch.axis)
        if place is not None:
            whole = place.outer * size * place.inner
            return view(e, x, (*numbers[: place.axis], whole, *numbers[place.axis + 1 :]), place)
    shape = resolved(target, left * size * right)
    place = _places(shape, left, size, right, x.batch.axis)
    if place is not None and (place.alone or not is_same(size, 1)):
        return view(e, x, shape, place, x.shared)
    if is_same(size, 1):
        return view(e, with_plain_batch(e, x), shape, None)
    raise refused("batch", f"reshaping {shape_text(x.shape)} to {shape_text(shape)} mixes the batch with other axes")


def mentions(size: Size, batch: Size) -> bool:
    """Whether a size depends on the number of examples."""
    return is_named(size) and is_named(batch) and not set(batch.mentions()).isdisjoint(size.mentions())


def _places(shape: Shape, left: Size, size: Size, right: Size, axis: int) -> BatchAxis | None:
    """Finds the batch in a shape by the number of elements on both sides, preferably as a separate axis at ``axis``."""
    candidates: list[BatchAxis] = []
    before: Size = 1
    for k, n in enumerate(shape):
        outer, inner = quotient(left, before), quotient(right, product(shape[k + 1 :]))
        if outer is not None and inner is not None and is_same(outer * size * inner, n):
            candidates.append(BatchAxis(k, outer, inner))
        before = before * n
    candidates.sort(key=lambda place: (not place.alone, place.axis != axis, place.axis))
    return candidates[0] if candidates else None


def permute(e: Emitter, x: SourceTensor, order: Sequence[int]) -> SourceTensor:
    """Permutes axes; adds no layer if only the batch axis moves."""
    x = e.placed(x)
    order = [o % x.rank for o in order]
    batch = x.batch and replace(x.batch, axis=order.index(x.batch.axis))
    inner = order
    if x.batch is not None and x.batch.alone:
        inner = [o - (o > x.batch.axis) for o in order if o != x.batch.axis]
    number = e.number(x)
    if inner != sorted(inner):
        (number,) = e.emit("permute", [number], {"order": inner})
    return e.output_value(number, batch, x.shared)


def aligned(
    e: Emitter, values: Sequence[SourceTensor], tail: int = 0
) -> tuple[list[SourceTensor], BatchAxis | None, bool]:
    """Aligns values from the right for broadcasting, both in the source and without the batch axis.

    Args:
        e: receives layers.
        values: values of any rank.
        tail: number of last axes that are not broadcast (2 for a matrix product).

    Returns:
        The values, the position of the batch in the result, and whether that is shared.

    Raises:
        CannotImportError: NS843, the batch has different positions in them.
    """
    rank = max(v.rank for v in values)
    values = [e.placed(v) for v in values]
    places = [v.batch.moved(rank - v.rank) for v in values if v.batch is not None and not v.shared]
    try:
        if places:
            if any(place != places[0] for place in places):
                raise refused("batch", "its inputs have the batch on different axes")
            if tail and places[0].axis >= rank - tail:
                raise refused("batch", "the matrix product is along the batch axis")
            return [_against(e, v, rank, places[0]) for v in values], places[0], False
    except CannotImportError:
        if not e.single:
            raise
        return [with_plain_batch(e, v) for v in values], None, False
    leading = [v.batch.moved(rank - v.rank) for v in values if v.batch is not None]
    if leading and all(place == BatchAxis(0) for place in leading):
        return [_against(e, v, rank, BatchAxis(0)) for v in values], BatchAxis(0), True
    return [with_plain_batch(e, v) for v in values], None, False


def _against(e: Emitter, x: SourceTensor, rank: int, batch: BatchAxis) -> SourceTensor:
    """Aligns the axes of a value to those of a value with that rank and batch."""
    at = batch.axis - (rank - x.rank)
    if x.batch is not None and not x.shared:
        return x
    if at < 0:
        return with_plain_batch(e, x) if x.batch is not None else x
    if x.batch is not None and x.batch.axis == at and batch.alone:
        return x
    x = with_plain_batch(e, x)
    if not is_same(x.shape[at], 1):
        raise refused(
            "batch", f"a tensor of shape {shape_text(x.shape)} without a batch axis is combined along the batch axis"
        )
    return view(e, x, x.shape, BatchAxis(at), not e.single) if batch.alone else x


def join(
    e: Emitter, operation: str, values: Sequence[SourceTensor], arguments: Mapping[str, Any] | None = None
) -> SourceTensor:
    """Adds an elementwise operation of several broadcast values."""
    parts, batch, shared = aligned(e, values)
    check_types(operation, parts)
    (number,) = e.emit(operation, [e.number(v) for v in parts], arguments)
    return _joined(e, number, parts, batch, shared)


def combine(e: Emitter, kind: str, values: Sequence[SourceTensor], constants: Sequence[float] = ()) -> SourceTensor:
    """Adds an elementwise formula step of several broadcast values and some constants."""
    parts, batch, shared = aligned(e, values)
    number = e.formula(kind, [e.number(v) for v in parts], constants)
    return _joined(e, number, parts, batch, shared)


def _joined(
    e: Emitter, number: int, parts: Sequence[SourceTensor], batch: BatchAxis | None, shared: bool
) -> SourceTensor:
    out = e.output_value(number, batch, shared)
    expected = broadcast_shapes([v.shape for v in parts])
    if [at_default(n) for n in expected] != [at_default(n) for n in out.shape]:
        raise refused("batch", f"shapes {shapes_text(v.shape for v in parts)} cannot be broadcast example by example")
    return out


def check_types(operation: str, values: Sequence[SourceTensor]) -> None:
    """Raises CannotImportError NS844 if the element types differ."""
    types = sorted({v.dtype for v in values})
    if len(types) > 1:
        raise refused("type", f"'{operation}' has no equivalent for {' and '.join(types)}")


def expanded(e: Emitter, x: SourceTensor, target: tuple[Size, ...]) -> SourceTensor:
    """Broadcasts the tensor to a larger shape."""
    shape = broadcast_shapes([x.shape, target])
    x = e.placed(x)
    more = len(shape) - x.rank
    batch = x.batch.moved(more) if x.batch is not None else None
    if x.batch is not None and e.single and not is_same(shape[x.batch.axis + more], 1):
        x, batch = with_plain_batch(e, x), None
    held = next((k for k, n in enumerate(shape) if is_same(n, e.batch)), None) if not e.single else None
    shared = x.shared
    if batch is None and held is not None:
        if held >= more:
            x = view(e, x, x.shape, BatchAxis(held - more), True)
        batch, shared = BatchAxis(held), False
    elif batch is not None and shared:
        if held == batch.axis:
            shared = False
        elif not is_same(shape[batch.axis], 1):
            x, batch, shared = with_plain_batch(e, x), None, False
    item = replace(x, shape=shape, batch=batch, number=None).item_shape
    number = e.number(x)
    if len(item) != len(x.item_shape) or not all(map(is_same, item, x.item_shape)):
        (number,) = e.emit("expand", [number], {"shape": list(item)})
    return e.output_value(number, batch, shared)
