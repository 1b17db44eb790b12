"""The least time of a step: what devices compute and exchange, at published rates and bandwidths.

It is a bound to compare plans by, not a forecast: no device reaches its published rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netspec.backend import Plan
from netspec.devices import Device

from .device_memory import StageParts


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a plan runs.

    Attributes:
        device: the device.
        per_node: devices of each machine.
        nodes: machines.
        rate: operations per second.
        network: bytes per second, in one direction, between machines for each device.
    """

    device: Device
    per_node: int
    nodes: int
    rate: float
    network: float

    def bandwidth(self, span: int) -> float:
        """Bytes per second, in one direction, among devices that are neighbours: within a machine, or between some."""
        link = self.device.peer_link
        return link.one_way if span <= self.per_node and link is not None else self.network


@dataclass(frozen=True, slots=True)
class Work:
    """What each part of a network computes for one example, in operations of its forward pass."""

    before: int
    blocks: Sequence[int]
    after: int


@dataclass(frozen=True, slots=True)
class StepTime:
    """The least time of a step, in seconds.

    Attributes:
        computing: of the stage that takes longest, for all micro-batches.
        waiting: of a pipeline, until all stages have work, and when the first have none any more.
        tensor: exchanges within divided layers.
        gathering: exchanges of parameters and gradients that take longer than what is computed meanwhile.
        passing: between stages.
        updating: the optimiser's step.
    """

    computing: float
    waiting: float
    tensor: float
    gathering: float
    passing: float
    updating: float

    @property
    def total(self) -> float:
        """All of them."""
        return self.computing + self.waiting + self.tensor + self.gathering + self.passing + self.updating


def step_time(
    stages: Sequence[StageParts], work: Work, plan: Plan, machine: Machine, states: int, columns: int
) -> StepTime:
    """The least time of a step.

    Args:
        stages: the parts of each stage for a micro-batch, without checkpoints.
        work: what they compute.
        plan: the plan.
        machine: where it runs.
        states: numbers that the optimiser keeps for each parameter.
        columns: layers of a block that are divided by their outputs.
    """
    passes = [_computing(own, work, plan, machine, sum(plan.stages[:n])) for n, own in enumerate(stages)]
    exchanges = [_tensor(own, plan, machine, columns) for own in stages]
    slowest = max(range(len(stages)), key=lambda n: passes[n] + exchanges[n])
    own, each_pass, exchange = stages[slowest], passes[slowest], exchanges[slowest]
    parameters = own.root_bytes + sum(own.block_bytes)
    passing = 0.0
    if plan.pipeline > 1:
        passing = 2 * own.received / (plan.tensor if plan.sequence else 1)
        passing /= machine.bandwidth(plan.devices // plan.pipeline * 2)
    shard = parameters / plan.sharded
    rounds = plan.micro_batches + plan.pipeline - 1
    return StepTime(
        computing=each_pass * plan.micro_batches,
        waiting=(each_pass + exchange + passing) * (plan.pipeline - 1),
        tensor=exchange * plan.micro_batches,
        gathering=_gathering(parameters, each_pass, plan, machine),
        passing=passing * (rounds - plan.pipeline + 1),
        updating=shard * (3 + 2 * states) / machine.device.bandwidth,
    )


def _computing(own: StageParts, work: Work, plan: Plan, machine: Machine, start: int) -> float:
    """The least time of a stage for a micro-batch: products at the device's rate, everything else at its bandwidth."""
    blocks = sum(work.blocks[start : start + len(own.blocks)])
    ends = (work.before if own.first else 0) + (work.after if own.last else 0)
    forward = plan.micro_batch / plan.tensor / machine.rate
    moved, moved_at_ends = (2 * kept / machine.device.bandwidth for kept in own.kept)
    again = 1 if plan.checkpoint else 0
    return (3 + again) * (blocks * forward + moved) + 3 * (ends * forward + moved_at_ends)


def _tensor(own: StageParts, plan: Plan, machine: Machine, columns: int) -> float:
    """Exchanges of divided layers, for a micro-batch: nothing is computed meanwhile."""
    if plan.tensor == 1:
        return 0.0
    share = (plan.tensor - 1) / plan.tensor
    times = 10 if plan.sequence else 4 + 2 * columns
    if plan.checkpoint:
        times += 4
    return times * share * sum(block.output for block in own.blocks) / machine.bandwidth(plan.tensor)


def _gathering(parameters: int, each_pass: float, plan: Plan, machine: Machine) -> float:
    """What is left of exchanges of parameters and gradients, when those are hidden behind what is computed."""
    time = 0.0
    if plan.sharded > 1:
        share = (plan.sharded - 1) / plan.sharded * parameters / machine.bandwidth(plan.sharded * plan.tensor)
        if plan.pipeline > 1:  # gathered in each micro-batch, reduced once
            time += max(share - each_pass, 0.0) * plan.micro_batches + share
        else:
            time += max(3 * share - each_pass, 0.0) * plan.micro_batches
    if plan.data > 1:
        share = 2 * (plan.data - 1) / plan.data * parameters / plan.sharded
        share /= machine.bandwidth(plan.replicas * plan.tensor)
        time += max(share - each_pass * 2 / 3, 0.0)
    return time
