"""Two processes train as one does, and take the memory that is predicted. ``python -m tests.parallel`` has all plans."""

from __future__ import annotations

from pathlib import Path

from .equality import differences
from .files import write_files
from .memory_check import memory_difference
from .networks import network, plan_of


def test_divided_layers(tmp_path: Path) -> None:
    graph, plan = network("gpt2"), plan_of("gpt2", "tensor along the sequence")
    loss, gradient = differences(graph, plan, tmp_path, write_files(tmp_path, graph, plan))
    assert max(loss, gradient) <= 1e-5


def test_memory(tmp_path: Path) -> None:
    graph, plan = network("gpt2", larger=True), plan_of("gpt2", "sharded, checkpointed")
    write_files(tmp_path, graph, plan)
    difference = memory_difference(graph, plan, tmp_path)
    assert difference.exact
    assert max(-difference.lowest, difference.highest) <= 0.05
    assert difference.creation < sum(p.elements * 4 for p in graph.parameters)  # blocks are divided one by one
