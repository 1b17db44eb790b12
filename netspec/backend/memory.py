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
        dtype: the type of weights and inputs; None for the type in the spec.
        amp: the type that ``torch.autocast`` computes in; None without it.
        device: ``cuda`` or ``cpu``; some functions save different tensors on each.
        attention: the attention kernel; None for the one that PyTorch chooses by device and type.
        checkpoint: blocks that are recomputed in the backward pass: module names, patterns of names, or class names.
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
    """The memory of a part of the network.

    Attributes:
        name: dotted name of the module; empty for everything outside the parts.
        weights: bytes of its parameters.
        saved: bytes of activations that it saves for the backward pass.
    """

    name: str
    weights: int
    saved: int


@dataclass(frozen=True, slots=True)
class MemoryPeak:
    """A moment of a run: when memory use peaks, or one of :attr:`Memory.moments`.

    Attributes:
        phase: ``forward``, ``backward``, or ``step`` for the optimiser's step.
        layer: the module that runs; empty for the network itself, and in the optimiser's step.
        weights: bytes of parameters.
        buffers: bytes of buffers.
        inputs: bytes of the network's inputs.
        gradients: bytes of the parameters' gradients.
        states: bytes of the optimiser's state, including temporary tensors of its step.
        activations: all other bytes: tensors saved for the backward pass, and temporary tensors of functions.
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

    Not counted: the workspaces of cuDNN and cuBLAS, the CUDA context, and memory that the allocator keeps in reserve.

    Attributes:
        network: name of the network.
        settings: the settings of the forecast.
        dtype: the type of its weights.
        kernel: the attention kernel, if there is attention and its shapes allow one.
        weights: bytes of parameters.
        buffers: bytes of running statistics and tables.
        inputs: bytes of the network's inputs.
        gradients: bytes of the gradients of all trained parameters.
        states: bytes of the optimiser's state, from the second step on.
        activations: bytes saved for the backward pass at the end of the forward pass, without weights and inputs.
        saved: all bytes saved for the backward pass, as ``torch.autograd.graph.saved_tensors_hooks`` reports them,
            including weights, buffers and inputs, and with the full size of each storage.
        peak: the moment of the highest memory use.
        parts: memory of each module, by its dotted name.
        moments: memory over time, at every allocation; empty unless it was requested.
        has_attention: whether the network calls ``scaled_dot_product_attention``.
        has_experts: whether tokens choose modules; the forecast assumes that they are spread evenly.
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
        """The maximum of all bytes in use at any time."""
        return self.peak.total

    def __str__(self) -> str:
        return (
            f"{self.network}: {self.total:,} bytes at the peak; weights {self.weights:,}, gradients "
            f"{self.gradients:,}, states {self.states:,}, activations {self.activations:,}"
        )

    def __repr__(self) -> str:
        return f"<Memory {self}>"
