"""Values of the ONNX graph: name, element type, shape, and whether the first axis is the batch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import onnx

Dim: TypeAlias = int | str
"""A size: a number, one that depends on named dimensions, or a symbolic batch size."""

Attribute: TypeAlias = "int | float | str | Sequence[int] | Sequence[float] | Sequence[str] | onnx.GraphProto"
"""The value of a node's attribute; a graph is the body of a loop."""

BATCH = "N"
"""The symbolic size of the batch axis."""

ELEMENT = {
    "float32": 1,
    "int32": 6,
    "int64": 7,
    "bool": 9,
    "float16": 10,
    "float64": 11,
    "bfloat16": 16,
}
"""Element types as numbers of ``TensorProto.DataType``."""

LOWEST = {"float16": -65504.0, "bfloat16": -3.3895313892515355e38, "float32": -3.4028234663852886e38}
"""The lowest finite number of each element type."""


class GraphValue(NamedTuple):
    """A tensor in the ONNX graph."""

    name: str
    dtype: str
    """The element type by netspec's name: ``float32``."""
    shape: tuple[Dim, ...]
    """The sizes of all axes, including the batch axis."""
    batched: bool = False
    """Whether axis 0 is the batch, of size ``N``, or 1 if the value is equal for all examples.

    Weights have no batch axis.
    """

    @property
    def item_shape(self) -> tuple[int, ...]:
        """The shape without the batch axis."""
        sizes = tuple(n for n in self.shape[self.batched :] if not isinstance(n, str))
        assert len(sizes) == self.rank
        return sizes

    @property
    def rank(self) -> int:
        """Number of axes without the batch axis."""
        return len(self.shape) - self.batched

    def with_batch(self, batch: int) -> GraphValue:
        """Returns the value with a fixed number of examples."""
        return self._replace(shape=tuple(_fixed(n, batch) if isinstance(n, str) else n for n in self.shape))

    def axis(self, number: int) -> int:
        """Returns the ONNX index of an axis whose number excludes the batch axis."""
        return number + self.batched


def _fixed(size: str, batch: int) -> Dim:
    """Substitutes the batch size in ``N`` or ``64*N``; returns other sizes unchanged."""
    match = re.fullmatch(rf"(?:(\d+)\*)?{BATCH}", size)
    return size if match is None else int(match[1] or 1) * batch


def common_batch(*values: GraphValue | None) -> tuple[Dim, ...]:
    """Returns the batch axis of a result: ``N`` if any input has it, 1 if all have 1, or none."""
    sizes = [v.shape[0] for v in values if v is not None and v.batched]
    if not sizes:
        return ()
    return (BATCH,) if BATCH in sizes else (1,)


def broadcast(a: GraphValue, b: GraphValue) -> tuple[int, ...]:
    """Returns the broadcast shape of two values, without the batch axis."""
    rank = max(a.rank, b.rank)
    first, second = (1,) * (rank - a.rank) + a.item_shape, (1,) * (rank - b.rank) + b.item_shape
    return tuple(m if n == 1 else n for n, m in zip(first, second, strict=True))


def input_value(name: str, dtype: str, shape: tuple[int, ...]) -> GraphValue:
    """A graph input, with its batch axis."""
    return GraphValue(name, dtype, (BATCH, *shape), batched=True)
