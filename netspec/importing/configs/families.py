"""Model families of Hugging Face's transformers in the zoo, and the meaning of each field of their configurations.

Defaults are those of transformers' configuration classes.
"""

from __future__ import annotations

from typing import Any

from .config_changes import Config, Family, Fixed, Path, Rotary, RotaryKind, Setting

_ACTIVATIONS: dict[str, Any] = {
    **{name: name for name in ("relu", "gelu", "silu", "tanh", "mish")},
    "swish": "silu",
    **{name: {"gelu": "tanh"} for name in ("gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_python_tanh")},
}


def activation(value: Any, _: Config) -> Any:
    """Returns the spec's name of an activation, given the name in transformers; None if there is none."""
    return _ACTIVATIONS.get(value) if isinstance(value, str) else None


def param(name: str, field: str, default: Any, in_spec: Any = None) -> Setting:
    """Returns the rule for a field that is a parameter of the spec."""
    return Setting(field, ("params", name), default, in_spec)


def four_times(config: Config) -> Any:
    """Returns four times the width of the layers."""
    width = config.get("hidden_size", config.get("d_model", config.get("n_embd")))
    return 4 * width if isinstance(width, int) else None


def _head(config: Config) -> Any:
    width, heads = config.get("hidden_size"), config.get("num_attention_heads")
    return width // heads if isinstance(width, int) and isinstance(heads, int) and heads else None


def _heads(config: Config) -> Any:
    return config.get("num_attention_heads")


def _or_heads(value: Any, config: Config) -> Any:
    return _heads(config) if value is None else value


def eps(field: str, operation: str, default: float, in_spec: float) -> Setting:
    """Returns the rule for a field with the epsilon of all normalisations."""
    return Setting(field, ("defaults", operation, "eps"), default, in_spec)


def _kv_heads(default: int | None) -> Setting:
    in_spec = _heads if default is None else None
    return Setting("num_key_value_heads", ("params", "kv_heads"), default, in_spec, _or_heads)


def _or_false(value: Any, _: Config) -> Any:
    return False if value is None else value


def alternating(config: Config) -> Any:
    """Returns the kinds of attention for layers that alternate between local and global attention."""
    depth = config.get("num_hidden_layers")
    kinds = ("sliding_attention", "full_attention")
    return [kinds[i % 2] for i in range(depth)] if isinstance(depth, int) and 0 < depth < 10_000 else None


def _all_full(config: Config) -> Any:
    depth = config.get("num_hidden_layers")
    return ["full_attention"] * depth if isinstance(depth, int) and 0 < depth < 10_000 else None


def _layer(*keys: str) -> Path:
    return ("blocks", "Layer", "layers", *keys)


_SIZES = (
    param("width", "hidden_size", 4096),
    param("depth", "num_hidden_layers", 32),
    param("heads", "num_attention_heads", 32),
)
_NO_BIAS = (Fixed("attention_bias", (False,)), Fixed("mlp_bias", (False,)))
_THETA = Setting("rope_theta", ("defaults", "rotary", "theta"), 10_000.0, 10_000.0)
_GATE = Setting("hidden_act", _layer("mlp.gate_proj", "activation"), "silu", "silu", activation)
DROPOUTS = frozenset(
    (
        *("attention_dropout", "hidden_dropout", "hidden_dropout_prob", "attention_probs_dropout_prob"),
        *("classifier_dropout", "classifier_dropout_prob", "dropout_rate", "activation_dropout", "dropout"),
        *("encoder_layerdrop", "decoder_layerdrop", "resid_pdrop", "embd_pdrop", "attn_pdrop"),
    )
)
"""Fields that only affect training: the specs have no dropout, or their own."""
_LLAMA3 = RotaryKind(
    (Setting("factor", ("params", "factor"), 1.0),),
    (
        Fixed("low_freq_factor", (1.0,), counts=False),
        Fixed("high_freq_factor", (4.0,), counts=False),
        Fixed("original_max_position_embeddings", (8192,), counts=False),
    ),
)
_MIXTURE = ("output_router_logits", "router_aux_loss_coef", "router_jitter_noise", "aux_loss_alpha", "seq_aux")
_EPS_5, _EPS_6, _EPS_12 = 1e-5, 1e-6, 1e-12


def _decoder(
    spec: str, model: str, vocabulary: int, *more: Setting, fixed: tuple[Fixed, ...] = (), rotary: Rotary, **sizes: Any
) -> Family:
    """Returns a family with the field names of Llama's configuration."""
    settings = tuple(Setting(s.field, s.path, sizes.get(s.field, s.default)) for s in _SIZES)
    return Family(
        spec,
        model,
        (param("vocabulary", "vocab_size", vocabulary), *settings, *more),
        fixed,
        rotary,
        DROPOUTS.union(_MIXTURE, ("is_decoder", "max_window_layers", "sliding_window")),
        "max_position_embeddings",
    )


