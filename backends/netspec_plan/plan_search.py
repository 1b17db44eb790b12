"""Searches the cheapest plan that fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from netspec.backend import Plan
from netspec.diagnostics import Error
from netspec.ir import Graph
from netspec.units import size_text
from netspec_fit import DeviceProfile, FunctionCall, PartProfile, Profiler, Settings, Work
from netspec_torch import loss_parallel

from .balance import balanced
from .candidates import candidates
from .device_memory import DeviceMemory, StageParts, device_memory, stage_parts
from .step_time import Machine, PassTime, StepTime, part_times, step_time

MAX_OTHERS = 3
"""Maximum number of other plans that are compared with the best one."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan with its time and memory.

    Attributes:
        plan: the plan.
        time: the minimum time of a step.
        memory: for each stage, the device with the highest usage.
    """

    plan: Plan
    time: StepTime
    memory: Sequence[DeviceMemory]

    @property
    def largest(self) -> DeviceMemory:
        """The device with the highest usage."""
        return max(self.memory, key=lambda device: device.total)


@dataclass(frozen=True, slots=True)
class Search:
    """The result of the search.

    Attributes:
        best: the cheapest plan that fits.
        others: the best plans of other meshes that fit.
        faster: cheaper plans that do not fit, one per mesh.
        tried: number of plans.
    """

    best: Candidate
    others: Sequence[Candidate]
    faster: Sequence[Candidate]
    tried: int


class Planner:
    """Searches the plans for a network.

    Args:
        graph: the network; named dimensions have their defaults.
        base: network, batch, optimiser and types.
        machine: the machines and devices.
        dtype: type of the weights; None for the spec's.
    """

    def __init__(self, graph: Graph, base: Plan, machine: Machine, dtype: str | None = None) -> None:
        self.profiler = Profiler(graph)
        self.base, self.machine, self.dtype = base, machine, dtype
        self.columns = sum(layer.side == "columns" for layer in self.profiler.split.layers)
        self._profiles = cache(self._profile)
        self._extended = cache(self._profile_of)
        self._stages = cache(self._stages_of)
        self._times = cache(self._times_of)
        self._cuts = cache(self._cut)

    def search(self, memory: int) -> Search:
        """Returns the cheapest plan that fits into ``memory`` bytes per device.

        Raises:
            Error: NS934, nothing fits; NS936, no number of replicas divides the batch; NS821, a function has no rule;
                NS829, no rate of the device is published for a type.
        """
        machine = self.machine
        devices = machine.per_node * machine.nodes
        plans = list(
            candidates(self.base, devices, machine.per_node, self.profiler.chain, self.profiler.split, self.cut)
        )
        if not plans:
            message = f"no division of {devices} devices divides a batch of {self.base.batch:,}"
            raise Error(
                "NS936",
                message,
                f"a multiple of {devices} would do, such as {-(-self.base.batch // devices) * devices}",
            )
        timed = sorted(((self.time(plan), plan) for plan in plans), key=lambda pair: (pair[0].total, _order(pair[1])))
        fitting: list[Candidate] = []
        faster: list[Candidate] = []
        meshes: set[tuple[object, ...]] = set()
        for time, plan in timed:
            mesh = _mesh(plan)
            if mesh in meshes:
                continue
            candidate = Candidate(plan, time, self.memory(plan))
            if candidate.largest.total <= memory:
                fitting.append(candidate)
                meshes.add(mesh)
                if len(fitting) > MAX_OTHERS:
                    break
            elif not fitting and mesh not in {_mesh(each.plan) for each in faster}:
                faster.append(candidate)
        if not fitting:
            raise self._nothing_fits([plan for _, plan in timed], memory)
        return Search(fitting[0], fitting[1:], faster[:MAX_OTHERS], len(plans))

    def _nothing_fits(self, plans: Sequence[Plan], memory: int) -> Error:
        least = min((Candidate(p, self.time(p), self.memory(p)) for p in plans), key=lambda each: each.largest.total)
        total = least.largest.total
        mesh = " x ".join(f"{name} {size}" for name, size in least.plan.mesh.items())
        message = f"nothing fits into {size_text(memory)}: the least that a device takes is {size_text(total)}, "
        message += f"{size_text(total - memory)} more ({mesh}{', checkpointed' if least.plan.checkpoint else ''})"
        return Error("NS934", message, "more devices, a smaller batch, or half precision take less")

    def time(self, plan: Plan) -> StepTime:
        """Returns the minimum time of a step of a plan."""
        passes = self._stage_times(self._division(plan), plan.stages)
        return step_time(self.stages(plan), passes, plan, self.machine, self.columns)

    def cut(self, plan: Plan) -> tuple[int, ...]:
        """Returns the number of blocks in each stage of a plan that minimises the time of the slowest stage."""
        return self._cuts(self._division(plan), plan.pipeline)

    def memory(self, plan: Plan) -> list[DeviceMemory]:
        """Returns the memory of a device of each stage."""
        return [device_memory(stage_parts, plan, stage) for stage, stage_parts in enumerate(self.stages(plan))]

    def stages(self, plan: Plan) -> Sequence[StageParts]:
        """Returns the parts of each stage of a plan, for a micro-batch."""
        return self._stages(self._division(plan), plan.stages)

    def _stages_of(self, division: Division, stages: tuple[int, ...]) -> Sequence[StageParts]:
        profile = self._extended(division)
        tied = self.profiler.chain.tied
        return [stage_parts(profile, stages, n, tied) for n in range(max(len(stages), 1))]

    def _times_of(self, division: Division) -> Sequence[PassTime]:
        return part_times(self._extended(division), self.machine.device)

    def _cut(self, division: Division, pipeline: int) -> tuple[int, ...]:
        before, *blocks, after = (time.total for time in self._times(division))
        return balanced(blocks, pipeline, before, after)

    def _stage_times(self, division: Division, stages: tuple[int, ...]) -> list[PassTime]:
        """Returns the minimum time of each stage."""
        before, *blocks, after = self._times(division)
        ends = list(accumulate(stages or (len(blocks),)))
        parts = [blocks[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        parts[0].insert(0, before)
        parts[-1].append(after)
        return [sum(part, PassTime()) for part in parts]

    def _profile_of(self, division: Division) -> DeviceProfile:
        """Returns the memory of a device for a micro-batch, interpolated linearly from small batches."""
        single, double = (self._profiles(division._replace(batch=number)) for number in (1, 2))
        if division.batch <= 2:
            return single if division.batch == 1 else double
        if not all(map(_alike, single.parts, double.parts)):  # PyTorch copies less if an axis has one element
            return self._profiles(division)
        return _extended(single, double, division.batch)

    def _profile(self, division: Division) -> DeviceProfile:
        settings = Settings(
            batch=division.batch,
            optimizer=self.base.optimizer,
            dtype=self.dtype,
            amp=self.base.amp,
            device=self.machine.device.backend,
        )
        return self.profiler.profile(
            settings,
            division.tensor,
            sequence=division.sequence,
            checkpoint=division.checkpoint,
            loss_parallel=division.loss_parallel,
        )

    def _division(self, plan: Plan) -> Division:
        parallel = loss_parallel(self.profiler.graph, plan, self.profiler.split)
        return Division(plan.tensor, plan.sequence, plan.checkpoint, parallel, plan.micro_batch)


class Division(NamedTuple):
    """Properties on which the functions run by a device depend.

    Attributes:
        tensor: number of devices that divide heads and units of each layer.
        sequence: whether norms and sums between divided layers are divided by positions.
        checkpoint: whether blocks are recomputed in the backward pass.
        loss_parallel: whether the loss is computed from scores divided by classes.
        batch: number of examples per micro-batch.
    """

    tensor: int
    sequence: bool
    checkpoint: bool
    loss_parallel: bool
    batch: int


def _order(plan: Plan) -> tuple[int, ...]:
    """Sort key that prefers simpler plans among those of equal cost."""
    return (plan.pipeline, plan.tensor, plan.sharded, plan.checkpoint, plan.micro_batches)


def _mesh(plan: Plan) -> tuple[object, ...]:
    return (plan.pipeline, plan.data, plan.sharded, plan.tensor)


def _alike(a: PartProfile, b: PartProfile) -> bool:
    """Whether a part runs the same functions for two numbers of examples."""
    return len(a.calls) == len(b.calls) and all(
        (x.phase, x.place, x.name, x.work.unit) == (y.phase, y.place, y.name, y.work.unit)
        for x, y in zip(a.calls, b.calls, strict=True)
    )


def _extended(single: DeviceProfile, double: DeviceProfile, batch: int) -> DeviceProfile:
    """Extrapolates the profile for a batch from those for one and two examples."""

    def at(a: int, b: int) -> int:
        return a + (b - a) * (batch - 1)

    def calls(a: Sequence[FunctionCall], b: Sequence[FunctionCall]) -> Iterable[FunctionCall]:
        for x, y in zip(a, b, strict=True):
            operations, nbytes = at(x.work.operations, y.work.operations), at(x.work.nbytes, y.work.nbytes)
            yield x._replace(work=Work(x.work.unit, operations, nbytes))

    known: dict[int, list[FunctionCall]] = {}  # equal blocks share their list of calls

    def part(a: PartProfile, b: PartProfile) -> PartProfile:
        if id(a.calls) not in known:
            known[id(a.calls)] = list(calls(a.calls, b.calls))
        return PartProfile(
            parameters=a.parameters,
            buffers=a.buffers,
            saved=at(a.saved, b.saved),
            forward=at(a.forward, b.forward),
            backward=at(a.backward, b.backward),
            output=at(a.output, b.output),
            whole_gradients=a.whole_gradients,
            calls=known[id(a.calls)],
        )

    blocks = [part(a, b) for a, b in zip(single.blocks, double.blocks, strict=True)]
    return DeviceProfile(
        part(single.before, double.before), blocks, part(single.after, double.after), at(single.inputs, double.inputs)
    )
