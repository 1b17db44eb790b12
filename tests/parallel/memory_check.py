"""Compares the memory of the processes of a plan with what is predicted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netspec.backend import Plan
from netspec.ir import Graph
from netspec_fit import Profiler, Settings
from netspec_plan.device_memory import device_memory, stage_parts
from netspec_torch import loss_parallel

from .equality import adamw, started
from .measured_memory import StorageMeter, memory_of
from .processes import Process, run_processes


@dataclass(frozen=True)
class MemoryDifference:
    """How far measured memory is from what is predicted.

    Attributes:
        exact: whether parameters, gradients and states are as predicted in all processes.
        lowest: the lowest relative difference of the totals.
        highest: the highest.
        creation: the most bytes while a network is created.
    """

    exact: bool
    lowest: float
    highest: float
    creation: int


def memory_difference(graph: Graph, plan: Plan, folder: Path) -> MemoryDifference:
    """Runs a plan, whose files are in a folder, and compares."""

    def job(process: Process) -> dict[str, Any]:
        with StorageMeter() as meter:
            training, step = started(process, plan, adamw)
        measured = memory_of(training, lambda: step(0))
        return {**measured, "creation": meter.peak, "place": list(process.mesh.get_coordinate())}

    profiler = Profiler(graph)
    settings = Settings(batch=plan.micro_batch, device="cpu", optimizer=plan.optimizer)
    profile = profiler.profile(
        settings,
        plan.tensor,
        sequence=plan.sequence,
        checkpoint=plan.checkpoint,
        loss_parallel=loss_parallel(profiler.graph, plan, profiler.split),
    )
    exact, off = True, list[float]()
    results = run_processes(folder, plan.devices, job)
    for measured in results:
        place = dict(zip(plan.mesh, measured["place"], strict=True))
        stage = place.get("pipeline", 0)
        own = stage_parts(profile, plan.stages, stage, profiler.chain.tied)
        memory = device_memory(own, plan, stage, cpu=True, index=place.get("sharded", 0))
        expected = (memory.parameters, memory.gradients, memory.states)
        exact = exact and expected == (measured["parameters"], measured["gradients"], measured["states"])
        off.append(memory.total / measured["total"] - 1)
    return MemoryDifference(exact, min(off), max(off), max(measured["creation"] for measured in results))
