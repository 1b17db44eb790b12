"""NS58x: patterns whose axes do not fit the inputs, and too few values."""

from __future__ import annotations

from .code import Code

PATTERNS: dict[str, Code] = {
    "NS580": Code(
        "a pattern for another number of axes",
        "A side of a pattern has a name, '1' or parentheses for every axis of its input, without the batch; '...' "
        "stands for any number of axes.",
        'input: [3, 8, 8]\nlayers: [{rearrange: "c n -> n c"}]\n',
        'input: [3, 8, 8]\nlayers: [{rearrange: "c ... -> ... c"}]\n',
    ),
    "NS581": Code(
        "an axis that does not have the sizes of its parts",
        "Parentheses on the left of a pattern divide an axis: its size is the product of theirs. The input "
        "of 'fold2d' has the elements of its window for each channel, and a position for each window.",
        'input: [9, 8, 3]\nlayers: [{rearrange: "(y p) x c -> y x (p c)", p: 2}]\n',
        'input: [8, 8, 3]\nlayers: [{rearrange: "(y p) x c -> y x (p c)", p: 2}]\n',
    ),
    "NS582": Code(
        "a size that cannot be inferred",
        "Of the axes that parentheses on the left divide an axis into, all sizes but one are given, as keys beside the "
        "pattern; so is that of an axis on the right only.",
        'input: [8, 8, 3]\nlayers: [{rearrange: "(y p) x c -> y x (p c)"}]\n',
        'input: [8, 8, 3]\nlayers: [{rearrange: "(y p) x c -> y x (p c)", p: 2}]\n',
    ),
    "NS583": Code(
        "an axis of a pattern with two sizes",
        "A name in a pattern has one size: in all inputs, and where a key gives it.",
        'inputs: {q: [5, 8], k: [6, 4]}\nlayers: [{einsum: "q d, k d -> q k", from: [q, k]}]\n',
        'inputs: {q: [5, 8], k: [6, 8]}\nlayers: [{einsum: "q d, k d -> q k", from: [q, k]}]\n',
    ),
    "NS584": Code(
        "the variance of a single value",
        "The variance of a sample is divided by the number of values minus one, so it needs at least two values. "
        "'correction: 0' divides by the number of values.",
        "input: [8, 1]\nlayers: [{var: 1}]\n",
        "input: [8, 1]\nlayers: [{var: 1, correction: 0}]\n",
    ),
}
