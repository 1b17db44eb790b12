"""The plan that fits and costs least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from netspec.analysis.network_figures import analyze
from netspec.backend import Plan
from netspec.diagnostics import Error
from netspec.ir import Graph
from netspec.units import size_text
from netspec_fit import OPTIMIZERS, DeviceProfile, PartProfile, Profiler, Settings

from .candidates import candidates
from .device_memory import DeviceMemory, StageParts, device_memory, stage_parts
from .step_time import Machine, StepTime, Work, step_time

MAX_OTHERS = 3
"""Other plans that are compared with the best one."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan with what it takes.

    Attributes:
        plan: the plan.
        time: the least time of a step.
        memory: the device of each stage that takes most.
    """

    plan: Plan
    time: StepTime
    memory: Sequence[DeviceMemory]

    @property
    def largest(self) -> DeviceMemory:
        """The device that takes most."""
        return max(self.memory, key=lambda device: device.total)


@dataclass(frozen=True, slots=True)
class Search:
    """What was found.

    Attributes:
        best: the plan that fits and costs least.
        others: the best plans of other meshes that fit.
        faster: plans that would cost less, but do not fit, the first of each mesh.
        tried: how many plans there are.
        macs: multiply-accumulates of a forward pass for one example.
    """

    best: Candidate
    others: Sequence[Candidate]
    faster: Sequence[Candidate]
    tried: int
    macs: int


class Planner:
    """Searches the plans for a network.

    Args:
        graph: the network; named dimensions have their defaults.
        base: network, batch, optimiser and types.
        machine: where it runs.
        dtype: the type of weights; None for the spec's.
    """

    def __init__(self, graph: Graph, base: Plan, machine: Machine, dtype: str | None = None) -> None:
        self.profiler = Profiler(graph)
        self.base, self.machine, self.dtype = base, machine, dtype
        self.states = OPTIMIZERS[base.optimizer].states
        self.columns = sum(layer.side == "columns" for layer in self.profiler.split.layers)
        self.work, self.macs = _work(self.profiler)
        self._profiles = cache(self._profile)
        self._extended = cache(self._profile_of)
        self._stages = cache(self._stages_of)

    def search(self, memory: int) -> Search:
        """The plan that fits into that many bytes and costs least.

        Raises:
            Error: NS934, nothing fits; NS936, no number of replicas divides the batch; NS821, a function has no rule.
        """
        machine = self.machine
        devices = machine.per_node * machine.nodes
        plans = list(
            candidates(self.base, devices, machine.per_node, self.profiler.chain, self.profiler.split, self.work)
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
        return Search(fitting[0], fitting[1:], faster[:MAX_OTHERS], len(plans), self.macs)

    def _nothing_fits(self, plans: Sequence[Plan], memory: int) -> Error:
        least = min((Candidate(p, self.time(p), self.memory(p)) for p in plans), key=lambda each: each.largest.total)
        total = least.largest.total
        mesh = " x ".join(f"{name} {size}" for name, size in least.plan.mesh.items())
        message = f"nothing fits into {size_text(memory)}: the least that a device takes is {size_text(total)}, "
        message += f"{size_text(total - memory)} more ({mesh}{', checkpointed' if least.plan.checkpoint else ''})"
        return Error("NS934", message, "more devices, a smaller batch, or half precision take less")

    def time(self, plan: Plan) -> StepTime:
        """The least time of a step of a plan."""
        stages = self.stages(replace(plan, checkpoint=False))
        return step_time(stages, self.work, plan, self.machine, self.states, self.columns)

    def memory(self, plan: Plan) -> list[DeviceMemory]:
        """The memory of a device of each stage."""
        return [device_memory(own, plan, stage) for stage, own in enumerate(self.stages(plan))]

    def stages(self, plan: Plan) -> Sequence[StageParts]:
        """The parts of each stage of a plan, for a micro-batch."""
        return self._stages(plan.tensor, plan.sequence, plan.checkpoint, plan.micro_batch, plan.stages)

    def _stages_of(
        self, tensor: int, sequence: bool, checkpoint: bool, batch: int, stages: tuple[int, ...]
    ) -> Sequence[StageParts]:
        profile = self._extended(tensor, sequence, checkpoint, batch)
        tied = self.profiler.chain.tied
        return [stage_parts(profile, stages, n, tied) for n in range(max(len(stages), 1))]

    def _profile_of(self, tensor: int, sequence: bool, checkpoint: bool, batch: int) -> DeviceProfile:
        """What a device takes for a micro-batch: it grows evenly with the number of examples."""
        single, double = (self._profiles(tensor, sequence, checkpoint, number) for number in (1, 2))
        return single if batch == 1 else double if batch == 2 else _extended(single, double, batch)

    def _profile(self, tensor: int, sequence: bool, checkpoint: bool, batch: int) -> DeviceProfile:
        settings = Settings(
            batch=batch,
            optimizer=self.base.optimizer,
            dtype=self.dtype,
            amp=self.base.amp,
        )
        return self.profiler.profile(settings, tensor, sequence=sequence, checkpoint=checkpoint)


def _order(plan: Plan) -> tuple[int, ...]:
    """Of plans that cost the same, the simpler one comes first."""
    return (plan.pipeline, plan.tensor, plan.sharded, plan.checkpoint, plan.micro_batches)


def _mesh(plan: Plan) -> tuple[object, ...]:
    return (plan.pipeline, plan.data, plan.sharded, plan.tensor)


def _work(profiler: Profiler) -> tuple[Work, int]:
    """Operations of the forward pass of each part for one example, and MACs of all."""
    rows = {row.name: row.macs_needed for row in analyze(profiler.graph).layers}

    def operations(names: set[str]) -> int:
        return 2 * sum(rows.get(name, 0) for name in names)

    chain = profiler.chain
    blocks = [operations({node.layer for node in nodes}) for nodes in chain.nodes]
    before = operations({node.layer for node in chain.before})
    after = operations({node.layer for node in chain.after})
    return Work(before, blocks, after), sum(rows.values())


def _extended(single: DeviceProfile, double: DeviceProfile, batch: int) -> DeviceProfile:
    """The profile for a batch, from those for one and two examples."""

    def at(a: int, b: int) -> int:
        return a + (b - a) * (batch - 1)

    def part(a: PartProfile, b: PartProfile) -> PartProfile:
        return PartProfile(
            parameters=a.parameters,
            buffers=a.buffers,
            kept=at(a.kept, b.kept),
            forward=at(a.forward, b.forward),
            backward=at(a.backward, b.backward),
            output=at(a.output, b.output),
        )

    blocks = [part(a, b) for a, b in zip(single.blocks, double.blocks, strict=True)]
    return DeviceProfile(
        part(single.before, double.before), blocks, part(single.after, double.after), at(single.inputs, double.inputs)
    )
