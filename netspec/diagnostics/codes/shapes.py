"""NS5xx: shapes, and the requirements of operations on them."""

from __future__ import annotations

from .code import Code
from .formulas import FORMULAS
from .patterns import PATTERNS

CODES: dict[str, Code] = {
    "NS501": Code(
        "wrong number of axes",
        "A 2d operation expects channels, height and width; 1d and 3d operations expect channels and one or three "
        "window axes. The batch axis is never written.",
        "  - flatten\n  - {conv2d: 4, kernel: 3}\n",
        "  - {conv2d: 4, kernel: 3}\n  - flatten\n",
    ),
    "NS502": Code(
        "channels on the wrong axis",
        "Windows expect channels on the first axis, or on the last with 'layout: channels_last'. A 'permute' has "
        "moved them.",
        "  - {permute: [1, 2, 0]}\n  - {conv2d: 4, kernel: 3}\n",
        "  - {permute: [1, 2, 0]}\n  - {permute: [2, 0, 1]}\n  - {conv2d: 4, kernel: 3}\n",
    ),
    "NS503": Code(
        "groups that do not divide the channels",
        "The number of groups must divide both the input channels and the filters.",
        "  - {conv2d: 4, kernel: 3, groups: 2}\n",
        "  - {conv2d: 6, kernel: 3, groups: 3}\n",
    ),
    "NS504": Code(
        "'causal' padding or 'axis' with several window axes",
        "'causal' puts all padding before the first position, which is meaningful only along a sequence. 'axis' "
        "selects which of two axes the windows slide along.",
        "  - {conv2d: 4, kernel: 3, padding: causal}\n",
        "  - {conv2d: 4, kernel: 3, padding: same}\n",
    ),
    "NS505": Code(
        "invalid 'connections'",
        "'connections' has one row for each filter: the numbers of the input channels that it reads, from 0. It "
        "excludes groups.",
        "  - {conv2d: 2, kernel: 3, connections: [[0], [7]]}\n",
        "  - {conv2d: 2, kernel: 3, connections: [[0], [1, 2]]}\n",
    ),
    "NS506": Code(
        "output_padding too large",
        "Several input sizes of a strided convolution lead to the same output size. 'output_padding' selects one of "
        "them, so it must be less than the stride or the dilation.",
        "  - {conv_transpose2d: 2, kernel: 3, output_padding: 1}\n",
        "  - {conv_transpose2d: 2, kernel: 3, stride: 2, output_padding: 1}\n",
    ),
    "NS510": Code(
        "a window larger than its input",
        "The dilated window does not fit into the padded input. The notes show how the size came about; often there "
        "is one pooling layer too many.",
        "  - {max_pool2d: 16}\n  - {conv2d: 4, kernel: 3}\n",
        "  - {max_pool2d: 16}\n  - {conv2d: 4, kernel: 3, padding: same}\n",
    ),
    "NS511": Code(
        "an empty result",
        "The padding of a transposed convolution removes positions from its result, here all of them.",
        "  - {max_pool2d: 32}\n  - {conv_transpose2d: 4, kernel: 3, padding: 2}\n",
        "  - {max_pool2d: 32}\n  - {conv_transpose2d: 4, kernel: 3, padding: 1}\n",
    ),
    "NS512": Code(
        "incompatible sizes",
        "Tensors that are added, multiplied and so on must have equal sizes along every axis, or a size of 1. The "
        "notes trace each of the two sizes back to where it was set.",
        "  a: {conv2d: 8, kernel: 3, stride: 2, padding: 1}\n  b: {conv2d: 8, kernel: 3, stride: 2, from: input}\n "
        " sum: {add: [a, b]}\n",
        "  a: {conv2d: 8, kernel: 3, stride: 2, padding: 1}\n "
        " b: {conv2d: 8, kernel: 3, stride: 2, padding: 1, from: input}\n  sum: {add: [a, b]}\n",
    ),
    "NS513": Code(
        "incompatible sizes in 'concat'",
        "'concat' joins its inputs along one axis; along every other axis their sizes must be equal. The inputs of "
        "'stack' must have the same shape.",
        "  half: {max_pool2d: 2}\n  both: {concat: [input, half]}\n",
        "  half: {max_pool2d: 2}\n  up: {upsample: 2}\n  both: {concat: [input, up]}\n",
    ),
    "NS514": Code(
        "incompatible matrices",
        "The last axis of the first matrix and the last but one of the second must be equal: (n, k) times (k, m).",
        "inputs: {a: [4, 6], b: [4, 6]}\nlayers:\n  product: {matmul: [a, b]}\n",
        "inputs: {a: [4, 6], b: [6, 4]}\nlayers:\n  product: {matmul: [a, b]}\n",
    ),
    "NS515": Code(
        "different element types",
        "All inputs of an operation, and the layer that 'like' of 'max_unpool2d' names, must have the same type of "
        "elements. Nothing is converted implicitly except a 'mask'; `cast` converts.",
        "inputs: {a: [4], b: {shape: [4], dtype: float16}}\nlayers:\n  sum: {add: [a, b]}\n",
        "inputs: {a: [4], b: {shape: [4], dtype: float16}}\n"
        "layers:\n  c: {cast: float32, from: b}\n  sum: {add: [a, c]}\n",
    ),
    "NS516": Code(
        "axes that do not correspond",
        "Elementwise operations align the axes of their inputs from the last one, as NumPy does, and 'concat' compares "
        "all axes but the one that it joins. Two axes that meet must not have different names: a gate of one number "
        "for each channel would scale the columns of an image. 'keepdims: true' in a pooling layer or a mean, or a "
        "'reshape' to (channels, 1, 1), keeps the axes apart. Axes of size 1 do not count, nor do names that are "
        "guessed from the number of axes.",
        "  gate: {global_avg_pool, activation: sigmoid}\n  out: {multiply: [input, gate]}\n",
        "  gate: {global_avg_pool, keepdims: true, activation: sigmoid}\n  out: {multiply: [input, gate]}\n",
    ),
    "NS520": Code(
        "unknown channel axis",
        "The operation works along the channels, but a 'reshape' or 'flatten' before it has mixed the axes, so that "
        "none of them is the channel axis.",
        "  - {reshape: [4, 24, 32]}\n  - global_avg_pool\n",
        "  - global_avg_pool\n",
    ),
    "NS521": Code(
        "indices that are not integers",
        "'embedding', 'one_hot' and arguments called 'index' require integers.",
        "  - {embedding: 100, width: 8}\n",
        "inputs: {x: {shape: [16], dtype: int64}}\nlayers: [{embedding: 100, width: 8}]\n",
    ),
    "NS522": Code(
        "an odd size",
        "'glu' splits the axis into two halves.",
        "  - glu\n",
        "  - {conv2d: 4, kernel: 1}\n  - glu\n",
    ),
    "NS523": Code(
        "invalid bounds",
        "'clamp' needs a lower bound, an upper bound or both, and the lower one must not exceed the upper one.",
        "  - {clamp, low: 6, high: 0}\n",
        "  - {clamp, low: 0, high: 6}\n",
    ),
    "NS524": Code(
        "wrong number of values per channel",
        "A list of numbers or slopes must have one item, or one for each channel.",
        "  - {rescale: [0.5, 0.5]}\n",
        "  - {rescale: [0.5, 0.5, 0.5]}\n",
    ),
    "NS525": Code(
        "windows that contain only padding",
        "The padding of a pooling layer must be smaller than its window, and a dilated window must not step over "
        "the whole input: otherwise some windows contain no input at all.",
        "  - {max_pool2d: 2, padding: 2}\n",
        "  - {max_pool2d: 3, padding: 1}\n",
    ),
    "NS526": Code(
        "normalisation of a single value",
        "A single value minus its mean is zero: the output would be the bias whatever the input, and PyTorch "
        "rejects it. Often everything was pooled before. Normalise before the pooling, or over more channels.",
        "  - {conv2d: 8, kernel: 3}\n  - {global_avg_pool, keepdims: true}\n  - instance_norm\n",
        "  - {conv2d: 8, kernel: 3}\n  - instance_norm\n  - {global_avg_pool, keepdims: true}\n",
    ),
    "NS527": Code(
        "an input that looks channels-last",
        "A warning. In the default layout, shapes have the channels first: an input of [224, 224, 3] has 224 channels, "
        "and a 2d window slides over a width of 3. The warning is given if a 2d window reads an input whose last size "
        "is 1, 3 or 4 and whose others are 16 or more, unless the spec says which layout it means; likewise for a 1d "
        "window and a sequence, such as the points of [1024, 3].",
        "input: [224, 224, 3]\nlayers:\n  conv: {conv2d: 64, kernel: 3}\n",
        "layout: channels_last\ninput: [224, 224, 3]\nlayers:\n  conv: {conv2d: 64, kernel: 3}\n",
    ),
    "NS528": Code(
        "a layer that reads the one beside it",
        "A warning. A layer without `from` reads the layer before it. Two dense layers or convolutions in a row are "
        "one linear map unless an activation is between them, and a layer after a softmax reads probabilities: if the "
        "first of them is used elsewhere, too, the second was probably meant to stand beside it. `from` says which "
        "layer it reads.",
        "input: [16]\nlayers:\n  h: {dense: 64, activation: relu}\n  mean: {dense: 8}\n  std: {dense: 8}\n"
        "outputs: [mean, std]\n",
        "input: [16]\nlayers:\n  h: {dense: 64, activation: relu}\n  mean: {dense: 8}\n  std: {dense: 8, from: h}\n"
        "outputs: [mean, std]\n",
    ),
    "NS540": Code(
        "unknown axes",
        "The operation works on all axes except the channels. Either the channel axis is unknown after a reshape, "
        "or there is no other axis.",
        "input: [8]\nlayers: [{upsample: 2}]\n",
        "input: [8, 4, 4]\nlayers: [{upsample: 2}]\n",
    ),
    "NS541": Code(
        "a reshape that changes the number of elements",
        "'reshape' keeps the number of elements; -1 stands for the remaining size.",
        "  - {reshape: [5, -1]}\n",
        "  - {reshape: [4, -1]}\n",
    ),
    "NS542": Code(
        "an incomplete permutation",
        "'permute' must name every axis once.",
        "  - {permute: [1, 0]}\n",
        "  - {permute: [1, 0, 2]}\n",
    ),
    "NS543": Code(
        "an axis that is not of size 1",
        "'squeeze' removes axes of size 1 only.",
        "  - {squeeze: channels}\n",
        "  - {mean: channels}\n",
    ),
    "NS544": Code(
        "parts that do not add up",
        "'split' divides a whole axis: into equal parts, or into parts of given sizes whose sum is the size of the "
        "axis.",
        "  parts: {split: 2}\n  sum: {add: [parts.0, parts.1]}\n",
        "  parts: {split: 3}\n  sum: {add: [parts.0, parts.1, parts.2]}\n",
    ),
    "NS545": Code(
        "out of range",
        "A slice or selection must stay within the axis; it is not cut off at the end.",
        "  - {slice: height, stop: 40}\n",
        "  - {slice: height, stop: 30}\n",
    ),
    "NS546": Code(
        "wrong number of values per axis",
        "Give one value for all named axes, or one for each.",
        "  - {roll: [1, 2, 3], axis: [height, width]}\n",
        "  - {roll: [1, 2], axis: [height, width]}\n",
    ),
    "NS547": Code(
        "an axis that cannot be expanded",
        "'expand' repeats axes of size 1, and adds new axes before the others.",
        "  - {expand: [6, 32, 32]}\n",
        "  - {mean: channels, keepdims: true}\n  - {expand: [6, -1, -1]}\n",
    ),
    "NS548": Code(
        "elements of the wrong type",
        "Most operations work on floating-point numbers only, not on integers or truth values. Operations that move "
        "elements without arithmetic accept any type. `netspec ops NAME` says what an operation accepts.",
        "inputs: {x: {shape: [16], dtype: int64}}\nlayers: [mean]\n",
        "inputs: {x: {shape: [16], dtype: int64}}\nlayers: [{cast: float32}, mean]\n",
    ),
    "NS549": Code(
        "no axes to join",
        "'flatten' joins the axes from 'start' to 'end', so 'start' must not come after 'end'.",
        "  - {flatten: 2, end: 1}\n",
        "  - {flatten: 1, end: 2}\n",
    ),
    "NS550": Code(
        "invalid padding",
        "Reflected and circular padding copy positions of the input, so there cannot be more padding than input. "
        "'value' and negative amounts apply only to mode zeros.",
        "  - {pad: 40, mode: reflect}\n",
        "  - {pad: 4, mode: reflect}\n",
    ),
    "NS551": Code(
        "an empty result",
        "A crop, or a change of resolution, removes all positions.",
        "  - {crop: 16}\n",
        "  - {crop: 4}\n",
    ),
    "NS552": Code(
        "exactly one of several arguments",
        "Give the target size in exactly one way: as a factor, as a size, or by the layer to imitate.",
        "  - {upsample: 2, size: 64}\n",
        "  - {upsample: 2}\n",
    ),
    "NS553": Code(
        "a mode for another number of axes",
        "linear is for one axis, bilinear and bicubic for two, trilinear for three. 'align_corners' applies only to "
        "modes that interpolate, and 'antialias' to bilinear and bicubic without it.",
        "  - {upsample: 2, mode: linear}\n",
        "  - {upsample: 2, mode: bilinear}\n",
    ),
    "NS554": Code(
        "a reference with other axes",
        "'like' must name a layer with the same number of window axes.",
        "inputs: {image: [3, 8, 8], clip: [3, 4, 16, 16]}\nlayers:\n  up: {upsample, like: clip, from: image}\n",
        "inputs: {image: [3, 8, 8], other: [3, 16, 16]}\nlayers:\n  up: {upsample, like: other, from: image}\n",
    ),
    "NS555": Code(
        "not an image",
        "The operation works on images: channels, height and width.",
        "input: [12, 8]\nlayers: [{pixel_shuffle: 2}]\n",
        "input: [12, 8, 8]\nlayers: [{pixel_shuffle: 2}]\n",
    ),
    "NS556": Code(
        "sizes that do not divide",
        "'pixel_shuffle' and its inverse exchange channels for squares of pixels, so the factor (or its square) "
        "must divide the size. 'channel_shuffle' needs groups of equal size.",
        "  - {pixel_shuffle: 2}\n",
        "  - {conv2d: 12, kernel: 1}\n  - {pixel_shuffle: 2}\n",
    ),
    "NS560": Code(
        "not a sequence",
        "Attention and recurrent layers work on a sequence of features: two axes (dot-product attention allows "
        "further axes before them).",
        "  - {lstm: 8}\n",
        "  - {flatten: 1}\n  - {permute: [1, 0]}\n  - {lstm: 8}\n",
    ),
    "NS561": Code(
        "features on the wrong axis",
        "Attention and recurrent layers expect the features on the last axis, but the channels are on the first.",
        "  - {flatten: 1}\n  - {attention: 1}\n",
        "  - {flatten: 1}\n  - {permute: [1, 0]}\n  - {attention: 1}\n",
    ),
    "NS562": Code(
        "heads that do not divide the features",
        "The number of heads must divide the number of features.",
        "input: [16, 64]\nlayers: [{attention: 5}]\n",
        "input: [16, 64]\nlayers: [{attention: 4}]\n",
    ),
    "NS563": Code(
        "incompatible query, key and value",
        "Key and value must have equal lengths, query and key equal numbers of features, and all further axes must "
        "be equal.",
        "inputs: {q: [4, 8], k: [6, 8], v: [5, 8]}\nlayers:\n  a: {dot_product_attention: 1, from: [q, k, v]}\n",
        "inputs: {q: [4, 8], k: [6, 8], v: [6, 8]}\nlayers:\n  a: {dot_product_attention: 1, from: [q, k, v]}\n",
    ),
    "NS564": Code(
        "a mask of the wrong shape",
        "A mask is broadcast to the scores: heads by query positions by key positions.",
        "inputs: {x: [4, 8], m: [4, 5]}\nlayers:\n  a: {attention: 1, mask: m, from: x}\n",
        "inputs: {x: [4, 8], m: [4, 4]}\nlayers:\n  a: {attention: 1, mask: m, from: x}\n",
    ),
    "NS565": Code(
        "a mask of the wrong type",
        "A mask holds either numbers of the query's type, which are added to the scores, or truth values, true at "
        "positions to attend to.",
        "inputs: {x: [4, 8], m: {shape: [4, 4], dtype: int64}}\nlayers:\n  a: {attention: 1, mask: m, from: x}\n",
        "inputs: {x: [4, 8], m: {shape: [4, 4], dtype: bool}}\nlayers:\n  a: {attention: 1, mask: m, from: x}\n",
    ),
    "NS566": Code(
        "one state of two",
        "An 'lstm' has two initial states, hidden and cell: give both or neither.",
        "inputs: {x: [7, 8], h: [1, 6]}\nlayers:\n  r: {lstm: 6, from: [x, h]}\n",
        "inputs: {x: [7, 8], h: [1, 6], c: [1, 6]}\nlayers:\n  r: {lstm: 6, from: [x, h, c]}\n",
    ),
    "NS567": Code(
        "an initial state of the wrong shape",
        "An initial state of a recurrent layer has shape (layers times directions, width).",
        "inputs: {x: [7, 8], h: [1, 5]}\nlayers:\n  r: {gru: 6, from: [x, h]}\n",
        "inputs: {x: [7, 8], h: [1, 6]}\nlayers:\n  r: {gru: 6, from: [x, h]}\n",
    ),
    "NS568": Code(
        "an invalid position table",
        "The length of a position table must match its sizes. It is not learned, so it must be the 'init' of a buffer.",
        "input: [15]\nlayers:\n  t: {buffer: [15], init: {relative_position_index: [2, 2]}}\n "
        " sum: {add: [input, t]}\n",
        "input: [16]\nlayers:\n  t: {buffer: [16], init: {relative_position_index: [2, 2]}, dtype: float32}\n "
        " sum: {add: [input, t]}\n",
    ),
    "NS569": Code(
        "weights of another type than the input",
        "Weights have the `dtype` of the spec, float32 by default, and an operation with weights does not mix types. "
        "`dtype` on the layer converts its input, and is the type of its weights and its result.",
        "inputs: {x: {shape: [16], dtype: float16}}\nlayers: [{dense: 10}]\n",
        "inputs: {x: {shape: [16], dtype: float16}}\nlayers: [{dense: 10, dtype: float16}]\n",
    ),
    "NS570": Code(
        "a dtype that is not a floating-point type",
        "The `dtype` of a spec, a layer or a block is the type of weights, and that in which floating-point numbers "
        "are computed: float32, float16, bfloat16 or float64. `cast` converts to integers and booleans; a `buffer` has "
        "any type.",
        "input: [16]\nlayers: [{dense: 10, dtype: int64}]\n",
        "input: [16]\nlayers: [{dense: 10, dtype: bfloat16}]\n",
    ),
    **FORMULAS,
    **PATTERNS,
    "NS590": Code(
        "a known size required",
        "Weights, groups and counts depend on this size, so it must be known and at least 1. A size that depends on "
        "named dimensions is not known: global or adaptive pooling gives one that is.",
        "dims: {H: 32, W: 32}\ninput: [3, H, W]\nlayers: [flatten, {dense: 10}]\n",
        "dims: {H: 32, W: 32}\ninput: [3, H, W]\nlayers: [global_avg_pool, {dense: 10}]\n",
    ),
    "NS591": Code(
        "two dimensions that must be equal",
        "The network works only if two named dimensions are equal. One name stands for one size everywhere, also in "
        "several inputs.",
        "dims: {n: 8, m: 8}\ninputs: {x: [n, 4], y: [m, 4]}\nlayers: [{add: [x, y]}]\n",
        "dims: {n: 8}\ninputs: {x: [n, 4], y: [n, 4]}\nlayers: [{add: [x, y]}]\n",
    ),
    "NS592": Code(
        "a promise that is too weak",
        "'multiple_of', 'min' and 'max' promise which sizes a named dimension can have. At one of these sizes, or at a "
        "combination of sizes of several dimensions, the network does not work. `netspec sizes` prints the sizes that "
        "it accepts.",
        "dims: {H: {default: 32, multiple_of: 2}}\ninput: [3, H, H]\nlayers:\n  down: {max_pool2d: 4}\n"
        "  up: {upsample: 4}\n  sum: {add: [input, up]}\n",
        "dims: {H: {default: 32, multiple_of: 4}}\ninput: [3, H, H]\nlayers:\n  down: {max_pool2d: 4}\n"
        "  up: {upsample: 4}\n  sum: {add: [input, up]}\n",
    ),
    "NS593": Code(
        "a size whose formula is too long",
        "Sizes are formulas of the named dimensions, of at most 400 terms.",
    ),
    "NS598": Code(
        "a scale that rounding changes",
        "PyTorch multiplies a size by the scale in floating point and rounds down: 200 * 0.29 is 57.99999999999999, "
        "and becomes 57. The size of a named dimension is scaled by one formula for all its numbers, such as "
        "29 * H // 100. So its scale must be one for which both are always equal, such as 0.5 or 1.25.",
        "dims: {H: 200}\ninput: [3, H, H]\nlayers: [{upsample: 0.29}]\n",
        "dims: {H: 200}\ninput: [3, H, H]\nlayers: [{upsample: {size: $(29 * input.shape.1 // 100)}}]\n",
    ),
}
