"""Tensors that belong to the network itself: learned, fixed, and a learned gain per channel."""

import math
from typing import Annotated, Any, ClassVar, Literal

from ..shapes.reads import Reads
from ..shapes.sizes import ShapeError, Size, known
from ..shapes.types import DTYPES, TensorType, learned_type
from .base import ONES, ZEROS, Check, Init, Op, Types, Weight
from .common.arguments import Axis, Flag, items, one_of, optional, whole_number
from .common.initial import TABLES, Choice, InitChoice, pairs

_SIZE = {"type": "integer", "minimum": 1}
Shape = Annotated[
    tuple[int, ...],
    Check(
        "a list of sizes", {"type": "array", "items": _SIZE},
        lambda v, rank: tuple(whole_number(n, 1) for n in items(v)),
    ),
]
MaybeDtype = Annotated[
    Literal["float32", "float16", "bfloat16", "float64", "int64", "int32", "bool"] | None, optional(one_of(*DTYPES))
]


def elements(init: Init) -> int | None:
    """How many numbers a table has; None for what fills any shape.

    ``relative_position_index``: one for each query and key. ``log_relative_coordinates``: an offset
    along each axis for every difference of positions. ``shifted_window_mask``: one for each window and pair in it.
    """
    count: int | None = None
    if init.kind == "relative_position_index":
        count = math.prod(map(math.prod, pairs(init.args)))
    elif init.kind == "log_relative_coordinates":
        count = len(init.args) * math.prod(2 * n - 1 for n in init.args)
    elif init.kind == "shifted_window_mask":
        size, window = init.args[0], init.args[1]
        count = math.prod(s // w for s, w in zip(size, window, strict=True)) * math.prod(window) ** 2
    return count


class Stored(Op):
    """What ``parameter`` and ``buffer`` share: no input, and one tensor under the layer's own name."""

    primary: ClassVar[str | None] = "shape"
    arity: ClassVar[tuple[int, int | None]] = (0, 0)
    as_previous: ClassVar[bool] = False

    shape: Shape
    init: InitChoice = Choice()
    batch_axis: Flag = False

    def stored(self, init: Init, **rest: Any) -> tuple[Weight, ...]:
        """The one tensor; with ``batch_axis`` it has a leading axis of 1 that its type has not."""
        return self.init.applied((Weight("", (1, *self.shape) if self.batch_axis else self.shape, init, **rest),))

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Nothing."""
        return ()


class Parameter(Stored):
    """A learned tensor, such as a class token or a table of positions.

    Where nothing is said it begins ``xavier_uniform`` with two axes or more, else at zero; PyTorch has no default.
    """

    def infer(self, *inputs: TensorType) -> Types:
        """The shape, a vector, a sequence of features, or axes without names."""
        self._check_init()
        return (learned_type(self.shape),)

    def _check_init(self) -> None:
        for _, init in self.init.by_name:
            if init.kind in TABLES:
                raise ShapeError("NS568", f"'parameter' is learned; {init.kind} is for a 'buffer'")

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """One weight without a name: it carries the layer's."""
        return self.stored(Init("xavier_uniform") if len(self.shape) > 1 else ZEROS)


class Buffer(Stored):
    """A fixed tensor, which is neither trained nor counted."""

    dtype: MaybeDtype = None
    persistent: Flag = True

    @property
    def element(self) -> str:
        """Type of its elements: int64 for an index, else float32, where none is given."""
        index = any(init.kind == "relative_position_index" for _, init in self.init.by_name)
        return self.dtype or ("int64" if index else "float32")

    def infer(self, *inputs: TensorType) -> Types:
        """The shape, a vector, a sequence of features, or axes without names.

        Raises ShapeError NS568 where a table has another number of elements.
        """
        for _, init in self.init.by_name:
            count = elements(init)
            if count is not None and count != math.prod(self.shape):
                raise ShapeError(
                    "NS568",
                    f"{init.kind} has {count} numbers; 'buffer' of {list(self.shape)} has {math.prod(self.shape)}",
                )
        return (learned_type(self.shape, self.element),)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """One buffer without a name: it carries the layer's."""
        return self.stored(ZEROS, trainable=False, buffer=True, dtype=self.element, persistent=self.persistent)


class ChannelScale(Op):
    """A learned gain for every channel."""

    moves: ClassVar[bool] = True

    init: InitChoice = Choice()
    axis: Axis

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` (channels), ones at first."""
        n = inputs[0].shape[self.axis]
        channels = known(n, lambda: ShapeError("NS590", "'channel_scale' needs a known number of channels"))
        return self.init.applied((Weight("weight", (channels,), ONES),))

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """One for each element."""
        return outputs[0].elements
