"""Operations by the names of Keras, PyTorch, ONNX and the papers. Data only.

A row names one operation of this language and what the others call it. ``{n}`` stands for the number of window axes;
a name without it, where the operation has it, leaves that number to the tensor that arrives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Row(NamedTuple):
    """One operation and its other names, each a text of words."""

    netspec: str
    """The operation here."""
    keras: str = ""
    torch: str = ""
    """Modules of ``torch.nn``."""
    functional: str = ""
    """Functions of PyTorch and methods of its tensors."""
    onnx: str = ""
    other: str = ""
    """Names in papers and in other frameworks."""
    implied: Mapping[str, Any] = {}
    """Arguments that those names imply, unless the layer gives them."""
    note: str = ""
    """What differs, in a phrase."""


KERAS_NORM = "Keras's default is eps: 0.001"
KERAS_LAST = "Keras's default is output: last (return_sequences: false)"
_LEAKY = "lrelu leaky leakyrectify"
KERAS_LEAKY = "Keras's default is {leaky_relu: 0.3}"
_ORDERS = "permute transpose swapaxes swapdims moveaxis movedim"
KERAS_PRELU = "Keras's default of one slope for each element has no equivalent"
ROWS: tuple[Row, ...] = (
    # convolution
    Row(
        "conv{n}d",
        "Conv{n}D Convolution{n}D",
        "Conv{n}d LazyConv{n}d",
        "conv{n}d",
        "Conv",
        "conv convolution convolution{n}d conv_layer conv_{n}d convnd convolutional",
    ),
    Row(
        "depthwise_conv{n}d",
        "DepthwiseConv{n}D",
        other="depthwise depthwise_conv dwconv dw_conv conv_dw depthwise_convolution dwconv{n}d",
    ),
    Row(
        "separable_conv{n}d",
        "SeparableConv{n}D SeparableConvolution{n}D",
        other="separable_conv sepconv sep_conv separable_convolution",
    ),
    Row(
        "conv_transpose{n}d",
        "Conv{n}DTranspose Convolution{n}DTranspose",
        "ConvTranspose{n}d LazyConvTranspose{n}d",
        "conv_transpose{n}d",
        "ConvTranspose",
        "deconv deconvolution deconv{n}d upconv upconv{n}d transposed_conv transposed_conv{n}d conv_transpose "
        "conv_transposed conv_transposed{n}d transpose_conv transpose_conv{n}d fractionally_strided_conv",
    ),
    # pooling
    Row(
        "max_pool{n}d",
        "MaxPooling{n}D MaxPool{n}D",
        "MaxPool{n}d",
        "max_pool{n}d max_pool{n}d_with_indices",
        "MaxPool",
        "max_pool max_pooling maxpooling mp pool pooling",
    ),
    Row(
        "avg_pool{n}d",
        "AveragePooling{n}D AvgPool{n}D",
        "AvgPool{n}d",
        "avg_pool{n}d",
        "AveragePool",
        "avg_pool avg_pooling average_pooling mean_pool mean_pool{n}d avgpooling{n}d",
    ),
    Row("lp_pool2d", torch="LPPool2d", functional="lp_pool2d", onnx="LpPool", other="lp_pooling"),
    Row("max_unpool2d", torch="MaxUnpool2d", functional="max_unpool2d", onnx="MaxUnpool", other="unpool unpooling"),
    Row("stochastic_pool{n}d", other="stochastic_pool stochastic_pooling"),
    Row(
        "adaptive_avg_pool{n}d",
        "AdaptiveAveragePooling{n}D",
        "AdaptiveAvgPool{n}d",
        "adaptive_avg_pool{n}d",
        other="adaptive_avg_pool adaptive_average_pooling adaptive_avg_pooling",
    ),
    Row(
        "adaptive_max_pool{n}d",
        "AdaptiveMaxPooling{n}D",
        "AdaptiveMaxPool{n}d",
        "adaptive_max_pool{n}d adaptive_max_pool{n}d_with_indices",
        other="adaptive_max_pool adaptive_max_pooling",
    ),
    Row("subsample{n}d", other="subsample subsampling"),
    Row(
        "global_avg_pool",
        "GlobalAveragePooling{n}D GlobalAvgPool{n}D",
        onnx="GlobalAveragePool",
        other="gap global_pool global_pooling global_average_pooling global_avg_pool{n}d avg_pool_global",
    ),
    Row(
        "global_max_pool",
        "GlobalMaxPooling{n}D GlobalMaxPool{n}D",
        onnx="GlobalMaxPool",
        other="gmp global_max_pooling global_max_pool{n}d",
    ),
    # dense and lookup
    Row(
        "dense",
        "Dense",
        "Linear LazyLinear",
        "linear",
        "Gemm",
        "fc fully_connected full affine innerproduct inner_product ip addmm denselayer fc_layer "
        "linear_layer dense_layer",
    ),
    Row("bilinear", torch="Bilinear", functional="bilinear", other="bilinear_layer"),
    Row("rbf", other="rbf_layer radial_basis radial_basis_function"),
    Row(
        "embedding",
        "Embedding",
        "Embedding",
        "embedding",
        other="embed lookup lookup_table word_embedding wordembedding",
    ),
    Row("gather", functional="index_select take", onnx="Gather"),
    # normalisation
    Row(
        "batch_norm",
        "BatchNormalization",
        "BatchNorm{n}d LazyBatchNorm{n}d SyncBatchNorm",
        "batch_norm",
        "BatchNormalization",
        "bn bn{n}d batchnorm_layer batch_normalisation batch_norm{n}d spatial_batch_norm",
        note="Keras's defaults are eps: 0.001 and momentum: 0.01 (its 0.99 is the weight of the past)",
    ),
    Row(
        "layer_norm",
        "LayerNormalization",
        "LayerNorm",
        "layer_norm",
        "LayerNormalization",
        "ln layer_normalisation layer_norm{n}d",
        note=KERAS_NORM,
    ),
    Row(
        "group_norm",
        "GroupNormalization",
        "GroupNorm",
        "group_norm",
        "GroupNormalization",
        "gn group_normalisation",
        note=KERAS_NORM,
    ),
    Row(
        "instance_norm",
        torch="InstanceNorm{n}d LazyInstanceNorm{n}d",
        functional="instance_norm",
        onnx="InstanceNormalization",
        other="in_norm instance_normalisation instance_norm{n}d",
    ),
    Row("rms_norm", "RMSNormalization", "RMSNorm", "rms_norm", "RMSNormalization", "rmsnorm_layer"),
    Row(
        "local_response_norm",
        torch="LocalResponseNorm CrossMapLRN2d",
        functional="local_response_norm",
        onnx="LRN",
        other="lrn local_response_normalization local_response_normalisation response_norm",
    ),
    Row(
        "l2_normalize",
        "UnitNormalization",
        functional="normalize",
        onnx="LpNormalization",
        other="l2_norm l2norm l2_normalization unit_norm normalize_l2",
    ),
    # weights
    Row("weight_norm", other="weight_normalization weight_normalisation weightnorm"),
    Row(
        "spectral_norm", "SpectralNormalization", other="spectral_normalization spectral_normalisation spectralnorm sn"
    ),
    # activation
    Row("relu", "ReLU", "ReLU", "relu relu_", "Relu", "rectifier rectified_linear ramp relu_layer"),
    Row("relu6", "relu6", "ReLU6", "relu6", other="relu_6"),
    Row("leaky_relu", "LeakyReLU", "LeakyReLU", "leaky_relu leaky_relu_", "LeakyRelu", _LEAKY, note=KERAS_LEAKY),
    Row("prelu", "PReLU", "PReLU", "prelu", "PRelu", "parametric_relu", note=KERAS_PRELU),
    Row("elu", "ELU", "ELU", "elu elu_", "Elu", "exponential_linear_unit"),
    Row("celu", "celu", "CELU", "celu celu_", "Celu"),
    Row("selu", "selu", "SELU", "selu selu_", "Selu"),
    Row("gelu", "gelu", "GELU", "gelu", "Gelu", "gaussian_error_linear_unit"),
    Row("gelu", other="gelu_tanh gelu_new gelu_approx gelu_pytorch_tanh", implied={"approximate": "tanh"}),
    Row("silu", "silu swish", "SiLU", "silu", "Swish", "sil swish1"),
    Row("mish", "mish", "Mish", "mish", "Mish"),
    Row("sigmoid", "sigmoid", "Sigmoid", "sigmoid", "Sigmoid", "logistic sigm"),
    Row(
        "hard_sigmoid",
        "hard_sigmoid",
        "Hardsigmoid",
        "hardsigmoid",
        "HardSigmoid",
        "hsigmoid",
        note="the slope is 1/6, as in PyTorch and Keras; ONNX's default is 0.2",
    ),
    Row("hard_swish", "hard_swish hard_silu", "Hardswish", "hardswish", "HardSwish", "hswish h_swish"),
    Row("tanh", "tanh", "Tanh", "tanh", "Tanh", "hyperbolic_tangent"),
    Row("scaled_tanh", other="lecun_tanh stanh"),
    Row("softplus", "softplus", "Softplus", "softplus", "Softplus", "soft_plus"),
    Row("softsign", "softsign", "Softsign", "softsign", "Softsign", "soft_sign"),
    Row("softmax", "Softmax", "Softmax", "softmax", "Softmax", "soft_max softmax_layer"),
    Row("softmax", torch="Softmax2d", implied={"axis": "channels"}),
    Row("log_softmax", "log_softmax", "LogSoftmax", "log_softmax", "LogSoftmax", "logsoft_max"),
    Row("glu", "glu", "GLU", "glu", other="gated_linear_unit"),
    Row("clamp", torch="Hardtanh", functional="hardtanh hardtanh_", implied={"low": -1, "high": 1}, keras="hard_tanh"),
    # elementwise
    Row("abs", functional="absolute", onnx="Abs", other="absolute_value"),
    Row("square", other="pow2"),
    Row("sqrt", onnx="Sqrt", other="square_root"),
    Row("exp", "exponential", onnx="Exp"),
    Row("log", onnx="Log", other="ln_function logarithm"),
    Row("cast", functional="to type", onnx="Cast CastLike", other="astype convert to_type type_as"),
    Row("sin", onnx="Sin", other="sine"),
    Row("cos", onnx="Cos", other="cosine"),
    Row("tan", onnx="Tan", other="tangent"),
    Row("erf", onnx="Erf", other="error_function"),
    Row("sign", onnx="Sign", other="sgn signum"),
    Row("formula", other="expression lambda_expression elementwise map_fn"),
    Row("stop_gradient", other="detach stop_grad no_gradient"),
    Row("clamp", functional="clip clamp_", onnx="Clip", other="clip_by_value truncate"),
    Row("rescale", "Rescaling", other="scale scaling affine_scale scale_shift"),
    Row("rescale", onnx="Neg", functional="neg negative", implied={"factor": -1}),
    # regularisation
    Row("dropout", "Dropout", "Dropout", "dropout", "Dropout", "drop drop_out"),
    Row(
        "spatial_dropout",
        "SpatialDropout{n}D",
        "Dropout{n}d",
        "dropout{n}d",
        other="channel_dropout feature_dropout spatial_drop",
    ),
    Row("drop_path", other="stochastic_depth droppath drop_connect"),
    # shape
    Row("flatten", "Flatten", "Flatten", "flatten", "Flatten", "flat ravel flatten_layer"),
    Row("reshape", "Reshape", "Unflatten", "view reshape unflatten view_as", "Reshape"),
    Row(
        "permute",
        "Permute",
        functional="permute transpose swapaxes swapdims moveaxis movedim",
        onnx="Transpose",
        other="permute_axes",
    ),
    Row(
        "rearrange",
        other="einops window_partition window_reverse unpatchify space_to_batch batch_to_space",
        note="einops' grammar, without the batch",
    ),
    Row(
        "einsum", functional="einsum", onnx="Einsum", other="einstein_sum tensordot contract", note="without the batch"
    ),
    Row("squeeze", functional="squeeze", onnx="Squeeze"),
    Row("unsqueeze", functional="unsqueeze", onnx="Unsqueeze", other="expand_dims add_axis newaxis"),
    Row("split", functional="chunk tensor_split split", onnx="Split"),
    Row("slice", functional="narrow", onnx="Slice", other="slicing"),
    Row("select", functional="select", other="index"),
    Row("roll", functional="roll", other="cyclic_shift shift"),
    Row("expand", functional="expand broadcast_to expand_as", onnx="Expand", other="broadcast"),
    Row("identity", "Identity", "Identity", onnx="Identity", other="noop no_op passthrough"),
    # borders and resolution
    Row("unfold{n}d", torch="Unfold", functional="unfold", other="im2col extract_patches"),
    Row("fold{n}d", torch="Fold", functional="fold", onnx="Col2Im", other="col2im"),
    Row("pad", "ZeroPadding{n}D", "ZeroPad{n}d ConstantPad{n}d", "pad", "Pad", "zero_pad zero_padding padding_layer"),
    Row("pad", torch="ReflectionPad{n}d", implied={"mode": "reflect"}, other="reflect_pad reflection_pad"),
    Row("pad", torch="ReplicationPad{n}d", implied={"mode": "replicate"}, other="replicate_pad replication_pad"),
    Row("pad", torch="CircularPad{n}d", implied={"mode": "circular"}, other="circular_pad"),
    Row("crop", "Cropping{n}D", other="cropping"),
    Row("center_crop", "CenterCrop", onnx="CenterCropPad", other="crop_center centre_crop"),
    Row(
        "upsample",
        "UpSampling{n}D",
        "Upsample UpsamplingNearest{n}d",
        "interpolate upsample upsample_nearest",
        "Resize Upsample",
        "up upscale upsampling interpolation",
    ),
    Row(
        "upsample",
        torch="UpsamplingBilinear{n}d",
        functional="upsample_bilinear",
        implied={"mode": "bilinear", "align_corners": True},
    ),
    Row("upsample", "Resizing", implied={"mode": "bilinear"}, other="resize resize_bilinear"),
    Row(
        "pixel_shuffle",
        torch="PixelShuffle",
        functional="pixel_shuffle",
        onnx="DepthToSpace",
        other="depth_to_space subpixel sub_pixel subpixel_conv",
    ),
    Row(
        "pixel_unshuffle",
        torch="PixelUnshuffle",
        functional="pixel_unshuffle",
        onnx="SpaceToDepth",
        other="space_to_depth focus",
    ),
    Row(
        "channel_shuffle",
        torch="ChannelShuffle",
        functional="channel_shuffle native_channel_shuffle",
        other="shuffle_channels shuffle",
    ),
    # merging
    Row(
        "add", "Add", functional="add", onnx="Add Sum", other="plus eltwise residual shortcut addition elementwise_add"
    ),
    Row("subtract", "Subtract", functional="sub", onnx="Sub", other="minus difference"),
    Row("multiply", "Multiply", functional="mul", onnx="Mul", other="times product elementwise_mul hadamard"),
    Row("divide", functional="div true_divide", onnx="Div", other="quotient"),
    Row("maximum", "Maximum", functional="maximum", onnx="Max", other="elementwise_max eltwise_max"),
    Row("average", "Average", onnx="Mean", other="elementwise_mean"),
    Row(
        "concat",
        "Concatenate",
        functional="cat concat concatenate hstack",
        onnx="Concat",
        other="join merge depth_concat",
    ),
    Row("stack", functional="stack", other="pack"),
    Row("matmul", "Dot", functional="matmul bmm mm", onnx="MatMul", other="dot matrix_multiply mat_mul batch_dot"),
    # reduction
    Row("mean", functional="mean", onnx="ReduceMean", other="reduce_mean global_mean"),
    Row("sum", functional="sum", onnx="ReduceSum", other="reduce_sum"),
    Row("max", functional="amax max", onnx="ReduceMax", other="reduce_max"),
    Row("min", functional="amin min", onnx="ReduceMin", other="reduce_min"),
    Row("prod", functional="prod", onnx="ReduceProd", other="reduce_prod"),
    Row("var", functional="var", other="variance reduce_var", note="`correction: 0` is the mean of the squares"),
    # choice and order
    Row("top_k", functional="topk", onnx="TopK", other="k_max top_values"),
    Row("argmax", functional="argmax", onnx="ArgMax", other="arg_max"),
    Row("argmin", functional="argmin", onnx="ArgMin", other="arg_min"),
    Row("sort", functional="sort", other="sorted argsort order"),
    Row("one_hot", functional="one_hot", onnx="OneHot", other="onehot to_categorical"),
    Row(
        "take_along",
        functional="take_along_dim",
        onnx="GatherElements",
        other="take_along_axis gather_elements batch_gather",
    ),
    Row(
        "scatter_add",
        functional="scatter_add scatter index_add scatter_reduce",
        onnx="Scatter ScatterElements",
        other="segment_sum index_sum",
    ),
    # signals and sampling
    Row("rfft", functional="rfft", onnx="DFT", other="fft fourier real_fft"),
    Row("irfft", functional="irfft", other="ifft inverse_fft inverse_fourier"),
    Row("grid_sample", functional="grid_sample", onnx="GridSample", other="grid_sampler bilinear_sampler warp"),
    Row("roi_align", onnx="RoiAlign", other="roialign roi_align_rotated crop_and_resize"),
    # along an axis
    Row("cumsum", functional="cumsum", onnx="CumSum", other="cumulative_sum cum_sum prefix_sum"),
    Row("flip", functional="flip", other="reverse mirror fliplr flipud"),
    Row("recurrence", other="linear_recurrence linear_scan associative_scan parallel_scan"),
    # attention
    Row(
        "attention",
        "MultiHeadAttention",
        "MultiheadAttention",
        "multi_head_attention_forward",
        other="mha self_attention multihead_self_attention mhsa msa cross_attention attn multi_head_self_attention",
    ),
    Row(
        "dot_product_attention",
        "Attention",
        functional="scaled_dot_product_attention",
        onnx="Attention",
        other="sdpa scaled_dot_product",
    ),
    Row("rotary", onnx="RotaryEmbedding", other="rope rotary_embedding rotary_position_embedding apply_rotary_pos_emb"),
    # recurrence
    Row("rnn", "SimpleRNN", "RNN", onnx="RNN", other="simple_rnn elman vanilla_rnn recurrent", note=KERAS_LAST),
    Row("lstm", "LSTM", "LSTM", onnx="LSTM", note=KERAS_LAST),
    Row("gru", "GRU", "GRU", onnx="GRU", note=KERAS_LAST),
    Row("lstm", other="bilstm bi_lstm blstm", implied={"bidirectional": True}),
    Row("gru", other="bigru bi_gru", implied={"bidirectional": True}),
    # learned and fixed tensors
    Row(
        "parameter", torch="Parameter", other="weight learned_tensor cls_token class_token pos_embed position_embedding"
    ),
    Row("buffer", onnx="Constant", functional="register_buffer", other="constant fixed"),
    Row("channel_scale", other="layer_scale layerscale"),
)
