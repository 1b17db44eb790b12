"""Mixtures of experts and recurrent models of transformers, and Gemma 2."""

# transformers has types that pyright does not resolve where it is not installed:
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from functools import partial

from .cases import Case
from .language import PLAIN
from .language_models import (
    SINGLE,
    ReleasedDeepSeek,
    causal,
    logits,
    mamba2,
    rwkv,
    transformer,
    without_weight,
)

YARN = {
    "rope_type": "yarn",
    "rope_theta": 150_000.0,
    "factor": 32.0,
    "beta_fast": 32.0,
    "beta_slow": 1.0,
    "truncate": False,
    "original_max_position_embeddings": 4096,
}


def _deepseek_and_rwkv() -> list[Case]:
    return [
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
                rope_parameters=PLAIN,
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
    ]


def _mamba() -> list[Case]:
    return [
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
    ]


def _gpt_oss_and_gemma2() -> list[Case]:
    return [
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
                rope_parameters=YARN,
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


def cases() -> list[Case]:
    """All of them."""
    return [*_deepseek_and_rwkv(), *_mamba(), *_gpt_oss_and_gemma2()]
