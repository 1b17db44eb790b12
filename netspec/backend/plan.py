"""Training plans for several devices: ``netspec plan`` finds them, and ``netspec export --plan`` applies them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A division of training among devices.

    Devices form a mesh with the axes ``pipeline``, ``data``, ``sharded`` and ``tensor``; neighbouring devices share the
    last axis.

    Attributes:
        network: the network as named on the command line.
        parameters: its number of parameters, to detect a plan for another network.
        batch: examples per step, over all devices.
        pipeline: number of stages, each with some of the blocks.
        data: number of replicas with equal weights.
        sharded: number of devices that divide parameters, gradients and optimiser state (``fully_shard``).
        tensor: number of devices that divide heads and units of each layer.
        sequence: whether norms and sums between divided layers are divided by positions.
        micro_batches: number of parts of each replica's batch, which are processed in sequence.
        checkpoint: whether blocks are recomputed in the backward pass instead of saving their activations.
        stages: number of blocks in each stage; empty without a pipeline.
        optimizer: as in :class:`~netspec.backend.MemorySettings`.
        amp: the type that ``torch.autocast`` computes in; None without it.
    """

    network: str
    parameters: int
    batch: int
    pipeline: int = 1
    data: int = 1
    sharded: int = 1
    tensor: int = 1
    sequence: bool = False
    micro_batches: int = 1
    checkpoint: bool = False
    stages: tuple[int, ...] = ()
    optimizer: str = "adamw"
    amp: str | None = None

    @property
    def devices(self) -> int:
        """Total number of devices."""
        return self.pipeline * self.replicas * self.tensor

    @property
    def replicas(self) -> int:
        """Number of devices, or groups of devices, that process different examples."""
        return self.data * self.sharded

    @property
    def micro_batch(self) -> int:
        """Number of examples that a device processes at once."""
        return self.batch // (self.replicas * self.micro_batches)

    @property
    def mesh(self) -> dict[str, int]:
        """Sizes of the mesh axes, without those of size 1; for a single device, only ``data``."""
        axes = {"pipeline": self.pipeline, "data": self.data, "sharded": self.sharded, "tensor": self.tensor}
        return {name: size for name, size in axes.items() if size > 1} or {"data": 1}
