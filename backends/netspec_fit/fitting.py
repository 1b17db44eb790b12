"""Finds the largest batch that fits, and changes that would make a network fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from netspec.analysis.network_figures import analyze
from netspec.backend import Memory

from .checkpointing import block_classes
from .forecast import forecast
from .settings import MAX_BATCH, Settings
from .simulated.types import HALVES
from .simulation import Network, Simulation

MAX_CLASSES = 6
"""Maximum number of classes of blocks that are tried."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change that reduces memory.

    Attributes:
        option: the command-line option for it.
        total: bytes at the peak with this change.
        again: recomputed MACs as a fraction of those of a forward pass.
        largest_batch: the largest batch that fits with it; 0 if none does.
    """

    option: str
    total: int
    again: float
    largest_batch: int


def largest_batch(network: Network, settings: Settings, memory: int) -> int:
    """Returns the largest batch whose peak is at most ``memory`` bytes; 0 if a single example does not fit.

    Memory grows almost linearly with the batch, so that few forecasts are needed.
    """

    def total(batch: int) -> int:
        return forecast(network, replace(settings, batch=batch)).total

    return _largest(total, memory)


def _largest(total: Callable[[int], int], memory: int) -> int:
    low, at_low = 1, total(1)
    if at_low > memory:
        return 0
    high, at_high = 2, total(2)
    if at_high <= memory:
        slope: float = max(at_high - at_low, 1)
        low, at_low = high, at_high
        while True:
            high = min(low + max(int((memory - at_low) / slope), 1) + 1, MAX_BATCH)
            at_high = total(high)
            if at_high > memory or high == MAX_BATCH:
                break
            slope = max((at_high - at_low) // (high - low), 1)
            low, at_low = high, at_high
        if at_high <= memory:
            return high
    tries = 0
    while high - low > 1:
        tries += 1
        slope = (at_high - at_low) / (high - low)
        guess = low + int((memory - at_low) / slope) if slope > 0 and tries < 6 else (low + high) // 2
        guess = min(max(guess, low + 1), high - 1)
        at_guess = total(guess)
        if at_guess <= memory:
            low, at_low = guess, at_guess
            if tries < 6 and high - low > 1 and total(low + 1) > memory:
                return low
        else:
            high, at_high = guess, at_guess
    return low


def remedies(network: Network, settings: Settings, memory: Memory, limit: int | None) -> list[Remedy]:
    """Returns changes that reduce memory, the cheapest first: other types, checkpointed blocks.

    Args:
        network: the network.
        settings: the settings of the forecast.
        memory: the forecast.
        limit: available bytes; None if only the peaks are of interest.
    """
    changes: list[tuple[str, Settings, float]] = []
    if memory.dtype not in HALVES and settings.amp is None and settings.device == "cuda":
        if settings.training:
            changes.append(("--amp bfloat16", replace(settings, amp="bfloat16"), 0.0))
        changes.append(("--dtype bfloat16", replace(settings, dtype="bfloat16"), 0.0))
    if settings.training and not settings.checkpoint:
        changes += [
            (f"--checkpoint {cls}", replace(settings, checkpoint=(cls,)), again)
            for cls, again in _checkpoint_costs(network, settings).items()
        ]
    out: list[Remedy] = []
    for option, changed, again in changes:
        total = forecast(network, changed).total
        if total < memory.total:
            batch = largest_batch(network, changed, limit) if limit is not None else 0
            out.append(Remedy(option, total, again, batch))
    return out


def _checkpoint_costs(network: Network, settings: Settings) -> dict[str, float]:
    """Returns, for each class of blocks, the fraction of MACs that checkpointing it recomputes."""
    model = Simulation(network, replace(settings, batch=1)).model
    classes = block_classes(dict(model.named_modules()))
    rows = analyze(network.graph).layers
    total = sum(row.macs for row in rows) or 1
    costs: dict[str, float] = {}
    for cls, names in classes.items():
        prefixes = tuple(f"{name}." for name in names)
        costs[cls] = sum(row.macs for row in rows if row.name.startswith(prefixes)) / total
    return dict(sorted(costs.items(), key=lambda item: -item[1])[:MAX_CLASSES])
