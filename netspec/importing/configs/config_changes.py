"""The kinds of rules by which a configuration of Hugging Face's transformers changes a spec of the zoo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Config = Mapping[str, Any]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """A field whose value stands at a place of the spec."""

    field: str
    path: Path
    """Keys of the spec's document."""
    default: Any = None
    """The value that transformers takes where the field is missing."""
    in_spec: Any = None
    """What the spec says already: a value, or a function of the configuration. Then it stays as it is."""
    convert: Callable[[Any, Config], Any] | None = None
    """The value of the spec for that of the field; None is a value that the spec cannot have."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A field for which the spec has one meaning."""

    field: str
    values: tuple[Any, ...]
    """Those that mean what the spec says; the first is the one that transformers takes where the field is missing."""
    counts: bool = True
    """Whether another value changes the parameters or the graph. Otherwise it changes values alone, and is a note."""


@dataclass(frozen=True, slots=True)
class RotaryKind:
    """A kind of rotary positions that a spec has."""

    settings: tuple[Setting, ...] = ()
    fixed: tuple[Fixed, ...] = ()


@dataclass(frozen=True, slots=True)
class Rotary:
    """Where a spec has the rates of rotary positions."""

    theta: Setting
    kinds: Mapping[str, RotaryKind] = field(default_factory=dict[str, RotaryKind])
    """Kinds besides ``default``, by name."""


@dataclass(frozen=True, slots=True)
class Family:
    """A model family of transformers in the zoo."""

    spec: str
    """Name of the network in the zoo."""
    model: str
    """The class of transformers whose parameters the spec has."""
    settings: tuple[Setting, ...]
    fixed: tuple[Fixed, ...] = ()
    rotary: Rotary | None = None
    ignored: frozenset[str] = frozenset()
    """Fields without meaning for the network, besides the common ones."""
    length: str = ""
    """The field with the greatest length of a text, which bounds the default of the dimension ``n``."""
    note: str = ""
    """What differs from transformers in every case, such as the names of the weights."""


IGNORED = frozenset(
    (
        *("architectures", "model_type", "transformers_version", "_name_or_path", "torch_dtype", "dtype", "auto_map"),
        *("bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id", "cls_token_id", "decoder_start_token_id"),
        *("unk_token_id", "mask_token_id", "use_cache", "initializer_range", "initializer_factor", "init_std"),
        *("id2label", "label2id", "num_labels", "problem_type", "task_specific_params", "finetuning_task"),
        *("output_attentions", "output_hidden_states", "return_dict", "output_past", "is_encoder_decoder", "prefix"),
        *("gradient_checkpointing", "use_bfloat16", "torchscript", "attn_implementation", "_attn_implementation"),
        *("pruned_heads", "tokenizer_class", "generation_config", "chunk_size_feed_forward", "pretraining_tp"),
        *("rope_theta", "rope_scaling", "rope_parameters", "tf_legacy_loss", "max_length", "unsloth_version"),
        *(
            "suppress_tokens",
            "begin_suppress_tokens",
            "forced_decoder_ids",
            "median_filter_width",
            "repetition_penalty",
        ),
    )
)
"""Fields that change neither the graph nor its values at inference, and those that are read elsewhere."""
