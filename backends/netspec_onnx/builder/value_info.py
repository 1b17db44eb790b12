"""Values of an ONNX graph as rules see them: name, element type, shape, and whether the first axis is the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

Dim: TypeAlias = int | str
"""A size: a number, or the name of the batch's."""

Attribute: TypeAlias = int | float | str | Sequence[int] | Sequence[float] | Sequence[str]
"""What an attribute of a node may hold."""

BATCH = "N"
"""The symbolic size of the batch axis."""

ELEMENT = {
    "float32": 1, "int32": 6, "int64": 7, "bool": 9, "float16": 10, "float64": 11, "bfloat16": 16,
}
"""Numbers of element types in ``TensorProto.DataType``."""

FLOATS = ("float32", "float16", "bfloat16", "float64")


class Value(NamedTuple):
    """A tensor in the ONNX graph."""

    name: str
    dtype: str
    """The language's word: ``float32``."""
    shape: tuple[Dim, ...]
    """All axes, the batch among them where there is one."""
    lead: bool = False
    """Whether axis 0 is the batch (``N``, or 1 for what is the same for every example). Weights have none."""

    @property
    def own(self) -> tuple[int, ...]:
        """The shape without the batch axis: numbers, all of them."""
        own = tuple(n for n in self.shape[self.lead :] if isinstance(n, int))
        assert len(own) == self.rank
        return own

    @property
    def rank(self) -> int:
        """Number of axes, the batch apart."""
        return len(self.shape) - self.lead

    def axis(self, number: int) -> int:
        """ONNX's number of an axis that the language counts without the batch."""
        return number + self.lead


def lead_of(*values: Value | None) -> tuple[Dim, ...]:
    """The batch axis of what is made of these: ``N`` where one has it, 1 where all are alike, or none."""
    leads = [v.shape[0] for v in values if v is not None and v.lead]
    if not leads:
        return ()
    return (BATCH,) if BATCH in leads else (1,)


def input_value(name: str, dtype: str, shape: tuple[int, ...]) -> Value:
    """A graph input, with its batch axis."""
    return Value(name, dtype, (BATCH, *shape), lead=True)
