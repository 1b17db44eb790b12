"""Window arithmetic, one axis at a time: the one place for convolution, pooling and their transposes.

Sizes follow PyTorch for explicit padding and Keras for ``same`` and ``valid``; relationships are numbered as in
Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning".
"""

from typing import Literal, NamedTuple, TypeAlias

from .sizes import MakeError, Size, ceil_div, maximum, require

Pads: TypeAlias = tuple[tuple[int, int], ...]
Padding: TypeAlias = Pads | Literal["same", "valid", "causal"]
"""Padding as it was written: one pair (before, after) for each axis, or a word."""


class Window(NamedTuple):
    """A window along one axis; ``pads`` is (before, after), or the word it follows from."""

    size: int
    stride: int = 1
    dilation: int = 1
    pads: tuple[int, int] | Literal["same", "valid", "causal"] = (0, 0)
    ceil_mode: bool = False

    @property
    def extent(self) -> int:
        """Positions from the first to the last tap."""
        return self.dilation * (self.size - 1) + 1


def padding(n: Size, w: Window) -> tuple[Size, Size]:
    """Padding (before, after) of a sliding window over n elements; ``same`` puts the odd one at the end."""
    if w.pads == "valid":
        return 0, 0
    if w.pads == "causal":
        return w.extent - 1, 0
    if w.pads == "same":
        total = maximum((ceil_div(n, w.stride) - 1) * w.stride + w.extent - n, 0)
        return total // 2, total - total // 2
    return w.pads


def length(n: Size, w: Window, fault: MakeError) -> Size:
    """Positions of a sliding window over n elements (relationship 6; ``ceil_mode`` as in PyTorch: the last window
    starts inside the input or the padding before it).
    """
    if w.pads in ("same", "causal"):
        return ceil_div(n, w.stride)
    before, after = padding(n, w)
    if w.ceil_mode:  # the window may be larger than the input: one that starts in it is enough
        reach = n + min(before + after - w.extent + w.stride, before)
        return ceil_div(require(reach, 1, fault), w.stride)
    require(n + (before + after), w.extent, fault)
    return (n + (before + after) - w.extent) // w.stride + 1


def misses(n: Size, w: Window, positions: Size) -> bool:
    """Whether any of the positions of a window over n elements has every tap in the padding, which is less than its
    extent: taps that are further apart than there are elements can step over them all.
    """
    if type(n) is not int or n >= w.dilation:
        return False
    # The first tap that is not before the elements stands at (i * stride - before) mod dilation.
    before, _ = padding(n, w)
    first = multiple_within(w.stride, w.dilation, (n + before) % w.dilation, (before - 1) % w.dilation)
    return first is not None and first < positions


def multiple_within(step: int, modulus: int, low: int, high: int) -> int | None:
    """The least i of 0 and more for which ``i * step mod modulus`` is from low to high, going round where low is
    greater; None where there is none. By Euclid's algorithm.
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


def transposed_pads(w: Window, output_padding: int | None) -> tuple[int, int, int]:
    """What a transposed window takes off the full result before and after, and adds at its end.

    The full result has ``(n - 1) * stride + extent`` positions. ``same`` and ``valid`` are the gradients of those
    convolutions, as in Keras: sizes ``n * stride`` and ``n * stride + max(extent - stride, 0)`` where no
    ``output_padding`` is given.
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


def transposed_length(n: Size, w: Window, output_padding: int | None, fault: MakeError) -> Size:
    """Size after a transposed window over n elements (relationship 14)."""
    before, after, add = transposed_pads(w, output_padding)
    out = (n - 1) * w.stride + w.extent - (before + after) + add
    return require(out, 1, fault)
