"""Computes the memory of each device of a plan from the profile of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from netspec.backend import Plan
from netspec_fit import OPTIMIZERS, DeviceProfile, LocalTensor, PartProfile

COUNTER = 4
"""Bytes of the step counter that an optimiser keeps for each tensor."""


@dataclass(frozen=True, slots=True)
class PeakMemory:
    """Transient memory during a step, in bytes, at the moment of peak usage.

    Attributes:
        gradients: completed gradients.
        whole: gathered parameters and gradients of all devices that share them, or temporaries of the optimiser's step.
        activations: activations of all micro-batches in flight, and gradients of the running part.
    """

    gradients: int
    whole: int
    activations: int

    @property
    def total(self) -> int:
        """All bytes."""
        return self.gradients + self.whole + self.activations


@dataclass(frozen=True, slots=True)
class DeviceMemory:
    """The memory of a device, in bytes.

    Attributes:
        stage: its pipeline stage, from 0.
        parameters: its share of the parameters.
        gradients: its share of the gradients.
        states: its share of the optimiser's state.
        buffers: running statistics and tables.
        at_peak: transient memory at the peak.
        exchange: received data of neighbouring stages, and the examples of a step.
    """

    stage: int
    parameters: int
    gradients: int
    states: int
    buffers: int
    at_peak: PeakMemory
    exchange: int

    @property
    def total(self) -> int:
        """All bytes at the peak."""
        return self.parameters + self.states + self.buffers + self.at_peak.total + self.exchange


@dataclass(frozen=True)
class StageParts:
    """The parts of a network in one stage."""

    blocks: Sequence[PartProfile]
    ends: Sequence[PartProfile]
    """The layers before the first block, in the first stage, and those after the last block, in the last stage."""
    shared: Sequence[LocalTensor]
    """Parameters of the first stage that the last one also has."""
    waiting: int
    """Bytes of the gradients of these parameters."""
    inputs: int
    """Bytes of the network's inputs."""
    received: int
    """Bytes that a stage passes to the next one."""
    first: bool
    last: bool

    def shard_bytes(self, devices: int) -> int:
        """Returns the bytes of one device's shards of all parameters, if several devices share them."""
        shared = sum(tensor.shard(devices) for tensor in self.shared)
        return shared + sum(part.shard_bytes(devices) for part in self.parts)

    @cached_property
    def parts(self) -> list[PartProfile]:
        """All parts in order."""
        before, after = self.ends[: self.first], self.ends[len(self.ends) - self.last :]
        return [*before, *self.blocks, *after]

    @cached_property
    def root_bytes(self) -> int:
        """Bytes of parameters outside of blocks."""
        return sum(tensor.nbytes for tensor in self.root)

    @cached_property
    def block_bytes(self) -> list[int]:
        """Bytes of parameters of each block."""
        return [block.parameter_bytes for block in self.blocks]

    @property
    def root(self) -> list[LocalTensor]:
        """Parameters outside of blocks."""
        return [*(tensor for part in self.ends for tensor in part.parameters), *self.shared]

    @property
    def parameters(self) -> list[LocalTensor]:
        """All parameters."""
        return [*self.root, *(tensor for part in self.blocks for tensor in part.parameters)]


def stage_parts(profile: DeviceProfile, stages: Sequence[int], stage: int, tied: Sequence[str] = ()) -> StageParts:
    """Returns the parts of a stage.

    Args:
        profile: the parts of the network for a micro-batch, as divided by the plan.
        stages: number of blocks in each stage; empty without a pipeline.
        stage: number of the stage.
        tied: names of parameters that both the first and the last stage have.
    """
    sizes = stages or (len(profile.blocks),)
    start = sum(sizes[:stage])
    first, last = stage == 0, stage == len(sizes) - 1
    ends = [*([profile.before] if first else []), *([profile.after] if last else [])]
    shared = [tensor for tensor in profile.before.parameters if tensor.name in tied] if last and not first else []
    waiting = sum(tensor.nbytes for tensor in profile.before.parameters if tensor.name in tied)
    return StageParts(
        profile.blocks[start : start + sizes[stage]],
        ends,
        shared,
        waiting,
        profile.inputs,
        profile.before.output,
        first,
        last,
    )


