"""The least time of a step: that of the roofline for one device, and below what others measured on many."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

import netspec
from netspec.backend import Plan
from netspec.devices import find_device
from netspec_fit import Settings, roofline
from netspec_plan.balance import balanced
from netspec_plan.plan_search import Planner
from netspec_plan.step_time import Machine


@pytest.mark.parametrize("checkpoint", [False, True])
def test_one_device_takes_the_time_of_the_roofline(checkpoint: bool) -> None:
    graph, device = netspec.load("cifar_resnet"), find_device("a100")
    plan = Plan(network="cifar_resnet", parameters=0, batch=64, checkpoint=checkpoint)
    time = Planner(graph, plan, Machine(device, 1, 1, 25e9)).time(plan)
    settings = Settings(batch=64, checkpoint=("Basic",) if checkpoint else ())
    bound = roofline(graph, settings, device)
    passes = (bound.forward + bound.backward).seconds  # of the sum of outputs, which takes less than a cross-entropy
    assert passes < time.total - time.updating < passes * 1.002
    assert time.updating == pytest.approx(bound.step.seconds)


@cache
def megatron() -> Planner:
    """GPT-3 with 175 billion parameters on A100 in machines of eight, with 200 Gb/s InfiniBand for each."""
    params = {"width": 12288, "depth": 96, "heads": 96, "context": 2048, "vocabulary": 51200}
    plan = Plan(network="gpt2", parameters=0, batch=1536, amp="bfloat16", tensor=8, checkpoint=True)
    return Planner(netspec.load("gpt2", params=params), plan, Machine(find_device("a100"), 8, 192, 25e9))


# The plans differ from these runs: Megatron-LM divides the vocabulary, which the scores share with the embedding, and has
# equal stages; table 5's run interleaves three groups of layers on each device, which waits a third as long.
PUBLISHED: dict[str, tuple[int, int, int, float]] = {
    "Korthikanti et al. 2022, table 5: 175B with full recomputation": (64, 8, 1, 18.13),
    # table 2: 153 teraflops for each device; 96 B s l h^2 (1 + s / 6h + V / 16lh) operations (equation 3)
    "Narayanan et al. 2021, table 2: 384 devices": (1536, 12, 4, 4.51e18 / 384 / 153e12),
    "Narayanan et al. 2021, table 2: 1,536 devices": (1536, 12, 16, 4.51e18 / 1536 / 141e12),
}


@pytest.mark.parametrize("run", PUBLISHED)
def test_published_runs_take_longer(run: str) -> None:
    batch, pipeline, replicas, measured = PUBLISHED[run]
    planner = megatron()
    plan = replace(planner.base, batch=batch, pipeline=pipeline, data=replicas, micro_batches=batch // replicas)
    plan = replace(plan, stages=planner.cut(plan))
    assert max(plan.stages) <= 96 // pipeline + 1
    assert 0.8 * measured < planner.time(plan).total < measured


def test_stages_of_equal_work() -> None:
    assert balanced([1.0] * 8, 4) == (2, 2, 2, 2)
    assert balanced([1.0] * 8, 4, before=1.0, after=2.0) == (1, 3, 3, 1)
    assert balanced([5.0, 1.0, 1.0, 1.0, 1.0, 1.0], 2) == (1, 5)
    assert balanced([1.0, 2.0], 2, after=9.0) == (1, 1)
