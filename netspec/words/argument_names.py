"""Arguments by the names of Keras, PyTorch, ONNX and the papers. Data only."""

from __future__ import annotations

from typing import NamedTuple


class ArgumentRow(NamedTuple):
    """One meaning and its names elsewhere, each a text of words."""

    netspec: str
    """Arguments in this language, as words; the first one that the operation has is meant."""
    keras: str = ""
    torch: str = ""
    onnx: str = ""
    other: str = ""
    convert: str = ""
    """The function of :mod:`netspec.words.conversions` that converts the value, if it differs."""


class Unneeded(NamedTuple):
    """Arguments that a layer does not need in this language, with reasons."""

    why: str
    words: str


ROWS: tuple[ArgumentRow, ...] = (
    ArgumentRow(
        "kernel size",
        "kernel_size pool_size",
        "kernel_size",
        "kernel_shape",
        "ksize filter_size window window_size k f kernel_dim receptive_field field",
    ),
    ArgumentRow("size kernel", torch="output_size", other="out_size target_size kernel size"),
    ArgumentRow("stride", "strides", "stride", "strides", "step_size subsample"),
    ArgumentRow("padding", onnx="pads", convert="onnx_pairs"),
    ArgumentRow("padding", "padding", "padding", "auto_pad", "pad border_mode pad_width zero_padding p"),
    ArgumentRow("dilation", "dilation_rate", "dilation", "dilations", "atrous_rate rate dilate"),
    ArgumentRow("groups", "groups", "groups num_groups", "group", "cardinality n_groups"),
    ArgumentRow("bias", "use_bias", "bias", other="has_bias with_bias bias_term add_bias biases"),
    ArgumentRow(
        "filters units width",
        "filters units output_dim",
        "out_channels out_features hidden_size embedding_dim",
        "hidden_size",
        "out_planes num_filters nb_filter n_filters num_output num_outputs output_channels cout c_out channels_out "
        "out_channel outputs neurons n_out out hidden_dim num_hidden n_hidden features channels dim embed_dim d_model "
        "output_size num_units hidden nodes num_classes classes",
    ),
    ArgumentRow(
        "vocabulary", "input_dim", "num_embeddings", other="vocab_size num_tokens vocab vocabulary_size n_tokens"
    ),
    ArgumentRow("multiplier", "depth_multiplier", other="channel_multiplier channels_multiplier expansion filters"),
    ArgumentRow("eps", "epsilon", "eps", "epsilon", "variance_epsilon layer_norm_eps"),
    ArgumentRow("momentum", torch="momentum"),
    ArgumentRow("momentum", other="decay", convert="complement"),
    ArgumentRow("affine", torch="elementwise_affine", other="learnable"),
    ArgumentRow(
        "slope", "negative_slope alpha", "negative_slope", "alpha", "leak leakiness leaky_slope negative_gradient a"
    ),
    ArgumentRow(
        "rate drop",
        "rate dropout",
        "p dropout",
        "ratio",
        "dropout_rate prob drop_rate drop_prob dropout_ratio dropout_prob attn_drop attn_dropout attention_dropout "
        "probability",
    ),
    ArgumentRow("rate", other="keep_prob", convert="complement"),
    ArgumentRow(
        "heads", "num_heads", "num_heads nhead", "q_num_heads", "n_heads n_head head_num num_attention_heads nheads"
    ),
    ArgumentRow("kv_heads", "num_key_value_heads", onnx="kv_num_heads", other="num_kv_heads n_kv_heads kv_head_num"),
    ArgumentRow("window", other="sliding_window window_size local_window attention_window"),
    ArgumentRow("cap", onnx="softcap", other="attn_logit_softcapping logit_softcapping soft_cap softcapping"),
    ArgumentRow("theta", other="rope_theta base rotary_emb_base"),
    ArgumentRow("causal", "use_causal_mask", "is_causal", "is_causal", "autoregressive"),
    ArgumentRow("mask", "attention_mask", "attn_mask", "attn_mask"),
    ArgumentRow("num_layers", torch="num_layers", other="n_layers nlayers num_rnn_layers depth stacked"),
    ArgumentRow("bidirectional", torch="bidirectional", other="bidir both_directions"),
    ArgumentRow("output", "return_sequences", convert="sequence_or_last"),
    ArgumentRow("scale", torch="scale_factor", onnx="scales", other="upscale ratio factor times"),
    ArgumentRow(
        "factor", "scale", "upscale_factor downscale_factor", "blocksize", "block_size r upscale downscale scale_factor"
    ),
    ArgumentRow("mode", "interpolation", "mode", "mode", "method interpolation_mode padding_mode fill_mode pad_mode"),
    ArgumentRow("value", "fill_value", "value", "constant_value", "constant_values constant fill"),
    ArgumentRow("amount", "padding cropping", "padding pad", "pads", "paddings pad_width crop border width"),
    ArgumentRow("shape", "target_shape", "unflattened_size", "shape", "new_shape output_shape view size sizes dims"),
    ArgumentRow("order", "dims", "dims", "perm", "permutation axes axis", convert="axes_with_batch"),
    ArgumentRow(
        "axis", "axis axes", "dim", "axis axes", "along dims dimension channel_axis", convert="axes_with_batch"
    ),
    ArgumentRow("start", torch="start_dim", other="from_axis first", convert="axes_with_batch"),
    ArgumentRow("end", torch="end_dim", other="to_axis last", convert="axes_with_batch"),
    ArgumentRow("start", onnx="starts", other="begin"),
    ArgumentRow("stop", onnx="ends", other="end"),
    ArgumentRow("step", onnx="steps", other="stride strides"),
    ArgumentRow("shift", torch="shifts", other="shift_size offset"),
    ArgumentRow("index", onnx="indices", other="idx position i"),
    ArgumentRow(
        "parts", torch="chunks sections", onnx="num_outputs", other="splits num_splits n num_or_size_splits pieces"
    ),
    ArgumentRow("groups", other="num_groups g group"),
    ArgumentRow("p", torch="norm_type", onnx="p", other="norm power"),
    ArgumentRow("low", "min_value", "min_val min", "min", "lower minimum clip_min a_min"),
    ArgumentRow("high", "max_value", "max_val max", "max", "upper maximum clip_max a_max"),
    ArgumentRow("keepdims", "keepdims", "keepdim", "keepdims", "keep_dims keep_dim"),
    ArgumentRow("like", other="output_like as size_of indices_from"),
    ArgumentRow("k", onnx="bias"),
    ArgumentRow("size", other="n local_size nsize depth"),
    ArgumentRow(
        "init",
        "kernel_initializer embeddings_initializer depthwise_initializer gamma_initializer",
        other="weight_initializer weight_init initializer initialiser kernel_init weight_filler w_init weights_init",
    ),
    ArgumentRow("init", "bias_initializer beta_initializer", other="bias_init bias_filler b_init", convert="bias_init"),
    # keys that any layer may have
    ArgumentRow(
        "activation",
        "activation",
        other="act act_layer activation_fn activation_function nonlinearity non_linearity act_fn",
    ),
    ArgumentRow(
        "from",
        torch="tensors",
        other="input inputs input_layer input_layers input_names bottom bottoms inbound inbound_nodes parents parent "
        "previous prev source sources src",
    ),
    ArgumentRow("repeat", other="repeats num_repeats n_repeats times count number num_blocks n_blocks copies"),
    ArgumentRow("when", other="if condition only_if enabled unless_false"),
    ArgumentRow(
        "share", other="shared share_weights shared_with weights_from tie tied reuse tie_weights reuse_weights"
    ),
    ArgumentRow("freeze", other="frozen"),
    ArgumentRow("freeze", "trainable", "requires_grad", convert="negation"),
    ArgumentRow("doc", other="description comment note notes remark documentation"),
    ArgumentRow("first", other="first_copy first_block"),
)

