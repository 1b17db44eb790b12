"""Further model families of Hugging Face's transformers: encoder-decoders, speech, images, and state-space models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .config_changes import Config, Family, Fixed, Rotary, RotaryKind, Setting
from .families import DROPOUTS, activation, alternating, eps, four_times, param


def _field(name: str, default: Any) -> Callable[[Config], Any]:
    """Returns a function that returns the value of another field."""

    def value(config: Config) -> Any:
        return config.get(name, default)

    return value


def _is_gated(config: Config) -> Any:
    return config.get("feed_forward_proj") == "gated-gelu"


def _inner_width(config: Config) -> Any:
    return _expanded(config.get("expand", 2), config)


def _inner(value: Any, config: Config) -> Any:
    heads = config.get("num_heads", 8)
    return value * heads if isinstance(value, int) and isinstance(heads, int) else None


def _feed(value: Any, _: Config) -> Any:
    return {"relu": "Feed", "gated-gelu": "GatedFeed"}.get(value) if isinstance(value, str) else None


def _classes(value: Any, config: Config) -> Any:
    labels: Any = config.get("id2label")
    return value if value is not None else len(labels) if isinstance(labels, dict) else 2  # pyright: ignore[reportUnknownArgumentType] - of any type


def _expanded(value: Any, config: Config) -> Any:
    width = config.get("hidden_size", 768)
    return value * width if isinstance(value, int) and isinstance(width, int) else None


def _twice(config: Config) -> Any:
    width = config.get("hidden_size", 768)
    return 2 * width if isinstance(width, int) else None


def _sixteenth(config: Config) -> Any:
    width = config.get("hidden_size", 768)
    return -(-width // 16) if isinstance(width, int) else None


def _or_sixteenth(value: Any, config: Config) -> Any:
    return _sixteenth(config) if value in (None, "auto") else value


def _times_heads(config: Config) -> Any:
    return _inner(64, config)


_YARN = RotaryKind(
    (Setting("factor", ("params", "factor"), 32.0),),
    (
        Fixed("beta_fast", (32.0,), counts=False),
        Fixed("beta_slow", (1.0,), counts=False),
        Fixed("truncate", (False,), counts=False),
        Fixed("original_max_position_embeddings", (4096,), counts=False),
    ),
)

FURTHER_FAMILIES: dict[str, Family] = {
    "t5": Family(
        "t5",
        "T5ForConditionalGeneration",
        (
            param("vocabulary", "vocab_size", 32128),
            param("width", "d_model", 512),
            param("heads", "num_heads", 8),
            param("depth", "num_layers", 6),
            param("hidden", "d_ff", 2048),
            Setting("d_kv", ("params", "inner"), 64, _times_heads, _inner),
            Setting("feed_forward_proj", ("params", "feed"), "relu", "Feed", _feed),
            param("tied", "tie_word_embeddings", True),
            eps("layer_norm_epsilon", "rms_norm", 1e-6, 1e-6),
        ),
        (
            Fixed("num_decoder_layers", (None, _field("num_layers", 6))),
            Fixed("relative_attention_num_buckets", (32,)),
            Fixed("scale_decoder_outputs", (None, _field("tie_word_embeddings", True)), counts=False),
            Fixed("relative_attention_max_distance", (128,), counts=False),
            Fixed("is_gated_act", (None, _is_gated)),
        ),
        ignored=DROPOUTS | {"dense_act_fn", "n_positions", "is_decoder"},
        note="the tables of relative positions have other names than in transformers",
    ),
    "whisper": Family(
        "whisper",
        "WhisperForConditionalGeneration",
        (
            param("vocabulary", "vocab_size", 51865),
            param("mels", "num_mel_bins", 80),
            param("frames", "max_source_positions", 1500),
            param("positions", "max_target_positions", 448),
            param("width", "d_model", 384),
            param("heads", "encoder_attention_heads", 6),
            param("depth", "encoder_layers", 4),
            Setting("decoder_layers", ("layers", "model.decoder.layers", "repeat"), 4, _field("encoder_layers", 4)),
            Setting("encoder_ffn_dim", ("blocks", "Layer", "layers", "fc1", "dense"), 1536, four_times),
            Setting(
                "activation_function", ("blocks", "Layer", "layers", "fc1", "activation"), "gelu", "gelu", activation
            ),
        ),
        (
            Fixed("decoder_attention_heads", (_field("encoder_attention_heads", 6),), counts=False),
            Fixed("decoder_ffn_dim", (_field("encoder_ffn_dim", 1536),)),
            Fixed("scale_embedding", (False,), counts=False),
            Fixed("tie_word_embeddings", (True,)),
        ),
        ignored=DROPOUTS
        | {"num_hidden_layers", "max_source_positions", "use_weighted_layer_sum", "classifier_proj_size"}
        | {"apply_spec_augment", "mask_time_prob", "mask_time_length", "mask_time_min_masks", "mask_feature_prob"}
        | {"mask_feature_length", "mask_feature_min_masks"},
    ),
    "mamba": Family(
        "mamba",
        "MambaForCausalLM",
        (
            param("vocabulary", "vocab_size", 50280),
            param("width", "hidden_size", 768),
            param("depth", "num_hidden_layers", 32),
            param("states", "state_size", 16),
            Setting("expand", ("params", "inner"), 2, _twice, _expanded),
            Setting("time_step_rank", ("params", "rank"), None, _sixteenth, _or_sixteenth),
            Setting("conv_kernel", ("blocks", "Mixer", "layers", "conv1d", "depthwise_conv1d"), 4, 4),
            eps("layer_norm_epsilon", "rms_norm", 1e-5, 1e-5),
        ),
        (
            Fixed("tie_word_embeddings", (True,)),
            Fixed("use_bias", (False,)),
            Fixed("use_conv_bias", (True,)),
            Fixed("hidden_act", ("silu",), counts=False),
            Fixed("intermediate_size", (None, _inner_width)),
        ),
        ignored=DROPOUTS
        | {"residual_in_fp32", "rescale_prenorm_residual", "time_step_scale", "time_step_min", "time_step_max"}
        | {"time_step_init_scheme", "time_step_floor", "use_mambapy", "use_associative_scan", "d_inner", "d_model"}
        | {"fused_add_norm", "n_layer", "rms_norm", "ssm_cfg", "pad_vocab_size_multiple"},
    ),
    "rwkv": Family(
        "rwkv",
        "RwkvForCausalLM",
        (
            param("vocabulary", "vocab_size", 50277),
            param("width", "hidden_size", 4096),
            param("depth", "num_hidden_layers", 32),
            Setting("intermediate_size", ("blocks", "Feed", "layers", "key", "dense"), None, four_times),
            eps("layer_norm_epsilon", "layer_norm", 1e-5, 1e-5),
        ),
        (
            Fixed("attention_hidden_size", (None, _field("hidden_size", 4096))),
            Fixed("tie_word_embeddings", (False,)),
        ),
        ignored=DROPOUTS | {"context_length", "rescale_every"},
        length="context_length",
    ),
    "vit": Family(
        "vit",
        "ViTForImageClassification",
        (
            Setting("num_labels", ("params", "classes"), None, None, _classes),
            param("size", "image_size", 224),
            param("patch", "patch_size", 16),
            param("depth", "num_hidden_layers", 12),
            param("heads", "num_attention_heads", 12),
            param("width", "hidden_size", 768),
            param("hidden", "intermediate_size", 3072, four_times),
            eps("layer_norm_eps", "layer_norm", 1e-12, 1e-6),
        ),
        (
            Fixed("num_channels", (3,)),
            Fixed("qkv_bias", (True,)),
            Fixed("hidden_act", ("gelu",), counts=False),
        ),
        ignored=DROPOUTS | {"encoder_stride", "pooler_output_size", "pooler_act", "tie_word_embeddings"},
        note="the names of the weights are torchvision's, not those of transformers",
    ),
    "gpt_oss": Family(
        "gpt_oss",
        "GptOssForCausalLM",
        (
            param("vocabulary", "vocab_size", 201088),
            param("width", "hidden_size", 2880),
            param("depth", "num_hidden_layers", 36),
            param("heads", "num_attention_heads", 64),
            param("kv_heads", "num_key_value_heads", 8),
            param("head", "head_dim", 64),
            param("hidden", "intermediate_size", 2880),
            param("experts", "num_local_experts", 128),
            param("active", "num_experts_per_tok", 4),
            param("window", "sliding_window", 128),
            eps("rms_norm_eps", "rms_norm", 1e-5, 1e-5),
        ),
        (
            Fixed("tie_word_embeddings", (False,)),
            Fixed("attention_bias", (True,)),
            Fixed("hidden_act", ("silu",), counts=False),
            Fixed("swiglu_limit", (None, 7.0), counts=False),
            Fixed("swiglu_alpha", (None, 1.702), counts=False),
            Fixed("layer_types", (None, alternating), counts=False),
        ),
        Rotary(Setting("rope_theta", ("params", "theta"), 150_000.0), {"yarn": _YARN}),
        DROPOUTS
        | {"output_router_logits", "router_aux_loss_coef", "experts_per_token", "initial_context_length"}
        | {"quantization_config"},
        "max_position_embeddings",
    ),
}
