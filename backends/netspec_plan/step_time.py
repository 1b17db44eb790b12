"""A lower bound on the time of a step, from published rates and bandwidths.

The computation time is that of ``netspec.roofline`` for the functions that a device runs in a plan. It serves to
compare plans and is not a forecast: no device reaches its published rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netspec.backend import Plan, TimeBound
from netspec.devices import Device
from netspec_fit import DeviceProfile, FunctionCall, call_bound, step_bound

from .device_memory import StageParts


@dataclass(frozen=True, slots=True)
class Machine:
    """The machines on which a plan runs.

    Attributes:
        device: the device.
        per_node: number of devices per machine.
        nodes: number of machines.
        network: bandwidth between machines per device and direction, in bytes per second.
    """

    device: Device
    per_node: int
    nodes: int
    network: float

    def bandwidth(self, span: int) -> float:
        """Returns bytes per second and direction between neighbouring devices, within a machine or across machines."""
        link = self.device.peer_link
        return link.one_way if span <= self.per_node and link is not None else self.network


@dataclass(frozen=True, slots=True)
class PassTime:
    """Minimum time of forward and backward pass of some layers for a micro-batch, in seconds."""

    forward: float = 0.0
    backward: float = 0.0

    @property
    def total(self) -> float:
        """Time of both passes."""
        return self.forward + self.backward

    def __add__(self, other: PassTime) -> PassTime:
        return PassTime(self.forward + other.forward, self.backward + other.backward)


def part_times(profile: DeviceProfile, device: Device) -> list[PassTime]:
    """Returns the minimum times of the layers before the blocks, of each block, and of the layers after them.

    Raises:
        Error: NS829, no rate of the device is published for a type.
    """
    known: dict[int, PassTime] = {}  # equal blocks share their list of calls
    for part in profile.parts:
        if id(part.calls) not in known:
            known[id(part.calls)] = _pass_time(part.calls, device)
    return [known[id(part.calls)] for part in profile.parts]


def _pass_time(calls: Sequence[FunctionCall], device: Device) -> PassTime:
    seconds = {"forward": 0.0, "backward": 0.0}
    for call in calls:
        seconds[call.phase] += call_bound(call, 1, device).seconds
    return PassTime(**seconds)


@dataclass(frozen=True, slots=True)
class StepTime:
    """Minimum time of a step, in seconds.

    Attributes:
        computing: computation of the slowest stage, for all micro-batches.
        waiting: idle time while a pipeline fills and drains.
        tensor: communication within divided layers.
        gathering: communication of parameters and gradients that computation does not hide.
        passing: communication between stages.
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
        """The sum of all parts."""
        return self.computing + self.waiting + self.tensor + self.gathering + self.passing + self.updating


def step_time(
    stages: Sequence[StageParts], passes: Sequence[PassTime], plan: Plan, machine: Machine, columns: int
) -> StepTime:
    """Computes the minimum time of a step.

    Args:
        stages: the parts of each stage for a micro-batch.
        passes: the minimum time of each stage for a micro-batch.
        plan: the plan.
        machine: the machines and devices.
        columns: number of layers of a block that are divided by their outputs.
    """
    exchanges = [_tensor(stage_parts, plan, machine, columns) for stage_parts in stages]
    slowest = max(range(len(stages)), key=lambda n: passes[n].total + exchanges[n])
    stage_parts, computing, exchange = stages[slowest], passes[slowest], exchanges[slowest]
    parameters = stage_parts.root_bytes + sum(stage_parts.block_bytes)
    passing = 0.0
    if plan.pipeline > 1:
        passing = 2 * stage_parts.received / (plan.tensor if plan.sequence else 1)
        passing /= machine.bandwidth(plan.devices // plan.pipeline * 2)
    step: TimeBound = step_bound(plan.optimizer, stage_parts.shard_bytes(plan.sharded), machine.device)
    return StepTime(
        computing=computing.total * plan.micro_batches,
        waiting=(computing.total + exchange + passing) * (plan.pipeline - 1),
        tensor=exchange * plan.micro_batches,
        gathering=_gathering(parameters, computing, plan, machine),
        passing=passing * plan.micro_batches,
        updating=step.seconds,
    )


def _tensor(stage_parts: StageParts, plan: Plan, machine: Machine, columns: int) -> float:
    """Returns the communication time of divided layers for a micro-batch, which is not overlapped with computation."""
    if plan.tensor == 1:
        return 0.0
    share = (plan.tensor - 1) / plan.tensor
    times = 10 if plan.sequence else 4 + 2 * columns
    if plan.checkpoint:
        times += 4
    return times * share * sum(block.output for block in stage_parts.blocks) / machine.bandwidth(plan.tensor)


def _gathering(parameters: int, computing: PassTime, plan: Plan, machine: Machine) -> float:
    """Returns the communication time of parameters and gradients that computation does not hide."""
    time = 0.0
    if plan.sharded > 1:
        share = (plan.sharded - 1) / plan.sharded * parameters / machine.bandwidth(plan.sharded * plan.tensor)
        if plan.pipeline > 1:  # gathered in each micro-batch, reduced once
            time += max(share - computing.total, 0.0) * plan.micro_batches + share
        else:
            time += max(3 * share - computing.total, 0.0) * plan.micro_batches
    if plan.data > 1:
        share = 2 * (plan.data - 1) / plan.data * parameters / plan.sharded
        share /= machine.bandwidth(plan.replicas * plan.tensor)
        time += max(share - computing.backward, 0.0)
    return time
