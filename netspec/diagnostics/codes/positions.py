"""NS530 to NS535: positions that operations choose, read and write."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS530": Code(
        "more positions than the axis has",
        "'top_k' chooses k values along its axis, whose size must be at least k.",
        "  - {top_k: 100, axis: channels}\n",
        "  - {top_k: 2, axis: channels}\n",
    ),
    "NS531": Code(
        "an index that does not fit",
        "'take_along' and 'scatter_add' have an index with as many axes as their input. Sizes of corresponding axes "
        "are equal, or one of them is 1; along the axis that the index refers to, only 'scatter_add' requires that. "
        "'gather' takes whole rows by an index of any shape.",
        "inputs: {x: [8, 64], which: {shape: [8], dtype: int64}}\n"
        "layers:\n  taken: {take_along: 1, index: which, from: x}\n",
        "inputs: {x: [8, 64], which: {shape: [8], dtype: int64}}\n"
        "layers:\n  column: {unsqueeze: 1, from: which}\n  taken: {take_along: 1, index: column, from: x}\n",
    ),
    "NS532": Code(
        "different numbers of axes",
        "'recurrence' multiplies and adds position by position along one axis of its inputs, which therefore have the "
        "same number of axes. An axis of size 1 is the same along the other's.",
        "inputs: {decay: [64], x: [196, 64]}\nlayers:\n  h: {recurrence: channels, from: [decay, x]}\n",
        "inputs: {decay: [64], x: [196, 64]}\nlayers:\n  row: {unsqueeze: 0, from: decay}\n"
        "  h: {recurrence: 0, from: [row, x]}\n",
    ),
    "NS533": Code(
        "a spectrum or grid that does not fit",
        "'irfft' takes the real and imaginary parts of n // 2 + 1 frequencies, as 'rfft' gives them, in a last axis of "
        "2. 'grid_sample' takes an image (channels, height, width) and a grid (height, width, 2) of positions.",
        "input: [196, 64]\nlayers:\n  signal: {irfft: sequence}\n",
        "input: [196, 64]\nlayers:\n  spectrum: {rfft: sequence}\n  signal: {irfft: sequence}\n",
    ),
}
