"""Operations built from a name, input shapes and arguments, the way the compiler makes them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from netspec.ops import create
from netspec.ops.argument import ArgumentError
from netspec.ops.base import Op, Types
from netspec.ops.weight import Init, Weight
from netspec.shapes.reads import Fixed, Reads
from netspec.shapes.shape_error import ShapeError
from netspec.shapes.sizes import Size
from netspec.shapes.types import TensorType, input_type


class BuiltOp(NamedTuple):
    """An operation with the types of its inputs."""

    op: Op
    inputs: Types

    @property
    def outputs(self) -> Types:
        return self.op.infer(*self.inputs)

    @property
    def shape(self) -> tuple[Size, ...]:
        """Shape of the first output."""
        return self.outputs[0].shape

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the axes of the first output."""
        return self.outputs[0].axes

    @property
    def weights(self) -> tuple[Weight, ...]:
        return self.op.weights(*self.inputs)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the weights and buffers by name."""
        return {w.name: w.shape for w in self.weights}

    @property
    def inits(self) -> dict[str, Init]:
        """How the weights and buffers begin, by name."""
        return {w.name: w.init for w in self.weights}

    @property
    def macs(self) -> Size:
        return self.op.macs(self.inputs, self.outputs)

    @property
    def connections(self) -> Size:
        return self.op.connection_count(self.inputs, self.outputs)

    def reads(self, output: int = 0) -> Reads:
        return self.op.reads(self.inputs, self.outputs, output)


def make(name: str, *inputs: tuple[int, ...] | TensorType, channels_last: bool = False, **args: Any) -> BuiltOp:
    """The operation of that name over inputs of those shapes (without the batch axis) or types.

    An argument whose name is a word of Python goes in as ``**{"from": ...}``.
    """
    types = tuple(x if isinstance(x, TensorType) else input_type(x, channels_last=channels_last) for x in inputs)
    return BuiltOp(create(name, args, types, channels_last), types)


def argument_errors(
    name: str, *inputs: tuple[int, ...] | TensorType, channels_last: bool = False, **args: Any
) -> list[str]:
    """What is said of arguments that do not hold."""
    with pytest.raises(ArgumentError) as caught:
        make(name, *inputs, channels_last=channels_last, **args)
    return [message for _, message in caught.value.problems]


def shape_error(name: str, *inputs: tuple[int, ...] | TensorType, channels_last: bool = False, **args: Any) -> str:
    """Code and text of the rule that the types of the inputs break: ``NS5xx: message``."""
    with pytest.raises(ShapeError) as caught:
        assert make(name, *inputs, channels_last=channels_last, **args).outputs is None
    return f"{caught.value.code}: {caught.value.message}"


def dependence(built: BuiltOp, output: int = 0, number: int = 0) -> npt.NDArray[np.bool_]:
    """Which elements of an input an output's elements read, as ``reads`` says: (*output shape, *input shape)."""
    x, y = built.inputs[number], built.outputs[output]
    read = built.reads(output)[number]
    assert read is not None
    out = np.ones((*y.shape, *x.shape), dtype=bool)
    for a, (n, axis) in enumerate(zip(x.shape, read, strict=True)):
        if axis is None:  # whole
            continue
        if isinstance(axis, Fixed):
            seen, along = np.array([[axis.first <= i <= axis.last for i in range(n)]]), None
        else:
            rows, step = axis.pattern.rows, axis.pattern.step
            places = [{j // len(rows) * step + t for t in rows[j % len(rows)]} for j in range(y.shape[axis.axis])]
            seen, along = np.array([[i in place for i in range(n)] for place in places]), axis.axis
        shape = [1] * out.ndim
        shape[y.rank + a] = n
        if along is not None:
            shape[along] = y.shape[along]
        out &= seen.reshape(shape)
    return out
