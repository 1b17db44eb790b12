"""Limits on a spec. Each has its own diagnostic (``NS9xx``)."""

from __future__ import annotations

from typing import Final

FILE_BYTES: Final = 10_000_000
"""NS901: bytes of a spec, with the files that it uses."""
VALUES: Final = 2_000_000
"""NS902: values (keys, texts, numbers, lists, mappings) of a spec, with the files that it uses, aliases expanded."""
NESTING: Final = 64
"""NS903: levels of nested lists and mappings."""
ALIASED: Final = 100_000
"""NS904: values that all aliases of a file expand to."""
DIGITS: Final = 40
"""NS905: digits of a number."""
NAME: Final = 100
"""NS906: characters of a name."""
DOTTED_NAME: Final = 1_000
"""NS907: characters of a full dotted name."""
REFERENCE: Final = DOTTED_NAME + 1 + NAME
"""NS907: characters of a reference: a full name, and the name of one of several outputs."""
BLOCKS: Final = 64
"""NS908: levels of nested scopes: blocks, inline blocks, chains."""
STEPS: Final = 1_000_000
"""NS909: steps of elaborating a network, or all variants of a spec together: a measure of time and memory."""
STEPS_AFTER_PROBLEM: Final = 100_000
"""Maximum number of steps of the search for further problems after the first. Elaboration then ends silently."""
NETWORK_STEPS: Final = 100
"""Steps counted for a network besides its parameters and layers."""
SCOPE_STEPS: Final = 7
"""Steps counted for a block besides its inputs, parameters and layers."""
NODE_STEPS: Final = 2
"""Steps counted for an operation besides its inputs, outputs and weights."""
CHARACTERS_PER_STEP: Final = 100
"""Characters of a name, a ``doc`` or arguments that count as a step; shorter ones are free."""
EXPRESSION: Final = 1_000
"""NS910: characters of an expression."""
EXPRESSION_DEPTH: Final = 40
"""NS911: levels of nested brackets in an expression."""
EXPRESSION_STEPS: Final = 100_000
"""NS912: steps that one expression takes, for operations and for items that are created, copied, compared or read.

The most in the zoo is 11,272 (``swin_v2``)."""
ALL_EXPRESSION_STEPS: Final = 10_000_000
"""NS912: steps of all expressions of a load together; the maximum in the zoo is 133,521 (``swin_v2``)."""
FORMULA_STEPS: Final = 1_000
"""NS918: steps of a formula, including those of its constants at each use."""
FORMULA_DEPTH: Final = 80
"""NS918: nesting levels of a formula. Python accepts at most 200 brackets."""
LIST: Final = 10_000
"""NS913: items of a list in an expression."""
ITEMS: Final = 100_000
"""NS913: items of the value of an expression, including those of nested lists."""
INTEGER: Final = 2**63
"""NS914: integers in expressions are less than this."""
PATTERN: Final = 1_000
"""NS919: characters of a pattern of ``rearrange`` or ``einsum``."""
PATTERN_AXES: Final = 50
"""NS919: axes of a pattern. ``einsum`` of PyTorch and ONNX has a letter for each, and one for the batch."""
SIZE: Final = 2**40
"""NS915: sizes are less than this."""
AXES: Final = 60
"""NS915: axes of a tensor, without that of the batch. NumPy and PyTorch have at most 64, and some rules add one."""
ELEMENTS: Final = 2**60
"""NS915: elements of a tensor are less than this: their bytes are counted in 64 bits."""
WINDOW: Final = 2**31
"""NS221: the integers of a window (its extent, stride, dilation and padding) are less than this: in PyTorch, pooling
takes 32-bit integers."""
STACKED_LAYERS: Final = 1_000
"""NS221: layers of one recurrent operation (``num_layers``), each of which has weights of its own."""
OUTPUTS: Final = 10_000
"""NS221: parts that ``split`` divides an axis into."""
ORTHOGONAL_WORK: Final = 5 * 10**11
"""NS221: numbers of a weight with ``init: orthogonal``, times its shorter side. It takes four times as many operations:
a minute or two on two cores."""
ORTHOGONAL_NUMBERS: Final = 2**28
"""NS221: numbers of such a weight, which is computed whole and in double precision: 2 GiB."""
USED_FILES: Final = 100
"""NS916: files that a spec uses, directly or indirectly."""
ONNX_PARTS: Final = 1_000_000
"""NS715: nodes, constants and weights of an ONNX model."""
DIAGNOSTICS: Final = 100
"""Diagnostics in one run; the rest are counted."""
CLIP: Final = 60
"""Characters of user text in a message."""
