"""NS9xx: limits, so that no spec takes more time or memory than it should."""

from __future__ import annotations

from ... import limits
from .code import Code

_BRACKETS = limits.NESTING
_DEPTH = limits.EXPRESSION_DEPTH + 1

CODES: dict[str, Code] = {
    "NS901": Code(
        "a file that is too large",
        f"A spec has at most {limits.FILE_BYTES:,} bytes, with the files that it uses. Use 'repeat', 'each' and blocks"
        " for what repeats.",
    ),
    "NS902": Code(
        "too many values",
        f"A spec has at most {limits.VALUES:,} keys and values, with aliases expanded and the files that it uses.",
    ),
    "NS903": Code(
        "nested too deeply",
        f"Lists and mappings are nested at most {limits.NESTING} levels deep.",
        "  - " + "[" * _BRACKETS + "relu" + "]" * _BRACKETS + "\n",
    ),
    "NS904": Code(
        "aliases that multiply",
        f"All aliases of a file expand to at most {limits.ALIASED:,} values: a few lines of aliases of aliases could "
        "otherwise fill the memory.",
    ),
    "NS905": Code(
        "a number that is too long",
        f"A number has at most {limits.DIGITS} digits.",
        f"  - {{dropout: {'1' * (limits.DIGITS + 1)}}}\n",
        "  - {dropout: 0.1}\n",
    ),
    "NS906": Code(
        "a name that is too long",
        f"A name has at most {limits.NAME} characters.",
        f"  {'a' * (limits.NAME + 1)}: relu\n",
        "  a: relu\n",
    ),
    "NS907": Code(
        "a full name that is too long",
        f"The dotted name of a layer within other layers has at most {limits.DOTTED_NAME:,} characters, and a reference"
        f" {limits.REFERENCE:,}.",
    ),
    "NS908": Code(
        "blocks nested too deeply",
        f"Blocks, inline blocks and chains are nested at most {limits.BLOCKS} levels deep.",
    ),
    "NS909": Code(
        "a network that is too large",
        f"Elaborating a network, or all variants of a spec together, takes at most {limits.STEPS:,} steps. A layer is"
        " one, also if 'when' leaves it out, and so is each of its inputs, outputs and weights, each copy, each row and"
        f" cell of a table, and each layer that a name leads to. A node costs {limits.NODE_STEPS} steps more, a block"
        f" {limits.SCOPE_STEPS}, with one for each input and parameter, and a variant {limits.NETWORK_STEPS}.",
        "  - {relu, repeat: 2_000_000}\n",
        "  - {relu, repeat: 2}\n",
    ),
    "NS910": Code(
        "an expression that is too long",
        f"An expression, and the text that expressions produce, has at most {limits.EXPRESSION:,} characters.",
    ),
    "NS911": Code(
        "an expression nested too deeply",
        f"Brackets are nested at most {limits.EXPRESSION_DEPTH} levels deep.",
        f"  - {{dense: $({'(' * _DEPTH}1{')' * _DEPTH})}}\n",
    ),
    "NS912": Code(
        "an expression that takes too long",
        f"An expression takes at most {limits.EXPRESSION_STEPS:,} steps, and all expressions of a network"
        f" {limits.ALL_EXPRESSION_STEPS:,} together. Every item of a list that is created, copied or compared is one.",
        "params: {n: 9_000}\ninput: [8]\nlayers:\n"
        '  - {dense: "$(sum([sum([1 for b in range(n)]) for a in range(n)]))"}\n',
    ),
    "NS913": Code(
        "a list that is too long",
        f"A list in an expression has at most {limits.LIST:,} items, and the value of an expression"
        f" {limits.ITEMS:,} with those of the lists in it.",
        "  - {dropout: $(len(range(20_000)))}\n",
        "  - {dropout: $(1 / len(range(20)))}\n",
    ),
    "NS914": Code(
        "a number that is too large",
        "Integers in expressions are less than 2^63, exponents at most 64.",
        "  - {dropout: $(2 ** 63)}\n",
        "  - {dropout: $(2 ** -3)}\n",
    ),
    "NS915": Code(
        "a size that is too large",
        f"Sizes are less than 2^40. A tensor has at most {limits.AXES} axes, without the batch, and fewer than 2^60 "
        "elements.",
        "input: [1_099_511_627_776]\nlayers: [relu]\n",
        "input: [1_000]\nlayers: [relu]\n",
    ),
    "NS916": Code(
        "too many files",
        f"A spec uses at most {limits.USED_FILES} files, directly or through others.",
    ),
    "NS917": Code(
        "too large for this machine",
        "The network respects all limits, but its weights do not fit into memory, or memory ran out. Use smaller sizes "
        "or fewer layers.",
    ),
    "NS918": Code(
        "a formula that is too long",
        f"A formula takes at most {limits.FORMULA_STEPS:,} steps and nests at most {limits.FORMULA_DEPTH} levels, with "
        "the constants that it names, as often as it names them.",
        "input: [8]\nlayers:\n  a: {formula: $(sin(i)), for: {i: 8}}\n  b: {formula: $(a + a + a + a + a)}\n"
        "  c: {formula: $(b + b + b + b + b)}\n  d: {formula: $(c + c + c + c + c)}\n"
        "  e: {formula: $((d + d + d + d + d) * input)}\n",
        "input: [8]\nlayers:\n  a: {formula: $(sin(i)), for: {i: 8}}\n  e: {formula: $((a + a + a + a + a) * input)}\n",
    ),
    "NS919": Code(
        "a pattern that is too long",
        f"The pattern of 'rearrange' and 'einsum' has at most {limits.PATTERN:,} characters and {limits.PATTERN_AXES} "
        "axes, for each of which PyTorch and ONNX have a letter.",
        'input: [1]\nlayers: [{rearrange: "c -> c '
        + " ".join(f"a{i}" for i in range(limits.PATTERN_AXES))
        + '", '
        + ", ".join(f"a{i}: 1" for i in range(limits.PATTERN_AXES))
        + "}]\n",
        'input: [1]\nlayers: [{rearrange: "c -> c 1"}]\n',
    ),
}
