"""How a network is trained on several devices: what ``netspec plan`` finds and ``netspec export --plan`` writes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A division of training among devices.

    Devices form a mesh with the axes ``pipeline``, ``data``, ``sharded`` and ``tensor``, the last one of neighbours.

    Attributes:
        network: the network as it is named on the command line.
        parameters: its number of parameters, by which another network is told apart.
        batch: examples in a step, over all devices.
        pipeline: stages, each with some of the blocks.
        data: replicas with equal weights.
        sharded: devices that divide parameters, gradients and optimiser state among them (``fully_shard``).
        tensor: devices that divide heads and units of each layer.
        sequence: whether norms and sums between divided layers are divided by positions.
        micro_batches: parts of the batch of each replica, one after the other.
        checkpoint: whether blocks are run again in the backward pass instead of keeping their activations.
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
        """All devices."""
        return self.pipeline * self.replicas * self.tensor

    @property
    def replicas(self) -> int:
        """Devices, or groups of devices, that have examples of their own."""
        return self.data * self.sharded

    @property
    def micro_batch(self) -> int:
        """Examples that a device computes at once."""
        return self.batch // (self.replicas * self.micro_batches)

    @property
    def mesh(self) -> dict[str, int]:
        """Sizes of the axes of the mesh, without those of size 1; of a single device, ``data`` alone."""
        axes = {"pipeline": self.pipeline, "data": self.data, "sharded": self.sharded, "tensor": self.tensor}
        return {name: size for name, size in axes.items() if size > 1} or {"data": 1}