_INPUT = "it is that of the tensor that arrives"
_HEADS = (
    "it is the width of the tensor that arrives, divided by the heads; with another width, write 'dense' layers around "
    "'dot_product_attention'"
)
_TRAINING = "training code says it"
_SAME = "the network computes the same without it"
UNNEEDED: tuple[Unneeded, ...] = (
    Unneeded(
        _INPUT,
        "in_channels in_features num_features in_planes in_channel input_channels channels_in cin c_in n_in num_input "
        "num_inputs in1_features in2_features input_size input_dim input_depth num_channels normalized_shape "
        "embed_dim d_model channels features dim hidden_size num_filters",
    ),
    Unneeded(_HEADS, "key_dim value_dim"),
    Unneeded(
        "the key 'input' of the spec says it", "input_shape batch_input_shape batch_shape batch_size input_length"
    ),
    Unneeded("the key 'layout' of the spec says it", "data_format channels_last channels_first data_layout layout"),
    Unneeded("a spec does not say where it runs", "device"),
    Unneeded(
        _TRAINING,
        "kernel_regularizer bias_regularizer activity_regularizer embeddings_regularizer beta_regularizer "
        "gamma_regularizer depthwise_regularizer pointwise_regularizer kernel_constraint bias_constraint "
        "depthwise_constraint pointwise_constraint weight_decay regularizer regularization l1 l2 lr_mult decay_mult "
        "learning_rate lr seed training renorm renorm_clipping renorm_momentum",
    ),
    Unneeded(
        _SAME,
        "inplace in_place track_running_stats batch_first return_indices return_state use_cudnn unroll stateful "
        "synchronized training_mode storage_order allowzero is_training fused flash_attention",
    ),
    Unneeded("the name of a layer is its key: conv1: {conv2d: …}", "name layer_name id"),
)
"""Tried after the rows above: only a word that means no argument of the operation is unneeded."""

