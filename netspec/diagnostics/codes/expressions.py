"""NS4xx: expressions."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS401": Code(
        "an expression that cannot be read",
        "$name is a parameter, $(…) an expression. Inside {…} and […] YAML ends a plain value at , [ ] { and }: an "
        "expression with one of them is quoted there.",
        "  - {conv2d: $(1 +), kernel: 3}\n",
        "  - {conv2d: $(1 + 3), kernel: 3}\n",
    ),
    "NS402": Code(
        "an unknown name in an expression",
        "An expression sees parameters, index and row, the columns of the table, the tensors before it, and a dozen "
        "functions. A block sees its own parameters and inputs, not those of its user.",
        "params: {width: 3}\ninput: [8]\nlayers: [{dense: $widht}]\n",
        "params: {width: 3}\ninput: [8]\nlayers: [{dense: $width}]\n",
    ),
    "NS403": Code(
        "values of another kind in an expression",
        "An operator or function got a text where it takes a number, a number where it takes a list, and so on.",
        "params: {s: wide}\ninput: [8]\nlayers: [{dense: $(s * 2)}]\n",
        "params: {s: 4}\ninput: [8]\nlayers: [{dense: $(s * 2)}]\n",
    ),
    "NS405": Code(
        "a result that is no number",
        "A division by zero, or a result beyond what a computer's numbers hold.",
        "params: {groups: 0}\ninput: [8]\nlayers: [{dense: $(64 / groups)}]\n",
        "params: {groups: 4}\ninput: [8]\nlayers: [{dense: $(64 / groups)}]\n",
    ),
    "NS406": Code(
        "an element that is not there",
        "Elements of a list are counted from 0, or from the end with negative numbers.",
        "params: {depths: [1, 2]}\ninput: [8]\nlayers: [{dense: $depths.2}]\n",
        "params: {depths: [1, 2]}\ninput: [8]\nlayers: [{dense: $depths.1}]\n",
    ),
    "NS407": Code(
        "a function that cannot be worked out",
        "The function has no value for these arguments, or takes others.",
        "  - {conv2d: $(sqrt(-1)), kernel: 3}\n",
        "  - {conv2d: $(sqrt(16)), kernel: 3}\n",
    ),
    "NS408": Code(
        "an axis that a tensor does not have",
        "Sizes are read by the names of axes: channels (or features), sequence (or length), depth, height, width. "
        "'.shape[i]' gives one by its number.",
        "  - global_avg_pool\n  - {dense: $(incoming.height)}\n",
        "  - global_avg_pool\n  - {dense: $(incoming.channels)}\n",
    ),
    "NS410": Code(
        "'repeat' that is no count",
        "'repeat' is a whole number, 0 or more.",
        "  - {relu, repeat: -1}\n",
        "  - {relu, repeat: 1}\n",
    ),
    "NS411": Code(
        "'rows' that is no table",
        "'rows' is a list of rows or a mapping of rows, or a parameter that holds either.",
        "  - {conv2d: $c, kernel: 3, each: {columns: c, rows: 3}}\n",
        "  - {conv2d: $c, kernel: 3, each: {columns: c, rows: [3, 4]}}\n",
    ),
    "NS412": Code(
        "a row of another length",
        "Every row has one cell for each column. With one column, named without brackets, rows are cells.",
        "  - {conv2d: $c, kernel: $k, each: {columns: [c, k], rows: [[3, 3], [4]]}}\n",
        "  - {conv2d: $c, kernel: $k, each: {columns: [c, k], rows: [[3, 3], [4, 3]]}}\n",
    ),
    "NS413": Code(
        "'when' that is no condition",
        "'when' is true or false, or an expression that gives one; numbers are neither.",
        "  - {relu, when: 1}\n",
        "  - {relu, when: true}\n",
    ),
}
