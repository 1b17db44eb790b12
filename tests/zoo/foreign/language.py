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
    ReleasedDeepSeek,
    ReleasedQwen,
    TransposedActor,
    albert,
    causal,
    forecast,
    forecaster,
    logits,
    mamba2,
    neox_name,
    predicted,
    run_albert,
    rwkv,
    transformer,
    without_weight,
)


def cases() -> list[Case]:
    """All of them."""
    small = "vocabulary=99 positions=20 embedding=16 width=32 heads=4 depth=3 hidden=48 n=11"
    plain = {"rope_type": "default", "rope_theta": 10_000.0}
    long = {"rope_theta": 500_000.0, "rope_type": "default"}
    slowed = {
        "rope_type": "llama3",
        "rope_theta": 10_000.0,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    }
    yarn = {
        "rope_type": "yarn",
        "rope_theta": 150_000.0,
        "factor": 32.0,
        "beta_fast": 32.0,
        "beta_slow": 1.0,
        "truncate": False,
        "original_max_position_embeddings": 4096,
    }
    neox = ("GPTNeoXForCausalLM", "GPTNeoXConfig")
    pythia: dict[str, Any] = {
        "vocab_size": 50304,
        "hidden_size": 1024,
        "intermediate_size": 4096,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
    }
    quarter = {**plain, "partial_rotary_factor": 0.25}
    bloom = ("BloomForCausalLM", "BloomConfig")
    wide = {"hidden_size": 8192, "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8}
    return [
        Case(f"albert@base {small}", albert, run_albert),
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
        causal("llama@llama2_7b", "Llama", {}, rms_norm_eps=1e-5, rope_parameters=plain),
        causal("llama@llama2_70b", "Llama", {**wide, "intermediate_size": 28672}, rms_norm_eps=1e-5),
        causal("llama@llama3_8b", "Llama", LLAMA3, rms_norm_eps=1e-5, rope_parameters=long),
        causal(
            "llama@llama3_1_8b",
            "Llama",
            LLAMA3,
            "theta=10000",
            rms_norm_eps=1e-5,
            rope_parameters=slowed,
            max_position_embeddings=100_000,
        ),
        causal(
            "llama@llama3_70b",
            "Llama",
            {**LLAMA3, **wide, "intermediate_size": 28672},
            rms_norm_eps=1e-5,
            rope_parameters=long,
        ),
        causal(
            "llama@llama3_2_1b",
            "Llama",
            {"vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16}
            | {"num_key_value_heads": 8, "tie_word_embeddings": True},
            tied=True,
            rms_norm_eps=1e-5,
            rope_parameters={**slowed, "rope_theta": 500_000.0, "factor": 32.0},
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
        *(
            Case(
                f"gpt_neox@{variant} precision=float32 vocabulary=99 width=64 depth=2 heads=4 n=12",
                partial(
                    transformer,
                    *neox,
                    vocab_size=99,
                    hidden_size=64,
                    intermediate_size=256,
                    num_hidden_layers=2,
                    num_attention_heads=4,
                    rope_parameters=quarter,
                ),
                logits,
                names=neox_name,
                published=partial(transformer, *neox, **published),
                limit=SINGLE,
            )
            for variant, published in (("20b", {}), ("pythia_410m", pythia))
        ),
        *(
            Case(
                f"bloom@{variant} precision=float32 vocabulary=99 width=48 depth=2 heads=6 n=12",
                partial(transformer, *bloom, vocab_size=99, hidden_size=48, n_layer=2, n_head=6),
                logits,
                unused=("lm_head.weight",),
                published=partial(
                    transformer, *bloom, vocab_size=250880, hidden_size=width, n_layer=depth, n_head=heads
                ),
                limit=SINGLE,
            )
            for variant, width, depth, heads in (("560m", 1024, 24, 16), ("176b", 14336, 70, 112))
        ),
        causal("mistral@7b", "Mistral", {}, "window=4", rms_norm_eps=1e-5, rope_parameters=plain, sliding_window=4),
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
            partial(Released, **SMALL, num_local_experts=4, rms_norm_eps=1e-5, rope_parameters=plain),
            logits,
            published=partial(transformer, "MixtralForCausalLM", "MixtralConfig"),
            limit=SINGLE,
        ),
        Case(
            "deepseek_v3@671b precision=float32 vocabulary=99 width=32 depth=3 dense_layers=1 heads=4 q_rank=20 kv_rank=12 "
            "nope=6 rope=8 hidden=48 expert=24 experts=16 active=3 groups=4 active_groups=2 n=12",
            partial(
                ReleasedDeepSeek,
                vocab_size=99,
                hidden_size=32,
                intermediate_size=48,
                moe_intermediate_size=24,
                num_hidden_layers=3,
                num_attention_heads=4,
                num_key_value_heads=4,
                n_shared_experts=1,
                n_routed_experts=16,
                q_lora_rank=20,
                kv_lora_rank=12,
                qk_rope_head_dim=8,
                v_head_dim=6,
                qk_nope_head_dim=6,
                n_group=4,
                topk_group=2,
                num_experts_per_tok=3,
                first_k_dense_replace=1,
                rope_parameters=plain,
            ),
            logits,
            published=partial(transformer, "DeepseekV3ForCausalLM", "DeepseekV3Config"),
            limit=SINGLE,
        ),
        Case(
            "rwkv@169m vocabulary=99 width=32 depth=2 n=21",
            rwkv,
            logits,
            names=without_weight,
            published=partial(
                transformer,
                "RwkvForCausalLM",
                "RwkvConfig",
                vocab_size=50277,
                hidden_size=768,
                num_hidden_layers=12,
            ),
            limit=SINGLE,
        ),
        *(
            Case(
                f"mamba@{variant} vocabulary=99 width=32 depth=2 n=12",
                partial(
                    transformer, "MambaForCausalLM", "MambaConfig", vocab_size=99, hidden_size=32, num_hidden_layers=2
                ),
                logits,
                unused=("lm_head.weight",),
                published=partial(
                    transformer, "MambaForCausalLM", "MambaConfig", vocab_size=50280, hidden_size=w, num_hidden_layers=d
                ),
                limit=SINGLE,
                counts_macs=False,
            )
            for variant, w, d in (
                ("130m", 768, 24),
                ("370m", 1024, 48),
                ("790m", 1536, 48),
                ("1_4b", 2048, 48),
                ("2_8b", 2560, 64),
            )
        ),
        *(
            Case(
                f"mamba2@{variant} vocabulary=99 width=32 depth=2 states=16 head=8 n=12",
                partial(
                    mamba2, vocab_size=99, hidden_size=32, num_hidden_layers=2, num_heads=8, head_dim=8, state_size=16
                ),
                logits,
                unused=("lm_head.weight",),
                published=partial(mamba2, vocab_size=50288, hidden_size=w, num_hidden_layers=d, num_heads=w // 32),
                limit=SINGLE,
                counts_macs=False,  # there, pieces of the sequence follow one another
            )
            for variant, w, d in (
                ("130m", 768, 24),
                ("370m", 1024, 48),
                ("780m", 1536, 48),
                ("1_3b", 2048, 48),
                ("2_7b", 2560, 64),
            )
        ),
        *(
            causal(
                f"gpt_oss@{variant}",
                "GptOss",
                published,
                "head=16 experts=4 active=2 window=4",
                head_dim=16,
                num_local_experts=4,
                num_experts_per_tok=2,
                sliding_window=4,
                rope_parameters=yarn,
            )
            for variant, published in (("20b", {"num_hidden_layers": 24, "num_local_experts": 32}), ("120b", {}))
        ),
        causal(
            "gemma2@2b",
            "Gemma2",
            {},
            "head=16 scalar=10 window=4",
            head_dim=16,
            query_pre_attn_scalar=10,
            sliding_window=4,
            tied=True,
        ),
        causal(
            "gemma2@9b",
            "Gemma2",
            {"hidden_size": 3584, "intermediate_size": 14336, "num_hidden_layers": 42}
            | {"num_attention_heads": 16, "num_key_value_heads": 8},
            "head=16 scalar=10 window=4",
            head_dim=16,
            query_pre_attn_scalar=10,
            sliding_window=4,
            tied=True,
        ),
    ]