ABSENT: tuple[Unneeded, ...] = (
    Unneeded("for keys and values of another width, write 'dense' layers around 'dot_product_attention'", "kdim vdim"),
    Unneeded("a 'dense' layer after 'lstm' reduces its output, and not what it feeds back", "proj_size"),
    Unneeded("with the number of channels as `num_parameters`, each channel has a slope", "shared_axes"),
    Unneeded("cells are concatenated: 'bidirectional' has no other way", "merge_mode"),
)
"""Arguments without an equivalent, and what to do instead."""

_SWAPPED = "swapped_axes"
_TORCH_PADDING = {"padding": ("amount", "torch_pairs")}
PARTICULAR: dict[str, dict[str, tuple[str, str]]] = {
    "BatchNormalization": {"momentum": ("momentum", "complement")},
    "UpSampling{n}D": {"size": ("scale", "")},
    "ZeroPadding{n}D": {"padding": ("amount", "keras_pairs")},
    "Cropping{n}D": {"cropping": ("amount", "keras_pairs")},
    **dict.fromkeys(
        ("ZeroPad{n}d", "ConstantPad{n}d", "ReflectionPad{n}d", "ReplicationPad{n}d", "CircularPad{n}d"), _TORCH_PADDING
    ),
    "pad": {"pad": ("amount", "torch_pairs")},
    "view": {"shape": ("shape", "without_batch")},
    "reshape": {"shape": ("shape", "without_batch")},
    "transpose": {"dims": ("order", _SWAPPED)},
    "swapaxes": {"dims": ("order", _SWAPPED)},
    "swapdims": {"dims": ("order", _SWAPPED)},
    "moveaxis": {"dims": ("order", "moved_axis")},
    "movedim": {"dims": ("order", "moved_axis")},
    "split": {"split_size_or_sections": ("parts", "sizes_of_parts")},
    "normalize": {"p": ("axis", "only_two")},
    "flip": {"dims": ("axis", "axes_with_batch")},
    "roll": {"dims": ("axis", "axes_with_batch")},
    "LayerNorm": {"normalized_shape": ("axis", "last_axes")},
    "layer_norm": {"normalized_shape": ("axis", "last_axes")},
    "RMSNorm": {"normalized_shape": ("axis", "last_axes")},
    "rms_norm": {"normalized_shape": ("axis", "last_axes")},
    "Flatten": {"axis": ("start", "axes_with_batch")},
    "LRN": {"bias": ("k", "")},
    "cast": {"dtype": ("to", ""), "type": ("to", "")},
}
"""Arguments that mean something particular with one operation: the argument here, and a conversion."""
