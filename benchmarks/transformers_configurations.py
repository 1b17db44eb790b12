"""Small configurations of the families of Hugging Face's transformers, with example inputs."""

# transformers has no types that hold here.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingImports=false

from __future__ import annotations

from typing import Any

Settings = dict[str, Any]

SMALL: Settings = {
    "vocab_size": 100, "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 128,
}  # fmt: skip
POSITIONS: Settings = {"max_position_embeddings": 64}
GROUPED: Settings = {"num_key_value_heads": 2}
ROTARY: Settings = SMALL | POSITIONS | GROUPED
HEADS: Settings = ROTARY | {"head_dim": 16}
IMAGE: Settings = {"image_size": 64, "patch_size": 16} | {k: v for k, v in SMALL.items() if k != "vocab_size"}
GPT: Settings = {"vocab_size": 100, "n_positions": 32, "n_embd": 64, "n_layer": 3, "n_head": 4}
SEQUENCE: Settings = {
    "vocab_size": 100, "d_model": 64, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4,
    "decoder_attention_heads": 4, "encoder_ffn_dim": 128, "decoder_ffn_dim": 128,
}  # fmt: skip
STAGES: Settings = {"hidden_sizes": [16, 32, 48, 64], "depths": [1, 1, 2, 1]}
T5: Settings = {"vocab_size": 100, "d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 2, "num_heads": 4}
AUDIO: Settings = {
    "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128,
    "conv_dim": (32, 32), "conv_stride": (5, 2), "conv_kernel": (10, 3), "num_feat_extract_layers": 2,
    "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4,
}  # fmt: skip

TEXT: dict[str, tuple[str, Settings]] = {
    "bert": ("BertModel", SMALL | POSITIONS),
    "distilbert": (
        "DistilBertModel", {"vocab_size": 100, "dim": 64, "n_layers": 3, "n_heads": 4, "hidden_dim": 128} | POSITIONS,
    ),
    "roberta": ("RobertaModel", SMALL | POSITIONS),
    "xlm_roberta": ("XLMRobertaModel", SMALL | POSITIONS),
    "camembert": ("CamembertModel", SMALL | POSITIONS),
    "electra": ("ElectraModel", SMALL | POSITIONS | {"embedding_size": 32}),
    "albert": ("AlbertModel", SMALL | POSITIONS | {"embedding_size": 32}),
    "mobilebert": (
        "MobileBertModel",
        SMALL | POSITIONS | {"embedding_size": 32, "intra_bottleneck_size": 32, "true_hidden_size": 32},
    ),
    "squeezebert": ("SqueezeBertModel", SMALL | POSITIONS | {"embedding_size": 64}),
    "mpnet": ("MPNetModel", SMALL | POSITIONS),
    "deberta_v2": ("DebertaV2Model", SMALL | POSITIONS),
    "funnel": ("FunnelBaseModel", {"vocab_size": 100, "d_model": 64, "n_head": 4, "d_head": 16, "d_inner": 128,
                                   "block_sizes": [1, 1]}),
    "fnet": ("FNetModel", SMALL | POSITIONS),
    "convbert": ("ConvBertModel", SMALL | POSITIONS | {"embedding_size": 64}),
    "modernbert": ("ModernBertModel", SMALL | POSITIONS | {"pad_token_id": 0, "local_attention": 8}),
    "t5": ("T5EncoderModel", T5 | {"num_layers": 3}),
    "clip_text": ("CLIPTextModel", SMALL | POSITIONS),
    "gpt2": ("GPT2LMHeadModel", GPT),
    "gpt_neo": (
        "GPTNeoForCausalLM",
        {"vocab_size": 100, "hidden_size": 64, "num_layers": 2, "num_heads": 4,
         "attention_types": [[["global", "local"], 1]], "window_size": 8} | POSITIONS,
    ),
    "gpt_neox": ("GPTNeoXForCausalLM", SMALL | POSITIONS),
    "gptj": ("GPTJForCausalLM", GPT | {"rotary_dim": 8}),
    "codegen": ("CodeGenForCausalLM", GPT | {"rotary_dim": 8}),
    "opt": (
        "OPTForCausalLM",
        {"vocab_size": 100, "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "ffn_dim": 128,
         "word_embed_proj_dim": 64} | POSITIONS,
    ),
    "bloom": ("BloomForCausalLM", {"vocab_size": 100, "hidden_size": 64, "n_layer": 3, "n_head": 4}),
    "falcon": ("FalconForCausalLM", {"vocab_size": 100, "hidden_size": 64, "num_hidden_layers": 3,
                                     "num_attention_heads": 4}),
    "llama": ("LlamaForCausalLM", ROTARY),
    "mistral": ("MistralForCausalLM", ROTARY),
    "qwen2": ("Qwen2ForCausalLM", ROTARY),
    "qwen3": ("Qwen3ForCausalLM", HEADS),
    "gemma": ("GemmaForCausalLM", HEADS),
    "gemma2": ("Gemma2ForCausalLM", HEADS),
    "gemma3": ("Gemma3ForCausalLM", HEADS),
    "phi": ("PhiForCausalLM", SMALL | POSITIONS),
    "phi3": ("Phi3ForCausalLM", ROTARY | {"pad_token_id": 0}),
    "olmo": ("OlmoForCausalLM", SMALL | POSITIONS),
    "olmo2": ("Olmo2ForCausalLM", SMALL | POSITIONS),
    "granite": ("GraniteForCausalLM", ROTARY),
    "cohere": ("CohereForCausalLM", ROTARY),
    "starcoder2": ("Starcoder2ForCausalLM", ROTARY),
    "smollm3": ("SmolLM3ForCausalLM", ROTARY | {"pad_token_id": 0}),
    "stablelm": ("StableLmForCausalLM", ROTARY),
    "gpt_oss": ("GptOssForCausalLM", HEADS | {"num_local_experts": 4, "num_experts_per_tok": 2}),
    "mixtral": ("MixtralForCausalLM", ROTARY | {"num_local_experts": 4}),
    "mamba": ("MambaModel", {"vocab_size": 100, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 4}),
    "xlnet": ("XLNetModel", {"vocab_size": 100, "d_model": 64, "n_layer": 2, "n_head": 4, "d_inner": 128}),
}  # fmt: skip
VISION: dict[str, tuple[str, Settings]] = {
    "vit": ("ViTForImageClassification", IMAGE | {"num_labels": 10}),
    "deit": ("DeiTModel", IMAGE),
    "beit": ("BeitModel", IMAGE),
    "dinov2": ("Dinov2Model", IMAGE),
    "clip_vision": ("CLIPVisionModel", IMAGE),
    "siglip_vision": ("SiglipVisionModel", IMAGE),
    "vit_mae": ("ViTMAEModel", IMAGE | {"mask_ratio": 0.0}),
    "swin": (
        "SwinModel",
        {"image_size": 64, "patch_size": 4, "embed_dim": 24, "depths": [2, 2], "num_heads": [3, 6], "window_size": 4},
    ),
    "swinv2": (
        "Swinv2Model",
        {"image_size": 64, "patch_size": 4, "embed_dim": 24, "depths": [2, 2], "num_heads": [3, 6], "window_size": 4},
    ),
    "segformer": (
        "SegformerForSemanticSegmentation",
        {"depths": [1, 1, 1, 1], "hidden_sizes": [16, 32, 48, 64], "num_attention_heads": [1, 2, 3, 4],
         "decoder_hidden_size": 32, "num_labels": 5},
    ),
    "convnext": ("ConvNextModel", STAGES),
    "convnextv2": ("ConvNextV2Model", STAGES),
    "resnet": ("ResNetModel", STAGES | {"embedding_size": 16}),
    "regnet": ("RegNetModel", STAGES | {"embedding_size": 16, "groups_width": 8}),
    "poolformer": ("PoolFormerModel", STAGES),
    "mobilevit": (
        "MobileViTModel",
        {"image_size": 64, "hidden_sizes": [32, 48, 64], "neck_hidden_sizes": [8, 16, 24, 32, 48, 64, 96]},
    ),
    "mobilenet_v2": ("MobileNetV2Model", {"depth_multiplier": 0.35}),
}  # fmt: skip
AUDIO_MODELS = {"wav2vec2": "Wav2Vec2Model", "hubert": "HubertModel", "wavlm": "WavLMModel"}
PAIRS: dict[str, tuple[str, Settings]] = {
    "bart": ("BartModel", SEQUENCE | POSITIONS),
    "marian": ("MarianModel", SEQUENCE | POSITIONS | {"pad_token_id": 0, "decoder_start_token_id": 0}),
    "pegasus": ("PegasusModel", SEQUENCE | POSITIONS),
    "t5_pair": ("T5Model", T5),
}
FAMILIES = (*TEXT, *VISION, *PAIRS, *AUDIO_MODELS, "whisper_encoder", "clip", "siglip")


def make(name: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """A model of a family, with two examples by name."""
    import torch

    torch.manual_seed(0)
    ids = torch.randint(5, 90, (2, 16))
    if name in TEXT:
        return _model(*TEXT[name]), (), {"input_ids": ids[:, :8] if name == "mamba" else ids}
    if name in VISION:
        return _model(*VISION[name]), (), {"pixel_values": torch.randn(2, 3, 64, 64)}
    if name in PAIRS:
        return _model(*PAIRS[name]), (), {"input_ids": ids, "decoder_input_ids": ids[:, :8], "use_cache": False}
    if name in AUDIO_MODELS:
        return _model(AUDIO_MODELS[name], AUDIO), (), {"input_values": torch.randn(2, 1600)}
    if name == "whisper_encoder":
        tokens = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
        model = _model("WhisperModel", SEQUENCE | tokens | {"num_mel_bins": 20, "max_source_positions": 50})
        return model.encoder, (), {"input_features": torch.randn(2, 20, 100)}
    title = {"clip": "CLIPModel", "siglip": "SiglipModel"}[name]
    text, vision = dict(SMALL | POSITIONS), dict(IMAGE)
    model = _model(title, {"text_config": text, "vision_config": vision, "projection_dim": 32})
    return model, (), {"input_ids": ids, "pixel_values": torch.randn(2, 3, 64, 64)}


def _model(title: str, settings: Settings) -> Any:
    import transformers

    model_class: Any = getattr(transformers, title)
    model = model_class(model_class.config_class(**settings))
    model.config.use_cache = False
    return model
