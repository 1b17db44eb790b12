"""The least time that a network can take on a device, by the roofline model (Williams et al. 2009)."""

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
    """Work of one or several functions, and the least time that a device takes for it.

    A function takes at least the longer of two times: that of its operations at the peak rate, and that of its bytes at
    the bandwidth. The times of several functions, which run one after the other, add up.

    Attributes:
        operations: of matrix products and convolutions: two for each multiply-accumulate.
        bytes: read and written, by each function on its own.
        memory_seconds: time of the functions that the bandwidth limits.
        compute_seconds: time of those that the peak rate limits.
    """

    operations: int = 0
    bytes: int = 0
    memory_seconds: float = 0.0
    compute_seconds: float = 0.0

    @property
    def seconds(self) -> float:
        """The least time."""
        return self.memory_seconds + self.compute_seconds

    @property
    def intensity(self) -> float:
        """Operations per byte: the arithmetic intensity."""
        return self.operations / self.bytes if self.bytes else 0.0

    @property
    def limited_by(self) -> Limit:
        """What limits most of the time."""
        return "compute" if self.compute_seconds > self.memory_seconds else "memory"

    def __add__(self, other: TimeBound) -> TimeBound:
        return TimeBound(
            self.operations + other.operations,
            self.bytes + other.bytes,
            self.memory_seconds + other.memory_seconds,
            self.compute_seconds + other.compute_seconds,
        )


def total_bound(bounds: Iterable[TimeBound]) -> TimeBound:
    """The sum of some bounds."""
    return sum(bounds, TimeBound())


@dataclass(frozen=True, slots=True)
class LayerTime:
    """A layer.

    Attributes:
        name: of the module of the PyTorch source; empty for functions that belong to the network itself.
        functions: what runs in it, each once, in the order of the forward pass.
        forward: its forward pass.
        backward: its backward pass, with what checkpointed blocks run again.
    """

    name: str
    functions: tuple[str, ...]
    forward: TimeBound
    backward: TimeBound

    @property
    def total(self) -> TimeBound:
        """Both passes."""
        return self.forward + self.backward


@dataclass(frozen=True, eq=False)
class Roofline:
    """The least time that a network can take on a device, where each function of PyTorch runs on its own.

    It is a bound, not a forecast: measured times are longer.

    Attributes:
        network: its name.
        settings: what is run: batch, optimizer (None: inference), types and so on.
        device: whose published peak rates and bandwidth are taken.
        memory: the forecast of memory for the same run.
        layers: each layer with its bounds, in the order in which they run.
        forward: all layers' forward passes, and the loss.
        backward: all layers' backward passes.
        step: the optimiser's step.
        tokens: tokens of one example, of a network that takes tokens; None for another.
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
        """A step of training, or a forward pass."""
        return self.forward + self.backward + self.step

    @property
    def seconds(self) -> float:
        """The least time for a step of training, or for a forward pass, of one batch."""
        return self.total.seconds

    @property
    def examples_per_second(self) -> float:
        """The most examples that can run per second."""
        return self.settings.batch / self.seconds if self.seconds else 0.0

    @property
    def tokens_per_second(self) -> float | None:
        """The most tokens per second; None for a network that takes none."""
        return self.examples_per_second * self.tokens if self.tokens is not None else None

    def __str__(self) -> str:
        return (
            f"{self.network} on {self.device.title}: at least {self.seconds:.3g} s, "
            f"at most {self.examples_per_second:,.0f} examples per second"
        )

    def __repr__(self) -> str:
        return f"<Roofline {self}>"
