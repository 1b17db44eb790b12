"""Small networks with named dimensions: what the rows of the conformance table do not have."""

from __future__ import annotations

IMAGE = "dims: {H: 12, W: 15}\ninput: [4, H, W]\n"
LAST = f"layout: channels_last\n{IMAGE.replace('[4, H, W]', '[H, W, 4]')}"
NINE = "dims: {H: 9, W: 18}\ninput: [4, H, W]\n"
SIGNAL = "dims: {n: 14}\ninput: [4, n]\n"
TOKENS = "dims: {n: 9}\ninput: [n, 8]\n"
EVEN = "dims: {H: {default: 12, multiple_of: 4}, W: {default: 8, multiple_of: 4}}\ninput: [4, H, W]\n"

NAMED_SPECS = {
    # convolution: 'same' with stride depends on the size
    "conv_same": IMAGE + "layers: [{conv2d: 5, kernel: 3, stride: 2, padding: same}]",
    "conv_same_uneven": IMAGE + "layers: [{conv2d: 5, kernel: [5, 2], stride: [2, 1], padding: same}]",
    "conv_same_dilated": IMAGE + "layers: [{conv2d: 5, kernel: 3, stride: 2, dilation: 2, padding: same}]",
    "conv_same_short": IMAGE + "layers: [{conv2d: 5, kernel: [2, 1], stride: [3, 2], padding: same}]",
    "conv_same_single": IMAGE + "layers: [{conv2d: 5, kernel: 1, stride: 2, padding: same}]",
    "conv_same_reflect": IMAGE + "layers: [{conv2d: 5, kernel: 5, stride: 2, padding: same, padding_mode: reflect}]",
    "conv_same_circular": IMAGE + "layers: [{conv2d: 5, kernel: 4, stride: 3, padding: same, padding_mode: circular}]",
    "separable_same": LAST + "layers: [{separable_conv2d: 5, kernel: 3, stride: 2, padding: same}]",
    # pooling
    "max_same": IMAGE + "layers: [{max_pool2d: 3, stride: 2, padding: same}]",
    "max_same_short": IMAGE + "layers: [{max_pool2d: 2, stride: 3, padding: same}]",
    "max_same_dilated": IMAGE + "layers: [{max_pool2d: 2, stride: 2, dilation: 3, padding: same}]",
    "max_ceil": IMAGE + "layers: [{max_pool2d: 3, stride: 2, padding: 1, ceil_mode: true}]",
    "max_ceil_short": IMAGE + "layers: [{max_pool2d: 2, stride: 3, ceil_mode: true}]",
    "max_ceil_dilated": IMAGE + "layers: [{max_pool2d: 2, stride: 3, dilation: 2, padding: 1, ceil_mode: true}]",
    "avg_same": IMAGE + "layers: [{avg_pool2d: 3, stride: 2, padding: same}]",
    "avg_same_of_present": IMAGE + "layers: [{avg_pool2d: 3, stride: 2, padding: same, count_include_pad: false}]",
    "avg_same_short": IMAGE + "layers: [{avg_pool2d: 2, stride: 3, padding: same}]",
    "avg_same_short_of_present": IMAGE
    + "layers: [{avg_pool2d: 2, stride: 3, padding: same, count_include_pad: false}]",
    "avg_ceil": IMAGE + "layers: [{avg_pool2d: 3, stride: 2, padding: 1, ceil_mode: true}]",
    "avg_ceil_of_present": IMAGE
    + "layers: [{avg_pool2d: 4, stride: 3, padding: 2, ceil_mode: true, count_include_pad: false}]",
    "avg_ceil_short": IMAGE + "layers: [{avg_pool2d: 2, stride: 5, padding: 1, ceil_mode: true}]",
    "lp_same": IMAGE + "layers: [{lp_pool2d: 3, stride: 2, padding: same, p: 3}]",
    "lp_ceil": IMAGE + "layers: [{lp_pool2d: 3, stride: 2, ceil_mode: true, p: 2}]",
    "lp_same_short": IMAGE + "layers: [{lp_pool2d: 2, stride: 3, padding: same, p: 1}]",
    "adaptive_avg": IMAGE + "layers: [{adaptive_avg_pool2d: [5, 20]}]",
    "adaptive_max": IMAGE + "layers: [{adaptive_max_pool2d: [5, 1]}]",
    "adaptive_avg_3d": "dims: {T: 6, H: 9}\ninput: [2, T, H, 7]\nlayers: [{adaptive_avg_pool3d: [2, 4, 7]}]",
    "adaptive_max_1d": SIGNAL + "layers: [{adaptive_max_pool1d: 4}]",
    "global": LAST + "layers: [{global_max_pool, keepdims: true}]",
    "unfold": IMAGE + "layers: [{unfold2d: 3, padding: 1, stride: 2}]",
    "unfold_same": LAST + "layers: [{unfold2d: [3, 2], padding: same, stride: [2, 1]}]",
    # patterns
    "windows": "dims: {H: {default: 12, multiple_of: 3}, W: {default: 8, multiple_of: 4}}\ninput: [4, H, W]\nlayers:\n"
    "  a: {rearrange: '... (y p) (x q) -> (y x) (p q) ...', p: 3, q: 4}\n"
    "  b: {einsum: 'n s c, n t c -> n s t', from: [a, a]}\n  c: {einsum: 'n s t, n t c -> n s c', from: [b, a]}\n"
    "  d: {rearrange: '(y x) (p q) c -> c (y p) (x q)', y: $(input.height // 3), p: 3}\n  e: {add: input}",
    "pattern_reduced": NINE + "layers: [{rearrange: 'c (h p) w -> (w h) 1 c', p: 3, by: max}]",
    "pattern_repeated": IMAGE + "layers: [{rearrange: 'c h w -> (h k) c (w l)', k: 2, l: 3}]",
    "pattern_product": TOKENS + "layers: [{einsum: 'q (h d), k (h d) -> (k q) h', h: 2, from: [input, input]}]",
    # interpolation
    "nearest_2": IMAGE + "layers: [{upsample: 2}]",
    "nearest_3": IMAGE + "layers: [{upsample: 3}]",
    "nearest_1.5": IMAGE + "layers: [{upsample: 1.5}]",
    "nearest_2.2": IMAGE + "layers: [{upsample: [2.2, 0.6]}]",
    "nearest_half": IMAGE + "layers: [{upsample: 0.5}]",
    "nearest_size": IMAGE + "layers: [{upsample, size: [20, 7]}]",
    "nearest_1d": SIGNAL + "layers: [{upsample: 1.7}]",
    "nearest_last": LAST + "layers: [{upsample: 1.3}]",
    "nearest_like": IMAGE
    + "layers: {small: {max_pool2d: 2, stride: 2}, up: {upsample, like: input}, sum: {add: input}}",
    "linear_2.2": IMAGE + "layers: [{upsample: 2.2, mode: bilinear}]",
    "linear_1.5": IMAGE + "layers: [{upsample: 1.5, mode: bilinear}]",
    "linear_last": LAST + "layers: [{upsample: [0.6, 1.9], mode: bilinear}]",
    "linear_corners": IMAGE + "layers: [{upsample: 2.5, mode: bilinear, align_corners: true}]",
    "linear_size": IMAGE + "layers: [{upsample, size: [9, 22], mode: bilinear}]",
    "linear_signal": SIGNAL + "layers: [{upsample: 1.7, mode: linear}]",
    "linear_like": IMAGE
    + "layers: [{conv2d: 4, kernel: 3, stride: 3}, {upsample, like: input, mode: bilinear}, {add: input}]",
    "cubic_last": LAST + "layers: [{upsample: 0.6, mode: bicubic}]",
    "cubic_last_size": LAST + "layers: [{upsample, size: [9, 30], mode: bicubic}]",
    "cubic": IMAGE + "layers: [{upsample: [1.3, 0.8], mode: bicubic}]",
    # a scale of which single precision cannot say how many positions 9 becomes: 6.999999
    "linear_cut": NINE + "layers: [{upsample: 0.7777776718139648, mode: bilinear}]",
    "linear_cut_last": "layout: channels_last\n"
    + NINE.replace("[4, H, W]", "[H, W, 4]")
    + "layers: [{upsample: 0.7777776718139648, mode: bilinear}]",
    "cubic_cut_last": "layout: channels_last\n"
    + NINE.replace("[4, H, W]", "[H, W, 4]")
    + "layers: [{upsample: 0.7777776718139648, mode: bicubic}]",
    # rearrangement
    "slice_rest": IMAGE + "layers: [{slice: [1, 2], start: [2, -4]}]",
    "flatten_positions": IMAGE + "layers: [{flatten: 1}, {permute: [1, 0]}, {dense: 3}]",
    "reshape_heads": TOKENS + "layers: [{reshape: [$(input.shape.0), 2, 4]}, {permute: [1, 0, 2]}, {flatten: 0}]",
    "reshape_grid": EVEN
    + "layers: [{reshape: [4, $(input.shape.1 // 4), 4, $(input.shape.2 // 4), 4]}, {permute: [1, 3, 0, 2, 4]}, "
    "{reshape: [$(input.shape.1 // 4 * (input.shape.2 // 4)), 64]}, {dense: 3}]",
    "slice_ends": IMAGE + "layers: [{slice: [1, 2], start: [1, -5], stop: [-1, -1]}]",
    "slice_half": IMAGE + "layers: [{slice: 2, stop: $((input.shape.2 + 1) // 2)}]",
    "slice_steps": IMAGE + "layers: [{slice: [1, 2], start: [1, 0], step: [2, 3]}]",
    "select_last": TOKENS + "layers: [{select: -2, axis: 0}]",
    "split_parts": EVEN + "layers: {parts: {split: 2, axis: 1}, sum: {add: parts.*}}",
    "crop_half": IMAGE + "layers: [{crop: [[1, $(input.shape.1 // 3)]], axis: 1}]",
    "center_crop_size": IMAGE + "layers: [{center_crop: [3, 4]}]",
    "center_crop_like": IMAGE
    + "layers: {small: {conv2d: 4, kernel: 4, stride: 2}, crop: {center_crop, like: small, from: input}, sum: {add: small}}",
    "pad_to_windows": IMAGE
    + "layers: [{pad: [[0, $(-input.shape.1 % 5)], [0, $(-input.shape.2 % 4)]]}, {max_pool2d: [5, 4]}]",
    "pad_circular": IMAGE + "layers: [{pad: [[2, 1]], axis: 2, mode: circular}]",
    "pad_reflect": IMAGE + "layers: [{pad: [[$(input.shape.1 // 2), 1]], axis: 1, mode: reflect}]",
    "pixel_unshuffle": EVEN + "layers: [{pixel_unshuffle: 2}, {conv2d: 16, kernel: 1}, {pixel_shuffle: 2}]",
    "channel_shuffle": IMAGE + "layers: [{channel_shuffle: 2}]",
    "roll_far": IMAGE + "layers: [{roll: [40, -33], axis: [1, 2]}]",
    "roll_named": IMAGE + "layers: [{roll: [$(input.shape.1 // 2), $(-input.shape.2)], axis: [1, 2]}]",
    "expand_rows": "dims: {n: 9}\ninput: [n, 8]\nlayers: [{mean: 1, keepdims: true}, {expand: [-1, 5]}]",
    "glu_positions": EVEN + "layers: [{glu: 2}]",
    # sequences
    "table_of_positions": TOKENS
    + "layers: {table: {parameter: [30, 8]}, rows: {slice: 0, stop: $(input.shape.0), from: table}, sum: {add: [input, rows]}}",
    "causal": TOKENS + "layers: [{attention: 2, causal: true}]",
    "heads_in_a_window": "dims: {n: 7}\ninputs: {q: [n, 16], k: [n, 8], v: [n, 8], angles: [n, 2]}\nlayers:\n"
    "  s: {parameter: [4], init: {normal: 1.0}}\n  a: {rotary: 4, dims: -2, from: q}\n"
    "  b: {rotary: 2, angles: angles, from: k}\n"
    "  c: {dot_product_attention: 4, kv_heads: 2, causal: true, window: 3, sinks: s, from: [a, b, v]}\n"
    "  d: {rms_norm, heads: 4}",
    "window_of_another_length": "dims: {n: 7, m: 4}\ninputs: {q: [n, 8], k: [m, 8], v: [m, 8]}\n"
    "layers: [{dot_product_attention: 2, window: 2, cap: 3, from: [q, k, v]}]",
    "cross_attention": "dims: {n: 7, m: 5}\ninputs: {x: [n, 8], memory: [m, 8]}\n"
    "layers: [{attention: 4, from: [x, memory, memory]}]",
    "recurrent": TOKENS + "layers: [{lstm: 6, bidirectional: true, num_layers: 2}]",
    # normalisation
    "group_norm": IMAGE + "layers: [{group_norm: 2}]",
    "response_norm_even": IMAGE + "layers: [{local_response_norm: 4}]",
    "l2_positions": TOKENS + "layers: [{l2_normalize: 0}]",
    # tables that depend on the size
    "constant_table": IMAGE
    + "layers: {table: {buffer: [1, $(input.shape.1), $(input.shape.2 + 2)], init: {constant: 2.5}}, "
    "padded: {pad: [[1, 1]], axis: 2, from: input}, sum: {add: [padded, table]}}",
    "window_mask": "dims: {h: 3, w: 2}\ninput: [h, w, 4]\n"
    "layers: {mask: {buffer: [$(input.shape.0 * input.shape.1), 1, 6, 6], persistent: false, "
    "init: {shifted_window_mask: {size: [$(input.shape.0 * 2), $(input.shape.1 * 3)], window: [2, 3], shift: [1, 2]}}}, "
    "positions: {reshape: [$(input.shape.0 * input.shape.1), 4]}, means: {mean: 1, keepdims: true}, "
    "more: {unsqueeze: 1}, column: {unsqueeze: 1}, sum: {add: [mask, column]}}",
}
"""Specs by name."""
