"""For every operation an example, which the tests compile, and the rule of its output's size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Example(NamedTuple):
    """A layer over inputs: one shape as it stands under ``input``, or several by name as under ``inputs``."""

    inputs: str | Mapping[str, str]
    layer: str


_IMAGE = "[3, 224, 224]"
_MAPS = "[64, 56, 56]"
_SIGNAL = "[16, 100]"
_VOLUME = "[8, 16, 32, 32]"
_TOKENS = "[197, 768]"
_VECTOR = "[512]"
_PAIR = {"a": "[64, 28, 28]", "b": "[64, 28, 28]"}

EXAMPLES: dict[str, Example] = {
    "conv1d": Example(_SIGNAL, "{conv1d: 32, kernel: 5, padding: causal, dilation: 2}"),
    "conv2d": Example(_IMAGE, "{conv2d: 64, kernel: 7, stride: 2, padding: 3, bias: false}"),
    "conv3d": Example(_VOLUME, "{conv3d: 16, kernel: [3, 5, 5], padding: same}"),
    "depthwise_conv1d": Example(_SIGNAL, "{depthwise_conv1d: 9, padding: same}"),
    "depthwise_conv2d": Example(_MAPS, "{depthwise_conv2d: 3, stride: 2, padding: 1, bias: false}"),
    "depthwise_conv3d": Example(_VOLUME, "{depthwise_conv3d: 3, padding: 1, multiplier: 2}"),
    "separable_conv1d": Example(_SIGNAL, "{separable_conv1d: 32, kernel: 5}"),
    "separable_conv2d": Example(_MAPS, "{separable_conv2d: 128, kernel: 3, padding: same}"),
    "conv_transpose1d": Example(_SIGNAL, "{conv_transpose1d: 8, kernel: 4, stride: 2, padding: 1}"),
    "conv_transpose2d": Example("[128, 10, 8]", "{conv_transpose2d: 32, kernel: 3, stride: 2, padding: valid}"),
    "conv_transpose3d": Example(_VOLUME, "{conv_transpose3d: 4, kernel: 2, stride: 2}"),
    "max_pool1d": Example(_SIGNAL, "{max_pool1d: 2}"),
    "max_pool2d": Example("[64, 112, 112]", "{max_pool2d: 3, stride: 2, padding: 1}"),
    "max_pool3d": Example(_VOLUME, "{max_pool3d: [1, 2, 2]}"),
    "max_unpool2d": Example({"values": "[64, 56, 56]", "before": "[64, 112, 112]"},
                            "{max_unpool2d: 2, like: before, from: values}"),
    "avg_pool1d": Example(_SIGNAL, "{avg_pool1d: 4, stride: 2}"),
    "avg_pool2d": Example(_MAPS, "{avg_pool2d: 3, padding: 1, count_include_pad: false}"),
    "avg_pool3d": Example(_VOLUME, "{avg_pool3d: 2, ceil_mode: true}"),
    "lp_pool2d": Example(_MAPS, "{lp_pool2d: 2, p: 3}"),
    "stochastic_pool2d": Example(_MAPS, "{stochastic_pool2d: 3, stride: 2}"),
    "adaptive_avg_pool1d": Example(_SIGNAL, "{adaptive_avg_pool1d: 10}"),
    "adaptive_avg_pool2d": Example("[512, 7, 7]", "{adaptive_avg_pool2d: 1}"),
    "adaptive_avg_pool3d": Example(_VOLUME, "{adaptive_avg_pool3d: [4, 8, 8]}"),
    "adaptive_max_pool1d": Example(_SIGNAL, "{adaptive_max_pool1d: 10}"),
    "adaptive_max_pool2d": Example("[512, 13, 13]", "{adaptive_max_pool2d: 6}"),
    "adaptive_max_pool3d": Example(_VOLUME, "{adaptive_max_pool3d: 4}"),
    "subsample2d": Example("[6, 28, 28]", "{subsample2d: 2, activation: sigmoid}"),
    "global_avg_pool": Example("[2048, 7, 7]", "global_avg_pool"),
    "global_max_pool": Example("[2048, 7, 7]", "{global_max_pool, keepdims: true}"),
    "dense": Example(_VECTOR, "{dense: 10, activation: softmax}"),
    "bilinear": Example({"left": "[128]", "right": "[64]"}, "{bilinear: 32, from: [left, right]}"),
    "rbf": Example("[84]", "{rbf: 10}"),
    "embedding": Example("{shape: [128], dtype: int64}", "{embedding: 30_522, width: 768}"),
    "gather": Example({"table": "[49, 12]", "which": "{shape: [16], dtype: int64}"},
                      "{gather: 0, index: which, from: table}"),
    "batch_norm": Example(_MAPS, "{batch_norm, eps: 0.001, momentum: 0.01}"),
    "layer_norm": Example(_TOKENS, "{layer_norm, eps: 1e-6}"),
    "group_norm": Example(_MAPS, "{group_norm: 32}"),
    "instance_norm": Example(_MAPS, "{instance_norm, affine: true}"),
    "rms_norm": Example(_TOKENS, "{rms_norm, eps: 1e-6}"),
    "local_response_norm": Example("[96, 55, 55]", "{local_response_norm: 5, k: 2, alpha: 5e-4}"),
    "l2_normalize": Example("[128]", "{l2_normalize: channels}"),
    "leaky_relu": Example(_MAPS, "{leaky_relu: 0.2}"),
    "prelu": Example(_MAPS, "{prelu, num_parameters: 64}"),
    "celu": Example(_VECTOR, "{celu, alpha: 0.5}"),
    "elu": Example(_VECTOR, "{elu, alpha: 0.5}"),
    "gelu": Example(_TOKENS, "{gelu: tanh}"),
    "scaled_tanh": Example("[84]", "{dense: 10, activation: scaled_tanh}"),
    "softplus": Example(_VECTOR, "{softplus, beta: 2}"),
    "log_softmax": Example("[1000]", "{log_softmax: channels}"),
    "softmax": Example("[1000]", "{softmax: channels}"),
    "glu": Example("[128, 50]", "{glu: 0}"),
    "clamp": Example(_VECTOR, "{clamp, low: 0, high: 6}"),
    "rescale": Example(_IMAGE, "{rescale: [4.37, 4.46, 4.44], offset: [-2.12, -2.04, -1.8]}"),
    "dropout": Example(_VECTOR, "{dropout: 0.5}"),
    "spatial_dropout": Example(_MAPS, "{spatial_dropout: 0.1}"),
    "drop_path": Example(_MAPS, "{drop_path: 0.2}"),
    "flatten": Example("[512, 7, 7]", "flatten"),
    "reshape": Example("[768, 14, 14]", "{reshape: [768, -1]}"),
    "permute": Example("[768, 196]", "{permute: [1, 0]}"),
    "squeeze": Example("[64, 1, 1]", "{squeeze: [1, 2]}"),
    "unsqueeze": Example("[64]", "{unsqueeze: 0}"),
    "split": Example("[116, 28, 28]", "{split: 2}"),
    "slice": Example(_TOKENS, "{slice: sequence, start: 1}"),
    "select": Example(_TOKENS, "{select: 0, axis: sequence}"),
    "roll": Example("[96, 56, 56]", "{roll: [-3, -3], axis: [height, width]}"),
    "expand": Example("[1, 768]", "{expand: [197, -1]}"),
    "pad": Example(_IMAGE, "{pad: [0, 1], mode: reflect}"),
    "crop": Example(_MAPS, "{crop: 2}"),
    "center_crop": Example({"skip": "[64, 64, 64]", "up": "[64, 56, 56]"}, "{center_crop, like: up, from: skip}"),
    "upsample": Example(_MAPS, "{upsample: 2, mode: bilinear}"),
    "pixel_shuffle": Example("[12, 64, 64]", "{pixel_shuffle: 2}"),
    "pixel_unshuffle": Example("[3, 128, 128]", "{pixel_unshuffle: 2}"),
    "channel_shuffle": Example("[116, 28, 28]", "{channel_shuffle: 2}"),
    "concat": Example({"up": "[64, 56, 56]", "skip": "[32, 56, 56]"}, "{concat: [up, skip]}"),
    "matmul": Example({"a": "[197, 64]", "b": "[64, 197]"}, "{matmul: [a, b]}"),
    "mean": Example(_MAPS, "{mean: [height, width], keepdims: true}"),
    "sum": Example(_MAPS, "{sum: channels}"),
    "max": Example(_TOKENS, "{max: sequence}"),
    "attention": Example(_TOKENS, "{attention: 12}"),
    "dot_product_attention": Example({"query": "[197, 64]", "key": "[50, 64]", "value": "[50, 32]"},
                                     "{dot_product_attention: 2, from: [query, key, value]}"),
    "rnn": Example("[35, 64]", "{rnn: 128, nonlinearity: relu}"),
    "lstm": Example("[35, 64]", "{lstm: 128, num_layers: 2, bidirectional: true}"),
    "gru": Example("[35, 64]", "{gru: 128, output: last}"),
    "parameter": Example(_TOKENS, "{parameter: [197, 768], init: {truncated_normal: 0.02}}"),
    "buffer": Example("[16, 2401]", "{buffer: [16, 2401], init: ones}"),
    "channel_scale": Example("[384, 14, 14]", "{channel_scale, init: {constant: 1e-6}}"),
    **{op: Example(_PAIR, f"{{{op}: [a, b]}}")
       for op in ("add", "subtract", "multiply", "divide", "maximum", "average")},
}


def example_of(op: str) -> Example:
    """The example of an operation; that of one without arguments is its name over a vector."""
    return EXAMPLES.get(op) or Example(_VECTOR, op)


def spec_of(op: str) -> str:
    """The whole spec of an example. A tensor that stands by itself is added to the input."""
    example = example_of(op)
    many = not isinstance(example.inputs, str)
    typed = not many and "{" in example.inputs
    lines = ["netspec: 1"]
    if isinstance(example.inputs, str):
        lines.append(f"inputs: {{tokens: {example.inputs}}}" if typed else f"input: {example.inputs}")
    else:
        lines += ["inputs:", *(f"  {name}: {shape}" for name, shape in example.inputs.items())]
    lines += ["layers:", f"  layer: {example.layer}"]
    if op in ("parameter", "buffer"):
        lines.append("  add: {add: [input, layer]}")
    return "\n".join(lines) + "\n"


_WINDOW = (
    "floor((n + before + after - dilation * (kernel - 1) - 1) / stride) + 1 along each axis; "
    "ceil(n / stride) for same and causal"
)
_POOL = (
    "floor((n + before + after - size) / stride) + 1 along each axis; ceil in place of floor with ceil_mode, as long "
    "as the last window begins within the input; ceil(n / stride) for same. Every window sees more than padding"
)
SIZES: dict[str, str] = {
    "Conv": f"filters channels; {_WINDOW}",
    "DepthwiseConv": f"channels * multiplier channels; {_WINDOW}",
    "SeparableConv": f"filters channels; {_WINDOW}",
    "ConvTranspose": (
        "filters channels; (n - 1) * stride + dilation * (kernel - 1) + 1 - before - after + output_padding along each "
        "axis; n * stride for same, n * stride + max(kernel - stride, 0) for valid"
    ),
    "MaxPool": _POOL.replace("- size)", "- dilation * (size - 1) - 1)"),
    "AvgPool": _POOL,
    "LpPool": _POOL,
    "MaxUnpool": "that of like",
    "StochasticPool": "floor((n - size) / stride) + 1 along each axis",
    "Subsample": "floor((n - size) / stride) + 1 along each axis",
    "AdaptiveAvgPool": "size, whatever the input's; position i of m averages floor(i n / m) to ceil((i + 1) n / m)",
    "AdaptiveMaxPool": "size, whatever the input's; position i of m looks at floor(i n / m) to ceil((i + 1) n / m)",
    "GlobalAvgPool": "the channels alone",
    "GlobalMaxPool": "the channels alone",
    "LayerNorm": "the input's; at least 2 values along the axes",
    "GroupNorm": "the input's; at least 2 values in each group",
    "InstanceNorm": "the input's; at least 2 positions",
    "Dense": "units along the axis; the other axes as they were",
    "Bilinear": "units along the last axis; the other axes as they were",
    "Rbf": "units along the axis; the other axes as they were",
    "Embedding": "the input's shape, and width after it",
    "Gather": "the index's shape in the place of the axis",
    "Glu": "n / 2 along the axis",
    "Flatten": "the product of the joined axes",
    "Reshape": "as given; -1 is the elements divided by all other sizes",
    "Permute": "the input's sizes in the order given",
    "Squeeze": "the input's without the axes of size 1",
    "Unsqueeze": "the input's with a size of 1 at the axis",
    "Split": "n / parts along the axis in each output, or the sizes given",
    "Slice": "ceil((stop - start) / step) along each axis",
    "Select": "the input's without the axis",
    "Expand": "as given; -1 keeps the input's",
    "Pad": "n + before + after along each axis",
    "Crop": "n - before - after along each axis",
    "CenterCrop": "as given, or as the other layer's",
    "Upsample": "floor(n * scale) along each axis, as given, or as the other layer's",
    "PixelShuffle": "channels / factor^2; n * factor in height and width",
    "PixelUnshuffle": "channels * factor^2; n / factor in height and width",
    "Concat": "the sum of the sizes along the axis; the others must be equal",
    "Matmul": "(…, n, k) by (…, k, m) gives (…, n, m)",
    "Mean": "the input's without the axes, or with 1 in their place",
    "Sum": "the input's without the axes, or with 1 in their place",
    "Max": "the input's without the axes, or with 1 in their place",
    "Attention": "the query's",
    "DotProductAttention": "the query's positions by the value's features",
    "Rnn": "(positions, width); twice the width with bidirectional; `last` has no positions",
    "Lstm": "(positions, width); twice the width with bidirectional; `last` has no positions",
    "Gru": "(positions, width); twice the width with bidirectional; `last` has no positions",
    "Parameter": "as given",
    "Buffer": "as given",
}
"""The rule of the output's size, by class."""

BROADCAST = "as NumPy broadcasts: sizes are equal, or one of them is 1"
SAME = "the input's"


def size_of(cls: str, arity: tuple[int, int | None]) -> str:
    """The rule of the output's size in words; what is not written down keeps the shape, or broadcasts."""
    return SIZES.get(cls) or (SAME if arity == (1, 1) else BROADCAST)
