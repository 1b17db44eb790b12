"""Enumerates the possible divisions among a number of devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from netspec.analysis.block_chain import BlockChain
from netspec.analysis.tensor_split import TensorSplit
from netspec.backend import Plan

Cut: TypeAlias = Callable[[Plan], tuple[int, ...]]
"""Returns the number of blocks in each stage of a plan without stages."""
MAX_MICRO_BATCHES = 1024
"""Maximum number of micro-batches per step."""


def divisors(n: int) -> list[int]:
    """Returns the divisors of a number, in order."""
    small = [k for k in range(1, int(n**0.5) + 1) if n % k == 0]
    return small + [n // k for k in reversed(small) if k * k != n]


def candidates(
    base: Plan, devices: int, per_node: int, chain: BlockChain, split: TensorSplit, cut: Cut
) -> Iterator[Plan]:
    """Yields all plans for a number of devices.

    Args:
        base: network, batch, optimiser and types.
        devices: number of devices.
        per_node: number of devices per machine; ``tensor`` does not exceed a machine.
        chain: the blocks of the network.
        split: the layers that can be divided.
        cut: decides where the network is cut into stages.
    """
    for tensor in divisors(per_node):
        if devices % tensor or (tensor > 1 and (not split.layers or split.undivided(tensor))):
            continue
        sequence = tensor > 1 and split.along_sequence(tensor)
        for pipeline in divisors(devices // tensor):
            if pipeline > 1 and (chain.obstacle or pipeline > len(chain.blocks)):
                break
            replicas = devices // tensor // pipeline
            if base.batch % replicas:
                continue
            for data, sharded in _replicas(replicas, alone=tensor == pipeline == 1):
                for parts in _micro_batches(base.batch // replicas, pipeline):
                    for checkpoint in (False, True):
                        plan = replace(
                            base, pipeline=pipeline, data=data, sharded=sharded, tensor=tensor, sequence=sequence,
                            micro_batches=parts, checkpoint=checkpoint,
                        )  # fmt: skip
                        yield replace(plan, stages=cut(plan)) if pipeline > 1 else plan


def _replicas(replicas: int, *, alone: bool) -> Iterator[tuple[int, int]]:
    """Yields replicas as (data, sharded); those of stages and divided layers are sharded."""
    for sharded in divisors(replicas):
        if sharded > 1 or alone or replicas == 1:
            yield replicas // sharded, sharded


def _micro_batches(examples: int, pipeline: int) -> Sequence[int]:
    return [n for n in divisors(examples) if pipeline <= n <= MAX_MICRO_BATCHES or n == pipeline == 1]
