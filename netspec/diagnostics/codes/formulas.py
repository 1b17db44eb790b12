"""Shapes and types in formulas."""

from __future__ import annotations

from .code import Code

FORMULAS: dict[str, Code] = {
    "NS575": Code(
        "positions and tensors of a formula do not fit",
        "The axes of 'for' and of all tensors are aligned from the last one, as in NumPy: sizes are equal, or one "
        "of them is 1.",
        "input: [8]\nlayers: {y: {formula: $(input * 2), for: {i: 3}}}\n",
        "input: [8]\nlayers: {y: {formula: $(input * 2), for: {i: 8}}}\n",
    ),
    "NS576": Code(
        "two floating-point types meet in a formula",
        "Integers and truth values become floating-point numbers where they meet those. Two floating-point types do "
        "not mix: 'cast' converts one of them.",
        "inputs: {x: [8], y: {shape: [8], dtype: float64}}\nlayers: {z: {formula: $(x + y)}}\n",
        "inputs: {x: [8], y: {shape: [8], dtype: float64}}\nlayers:\n  single: {cast: float32, from: y}\n"
        "  z: {formula: $(x + single)}\n",
    ),
    "NS577": Code(
        "initial values that do not fit a weight",
        "A formula under 'init' has a name for each axis of the weight, under 'for', and depends on no tensor. A "
        "constant that 'init' names broadcasts to the shape of the weight.",
        "input: [8]\nlayers: [{dense: 3, init: {formula: $(i), for: [i]}}]\n",
        "input: [8]\nlayers: [{dense: 3, init: {formula: $(i + j), for: [i, j]}}]\n",
    ),
    "NS578": Code(
        "a division by a position that may be 0",
        "Positions begin with 0. Integers are not divided by 0, not even where 'if' would take another value.",
        "input: [8]\nlayers: {y: {formula: $(7 % i * input), for: {i: 8}}}\n",
        "input: [8]\nlayers: {y: {formula: $(7 % (i + 1) * input), for: {i: 8}}}\n",
    ),
}