def _qwen(model: str, qk_norm: bool, *head: Setting) -> Family:
    return _decoder(
        "qwen",
        model,
        151936,
        _kv_heads(32),
        param("hidden", "intermediate_size", 22016),
        param("tied", "tie_word_embeddings", False),
        param("qk_norm", "", qk_norm),
        _GATE,
        eps("rms_norm_eps", "rms_norm", _EPS_6, _EPS_6),
        *head,
        fixed=(
            *_NO_BIAS[: 1 if qk_norm else 0],
            Fixed("use_sliding_window", (False,), counts=False),
            Fixed("layer_types", (None, _all_full), counts=False),
        ),
        rotary=Rotary(Setting("rope_theta", ("defaults", "rotary", "theta"), 10_000.0, 1_000_000.0)),
    )


FAMILIES: dict[str, Family] = {
    "llama": _decoder(
        "llama",
        "LlamaForCausalLM",
        32000,
        _kv_heads(None),
        param("hidden", "intermediate_size", 11008),
        param("head", "head_dim", None, _head),
        param("tied", "tie_word_embeddings", False),
        _GATE,
        eps("rms_norm_eps", "rms_norm", _EPS_6, _EPS_5),
        fixed=_NO_BIAS,
        rotary=Rotary(Setting("rope_theta", ("params", "theta"), 10_000.0), {"llama3": _LLAMA3}),
    ),
    "mistral": _decoder(
        "mistral",
        "MistralForCausalLM",
        32000,
        _kv_heads(8),
        param("hidden", "intermediate_size", 14336),
        param("head", "head_dim", None, _head),
        Setting("sliding_window", ("params", "window"), 4096, None, _or_false),
        _GATE,
        eps("rms_norm_eps", "rms_norm", _EPS_6, _EPS_5),
        fixed=(Fixed("tie_word_embeddings", (False,)),),
        rotary=Rotary(_THETA),
    ),
    "mixtral": _decoder(
        "mixtral",
        "MixtralForCausalLM",
        32000,
        _kv_heads(8),
        param("hidden", "intermediate_size", 14336),
        param("experts", "num_local_experts", 8),
        param("active", "num_experts_per_tok", 2),
        Setting("hidden_act", ("blocks", "Expert", "layers", "w1", "activation"), "silu", "silu", activation),
        eps("rms_norm_eps", "rms_norm", _EPS_5, _EPS_5),
        fixed=(
            Fixed("tie_word_embeddings", (False,)),
            Fixed("head_dim", (None, _head)),
            Fixed("sliding_window", (None,), counts=False),
        ),
        rotary=Rotary(Setting("rope_theta", ("params", "theta"), 1_000_000.0)),
    ),
    "qwen2": _qwen("Qwen2ForCausalLM", False),
    "qwen3": _qwen("Qwen3ForCausalLM", True, param("head", "head_dim", 128, _head)),
    "gemma2": _decoder(
        "gemma2",
        "Gemma2ForCausalLM",
        256000,
        _kv_heads(4),
        param("hidden", "intermediate_size", 9216),
        param("head", "head_dim", 256),
        param("window", "sliding_window", 4096),
        Setting("query_pre_attn_scalar", ("params", "scalar", "default"), 256),
        Setting("attn_logit_softcapping", _layer("attend", "cap"), 50.0, 50.0, _or_false),
        Setting(
            "hidden_activation",
            _layer("mlp.gate_proj", "activation"),
            "gelu_pytorch_tanh",
            {"gelu": "tanh"},
            activation,
        ),
        eps("rms_norm_eps", "rms_norm", _EPS_6, _EPS_6),
        fixed=(
            Fixed("attention_bias", (False,)),
            Fixed("tie_word_embeddings", (True,)),
            Fixed("final_logit_softcapping", (30.0,), counts=False),
            Fixed("hidden_act", (None, "gelu_pytorch_tanh"), counts=False),
            Fixed("use_bidirectional_attention", (None, False), counts=False),
            Fixed("layer_types", (None, alternating), counts=False),
        ),
        rotary=Rotary(_THETA),
        hidden_size=2304,
        num_hidden_layers=26,
        num_attention_heads=8,
    ),
    "gpt_neox": _decoder(
        "gpt_neox",
        "GPTNeoXForCausalLM",
        50432,
        Setting("intermediate_size", _layer("mlp.dense_h_to_4h", "dense"), 24576, four_times),
        Setting("hidden_act", _layer("mlp.dense_h_to_4h", "activation"), "gelu", "gelu", activation),
        eps("layer_norm_eps", "layer_norm", _EPS_5, _EPS_5),
        Setting("rotary_emb_base", ("defaults", "rotary", "theta"), None, 10_000),
        fixed=(
            Fixed("attention_bias", (True,)),
            Fixed("tie_word_embeddings", (False,)),
            Fixed("use_parallel_residual", (True,), counts=False),
            Fixed("rotary_pct", (None, 0.25), counts=False),
            Fixed("partial_rotary_factor", (None, 0.25), counts=False),
        ),
        rotary=Rotary(_THETA),
        hidden_size=6144,
        num_hidden_layers=44,
        num_attention_heads=64,
    ),
    "bloom": Family(
        "bloom",
        "BloomForCausalLM",
        (
            param("vocabulary", "vocab_size", 250880),
            param("width", "hidden_size", 64),
            param("depth", "n_layer", 2),
            param("heads", "n_head", 8),
            eps("layer_norm_epsilon", "layer_norm", _EPS_5, _EPS_5),
        ),
        (
            Fixed("tie_word_embeddings", (True,)),
            Fixed("apply_residual_connection_post_layernorm", (False,), counts=False),
        ),
        ignored=DROPOUTS
        | {"slow_but_exact", "skip_bias_add", "skip_bias_add_qkv", "offset_alibi", "seq_length"}
        | {"attention_softmax_in_fp32", "bias_dropout_fusion", "masked_softmax_fusion", "unk_token_id", "n_inner"},
    ),
    "gpt2": Family(
        "gpt2",
        "GPT2LMHeadModel",
        (
            param("vocabulary", "vocab_size", 50257),
            param("context", "n_positions", 1024),
            param("width", "n_embd", 768),
            param("depth", "n_layer", 12),
            param("heads", "n_head", 12),
            param("dropout", "resid_pdrop", 0.1),
            Setting("n_inner", ("blocks", "Block", "layers", "mlp.c_fc", "dense"), None, four_times),
            Setting(
                "activation_function",
                ("blocks", "Block", "layers", "mlp.c_fc", "activation"),
                "gelu_new",
                {"gelu": "tanh"},
                activation,
            ),
            eps("layer_norm_epsilon", "layer_norm", _EPS_5, _EPS_5),
        ),
        (
            Fixed("tie_word_embeddings", (True,)),
            Fixed("add_cross_attention", (False,)),
            Fixed("scale_attn_weights", (True,), counts=False),
            Fixed("scale_attn_by_inverse_layer_idx", (False,), counts=False),
        ),
        length="n_positions",
        ignored=DROPOUTS
        | {"n_ctx", "reorder_and_upcast_attn", "summary_activation", "summary_first_dropout", "summary_type"}
        | {"summary_proj_to_labels", "summary_use_proj"},
        note="weights of transformers' Conv1D are the transpose of these",
    ),
    "bert": Family(
        "bert",
        "BertModel",
        (
            param("vocabulary", "vocab_size", 30522),
            param("positions", "max_position_embeddings", 512),
            param("width", "hidden_size", 768),
            param("depth", "num_hidden_layers", 12),
            param("heads", "num_attention_heads", 12),
            param("dropout", "hidden_dropout_prob", 0.1),
            Setting("intermediate_size", _layer("intermediate.dense", "dense"), 3072, four_times),
            Setting("hidden_act", _layer("intermediate.dense", "activation"), "gelu", "gelu", activation),
            Setting("type_vocab_size", ("layers", "embeddings.token_type_embeddings", "embedding"), 2, 2),
            eps("layer_norm_eps", "layer_norm", _EPS_12, _EPS_12),
        ),
        (
            Fixed("position_embedding_type", ("absolute",)),
            Fixed("is_decoder", (False,)),
            Fixed("add_cross_attention", (False,)),
        ),
        length="max_position_embeddings",
        ignored=DROPOUTS
        | {"directionality", "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers"}
        | {"pooler_size_per_head", "pooler_type", "tie_word_embeddings"},
    ),
    "albert": Family(
        "albert",
        "AlbertModel",
        (
            param("vocabulary", "vocab_size", 30000),
            param("positions", "max_position_embeddings", 512),
            param("embedding", "embedding_size", 128),
            param("width", "hidden_size", 4096),
            param("depth", "num_hidden_layers", 12),
            param("heads", "num_attention_heads", 64),
            param("hidden", "intermediate_size", 16384),
            Setting("hidden_act", _layer("ffn", "activation"), "gelu_new", {"gelu": "tanh"}, activation),
            Setting("type_vocab_size", ("layers", "embeddings.token_type_embeddings", "embedding"), 2, 2),
            eps("layer_norm_eps", "layer_norm", _EPS_12, _EPS_12),
        ),
        (
            Fixed("num_hidden_groups", (1,)),
            Fixed("inner_group_num", (1,)),
            Fixed("position_embedding_type", ("absolute",)),
        ),
        length="max_position_embeddings",
        ignored=DROPOUTS
        | {"net_structure_type", "gap_size", "num_memory_blocks", "down_scale_factor"}
        | {"tie_word_embeddings"},
    ),
}
