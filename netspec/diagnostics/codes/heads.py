"""Codes about heads: of attention, rotary positions and normalisation."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS585": Code(
        "heads that cannot be shared evenly",
        "Each head of key and value serves as many heads of the query in a row, so 'kv_heads' divides 'heads'.",
        "inputs: {q: [5, 32], k: [5, 24], v: [5, 24]}\nlayers:\n"
        "  a: {dot_product_attention: 4, kv_heads: 3, from: [q, k, v]}\n",
        "inputs: {q: [5, 32], k: [5, 16], v: [5, 16]}\nlayers:\n"
        "  a: {dot_product_attention: 4, kv_heads: 2, from: [q, k, v]}\n",
    ),
    "NS586": Code(
        "sinks of the wrong shape",
        "'sinks' of an attention names a layer with one number for each head: a score that belongs to no key.",
        "inputs: {q: [5, 32], k: [5, 32], v: [5, 32]}\nlayers:\n  s: {parameter: [2]}\n"
        "  a: {dot_product_attention: 4, sinks: s, from: [q, k, v]}\n",
        "inputs: {q: [5, 32], k: [5, 32], v: [5, 32]}\nlayers:\n  s: {parameter: [4]}\n"
        "  a: {dot_product_attention: 4, sinks: s, from: [q, k, v]}\n",
    ),
    "NS587": Code(
        "angles of the wrong shape or type",
        "'angles' of 'rotary' names a layer with an angle for each position and each pair of features that turns: "
        "(positions, dims / 2), or (heads, positions, dims / 2) if the heads differ. They are float32 or float64: in "
        "half precision, those of far positions would be off by whole turns.",
        "inputs: {x: [5, 32], w: [5, 8]}\nlayers:\n  r: {rotary: 4, angles: w, from: x}\n",
        "inputs: {x: [5, 32], w: [5, 4]}\nlayers:\n  r: {rotary: 4, angles: w, from: x}\n",
    ),
    "NS588": Code(
        "features that do not pair",
        "'rotary' turns pairs of features of each head: an even number of them, all or as many as 'dims' says.",
        "input: [5, 36]\nlayers: [{rotary: 4}]\n",
        "input: [5, 36]\nlayers: [{rotary: 4, dims: 8}]\n",
    ),
    "NS589": Code(
        "heads along several axes",
        "A normalisation with 'heads' splits one axis into runs and normalises each. It cannot split several axes.",
        "input: [5, 32]\nlayers: [{layer_norm, heads: 4, axis: [0, 1]}]\n",
        "input: [5, 32]\nlayers: [{layer_norm, heads: 4, axis: 1}]\n",
    ),
}
