"""Formats a forecast as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from netspec.analysis.language_model import LanguageModel
from netspec.backend import Memory, Roofline
from netspec.cli.output_files import write_text
from netspec.units import size_text

from .fitting import Remedy
from .language_text import language_lines
from .memory_plot import memory_csv, memory_svg
from .parts_table import group_parts, merge_equal
from .settings import OPTIMIZERS
from .time_report import time_data, time_lines

PHASES = {"forward": "in the forward pass", "backward": "in the backward pass", "step": "in the optimiser's step"}


@dataclass(frozen=True, slots=True)
class Fit:
    """A forecast compared with the available memory.

    Attributes:
        memory: the forecast.
        limit: available bytes; None if no memory was given.
        largest_batch: the largest batch that fits; None without a limit.
        remedies: changes that reduce memory.
        language: figures of a language model; None for other networks.
        bound: the minimum time on a device; None if no device was given.
        layers: whether the text lists the bounds of layers instead of blocks.
    """

    memory: Memory
    limit: int | None = None
    largest_batch: int | None = None
    remedies: Sequence[Remedy] = ()
    language: LanguageModel | None = None
    bound: Roofline | None = None
    layers: bool = False

    @property
    def fits(self) -> bool:
        """Whether the peak is within the limit."""
        return self.limit is None or self.memory.total <= self.limit


def setting_text(memory: Memory) -> str:
    """The settings of a forecast, in one line."""
    settings = memory.settings
    use = f"training with {OPTIMIZERS[settings.optimizer].title}" if settings.optimizer else "inference"
    types = f"autocast to {settings.amp}" if settings.amp else memory.dtype
    parts = [use, f"batch {settings.batch:,}", types, "CUDA" if settings.device == "cuda" else "CPU"]
    if memory.has_attention and settings.device == "cuda":
        parts.append(f"attention {memory.kernel}")
    if settings.checkpoint:
        parts.append(f"checkpointed: {', '.join(settings.checkpoint)}")
    return ", ".join(parts)


def fit_text(fit: Fit) -> str:
    """Formats a forecast, its table by block, and whether it fits, without a trailing newline."""
    memory, peak = fit.memory, fit.memory.peak
    title = OPTIMIZERS[memory.settings.optimizer].title if memory.settings.optimizer else ""
    rows: list[tuple[str, int | None, int]] = [("weights", memory.weights, peak.weights)]
    if memory.settings.training:
        rows.append(("gradients", memory.gradients, peak.gradients))
        if peak.states:
            rows.append((f"state of {title}", memory.states, peak.states))
    if memory.buffers:
        rows.append(("buffers", memory.buffers, peak.buffers))
    rows.append(("inputs", memory.inputs, peak.inputs))
    rows.append(("activations", memory.activations if memory.settings.training else None, peak.activations))
    width = max(len(name) for name, _, _ in rows)
    lines = [f"{memory.network}: {setting_text(memory)}", "", f"{'':{width}}  {'in all':>9}  {'at peak':>9}"]
    for name, whole, then in rows:
        lines.append(f"{name:{width}}  {size_text(whole) if whole is not None else '':>9}  {size_text(then):>9}")
    where = f"{PHASES[peak.phase]}{f' of {peak.layer}' if peak.layer and peak.phase != 'step' else ''}"
    lines.append(f"{'peak':{width}}  {'':>9}  {size_text(peak.total):>9}  {where} ({peak.total:,} bytes)")
    lines += ["", *_block_lines(memory)]
    if memory.has_experts:
        lines += ["", "Tokens are taken to be spread evenly over the experts."]
    if fit.language is not None:
        lines += ["", *language_lines(fit.language)]
    if fit.bound is not None:
        lines += ["", *time_lines(fit.bound, layers=fit.layers)]
    lines += _limit_lines(fit)
    return "\n".join(lines)


def _block_lines(memory: Memory) -> list[str]:
    training = memory.settings.training
    head = ("block", "weights", "kept activations") if training else ("block", "weights", "")
    blocks = [(block.name, (block.weights, block.saved)) for block in group_parts(memory.parts)]
    rows = [(name, *map(size_text, figures)) for name, figures in merge_equal(blocks)]
    name_width = max(len(head[0]), *(len(name) for name, _, _ in rows)) if rows else len(head[0])
    lines = [f"{head[0]:{name_width}}  {head[1]:>9}  {head[2]:>16}".rstrip()]
    for name, weights, saved in rows:
        lines.append(f"{name:{name_width}}  {weights:>9}  {saved if training else '':>16}".rstrip())
    return lines


def _limit_lines(fit: Fit) -> list[str]:
    lines: list[str] = []
    if fit.limit is not None and fit.fits:
        share = fit.memory.total / fit.limit
        lines += ["", f"It fits into {size_text(fit.limit)}, of which it takes {share:.0%}."]
        if fit.largest_batch is not None:
            lines[-1] += f" The largest batch that fits is {fit.largest_batch:,}."
    if fit.remedies:
        lines += ["", "What takes less:"]
        width = max(len(r.option) for r in fit.remedies)
        for remedy in fit.remedies:
            line = f"  {remedy.option:{width}}  {size_text(remedy.total):>9}"
            if fit.limit is not None:
                line += f"  largest batch {remedy.largest_batch:,}" if remedy.largest_batch else "  fits with no batch"
            if remedy.again:
                line += f"  ({remedy.again:.0%} of the forward pass is computed again)"
            lines.append(line)
    return lines


def write_over_time(name: str, fit: Fit) -> None:
    """Writes memory over time; as JSON, together with the full report. Raises FileWriteError."""
    extension = Path(name).suffix.lower()
    if extension == ".json":
        text = fit_json(fit, over_time=True)
    elif extension == ".csv":
        text = memory_csv(fit.memory)
    else:
        text = memory_svg(fit.memory, setting_text(fit.memory), fit.limit)
    write_text(name, text)


def fit_json(fit: Fit, *, over_time: bool = False) -> str:
    """Formats a forecast as JSON with a trailing newline. All sizes are in bytes.

    Args:
        fit: the forecast.
        over_time: whether to include memory over time.
    """
    memory = fit.memory
    settings = asdict(memory.settings) | {"dtype": memory.dtype, "attention": memory.kernel}
    data: dict[str, Any] = {
        "network": memory.network,
        "settings": settings | {"checkpoint": list(memory.settings.checkpoint)},
        "weights": memory.weights,
        "gradients": memory.gradients,
        "states": memory.states,
        "buffers": memory.buffers,
        "inputs": memory.inputs,
        "activations": memory.activations,
        "peak": asdict(memory.peak) | {"total": memory.total},
        "blocks": [asdict(block) for block in group_parts(memory.parts)],
        "limit": fit.limit,
        "fits": fit.fits,
        "largest_batch": fit.largest_batch,
        "language_model": asdict(fit.language) if fit.language is not None else None,
        "remedies": [asdict(remedy) for remedy in fit.remedies],
        "time": time_data(fit.bound) if fit.bound is not None else None,
    }
    if over_time:
        data["moments"] = [asdict(moment) | {"total": moment.total} for moment in memory.moments]
    return json.dumps(data, indent=2) + "\n"
