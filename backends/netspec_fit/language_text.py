"""Formats figures of a language model."""

from __future__ import annotations

from netspec.analysis.language_model import PARTS, LanguageModel
from netspec.units import size_text


def language_lines(model: LanguageModel) -> list[str]:
    """Returns lines with parameters, weights by type, the cache, and operations per token."""
    rows = [("parameters", model.params), ("without embeddings", model.without_embedding)]
    if model.active_params != model.params:
        rows.append(("active", model.active_params))
        rows.append(("active without embeddings", model.active_without_embedding))
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:{width}}  {count:>19,}  {_short(count, 'B').rstrip()}" for name, count in rows]
    weights = ", ".join(f"{name} {size_text(size)}" for name, size in model.weight_bytes.items())
    lines += [f"{'weights':{width}}  {weights}"]
    cache = f"{model.token_cache_bytes:,} bytes a token"
    if model.latent_cache_bytes < model.token_cache_bytes:
        cache += f"; {model.latent_cache_bytes:,} as latents, from which keys and values are computed again"
    lines += [f"{'keys and values':{width}}  {cache}", "", *_part_lines(model)]
    if model.contexts:
        lines += ["", f"{'context':>9}  {'keys and values':>15}  {'prefill':>12}  {'one more token':>14}"]
        for row in model.contexts:
            prefill, decode = f"{_short(row.prefill_flops)}FLOPs", f"{_short(row.decode_flops)}FLOPs"
            lines.append(f"{row.context:>9,}  {size_text(row.cache_bytes):>15}  {prefill:>12}  {decode:>14}")
        lines.append("FLOPs are for each token, 2 for each MAC; in prefill on average over the context.")
    return lines


def _part_lines(model: LanguageModel) -> list[str]:
    lines = [f"{'part':9}  {'parameters':>19}  {'MACs a token':>16}"]
    for part in PARTS:
        if model.part_params[part] or model.part_macs[part]:
            lines.append(f"{part:9}  {model.part_params[part]:>19,}  {model.part_macs[part]:>16,}")
    return lines


def _short(number: int, billion: str = "G") -> str:
    """Formats a number with a unit prefix: ``8.03 G``."""
    for unit, size in (("T", 10**12), (billion, 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number} "
