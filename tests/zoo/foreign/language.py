"""Language models of Hugging Face transformers."""

# transformers has types that pyright does not resolve where it is not installed:
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from functools import partial
from typing import Any

from .cases import Case
from .language_models import (
    GEMMA3_1B,
    GEMMA3_4B,
    LLAMA3,
    MODERNBERT_LARGE,
    OURS,
    PHI_14B,
    SINGLE,
    SMALL,
    Released,
    ReleasedQwen,
    TransposedActor,
    albert,
    causal,
    forecast,
    forecaster,
    logits,
    neox_name,
    predicted,
    run_albert,
    transformer,
)

ALBERT = "vocabulary=99 positions=20 embedding=16 width=32 heads=4 depth=3 hidden=48 n=11"
PLAIN = {"rope_type": "default", "rope_theta": 10_000.0}
LONG = {"rope_theta": 500_000.0, "rope_type": "default"}
SLOWED = {
    "rope_type": "llama3",
    "rope_theta": 10_000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}
NEOX = ("GPTNeoXForCausalLM", "GPTNeoXConfig")
PYTHIA: dict[str, Any] = {
    "vocab_size": 50304,
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
}
QUARTER = {**PLAIN, "partial_rotary_factor": 0.25}
BLOOM = ("BloomForCausalLM", "BloomConfig")
WIDE = {"hidden_size": 8192, "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8}


def _albert_to_llama() -> list[Case]:
    return [
        Case(f"albert@base {ALBERT}", albert, run_albert),
        Case(
            "patchtst length=37 series=3 patch=8 stride=4 width=16 heads=4 depth=2 hidden=24 ahead=5",
            partial(forecaster, 3, 37, 8, 5, d_model=16, num_attention_heads=4, num_hidden_layers=2, ffn_dim=24),
            forecast,
            published=partial(forecaster, 7, 512, 16, 96, d_model=128, num_attention_heads=16, ffn_dim=256),
        ),
        Case(
            "decision_transformer states=5 actions=3 width=32 depth=2 heads=2 episode=50 n=7",
            partial(TransposedActor, state_dim=5, act_dim=3, hidden_size=32, n_layer=2, n_head=2, max_ep_len=50),
            published=TransposedActor,
        ),
        causal("llama@llama2_7b", "Llama", {}, rms_norm_eps=1e-5, rope_parameters=PLAIN),
        causal("llama@llama2_70b", "Llama", {**WIDE, "intermediate_size": 28672}, rms_norm_eps=1e-5),
        causal("llama@llama3_8b", "Llama", LLAMA3, rms_norm_eps=1e-5, rope_parameters=LONG),
        causal(
            "llama@llama3_1_8b",
            "Llama",
            LLAMA3,
            "theta=10000",
            rms_norm_eps=1e-5,
            rope_parameters=SLOWED,
            max_position_embeddings=100_000,
        ),
        causal(
            "llama@llama3_70b",
            "Llama",
            {**LLAMA3, **WIDE, "intermediate_size": 28672},
            rms_norm_eps=1e-5,
            rope_parameters=LONG,
        ),
        causal(
            "llama@llama3_2_1b",
            "Llama",
            {"vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16}
            | {"num_key_value_heads": 8, "tie_word_embeddings": True},
            tied=True,
            rms_norm_eps=1e-5,
            rope_parameters={**SLOWED, "rope_theta": 500_000.0, "factor": 32.0},
            tie_word_embeddings=True,
            max_position_embeddings=100_000,
        ),
        causal(
            "llama@smollm2_135m",
            "Llama",
            {"vocab_size": 49152, "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30}
            | {"num_attention_heads": 9, "num_key_value_heads": 3, "tie_word_embeddings": True},
            tied=True,
            rms_norm_eps=1e-5,
            rope_parameters={"rope_type": "default", "rope_theta": 100_000.0},
            tie_word_embeddings=True,
        ),
    ]


def _further_decoders() -> list[Case]:
    return [
        *(
            Case(
                f"gpt_neox@{variant} precision=float32 vocabulary=99 width=64 depth=2 heads=4 n=12",
                partial(
                    transformer,
                    *NEOX,
                    vocab_size=99,
                    hidden_size=64,
                    intermediate_size=256,
                    num_hidden_layers=2,
                    num_attention_heads=4,
                    rope_parameters=QUARTER,
                ),
                logits,
                names=neox_name,
                published=partial(transformer, *NEOX, **published),
                limit=SINGLE,
            )
            for variant, published in (("20b", {}), ("pythia_410m", PYTHIA))
        ),
        *(
            Case(
                f"bloom@{variant} precision=float32 vocabulary=99 width=48 depth=2 heads=6 n=12",
                partial(transformer, *BLOOM, vocab_size=99, hidden_size=48, n_layer=2, n_head=6),
                logits,
                unused=("lm_head.weight",),
                published=partial(
                    transformer, *BLOOM, vocab_size=250880, hidden_size=width, n_layer=depth, n_head=heads
                ),
                limit=SINGLE,
            )
            for variant, width, depth, heads in (("560m", 1024, 24, 16), ("176b", 14336, 70, 112))
        ),
        causal("mistral@7b", "Mistral", {}, "window=4", rms_norm_eps=1e-5, rope_parameters=PLAIN, sliding_window=4),
        causal(
            "qwen@qwen2_7b",
            "Qwen2",
            {"vocab_size": 152064, "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28}
            | {"num_attention_heads": 28, "num_key_value_heads": 4},
            rope_parameters={"rope_theta": 1e6, "rope_type": "default"},
        ),
        causal(
            "qwen@qwen3_8b",
            "Qwen3",
            {"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 36}
            | {"num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128},
            "head=16",
            head_dim=16,
            rope_parameters={"rope_theta": 1e6, "rope_type": "default"},
        ),
    ]


def _qwen3_moe_and_gemma3() -> list[Case]:
    return [
        *(
            Case(
                f"qwen3_moe@{variant} {OURS} head=16 experts=8 active=2".replace("hidden=48", "hidden=24"),
                partial(
                    ReleasedQwen,
                    **{**SMALL, "moe_intermediate_size": 24},
                    head_dim=16,
                    num_experts=8,
                    num_experts_per_tok=2,
                    norm_topk_prob=True,
                    rope_parameters={"rope_theta": 1e6, "rope_type": "default"},
                ),
                logits,
                published=partial(transformer, "Qwen3MoeForCausalLM", "Qwen3MoeConfig", head_dim=128, **published),
                limit=SINGLE,
            )
            for variant, published in (
                ("30b_a3b", {"num_hidden_layers": 48}),
                (
                    "235b_a22b",
                    {"hidden_size": 4096, "num_hidden_layers": 94, "num_attention_heads": 64}
                    | {"num_key_value_heads": 4, "moe_intermediate_size": 1536},
                ),
            )
        ),
        *(
            causal(
                f"gemma3@{variant}",
                "Gemma3",
                published,
                f"head=16 window=4 depth=7 factor={factor}",
                head_dim=16,
                config="Gemma3TextConfig",
                query_pre_attn_scalar=16,
                sliding_window=4,
                num_hidden_layers=7,
                rope_parameters={
                    "sliding_attention": {"rope_theta": 10_000.0, "rope_type": "default"},
                    "full_attention": {"rope_theta": 1e6, "rope_type": "linear", "factor": float(factor)},
                },
                tied=True,
            )
            for variant, factor, published in (
                ("1b", 1, GEMMA3_1B),
                ("4b", 8, {**GEMMA3_1B, **GEMMA3_4B}),
            )
        ),
    ]


def _phi3_to_mixtral() -> list[Case]:
    return [
        causal(
            "bamba@9b",
            "Bamba",
            {"vocab_size": 128_256, "attn_layer_indices": [9, 18, 27], "mamba_d_state": 128},
            "states=16 state_head=8 attends=[1]",
            attn_layer_indices=[1],
            mamba_n_heads=8,
            mamba_d_state=16,
            mamba_chunk_size=8,
        )._replace(counts_macs=False),  # products and sums there
        *(
            causal(
                f"phi3@{variant}",
                "Phi3",
                published,
                "window=4 theta=10000",
                sliding_window=4,
                pad_token_id=0,
                rms_norm_eps=1e-5,
            )
            for variant, published in (
                ("mini_4k", {}),
                ("medium_4k", PHI_14B),
                ("phi4", {**PHI_14B, "vocab_size": 100352, "pad_token_id": 0}),
            )
        ),
        *(
            Case(
                f"modernbert@{variant} vocabulary=99 width=32 depth=4 heads=4 hidden=24 near=2 n=12",
                partial(
                    transformer,
                    "ModernBertForMaskedLM",
                    "ModernBertConfig",
                    vocab_size=99,
                    hidden_size=32,
                    intermediate_size=24,
                    num_hidden_layers=4,
                    num_attention_heads=4,
                    local_attention=4,
                    pad_token_id=0,
                ),
                predicted,
                published=partial(transformer, "ModernBertForMaskedLM", "ModernBertConfig", **published),
                unused=("decoder.weight",),
                limit=SINGLE,
            )
            for variant, published in (("base", {}), ("large", MODERNBERT_LARGE))
        ),
        Case(
            f"mixtral@8x7b {OURS} experts=4 theta=10000",
            partial(Released, **SMALL, num_local_experts=4, rms_norm_eps=1e-5, rope_parameters=PLAIN),
            logits,
            published=partial(transformer, "MixtralForCausalLM", "MixtralConfig"),
            limit=SINGLE,
        ),
    ]


def cases() -> list[Case]:
    """All of them."""
    return [
        *_albert_to_llama(),
        *_further_decoders(),
        *_qwen3_moe_and_gemma3(),
        *_phi3_to_mixtral(),
    ]
