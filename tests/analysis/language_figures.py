"""Figures that authors of language models state, and ours: ``python -m tests.analysis.language_figures``.

Parameters are those of the published configurations; sources of the others stand in the rows.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

import netspec
from netspec.analysis.language_model import LanguageModel, language_model


class Published(NamedTuple):
    """What is stated of a network; None where nothing is."""

    network: str
    params: int
    active: int | None
    active_without_embedding: str | None
    """In billions, as it is printed."""
    cache: int | None
    """Bytes for each token in bfloat16."""
    source: str


ROWS = (
    Published(
        "llama@llama3_8b", 8_030_261_248, 8_030_261_248, None, 131_072, "32 layers, 8 heads of 128, key and value"
    ),
    Published("llama@llama2_7b", 6_738_415_616, None, None, 524_288, "32 layers, 32 heads of 128, key and value"),
    Published("llama@llama2_70b", 68_976_648_192, None, None, 327_680, "80 layers, 8 heads of 128, key and value"),
    Published("mistral@7b", 7_241_732_096, None, None, 131_072, "32 layers, 8 heads of 128, key and value"),
    Published("mixtral@8x7b", 46_702_792_704, 12_879_925_248, None, 131_072, "Jiang et al. 2024: 47 B, 13 B active"),
    Published("gpt_oss@20b", 20_914_757_184, None, "3.61", None, "model card: 20.9 B, 3.61 B active without embedding"),
    Published(
        "gpt_oss@120b", 116_829_156_672, None, "5.13", None, "model card: 116.8 B, 5.13 B active without embedding"
    ),
    Published(
        "deepseek_v3@671b", 671_026_404_352, 37_552_282_624, None, 70_272, "report: 671 B, 37 B active; 576 latents"
    ),
    Published("gemma2@2b", 2_614_341_888, None, None, 106_496, "26 layers, 4 heads of 256, key and value"),
    Published("gemma2@9b", 9_241_705_984, None, None, 344_064, "42 layers, 8 heads of 256, key and value"),
    Published("gpt_neox@20b", 20_554_567_680, None, None, 1_081_344, "44 layers, 64 heads of 96, key and value"),
)


def differences(row: Published) -> list[str]:
    """What differs from what is stated of a network."""
    model = language_model(netspec.load(row.network), (8_192,))
    assert model is not None, row.network
    return [f"{row.network}: {line}" for line in _differences(row, model)]


def _differences(row: Published, model: LanguageModel) -> list[str]:
    out: list[str] = []
    if model.params != row.params:
        out.append(f"{model.params:,} parameters, {row.params:,} are stated")
    if row.active is not None and model.active_params != row.active:
        out.append(f"{model.active_params:,} active parameters, {row.active:,} are stated")
    printed = f"{model.active_without_embedding / 1e9:.2f}"
    if row.active_without_embedding is not None and printed != row.active_without_embedding:
        out.append(f"{printed} B active without embedding, {row.active_without_embedding} B are stated")
    if row.cache is not None and 2 * model.latent_cache_elements != row.cache:
        out.append(f"{2 * model.latent_cache_elements:,} bytes of cache for a token, {row.cache:,} are stated")
    if sum(model.part_params.values()) != model.params:
        out.append("the parts do not add up to the parameters")
    return out


def main() -> int:
    """Prints what differs; returns 1 if anything does."""
    lines = [line for row in ROWS for line in differences(row)]
    print("\n".join(lines) or f"{len(ROWS)} networks agree with what is stated of them")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