def device_memory(
    stage_parts: StageParts, plan: Plan, stage: int, *, cpu: bool = False, index: int = 0
) -> DeviceMemory:
    """Computes the memory of a device.

    Args:
        stage_parts: the parts of its stage for a micro-batch, as divided by the plan.
        plan: the plan.
        stage: number of the stage.
        cpu: whether it is a CPU, on which step counters are in memory, and the optimiser handles tensors one by one.
        index: its position among the devices that share parameters.
    """
    tensors = stage_parts.parameters
    parameters = (
        sum(tensor.shard(plan.sharded, index) for tensor in tensors) if index else stage_parts.shard_bytes(plan.sharded)
    )
    optimizer = OPTIMIZERS[plan.optimizer]
    states = optimizer.states * parameters + (COUNTER * len(tensors) if cpu and optimizer.counts else 0)
    step = optimizer.step * (max((t.shard(plan.sharded) for t in tensors), default=0) if cpu else parameters)
    peak = _peak(stage_parts, plan, stage, step)
    return DeviceMemory(
        stage=stage,
        parameters=parameters,
        gradients=parameters + (sum(part.whole_gradients for part in stage_parts.parts) if plan.sharded == 1 else 0),
        states=states,
        buffers=sum(part.buffers for part in stage_parts.parts),
        at_peak=peak,
        exchange=_exchange(stage_parts, plan),
    )


def _peak(stage_parts: StageParts, plan: Plan, stage: int, step: int) -> PeakMemory:
    """Returns the peak: while a part runs, or in the optimiser's step, which allocates ``step`` bytes."""
    further = [part.whole_gradients if plan.sharded == 1 else 0 for part in stage_parts.parts]
    gradients = [part.shard_bytes(plan.sharded) + more for part, more in zip(stage_parts.parts, further, strict=True)]
    every = stage_parts.shard_bytes(plan.sharded) + sum(further)
    replicated = plan.data > 1 and plan.sharded == 1  # DistributedDataParallel keeps its buckets
    saved = sum(part.saved for part in stage_parts.parts)
    scores = (
        stage_parts.parts[-1].output if plan.pipeline > 1 and stage_parts.last else 0
    )  # outputs of other stages are stored anyway
    flights = in_flight(plan, stage)
    peak = PeakMemory(gradients=every, whole=step, activations=0)
    # the first micro-batches in the backward pass find no gradients; later ones do
    rounds = [(flights, plan.micro_batches > flights)] + ([(flights - 1, True)] if flights > 1 else [])
    if plan.pipeline == 1:
        rounds = [(1, plan.micro_batches > 1)]
    following = [sum(gradients)]
    for size in gradients:
        following.append(following[-1] - size)
    for number, ready in rounds:
        before = (number - 1) * saved + scores
        for n, part in enumerate(stage_parts.parts):
            for phase, size in (("forward", part.forward), ("backward", part.backward)):
                there = every if ready or replicated else following[n + 1] if phase == "backward" else 0
                whole = _gathered(stage_parts, plan, n, phase) + (every if replicated and plan.micro_batches > 1 else 0)
                if plan.pipeline > 1 and plan.sharded > 1:  # gradients stay whole until the last micro-batch has passed
                    whole, there = whole + there * plan.sharded, 0
                waiting = (
                    stage_parts.waiting if phase == "backward" and not stage_parts.last else 0
                )  # it waits for the end's in one process
                activations = before + max(size - waiting, 0)
                if there + whole + activations > peak.total:
                    peak = PeakMemory(gradients=there, whole=whole, activations=activations)
            before += part.saved
    return peak


def in_flight(plan: Plan, stage: int) -> int:
    """Returns how many micro-batches' activations a stage stores in schedule 1F1B (Narayanan et al. 2019)."""
    return min(plan.pipeline - stage, plan.micro_batches) if plan.pipeline > 1 else 1


def _gathered(stage_parts: StageParts, plan: Plan, position: int, phase: str) -> int:
    """Returns the bytes of gathered parameters and gradients while a part runs."""
    if plan.sharded == 1:
        return 0
    root, blocks = stage_parts.root_bytes, stage_parts.block_bytes
    n = position - (1 if stage_parts.first else 0)
    here = blocks[n] if 0 <= n < len(blocks) else 0
    if phase == "forward":
        return root + 2 * here
    next_ = blocks[n - 1] if 1 <= n < len(blocks) else 0
    if plan.pipeline > 1:  # a stage keeps what it has gathered until the micro-batch has passed
        return root + sum(blocks[max(n, 0) :]) + next_
    previous = blocks[n + 1] if 0 <= n < len(blocks) - 1 else 0  # its gradients, while they are reduced
    return root + here + next_ + previous


def _exchange(stage_parts: StageParts, plan: Plan) -> int:
    """Returns the bytes of examples, and of data received from adjacent stages."""
    size = plan.micro_batches * stage_parts.inputs if stage_parts.first or stage_parts.last else 0
    if plan.pipeline == 1:
        return size
    outputs = stage_parts.blocks[-1].output
    received = 0 if stage_parts.first else stage_parts.received
    returned = 0 if stage_parts.last else outputs
    return size + plan.micro_batches * (received + returned)
