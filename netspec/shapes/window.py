"""Window arithmetic along one axis, for convolution, pooling and their transposes.

Sizes follow PyTorch for explicit padding, and Keras for ``same`` and ``valid``. Relationships are numbered as in
Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning".
"""

from typing import Literal, NamedTuple, TypeAlias

from .shape_error import MakeError
from .sizes import Size, at_default, ceil_div, is_named, maximum, require_at_least

Pads: TypeAlias = tuple[tuple[int, int], ...]
Padding: TypeAlias = Pads | Literal["same", "valid", "causal"]
"""Padding as written: one pair (before, after) per axis, or a word."""


class Window(NamedTuple):
    """A window along one axis; ``pads`` is (before, after), or the word that determines it."""

    size: int
    stride: int = 1
    dilation: int = 1
    pads: tuple[int, int] | Literal["same", "valid", "causal"] = (0, 0)
    ceil_mode: bool = False

    @property
    def extent(self) -> int:
        """Number of positions that the window spans."""
        return self.dilation * (self.size - 1) + 1


def window_padding(n: Size, w: Window) -> tuple[Size, Size]:
    """Returns the padding of a sliding window over n elements; for ``same`` the odd position is at the end."""
    if w.pads == "valid":
        return 0, 0
    if w.pads == "causal":
        return w.extent - 1, 0
    if w.pads == "same":
        total = maximum((ceil_div(n, w.stride) - 1) * w.stride + w.extent - n, 0)
        return total // 2, total - total // 2
    return w.pads


def output_size(n: Size, w: Window, error: MakeError) -> Size:
    """Returns the number of positions of a sliding window over n elements (relationship 6).

    With ``ceil_mode``, as in PyTorch, the last window starts inside the input or the padding before it. Raises the
    error if there is no position.
    """
    if w.pads in ("same", "causal"):
        return ceil_div(n, w.stride)
    before, after = window_padding(n, w)
    if w.ceil_mode:  # the window may exceed the input: it is enough that it starts inside
        starts = n + min(before + after - w.extent + w.stride, before)
        return ceil_div(require_at_least(starts, 1, error), w.stride)
    require_at_least(n + (before + after), w.extent, error)
    return (n + (before + after) - w.extent) // w.stride + 1


def has_empty_window(n: Size, w: Window, positions: Size, error: MakeError) -> bool:
    """Whether any of the windows over n elements lies entirely in the padding, which is smaller than its extent.

    This happens if the dilation exceeds the number of elements, so that a window can step over all of them. For a
    size that depends on named dimensions, the condition that it does not is recorded; ``error`` is raised if it fails.
    """
    if is_named(n):
        if n.value >= w.dilation:
            require_at_least(n, w.dilation, error)
            return False
        return has_empty_window(n.names.number(n), w, at_default(positions), error)
    if n >= w.dilation:
        return False
    # The first position of a window that is not before the elements is at (i * stride - before) mod dilation.
    before, _ = window_padding(n, w)
    first = multiple_within(w.stride, w.dilation, (n + before) % w.dilation, (before - 1) % w.dilation)
    return first is not None and first < positions


def multiple_within(step: int, modulus: int, low: int, high: int) -> int | None:
    """Returns the least i >= 0 such that ``i * step mod modulus`` is in the range from low to high; None if none is.

    The range wraps around if low exceeds high. Computed by Euclid's algorithm.
    """
    if low > high or low == 0:
        return 0
    step %= modulus
    if step == 0:
        return None
    i = ceil_div(low, step)
    if i * step <= high:
        return i
    rounds = multiple_within(-modulus, step, low % step, high % step)
    return None if rounds is None else ceil_div(low + rounds * modulus, step)


def transposed_padding(w: Window, output_padding: int | None) -> tuple[int, int, int]:
    """Returns the positions removed from a full transposed result before and after, and those added at the end.

    The full result has ``(n - 1) * stride + extent`` positions. ``same`` and ``valid`` are the gradients of the
    convolutions with that padding, as in Keras: without ``output_padding``, their sizes are ``n * stride`` and
    ``n * stride + max(extent - stride, 0)``.
    """
    short = max(w.stride - w.extent, 0) if output_padding is None else output_padding
    if w.pads == "valid":
        return 0, 0, short
    if w.pads == "same":
        if output_padding is None:
            total = max(w.extent - w.stride, 0)
            return total // 2, total - total // 2, short
        total = 2 * (w.extent // 2) - output_padding
        before = max(total, 0) // 2
        return before, max(total, 0) - before, max(-total, 0)
    assert isinstance(w.pads, tuple)
    return w.pads[0], w.pads[1], output_padding or 0


def transposed_output_size(n: Size, w: Window, output_padding: int | None, error: MakeError) -> Size:
    """Returns the size after a transposed window over n elements (relationship 14).

    Raises the error if it is below 1.
    """
    before, after, add = transposed_padding(w, output_padding)
    size = (n - 1) * w.stride + w.extent - (before + after) + add
    return require_at_least(size, 1, error)
