"""The types of a forecast of memory, which the package ``netspec_fit`` makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Phase: TypeAlias = Literal["forward", "backward", "step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySettings:
    """The settings of a forecast.

    Attributes:
        batch: number of examples.
        optimizer: ``adamw``, ``adam``, ``sgd``, ``momentum``, ``rmsprop`` or ``adagrad``; None for inference.
        dtype: the type of weights and inputs; None for that of the spec.
        amp: the type that ``torch.autocast`` computes in; None without it.
        device: ``cuda``, or ``cpu``, on which some functions keep other things.
        attention: the kernel of attention; None for the one that PyTorch chooses by device and type.
        checkpoint: blocks that are run again in the backward pass: names of modules, patterns of them, or of classes.
    """

    batch: int = 1
    optimizer: str | None = "adamw"
    dtype: str | None = None
    amp: str | None = None
    device: str = "cuda"
    attention: str | None = None
    checkpoint: tuple[str, ...] = ()

    @property
    def training(self) -> bool:
        """Whether the network is trained."""
        return self.optimizer is not None


@dataclass(frozen=True, slots=True)
class BlockMemory:
    """A part of the network.

    Attributes:
        name: of the module; empty for what belongs to none of the parts.
        weights: bytes of its parameters.
        saved: bytes of activations that it saves for the backward pass.
    """

    name: str
    weights: int
    saved: int


@dataclass(frozen=True, slots=True)
class MemoryPeak:
    """A moment of a run: the one when most memory is in use, or one of :attr:`Memory.moments`.

    Attributes:
        phase: ``forward``, ``backward`` or ``step``, the optimiser's.
        layer: the module that ran then; empty for the network itself, and in the optimiser's step.
        weights: bytes of parameters then.
        buffers: bytes of buffers then.
        inputs: bytes of the network's inputs then.
        gradients: bytes of the parameters' gradients then.
        states: bytes of the optimiser's state, with what its step makes.
        activations: everything else: what is kept for the backward pass, and what a function makes for itself.
    """

    phase: Phase
    layer: str
    weights: int
    buffers: int
    inputs: int
    gradients: int
    states: int
    activations: int

    @property
    def total(self) -> int:
        """All bytes."""
        return self.weights + self.buffers + self.inputs + self.gradients + self.states + self.activations


@dataclass(frozen=True, eq=False)
class Memory:
    """The memory of a network, in bytes, as PyTorch allocates it: on CUDA each tensor in multiples of 512 bytes.

    Not counted: the workspaces of cuDNN and cuBLAS, the CUDA context, and what the allocator keeps in reserve.

    Attributes:
        network: its name.
        settings: what the forecast is for.
        dtype: the type of its weights.
        kernel: what computes attention, where there is any and shapes allow.
        weights: parameters.
        buffers: running statistics and tables.
        inputs: the network's inputs.
        gradients: of all parameters that are trained.
        states: of the optimiser, from the second step on.
        activations: kept for the backward pass when the forward pass is over, without weights and inputs.
        saved: all bytes kept for the backward pass, as ``torch.autograd.graph.saved_tensors_hooks`` sees them: weights,
            buffers and inputs among them, and storages in their own size.
        peak: the moment when most is in use.
        parts: what each module takes, by its dotted name.
        moments: memory over time, at each moment of which something is allocated; empty unless it was asked for.
        has_attention: whether the network calls ``scaled_dot_product_attention``.
        has_experts: whether tokens choose modules; they are taken to be spread evenly.
    """

    network: str
    settings: MemorySettings
    dtype: str
    kernel: str
    weights: int
    buffers: int
    inputs: int
    gradients: int
    states: int
    activations: int
    saved: int
    peak: MemoryPeak
    parts: Sequence[BlockMemory]
    moments: Sequence[MemoryPeak]
    has_attention: bool
    has_experts: bool

    @property
    def total(self) -> int:
        """The most bytes in use at any time."""
        return self.peak.total

    def __str__(self) -> str:
        return (
            f"{self.network}: {self.total:,} bytes at the peak; weights {self.weights:,}, gradients "
            f"{self.gradients:,}, states {self.states:,}, activations {self.activations:,}"
        )

    def __repr__(self) -> str:
        return f"<Memory {self}>"
