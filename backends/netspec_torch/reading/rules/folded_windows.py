"""Window operations over images that are folded into the batch: the images become an extra window axis of size 1."""

from __future__ import annotations

from typing import Any

from netspec.shapes.sizes import is_same

from ..reader import ProgramReader, is_one
from ..shape_changes import permute, reshape
from ..values import OperatorCall, ProgramTensor, TensorMeta


def is_folded(x: ProgramTensor, axes: int) -> bool:
    """Whether the images of an input are folded into the batch, with the examples as the outer part."""
    if x.batch is None or x.batch.alone or x.rank != axes + 2:
        return False
    return x.batch.axis == 0 and is_one(x.batch.outer)


def with_images_as_channels(
    reader: ProgramReader, x: ProgramTensor, call: OperatorCall
) -> tuple[ProgramTensor, OperatorCall]:
    """Reshapes (batch * images, channels, …) to (batch, images * channels, …), and adapts the result of the call."""
    assert x.batch is not None
    images, examples = x.batch.inner, reader.examples
    wide = reshape(reader, x, (examples, images * x.shape[1], *x.shape[2:]))
    return wide, call.resulting_in((examples, images * call.shape[1], *call.shape[2:]))


def with_images_as_axis(reader: ProgramReader, x: ProgramTensor) -> ProgramTensor:
    """Reshapes (batch * images, channels, …) to (batch, channels, images, …)."""
    assert x.batch is not None
    apart = reshape(reader, x, (reader.examples, x.batch.inner, *x.shape[1:]))
    return permute(reader, apart, [0, 2, 1, *range(3, apart.rank)])


def with_images_in_batch(reader: ProgramReader, x: ProgramTensor, images: Any) -> ProgramTensor:
    """Reshapes (batch, channels, images, …) to (batch * images, channels, …)."""
    turned = permute(reader, x, [0, 2, 1, *range(3, x.rank)])
    return reshape(reader, turned, (reader.examples * images, *turned.shape[2:]))


def call_with_axis(reader: ProgramReader, call: OperatorCall, images: Any) -> OperatorCall:
    """Returns the call with the images as an axis of its result."""
    batch, channels, *rest = call.shape
    assert is_same(batch, reader.examples * images)
    return OperatorCall(call.name, (TensorMeta((reader.examples, channels, images, *rest), call.dtype),))
