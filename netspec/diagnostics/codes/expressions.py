"""NS4xx: expressions."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS401": Code(
        "invalid expression",
        "$name is a parameter, $(…) an expression. Inside {…} and […] YAML ends a plain value at , [ ] { and }: "
        "quote an expression that contains one of them.",
        "  - {conv2d: $(1 +), kernel: 3}\n",
        "  - {conv2d: $(1 + 3), kernel: 3}\n",
    ),
    "NS402": Code(
        "unknown name in an expression",
        "An expression can use parameters, index and row, the columns of the table, earlier tensors, and a dozen "
        "functions. A block can use its own parameters and inputs, but not those of the scope that uses it.",
        "params: {width: 3}\ninput: [8]\nlayers: [{dense: $widht}]\n",
        "params: {width: 3}\ninput: [8]\nlayers: [{dense: $width}]\n",
    ),
    "NS403": Code(
        "wrong type in an expression",
        "An operator or function received, for example, text instead of a number, or a number instead of a list.",
        "params: {s: wide}\ninput: [8]\nlayers: [{dense: $(s * 2)}]\n",
        "params: {s: 4}\ninput: [8]\nlayers: [{dense: $(s * 2)}]\n",
    ),
    "NS405": Code(
        "a result that is not a finite number",
        "The expression divides by zero, or its result exceeds the range of numbers.",
        "params: {groups: 0}\ninput: [8]\nlayers: [{dense: $(64 / groups)}]\n",
        "params: {groups: 4}\ninput: [8]\nlayers: [{dense: $(64 / groups)}]\n",
    ),
    "NS406": Code(
        "index out of range",
        "List items are numbered from 0, or from the end with negative numbers.",
        "params: {depths: [1, 2]}\ninput: [8]\nlayers: [{dense: $depths.2}]\n",
        "params: {depths: [1, 2]}\ninput: [8]\nlayers: [{dense: $depths.1}]\n",
    ),
    "NS407": Code(
        "invalid function call",
        "The function has no value for these arguments, or expects other ones.",
        "  - {conv2d: $(sqrt(-1)), kernel: 3}\n",
        "  - {conv2d: $(sqrt(16)), kernel: 3}\n",
    ),
    "NS408": Code(
        "unknown axis of a tensor",
        "A size is read by the name of its axis: channels (or features), sequence (or length), depth, height, "
        "width. '.shape[i]' reads one by its number.",
        "  - global_avg_pool\n  - {dense: $(incoming.height)}\n",
        "  - global_avg_pool\n  - {dense: $(incoming.channels)}\n",
    ),
    "NS410": Code(
        "invalid 'repeat'",
        "'repeat' must be an integer, 0 or more.",
        "  - {relu, repeat: -1}\n",
        "  - {relu, repeat: 1}\n",
    ),
    "NS411": Code(
        "invalid 'rows'",
        "'rows' must be a list or a mapping of rows, or a parameter with such a value.",
        "  - {conv2d: $c, kernel: 3, each: {columns: c, rows: 3}}\n",
        "  - {conv2d: $c, kernel: 3, each: {columns: c, rows: [3, 4]}}\n",
    ),
    "NS412": Code(
        "a row of the wrong length",
        "Every row has one cell for each column. If one column is named without brackets, the rows are its cells.",
        "  - {conv2d: $c, kernel: $k, each: {columns: [c, k], rows: [[3, 3], [4]]}}\n",
        "  - {conv2d: $c, kernel: $k, each: {columns: [c, k], rows: [[3, 3], [4, 3]]}}\n",
    ),
    "NS413": Code(
        "invalid 'when'",
        "'when' must be true or false, or an expression with such a value; a number is neither.",
        "  - {relu, when: 1}\n",
        "  - {relu, when: true}\n",
    ),
    "NS415": Code(
        "a formula of numbers",
        "A formula works on the elements of tensors, which it names, or on the positions that 'for' names. A parameter "
        "or a number needs no formula.",
        "params: {n: 3}\ninput: [8]\nlayers: {y: {formula: $(2 * n)}}\n",
        "params: {n: 3}\ninput: [8]\nlayers: {y: {formula: $(n * incoming)}}\n",
    ),
    "NS416": Code(
        "a parameter and a layer with the same name",
        "In a formula, a name denotes a number if it is a parameter, and a tensor if it is a layer. If it is both, the "
        "formula is ambiguous.",
        "params: {gate: 2}\ninput: [8]\nlayers: {gate: {dense: 8}, y: {formula: $(gate * input)}}\n",
        "params: {gate: 2}\ninput: [8]\nlayers: {gate: {dense: 8}, y: {formula: $(g * input), from: {g: gate}}}\n",
    ),
    "NS417": Code(
        "a position or tensor where a number is needed",
        "Operators, comparisons, 'a if c else b' and functions of one number work element by element. The length of a "
        "list, an argument of another function, and what a list contains are numbers: sizes of tensors (x.channels) or "
        "parameters.",
        "input: [8]\nlayers: {y: {formula: $(len(range(incoming)) * incoming)}}\n",
        "input: [8]\nlayers: {y: {formula: $(len(range(incoming.channels)) * incoming)}}\n",
    ),
    "NS418": Code(
        "a number where a truth value is needed",
        "In a formula 'and', 'or', 'not' and 'if' take truth values: comparisons, and tensors of type bool.",
        "input: [8]\nlayers: {y: {formula: $(input if input else 1)}}\n",
        "input: [8]\nlayers: {y: {formula: $(input if input != 0 else 1)}}\n",
    ),
    "NS425": Code(
        "an invalid pattern",
        "The pattern of 'rearrange' and 'einsum' has two sides with '->' between them. A side lists axes, without the "
        "batch: names of letters, digits and '_', each once; '1' for an axis of size 1; parentheses for an axis that "
        "is a product; '...' for axes that are left alone. Inputs of 'einsum' have commas between them.",
        'input: [3, 8, 8]\nlayers:\n  - {rearrange: "c (h w -> (h w) c"}\n',
        'input: [3, 8, 8]\nlayers:\n  - {rearrange: "c h w -> (h w) c"}\n',
    ),
    "NS426": Code(
        "sides of a pattern that do not correspond",
        "An axis that 'rearrange' has on the left only is reduced, and 'by' says how. Every axis on the right of "
        "'einsum' must be an axis of one of its inputs, of which there are two or more.",
        'input: [3, 8, 8]\nlayers:\n  - {rearrange: "c h w -> c"}\n',
        'input: [3, 8, 8]\nlayers:\n  - {rearrange: "c h w -> c", by: mean}\n',
    ),
    "NS427": Code(
        "a size for an unknown axis",
        "A key of 'rearrange' or 'einsum' that is not an argument sets the size of the axis of that name in the "
        "pattern.",
        'input: [8, 8, 3]\nlayers:\n  - {rearrange: "(y p) x c -> y x (p c)", q: 2}\n',
        'input: [8, 8, 3]\nlayers:\n  - {rearrange: "(y p) x c -> y x (p c)", p: 2}\n',
    ),
}
