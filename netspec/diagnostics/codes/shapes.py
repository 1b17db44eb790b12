"""NS5xx: shapes, and what the rules of operations ask of them."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS501": Code(
        "another number of axes",
        "A 2d operation works on channels, height and width; 1d and 3d ones likewise on one and three window axes. "
        "The batch axis is never written.",
        "  - flatten\n  - {conv2d: 4, kernel: 3}\n",
        "  - {conv2d: 4, kernel: 3}\n  - flatten\n",
    ),
    "NS502": Code(
        "channels on another axis",
        "Windows find the channels first, or last with 'layout: channels_last'. A 'permute' has moved them.",
        "  - {permute: [1, 2, 0]}\n  - {conv2d: 4, kernel: 3}\n",
        "  - {permute: [1, 2, 0]}\n  - {permute: [2, 0, 1]}\n  - {conv2d: 4, kernel: 3}\n",
    ),
    "NS503": Code(
        "groups that do not divide",
        "Channels, and filters, fall into groups of equal size.",
        "  - {conv2d: 4, kernel: 3, groups: 2}\n",
        "  - {conv2d: 6, kernel: 3, groups: 3}\n",
    ),
    "NS504": Code(
        "'causal' over several axes",
        "Padding 'causal' puts everything before the first position, which has a meaning along a sequence only.",
        "  - {conv2d: 4, kernel: 3, padding: causal}\n",
        "  - {conv2d: 4, kernel: 3, padding: same}\n",
    ),
    "NS505": Code(
        "a table of connections",
        "'connections' has a row for each filter with the input channels that it sees, counted from 0; there are no "
        "groups then.",
        "  - {conv2d: 2, kernel: 3, connections: [[0], [7]]}\n",
        "  - {conv2d: 2, kernel: 3, connections: [[0], [1, 2]]}\n",
    ),
    "NS506": Code(
        "too much output_padding",
        "'output_padding' settles which of several input sizes a strided convolution would have had: there are as "
        "many as the stride, so it is below the stride or the dilation.",
        "  - {conv_transpose2d: 2, kernel: 3, output_padding: 1}\n",
        "  - {conv_transpose2d: 2, kernel: 3, stride: 2, output_padding: 1}\n",
    ),
    "NS510": Code(
        "a window larger than its input",
        "The window, with its dilation, does not fit once into the padded input. The notes tell how the size came "
        "about: most often there is one pooling too many.",
        "  - {max_pool2d: 16}\n  - {conv2d: 4, kernel: 3}\n",
        "  - {max_pool2d: 16}\n  - {conv2d: 4, kernel: 3, padding: same}\n",
    ),
    "NS511": Code(
        "nothing left",
        "The padding of a transposed convolution takes positions off its result, here all of them.",
        "  - {max_pool2d: 32}\n  - {conv_transpose2d: 4, kernel: 3, padding: 2}\n",
        "  - {max_pool2d: 32}\n  - {conv_transpose2d: 4, kernel: 3, padding: 1}\n",
    ),
    "NS512": Code(
        "sizes that cannot be joined",
        "Tensors that are added, multiplied and so on have equal sizes along every axis, or a size of 1. The notes "
        "follow each of the two sizes back to where it was set.",
        "  a: {conv2d: 8, kernel: 3, stride: 2, padding: 1}\n  b: {conv2d: 8, kernel: 3, stride: 2, from: input}\n"
        "  sum: {add: [a, b]}\n",
        "  a: {conv2d: 8, kernel: 3, stride: 2, padding: 1}\n"
        "  b: {conv2d: 8, kernel: 3, stride: 2, padding: 1, from: input}\n  sum: {add: [a, b]}\n",
    ),
    "NS513": Code(
        "sizes that cannot stand side by side",
        "'concat' puts its inputs one after the other along one axis; along all others they are equal.",
        "  half: {max_pool2d: 2}\n  both: {concat: [input, half]}\n",
        "  half: {max_pool2d: 2}\n  up: {upsample: 2}\n  both: {concat: [input, up]}\n",
    ),
    "NS514": Code(
        "matrices that cannot be multiplied",
        "The last axis of the first and the last but one of the second are equal: (n, k) by (k, m).",
        "inputs: {a: [4, 6], b: [4, 6]}\nlayers:\n  product: {matmul: [a, b]}\n",
        "inputs: {a: [4, 6], b: [6, 4]}\nlayers:\n  product: {matmul: [a, b]}\n",
    ),
    "NS515": Code(
        "types that differ",
        "The elements of all inputs are of one type.",
        "inputs: {a: [4], b: {shape: [4], dtype: float16}}\nlayers:\n  sum: {add: [a, b]}\n",
        "inputs: {a: [4], b: [4]}\nlayers:\n  sum: {add: [a, b]}\n",
    ),
    "NS520": Code(
        "channels that are not known",
        "The operation works along the channels, and a 'reshape' or 'flatten' before it has mixed the axes, so that "
        "none of them is the channels any more.",
        "  - {reshape: [4, 24, 32]}\n  - global_avg_pool\n",
        "  - global_avg_pool\n",
    ),
    "NS521": Code(
        "look-ups with fractions",
        "'embedding' and 'gather' look things up by whole numbers.",
        "  - {embedding: 100, width: 8}\n",
        "inputs: {x: {shape: [16], dtype: int64}}\nlayers: [{embedding: 100, width: 8}]\n",
    ),
    "NS522": Code(
        "an odd number of halves",
        "'glu' takes the axis as two halves.",
        "  - glu\n",
        "  - {conv2d: 4, kernel: 1}\n  - glu\n",
    ),
    "NS523": Code(
        "bounds that let nothing through",
        "'clamp' has a lower bound, an upper bound or both, the lower not above the upper.",
        "  - {clamp, low: 6, high: 0}\n",
        "  - {clamp, low: 0, high: 6}\n",
    ),
    "NS524": Code(
        "one number for each channel",
        "A list of numbers, or of slopes, has one, or as many as there are channels.",
        "  - {rescale: [0.5, 0.5]}\n",
        "  - {rescale: [0.5, 0.5, 0.5]}\n",
    ),
    "NS525": Code(
        "windows that see padding alone",
        "The padding of a pooling is smaller than its window, and the taps of a dilated one are not so far apart that "
        "they step over the whole input: otherwise there are windows with nothing in them.",
        "  - {max_pool2d: 2, padding: 2}\n",
        "  - {max_pool2d: 3, padding: 1}\n",
    ),
    "NS526": Code(
        "a norm over one value",
        "Less its mean, a value by itself is zero: the norm gives its bias whatever comes in, and PyTorch refuses it. "
        "Most often everything was pooled before it: the norm belongs before the pooling, or goes over more channels.",
        "  - {conv2d: 8, kernel: 3}\n  - {global_avg_pool, keepdims: true}\n  - instance_norm\n",
        "  - {conv2d: 8, kernel: 3}\n  - instance_norm\n  - {global_avg_pool, keepdims: true}\n",
    ),
    "NS540": Code(
        "axes that are not known",
        "The operation works on all axes but the channels, and which axis that is got lost, or there is no other.",
        "input: [8]\nlayers: [{upsample: 2}]\n",
        "input: [8, 4, 4]\nlayers: [{upsample: 2}]\n",
    ),
    "NS541": Code(
        "a reshape that loses or makes elements",
        "'reshape' keeps the number of elements; -1 stands for what is left over.",
        "  - {reshape: [5, -1]}\n",
        "  - {reshape: [4, -1]}\n",
    ),
    "NS542": Code(
        "an order of some axes",
        "'permute' names every axis once.",
        "  - {permute: [1, 0]}\n",
        "  - {permute: [1, 0, 2]}\n",
    ),
    "NS543": Code(
        "an axis that is not of size 1",
        "'squeeze' removes axes of size 1: others hold something.",
        "  - {squeeze: channels}\n",
        "  - {mean: channels}\n",
    ),
    "NS544": Code(
        "parts that do not make up the whole",
        "'split' uses an axis up: into equal parts, or parts of given sizes that add up to it.",
        "  parts: {split: 2}\n  sum: {add: [parts.0, parts.1]}\n",
        "  parts: {split: 3}\n  sum: {add: [parts.0, parts.1, parts.2]}\n",
    ),
    "NS545": Code(
        "outside the axis",
        "A slice or selection stays within the axis: what lies outside is an error, not cut off.",
        "  - {slice: height, stop: 40}\n",
        "  - {slice: height, stop: 30}\n",
    ),
    "NS546": Code(
        "one value for each axis",
        "Values are given once for all axes named, or once for each.",
        "  - {roll: [1, 2, 3], axis: [height, width]}\n",
        "  - {roll: [1, 2], axis: [height, width]}\n",
    ),
    "NS547": Code(
        "an axis that cannot be repeated",
        "'expand' repeats axes of size 1, and puts new axes before them.",
        "  - {expand: [6, 32, 32]}\n",
        "  - {mean: channels, keepdims: true}\n  - {expand: [6, -1, -1]}\n",
    ),
    "NS548": Code(
        "fractions are needed",
        "The operation works on floating-point numbers, and gets whole numbers or truth values.",
        "inputs: {x: {shape: [16], dtype: int64}}\nlayers: [mean]\n",
        "input: [16]\nlayers: [mean]\n",
    ),
    "NS549": Code(
        "no axes to join",
        "'flatten' joins the axes from 'start' to 'end', so the start is not after the end.",
        "  - {flatten: 2, end: 1}\n",
        "  - {flatten: 1, end: 2}\n",
    ),
    "NS550": Code(
        "padding that cannot be had",
        "Reflected and circular padding come from the input itself: there are no more positions to add than it has. "
        "A fill 'value' is for mode zeros.",
        "  - {pad: 40, mode: reflect}\n",
        "  - {pad: 4, mode: reflect}\n",
    ),
    "NS551": Code(
        "nothing left of it",
        "A crop, or a change of resolution, takes more than there is.",
        "  - {crop: 16}\n",
        "  - {crop: 4}\n",
    ),
    "NS552": Code(
        "one of several arguments",
        "The size wanted is given in exactly one way: as a factor, as a size, or as that of another layer.",
        "  - {upsample: 2, size: 64}\n",
        "  - {upsample: 2}\n",
    ),
    "NS553": Code(
        "a mode for another number of axes",
        "linear is for one axis, bilinear and bicubic for two, trilinear for three; 'align_corners' is for those "
        "that interpolate.",
        "  - {upsample: 2, mode: linear}\n",
        "  - {upsample: 2, mode: bilinear}\n",
    ),
    "NS554": Code(
        "a model with other axes",
        "'like' names a layer with as many window axes.",
        "inputs: {image: [3, 8, 8], clip: [3, 4, 16, 16]}\nlayers:\n  up: {upsample, like: clip, from: image}\n",
        "inputs: {image: [3, 8, 8], other: [3, 16, 16]}\nlayers:\n  up: {upsample, like: other, from: image}\n",
    ),
    "NS555": Code(
        "no image",
        "The operation works on images: channels, height and width.",
        "input: [12, 8]\nlayers: [{pixel_shuffle: 2}]\n",
        "input: [12, 8, 8]\nlayers: [{pixel_shuffle: 2}]\n",
    ),
    "NS556": Code(
        "sizes that do not divide",
        "Channels become pixels, and pixels channels, in whole squares of the factor; shuffled channels fall into "
        "equal groups.",
        "  - {pixel_shuffle: 2}\n",
        "  - {conv2d: 12, kernel: 1}\n  - {pixel_shuffle: 2}\n",
    ),
    "NS560": Code(
        "no sequence",
        "Attention and recurrence work on a sequence of features: two axes (for products of attention also more "
        "before them).",
        "  - {lstm: 8}\n",
        "  - {flatten: 1}\n  - {permute: [1, 0]}\n  - {lstm: 8}\n",
    ),
    "NS561": Code(
        "features on another axis",
        "Attention and recurrence take the last axis as features, and the channels are the first.",
        "  - {flatten: 1}\n  - {attention: 1}\n",
        "  - {flatten: 1}\n  - {permute: [1, 0]}\n  - {attention: 1}\n",
    ),
    "NS562": Code(
        "heads that do not divide",
        "The features are shared out among the heads in equal parts.",
        "input: [16, 64]\nlayers: [{attention: 5}]\n",
        "input: [16, 64]\nlayers: [{attention: 4}]\n",
    ),
    "NS563": Code(
        "query, key and value that do not fit",
        "Key and value are as long, query and key have as many features, and all further axes are equal.",
        "inputs: {q: [4, 8], k: [6, 8], v: [5, 8]}\nlayers:\n  a: {dot_product_attention: 1, from: [q, k, v]}\n",
        "inputs: {q: [4, 8], k: [6, 8], v: [6, 8]}\nlayers:\n  a: {dot_product_attention: 1, from: [q, k, v]}\n",
    ),
    "NS564": Code(
        "a mask of another shape",
        "A mask is set against the scores: heads by query positions by key positions.",
        "inputs: {x: [4, 8], m: [4, 5]}\nlayers:\n  a: {attention: 1, mask: m, from: x}\n",
        "inputs: {x: [4, 8], m: [4, 4]}\nlayers:\n  a: {attention: 1, mask: m, from: x}\n",
    ),
    "NS565": Code(
        "a mask of another type",
        "A mask holds numbers of the type of the query, which are added to the scores, or truth values: true where "
        "one may attend.",
        "inputs: {x: [4, 8], m: {shape: [4, 4], dtype: int64}}\nlayers:\n  a: {attention: 1, mask: m, from: x}\n",
        "inputs: {x: [4, 8], m: {shape: [4, 4], dtype: bool}}\nlayers:\n  a: {attention: 1, mask: m, from: x}\n",
    ),
    "NS566": Code(
        "one state of two",
        "An 'lstm' begins with two states, hidden and cell: both are given, or neither.",
        "inputs: {x: [7, 8], h: [1, 6]}\nlayers:\n  r: {lstm: 6, from: [x, h]}\n",
        "inputs: {x: [7, 8], h: [1, 6], c: [1, 6]}\nlayers:\n  r: {lstm: 6, from: [x, h, c]}\n",
    ),
    "NS567": Code(
        "the state of a recurrent layer",
        "An initial state is (layers by directions, width).",
        "inputs: {x: [7, 8], h: [1, 5]}\nlayers:\n  r: {gru: 6, from: [x, h]}\n",
        "inputs: {x: [7, 8], h: [1, 6]}\nlayers:\n  r: {gru: 6, from: [x, h]}\n",
    ),
    "NS568": Code(
        "a table that does not fit",
        "The tables of positions have as many numbers as their sizes say, and are for buffers: they are not "
        "learned.",
        "input: [15]\nlayers:\n  t: {buffer: [15], init: {relative_position_index: [2, 2]}}\n"
        "  sum: {add: [input, t]}\n",
        "input: [16]\nlayers:\n  t: {buffer: [16], init: {relative_position_index: [2, 2]}, dtype: float32}\n"
        "  sum: {add: [input, t]}\n",
    ),
    "NS590": Code(
        "a number is needed",
        "Weights, groups and counts follow from this size, so it must be known, and at least 1.",
    ),
}
