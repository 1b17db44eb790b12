"""A lower bound of a network's time on a device, by the roofline model (Williams et al. 2009)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from .memory import Memory, MemorySettings

if TYPE_CHECKING:
    from ..devices import Device

Limit: TypeAlias = Literal["memory", "compute"]


@dataclass(frozen=True, slots=True)
class TimeBound:
    """The work of one or several functions, and a lower bound of its time on a device.

    The bound for a function is the longer of two times: its operations at the peak rate, or its bytes at the bandwidth.
    Functions run one after the other, so that their times add up.

    Attributes:
        operations: operations of matrix products and convolutions: two for each multiply-accumulate.
        bytes: bytes read and written, by each function separately.
        memory_seconds: time of the functions limited by bandwidth.
        compute_seconds: time of the functions limited by the peak rate.
    """

    operations: int = 0
    bytes: int = 0
    memory_seconds: float = 0.0
    compute_seconds: float = 0.0

    @property
    def seconds(self) -> float:
        """The lower bound of the time."""
        return self.memory_seconds + self.compute_seconds

    @property
    def intensity(self) -> float:
        """Operations per byte: the arithmetic intensity."""
        return self.operations / self.bytes if self.bytes else 0.0

    @property
    def limited_by(self) -> Limit:
        """The resource that limits most of the time."""
        return "compute" if self.compute_seconds > self.memory_seconds else "memory"

    def __add__(self, other: TimeBound) -> TimeBound:
        return TimeBound(
            self.operations + other.operations,
            self.bytes + other.bytes,
            self.memory_seconds + other.memory_seconds,
            self.compute_seconds + other.compute_seconds,
        )


def total_bound(bounds: Iterable[TimeBound]) -> TimeBound:
    """Returns the sum of several bounds."""
    return sum(bounds, TimeBound())


@dataclass(frozen=True, slots=True)
class LayerTime:
    """The time bounds of a layer.

    Attributes:
        name: name of the module in the PyTorch source; empty for functions that belong to the network itself.
        functions: the distinct functions that it calls, in the order of the forward pass.
        forward: bound of its forward pass.
        backward: bound of its backward pass, including recomputation of checkpointed blocks.
    """

    name: str
    functions: tuple[str, ...]
    forward: TimeBound
    backward: TimeBound

    @property
    def total(self) -> TimeBound:
        """The bound of both passes."""
        return self.forward + self.backward


@dataclass(frozen=True, eq=False)
class Roofline:
    """A lower bound of a network's time on a device, if each function of PyTorch runs separately.

    It is a bound, not a forecast: measured times are longer.

    Attributes:
        network: name of the network.
        settings: the settings of the run, such as batch, types and optimizer (None for inference).
        device: the device, whose published peak rates and bandwidth are used.
        memory: the memory forecast for the same run.
        layers: the bounds of each layer, in execution order.
        forward: the sum of the layers' forward passes, and the loss.
        backward: the sum of the layers' backward passes.
        step: the optimiser's step.
        tokens: number of tokens per example; None if the network does not take tokens.
    """

    network: str
    settings: MemorySettings
    device: Device
    memory: Memory
    layers: Sequence[LayerTime]
    forward: TimeBound
    backward: TimeBound
    step: TimeBound
    tokens: int | None

    @property
    def total(self) -> TimeBound:
        """The bound of a training step, or of a forward pass."""
        return self.forward + self.backward + self.step

    @property
    def seconds(self) -> float:
        """The lower bound of the time for a training step, or for a forward pass, of one batch."""
        return self.total.seconds

    @property
    def examples_per_second(self) -> float:
        """The maximum number of examples per second."""
        return self.settings.batch / self.seconds if self.seconds else 0.0

    @property
    def tokens_per_second(self) -> float | None:
        """The maximum number of tokens per second; None for a network that takes none."""
        return self.examples_per_second * self.tokens if self.tokens is not None else None

    def __str__(self) -> str:
        return (
            f"{self.network} on {self.device.title}: at least {self.seconds:.3g} s, "
            f"at most {self.examples_per_second:,.0f} examples per second"
        )

    def __repr__(self) -> str:
        return f"<Roofline {self}>"
