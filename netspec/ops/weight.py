"""Tensors that an operation owns, and their initial values."""

from __future__ import annotations

from typing import Any, NamedTuple


class Init(NamedTuple):
    """The initial values of a tensor: the name of a distribution or rule, and its numbers.

    Kinds: ``zeros``, ``ones``, ``constant (v,)``, ``uniform (bound,)`` from -bound to bound, ``normal (std,)``,
    ``truncated_normal (std,)`` cut at two standard deviations, the named rules of the language (``he_normal`` …,
    whose scale follows from the tensor's shape), ``values`` (nested tuples of numbers), those of parametrisations
    (``norm (axis, weight)``, ``singular_vector (side, axis, weight)``, where ``weight`` is the :class:`Origin` of the
    parametrised weight), and for buffers
    ``relative_position_index (size…)``, ``log_relative_coordinates (size…)``, ``shifted_window_mask (…)``.
    """

    kind: str
    args: tuple[Any, ...] = ()


class Origin(NamedTuple):
    """A stored weight from whose initial values others are computed."""

    name: str
    shape: tuple[int, ...]
    init: Init
    dtype: str = "float32"


ZEROS = Init("zeros")
ONES = Init("ones")


class Weight(NamedTuple):
    """A tensor of an operation under its name in PyTorch; the empty name stands for the layer's own."""

    name: str
    shape: tuple[int, ...]
    init: Init
    trainable: bool = True
    buffer: bool = False
    """A buffer is not a parameter: it is neither trained nor counted (running statistics, tables)."""
    dtype: str = "float32"
    persistent: bool = True
    """Whether it is part of the state dict."""


class FilterAxes(NamedTuple):
    """Where the output channels of a layer are."""

    weight: int
    """The axis of its ``weight``."""
    groups: int
    """Groups into which that axis is divided, if it counts the channels of one group."""
    output: int
    """The axis of its output."""
