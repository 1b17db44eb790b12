"""Weights that layers compute: a part of the codes of shapes."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS536": Code(
        "a weight of another shape",
        "The shape of a weight follows from the layer, as if it stored the weight; what stands for it under 'weights' "
        "must have that shape. The batch is not part of it.",
        "  kernel: {parameter: [3, 3]}\n  conv: {conv2d: 3, kernel: 1, from: input, weights: {weight: kernel}}\n",
        "  kernel: {parameter: [3, 3, 1, 1]}\n  conv: {conv2d: 3, kernel: 1, from: input, weights: {weight: kernel}}\n",
    ),
    "NS537": Code(
        "a weight of another type",
        "What stands for a weight under 'weights' must have elements of the weight's type.",
        "  kernel: {buffer: [3, 3, 1, 1], dtype: int64}\n"
        "  conv: {conv2d: 3, kernel: 1, from: input, weights: {weight: kernel}}\n",
        "  kernel: {buffer: [3, 3, 1, 1]}\n  conv: {conv2d: 3, kernel: 1, from: input, weights: {weight: kernel}}\n",
    ),
    "NS538": Code(
        "an operation whose weights cannot be computed",
        "The weights of convolutions, dense layers, embeddings and normalisations can be computed by layers. Recurrent "
        "layers, 'attention' and 'separable_conv2d' have several weights in one module, and a convolution with "
        "'connections' stores a part of its weight: write them with the others. Nor are such weights stored "
        "as one by 'stacked'.",
        "input: [8, 16]\nlayers:\n"
        "  rnn: {rnn: 16, weights: {weight_hh_l0: {layer_norm: {axis: [0, 1], affine: false}}}}\n",
        "input: [8, 16]\nlayers:\n"
        "  dense: {dense: 16, weights: {weight: {layer_norm: {axis: [0, 1], affine: false}}}}\n",
    ),
    "NS539": Code(
        "a weight for each example",
        "A weight that depends on an input differs between the examples of a batch. Convolutions and dense layers can "
        "have such weights. After a normalisation without weights, 'multiply' and 'add' do the same.",
        "  pooled: global_avg_pool\n  gain: {dense: 3}\n  norm: {batch_norm, from: input, weights: {weight: gain}}\n",
        "  norm: {batch_norm, affine: false}\n  pooled: {global_avg_pool: {keepdims: true}, from: input}\n"
        "  gain: {dense: {units: 3, axis: 0}}\n  scaled: {multiply: [norm, gain]}\n",
    ),
}
