"""Formats a plan as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from netspec.backend import Plan
from netspec.units import size_text
from netspec_fit import OPTIMIZERS

from .device_memory import DeviceMemory
from .plan_search import Candidate, Search
from .step_time import Machine, StepTime

PARTS = {
    "computing": "computing",
    "waiting": "waiting for other stages",
    "tensor": "exchanges within layers",
    "gathering": "exchanges of parameters and gradients that computing does not hide",
    "passing": "between stages",
    "updating": "the optimiser's step",
}


@dataclass(frozen=True, slots=True)
class Report:
    """The data of a report.

    Attributes:
        search: the result of the search.
        machine: the machines and devices.
        memory: bytes available per device.
        dtype: type of the weights.
    """

    search: Search
    machine: Machine
    memory: int
    dtype: str


def seconds_text(seconds: float) -> str:
    """A time to three digits: ``21.9 s``, ``5.47 ms``."""
    if seconds >= 1:
        return f"{seconds:,.{0 if seconds >= 99.95 else 1 if seconds >= 9.995 else 2}f} s"
    value = seconds * 1000
    return f"{value:.{0 if value >= 99.95 else 1 if value >= 9.995 else 2}f} ms"


def mesh_text(plan: Plan) -> str:
    """The axes of the mesh: ``data 8 x sharded 16 x tensor 8``."""
    return " x ".join(f"{name} {size}" for name, size in plan.mesh.items())


def plan_report(report: Report) -> str:
    """Formats the plan, the reasons for it, and the memory of each device, without a trailing newline."""
    search, machine = report.search, report.machine
    best = search.best
    plan = best.plan
    where = f"{plan.devices} x {machine.device.title}"
    if machine.nodes > 1:
        where += f", {machine.nodes} machines"
    types = f"autocast to {plan.amp}" if plan.amp else report.dtype
    lines = [
        f"{plan.network} on {where}: training with {OPTIMIZERS[plan.optimizer].title}, batch {plan.batch:,}, {types}",
        "",
        f"mesh           {mesh_text(plan)}",
        f"micro-batches  {plan.micro_batches} of {_count(plan.micro_batch, 'example')}",
    ]
    if plan.sequence:
        lines.append("sequence       norms and sums are divided by positions")
    if plan.checkpoint:
        lines.append("checkpoint     blocks are run again in the backward pass")
    if plan.stages:
        lines.append(f"stages         {_runs(plan.stages)} blocks")
    lines += ["", *_memory_lines(best, report.memory), "", *_time_lines(best.time, plan), "", *_comparison(report)]
    lines += ["", *_reasons(report)]
    return "\n".join(lines)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _runs(stages: Sequence[int]) -> str:
    """Formats numbers of blocks, grouping equal ones: ``10, 11 (6 times), 9``."""
    out: list[tuple[int, int]] = []
    for size in stages:
        if out and out[-1][0] == size:
            out[-1] = (size, out[-1][1] + 1)
        else:
            out.append((size, 1))
    return ", ".join(f"{size}" if times == 1 else f"{size} ({times} times)" for size, times in out)


def _memory_lines(best: Candidate, limit: int) -> list[str]:
    """Formats the memory of the device with the highest usage, and the totals of all stages."""
    memory = best.largest
    stage = f" of stage {memory.stage}" if best.plan.pipeline > 1 else ""
    rows = [
        ("parameters", memory.parameters),
        (f"state of {OPTIMIZERS[best.plan.optimizer].title}", memory.states),
        ("buffers", memory.buffers),
        ("gradients", memory.at_peak.gradients),
        ("gathered from others", memory.at_peak.whole),
        ("activations", memory.at_peak.activations),
        ("examples and what stages pass on", memory.exchange),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"memory of a device{stage}, when most is in use"]
    lines += [f"  {name:{width}}  {size_text(size):>8}" for name, size in rows if size]
    lines.append(f"  {'total':{width}}  {size_text(memory.total):>8}  of {size_text(limit)}")
    if best.plan.pipeline > 1:
        totals = ", ".join(size_text(device.total) for device in _first_and_last(best.memory))
        lines.append(f"  {'all stages':{width}}  {totals}")
    return lines


def _first_and_last(memory: Sequence[DeviceMemory]) -> Sequence[DeviceMemory]:
    return memory if len(memory) <= 16 else [*memory[:8], *memory[-8:]]


def _time_lines(time: StepTime, plan: Plan) -> list[str]:
    rows = [(PARTS[name], getattr(time, name)) for name in PARTS]
    width = max(len(name) for name, seconds in rows if seconds >= time.total / 1000)
    lines = ["a step takes at least, at published rates and bandwidths"]
    lines += [f"  {name:{width}}  {seconds_text(s):>8}" for name, s in rows if s >= time.total / 1000]
    lines.append(
        f"  {'total':{width}}  {seconds_text(time.total):>8}  {plan.batch / time.total:,.3g} examples a second"
    )
    return lines


def _comparison(report: Report) -> list[str]:
    """Compares the best plan with others."""
    search = report.search
    rows = [("plan", "micro-batches", "checkpoint", "step", "memory")]
    for candidate in (search.best, *search.others, *search.faster):
        plan = candidate.plan
        note = "" if candidate.largest.total <= report.memory else "  too large"
        rows.append(
            (
                mesh_text(plan),
                f"{plan.micro_batches} of {plan.micro_batch}",
                "yes" if plan.checkpoint else "no",
                seconds_text(candidate.time.total),
                f"{size_text(candidate.largest.total)}{note}",
            )
        )
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    return ["  ".join([*(cell.ljust(widths[n]) for n, cell in enumerate(row[:4])), row[4]]) for row in rows]


def _reasons(report: Report) -> list[str]:
    """Formats the reasons for the plan."""
    search, best = report.search, report.search.best
    lines = [f"Of {search.tried:,} plans this is the one that fits and takes least time."]
    if search.faster:
        first = search.faster[0]
        missing = size_text(first.largest.total - report.memory)
        what = mesh_text(first.plan) + (" with" if first.plan.checkpoint else " without") + " checkpoints"
        lines.append(f"The fastest that does not fit, {what}, would need {missing} more on each device.")
    if search.others:
        other = search.others[0]
        more = other.time.total / best.time.total - 1
        longer = f"takes {more:.1%} longer" if more >= 0.0005 else "takes as long, and more memory"
        if more < 0.0005 and other.largest.total <= best.largest.total:
            longer = "takes as long"
        lines.append(f"The next one, {mesh_text(other.plan)}, {longer}.")
    return lines


def report_json(report: Report) -> str:
    """Formats the plan as JSON with a trailing newline; sizes in bytes, times in seconds."""

    def candidate(each: Candidate) -> dict[str, object]:
        stages = [asdict(device) | {"total": device.total} for device in each.memory]
        return {
            "plan": asdict(each.plan) | {"stages": list(each.plan.stages), "devices": each.plan.devices},
            "time": asdict(each.time) | {"total": each.time.total},
            "memory": stages,
        }

    data = {
        "device": report.machine.device.name,
        "nodes": report.machine.nodes,
        "memory": report.memory,
        "tried": report.search.tried,
        "best": candidate(report.search.best),
        "others": [candidate(each) for each in report.search.others],
        "too_large": [candidate(each) for each in report.search.faster],
    }
    return json.dumps(data, indent=2) + "\n"
