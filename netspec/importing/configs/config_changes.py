"""Rules by which a configuration of Hugging Face's transformers modifies a spec of the zoo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Config = Mapping[str, Any]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """A field that sets a value in the spec."""

    field: str
    path: Path
    """Keys of the spec's document."""
    default: Any = None
    """The default of transformers for a missing field."""
    in_spec: Any = None
    """The value that is already in the spec: a constant, or a function of the configuration.

    An equal value is not written.
    """
    convert: Callable[[Any, Config], Any] | None = None
    """Converts the value of the field for the spec; None if the spec does not support it."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A field for which the spec supports only one meaning."""

    field: str
    values: tuple[Any, ...]
    """The supported values; the first is the default of transformers for a missing field."""
    counts: bool = True
    """Whether other values change the parameters or the graph.

    Otherwise, they only change numerical values, which is noted.
    """


@dataclass(frozen=True, slots=True)
class RotaryKind:
    """A kind of rotary positions that the spec supports."""

    settings: tuple[Setting, ...] = ()
    fixed: tuple[Fixed, ...] = ()


@dataclass(frozen=True, slots=True)
class Rotary:
    """The location of the rates of rotary positions in a spec."""

    theta: Setting
    kinds: Mapping[str, RotaryKind] = field(default_factory=dict[str, RotaryKind])
    """Supported kinds besides ``default``, by name."""


@dataclass(frozen=True, slots=True)
class Family:
    """A model family of transformers in the zoo."""

    spec: str
    """Name of the network in the zoo."""
    model: str
    """The class of transformers with the same parameters as the spec."""
    settings: tuple[Setting, ...]
    fixed: tuple[Fixed, ...] = ()
    rotary: Rotary | None = None
    ignored: frozenset[str] = frozenset()
    """Fields without influence on the network, besides the common ones."""
    length: str = ""
    """The field with the maximum sequence length, which limits the default of the dimension ``n``."""
    note: str = ""
    """Differences from transformers that always exist, such as the names of weights."""


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
"""Fields that change neither the graph nor its values in inference, or are handled elsewhere."""
