"""Configurations of transformers against their models: ``python -m tests.importing.configs.transformers_counts``.

It needs transformers. For every family, the configuration with all defaults and one with small and unusual sizes are
written, imported, and counted on ``meta``; the names of all weights are compared, too, where they are to be the same.
"""

# transformers has types that pyright does not resolve where it is not installed:
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from netspec.importing.configs import import_config
from netspec.importing.configs.hugging_face import KNOWN

from ...vision import torchvision

GROUPED = {
    "hidden_size": 48,
    "intermediate_size": 80,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "vocab_size": 101,
}
UNUSUAL: dict[str, dict[str, Any]] = {
    "llama": {**GROUPED, "head_dim": 10, "tie_word_embeddings": True, "hidden_act": "gelu"},
    "mistral": {**GROUPED, "head_dim": 10, "sliding_window": None},
    "mixtral": {**GROUPED, "num_local_experts": 3, "num_experts_per_tok": 1},
    "qwen2": {**GROUPED, "tie_word_embeddings": True},
    "qwen3": {**GROUPED, "head_dim": 10},
    "gemma2": {**GROUPED, "head_dim": 10, "query_pre_attn_scalar": 12},
    "gpt_neox": {"hidden_size": 48, "intermediate_size": 100, "num_hidden_layers": 2, "num_attention_heads": 3},
    "bloom": {"hidden_size": 48, "n_layer": 3, "n_head": 6, "vocab_size": 101},
    "gpt2": {"n_embd": 48, "n_layer": 3, "n_head": 4, "n_inner": 100, "n_positions": 20, "activation_function": "relu"},
    "bert": {"hidden_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 100}
    | {"type_vocab_size": 3, "max_position_embeddings": 20},
    "albert": {"hidden_size": 48, "embedding_size": 12, "num_hidden_layers": 3, "num_attention_heads": 4}
    | {"intermediate_size": 100, "type_vocab_size": 3},
    "t5": {"d_model": 48, "d_kv": 10, "num_heads": 3, "num_layers": 2, "d_ff": 100}
    | {"feed_forward_proj": "gated-gelu"},
    "whisper": {"d_model": 48, "encoder_layers": 2, "decoder_layers": 3, "encoder_attention_heads": 4}
    | {"decoder_attention_heads": 4, "encoder_ffn_dim": 100, "decoder_ffn_dim": 100, "num_mel_bins": 20}
    | {"max_source_positions": 50, "max_target_positions": 30},
    "mamba": {"hidden_size": 48, "num_hidden_layers": 2, "state_size": 5, "expand": 3, "time_step_rank": 7}
    | {"conv_kernel": 3, "vocab_size": 101},
    "rwkv": {"hidden_size": 48, "num_hidden_layers": 3, "vocab_size": 101, "intermediate_size": 100},
    "vit": {"hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 100}
    | {"image_size": 64, "patch_size": 8, "num_labels": 7},
    "gpt_oss": {**GROUPED, "head_dim": 10, "num_local_experts": 3, "num_experts_per_tok": 2},
}
"""Fields of the small configurations, by model type."""


def model_of(kind: str, fields: dict[str, Any]) -> tuple[dict[str, Any], nn.Module]:
    """The configuration as its file has it, and the model on ``meta``."""
    torchvision()
    import transformers  # type: ignore[import-not-found, unused-ignore] # no requirement of the tests

    config = transformers.AutoConfig.for_model(kind, **fields)
    config.architectures = [KNOWN[kind].model]
    with torch.device("meta"):
        module: nn.Module = getattr(transformers, KNOWN[kind].model)(config)
    fields_of: dict[str, Any] = json.loads(f"{config.to_json_string(use_diff=False)}")
    return fields_of, module


def compare(kind: str, fields: dict[str, Any], folder: Path) -> str:
    """What differs between a model and its import; empty if nothing does."""
    config, module = model_of(kind, fields)
    file = folder / "config.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    imported = import_config(str(file))
    expected = sum(p.numel() for p in module.parameters())
    actual = sum(p.elements for p in imported.graph.parameters if not p.buffer)
    for note in imported.notes:
        print(f"  note: {note}")
    return "" if actual == expected else f"{actual:,} parameters, and transformers {expected:,}"


def main() -> int:
    """Compare all; returns the exit status."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind in sys.argv[1:] or sorted(KNOWN):
            for what, fields in (("defaults", {}), ("unusual", UNUSUAL[kind])):
                try:
                    reason = compare(kind, fields, Path(folder))
                except Exception as error:  # whatever transformers or the import raises is a result
                    reason = f"{type(error).__name__}: {error}"
                failed += bool(reason)
                print(f"{'FAIL' if reason else 'ok  '} {kind} {what} {reason}".rstrip())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
